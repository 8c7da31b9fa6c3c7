"""``with:`` of a fault: each parameter is read as the catalogue says what it is."""

from __future__ import annotations

from fixgate.config import units
from fixgate.config.scenarios import values
from fixgate.config.scenarios.messages import field_tag, message_type, raw_value
from fixgate.config.scenarios.node import Node, UnusableError, known_keys, read_all
from fixgate.config.scenarios.story import Story
from fixgate.faults import (
    DISTRIBUTIONS,
    REQUIRED,
    Distribution,
    Kind,
    Param,
    ParamValue,
)

__all__ = ["read_params"]

_HIGHEST = 2**63 - 1


def read_params(
    node: Node, params: tuple[Param, ...], what: str, story: Story | None
) -> dict[str, ParamValue]:
    """Return the parameters that are written, by name.

    Args:
        node: What is written.
        params: What may be.
        what: Whose they are, such as ``'delay'``.
        story: The scenario; ``None`` inside a distribution, which has durations and chances only.
    """
    entries = node.entries()
    by_name = {param.name: param for param in params}
    if not by_name and entries:
        raise node.report(f"{what} takes no parameters", at_key=True)
    usable = known_keys(entries, by_name, what)
    found: dict[str, ParamValue] = {}
    for name, child in entries.items():
        if name not in by_name:
            continue
        try:
            found[name] = (
                _param(child, by_name[name], story) if story else _plain(child, by_name[name])
            )
        except UnusableError:
            usable = False
    missing = [p.name for p in params if p.default is REQUIRED and p.name not in entries]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        node.report(f"{' and '.join(map(repr, missing))} {verb} missing: {what} needs it")
        usable = False
    if not usable:
        raise UnusableError
    return found


def _param(node: Node, param: Param, story: Story) -> ParamValue:
    vocabulary = story.vocabulary
    match param.kind:
        case Kind.DURATION:
            return _duration(node, param)
        case Kind.COUNT:
            low = -_HIGHEST if param.low is None else param.low
            return values.count(node, low, _HIGHEST if param.high is None else param.high)
        case Kind.PROBABILITY:
            return values.probability(node)
        case Kind.TEXT:
            return "" if node.value is None else node.text()
        case Kind.BYTES:
            return raw_value(node).replace(b"|", b"\x01")
        case Kind.TAG:
            return field_tag(node, node.text(), vocabulary)
        case Kind.TAGS:
            found = values.words(node, lambda item: field_tag(item, item.text(), vocabulary))
            if not found:
                raise node.report("expected at least one field; received an empty list")
            return tuple(found)
        case Kind.FIELDS:
            return _fields(node, story)
        case Kind.MSG_TYPES:
            return frozenset(
                values.words(node, lambda item: message_type(item, vocabulary, unknown=True))
            )
        case Kind.CHOICE:
            assert param.choices is not None, "the catalogue gives them"
            return values.one_of(node, param.choices)
        case Kind.DISTRIBUTION:
            return _distribution(node)


def _duration(node: Node, param: Param) -> int:
    negative = isinstance(node.value, str) and node.value.startswith("-")
    if negative and param.low is not None and param.low < 0:
        ns = -node.read(lambda text: units.parse_duration(text[1:]))
        low = max(param.low, -values.MAX_DURATION_NS)
        if ns < low:
            raise node.expected(f"expected at least -{units.format_duration(-low)}")
        return ns
    found = values.duration(node, lowest_ns=max(param.low or 0, 0))
    if param.high is not None and found > param.high:
        raise node.expected(f"expected at most {units.format_duration(param.high)}")
    return found


def _fields(node: Node, story: Story) -> tuple[tuple[int, bytes], ...]:
    entries = node.entries()
    if not entries:
        raise node.report("expected at least one field; received none")
    tags = read_all(
        entries.values(),
        lambda child: field_tag(child, str(child.path[-1]), story.vocabulary, at_key=True),
    )
    # A fault is there to break rules, so values are taken as they are, but names of codes are.
    found = []
    for tag, child in zip(tags, entries.values(), strict=True):
        value = raw_value(child)
        code = story.vocabulary.value_code(tag, value.decode()) if len(value) > 1 else None
        found.append((tag, value if code is None else code))
    return tuple(found)


def _distribution(node: Node) -> Distribution:
    if not isinstance(node.value, dict):
        return DISTRIBUTIONS["fixed"].build(by=values.duration(node, lowest_ns=0))
    entries = node.entries()
    if not known_keys(entries, DISTRIBUTIONS, "a distribution"):
        raise UnusableError
    names = [name for name in entries if name in DISTRIBUTIONS]
    if len(names) != 1:
        raise node.report(f"expected a duration, or one of {', '.join(DISTRIBUTIONS)}")
    spec, inner = DISTRIBUTIONS[names[0]], entries[names[0]]
    given = read_params(inner, spec.params, f"'{spec.name}'", None)
    if spec.rising is not None:
        lesser, greater = spec.rising
        low, high = given[lesser], given[greater]
        if isinstance(low, int) and isinstance(high, int) and low > high:
            shown = units.format_duration(low), units.format_duration(high)
            raise inner.report(f"{lesser} {shown[0]} is more than {greater} {shown[1]}")
    return spec.build(**given)


def _plain(node: Node, param: Param) -> ParamValue:
    if param.kind is Kind.PROBABILITY:
        return values.probability(node)
    return _duration(node, param)
