"""The catalogue of faults, as JSON, as an example in the scenario language, and as a page."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from fixgate.faults import CATALOGUE, DISTRIBUTIONS, ActsOn, FaultSpec, Group, Kind, Param, Way

__all__ = [
    "catalogue_json",
    "fault_example",
    "fault_json",
    "fault_parameters",
    "fault_reference",
]

SCHEMA_VERSION = 1

_UNITS = (
    (3_600_000_000_000, "h"),
    (60_000_000_000, "m"),
    (1_000_000_000, "s"),
    (1_000_000, "ms"),
    (1_000, "us"),
)
_WAYS = {Way.OUT: "out", Way.IN: "in"}

# What an example gives for a parameter that has to be given, by its name or else by its kind.
_BY_NAME = {"second": "Side", "lasting": "10s", "bytes_per_s": "1000", "text": "closed today"}
_BY_KIND = {
    Kind.DURATION: "5s",
    Kind.COUNT: "10",
    Kind.TEXT: "text",
    Kind.BYTES: "bytes",
    Kind.TAG: "Symbol",
    Kind.TAGS: "[Symbol, Side]",
    Kind.FIELDS: "{Symbol: XYZ}",
    Kind.MSG_TYPES: "[NewOrderSingle]",
    Kind.DISTRIBUTION: "{uniform: {low: 100ms, high: 2s}}",
}
_SHOWN_THOUGH_OPTIONAL = frozenset({"text", "by"})
# Of a message, these can be anything: an example says which.
_CHOOSING = frozenset({Group.TRAFFIC, Group.CORRUPTION, Group.FIELDS})


def _text(value: object) -> str:
    match value:
        case None | "" | ():
            return ""
        case frozenset():
            return ", ".join(sorted(each.decode("latin-1") for each in value))
        case bytes():
            return value.replace(b"\x01", b"|").decode("latin-1")
        case Enum():
            return str(value.value)
        case _:
            return str(value)


def _default(param: Param) -> str:
    if param.required:
        return ""
    if param.kind is Kind.DURATION and isinstance(param.default, int):
        return _duration(param.default)
    return _text(param.default)


def _duration(ns: int) -> str:
    if not ns:
        return "0s"
    unit_ns, unit = next((each for each in _UNITS if ns % each[0] == 0), (1, "ns"))
    return f"{ns // unit_ns}{unit}"


def _accepted(param: Param) -> str:
    """Return what a parameter may be, in words."""
    if param.choices is not None:
        return ", ".join(param.options)
    words = param.kind.value.replace("_", " ")
    if param.kind is Kind.COUNT and param.low is not None:
        high = "" if param.high is None or param.high >= 10**12 else f" to {param.high}"
        return f"{words}, {param.low}{high or ' or more'}"
    return f"{words}, may be negative" if (param.low or 0) < 0 else words


def fault_example(spec: FaultSpec) -> str:
    """Return a step of a scenario file with the fault."""
    lines = [f"- fault: {spec.name}"]
    given = ", ".join(
        f"{param.name}: {_BY_NAME.get(param.name, _BY_KIND.get(param.kind, ''))}"
        for param in spec.params
        if param.required or (param.name in _SHOWN_THOUGH_OPTIONAL and param.kind in _BY_KIND)
    )
    if given:
        lines.append(f"  with: {{{given}}}")
    if spec.on is ActsOn.MESSAGES and spec.group in _CHOOSING and "reports" not in spec.name:
        kind = "ExecutionReport" if spec.ways[0] is Way.OUT else "NewOrderSingle"
        lines.append(f"  when: {{msg_type: {kind}, times: 1}}")
    return "\n".join(lines)


def fault_json(spec: FaultSpec) -> dict[str, object]:
    """Return a fault for programs."""
    return {
        "name": spec.name,
        "group": spec.group.value,
        "summary": spec.summary,
        "story": spec.story,
        "wire": spec.wire,
        "acts_on": spec.on.value,
        "ways": [_WAYS[way] for way in spec.ways],
        "parameters": [_param_json(param) for param in spec.params],
        "example": fault_example(spec),
    }


def _param_json(param: Param) -> dict[str, object]:
    found: dict[str, object] = {
        "name": param.name,
        "kind": param.kind.value,
        "doc": param.doc,
        "required": param.required,
    }
    if not param.required:
        found["default"] = _default(param)
    if param.options:
        found["options"] = list(param.options)
    return found


def catalogue_json(specs: Iterable[FaultSpec]) -> dict[str, object]:
    """Return faults for programs, with the version of this form."""
    return {"schema_version": SCHEMA_VERSION, "faults": [fault_json(spec) for spec in specs]}


# The page.


def fault_reference() -> str:
    """Return every fault by chapters, and the distributions, as Markdown."""
    lines: list[str] = []
    for group in Group:
        specs = [spec for spec in CATALOGUE.values() if spec.group is group]
        lines += [f"## {group.value}", "", "| fault | what happens | ways |", "|---|---|---|"]
        lines += [f"| `{s.name}` | {s.summary} | {_ways(s)} |" for s in specs]
        lines.append("")
        for spec in specs:
            lines += _section(spec)
    return "\n".join([*lines, *_distributions()])


def _ways(spec: FaultSpec) -> str:
    return ", ".join(f"`{_WAYS[way]}`" for way in spec.ways)


def _section(spec: FaultSpec) -> list[str]:
    lines = [f"### {spec.name}", "", f"{spec.story}", "", f"On the wire: {spec.wire}", ""]
    if spec.params:
        lines += ["| parameter | accepted | default | |", "|---|---|---|---|"]
        lines += [_row(*each) for each in fault_parameters(spec)]
        lines.append("")
    return [*lines, "```yaml", fault_example(spec), "```", ""]


def fault_parameters(spec: FaultSpec) -> list[tuple[str, str, str, str]]:
    """Return of each parameter its name, what it may be, its default and what it says."""
    return [
        (each.name, _accepted(each), "required" if each.required else _default(each), each.doc)
        for each in spec.params
    ]


def _row(name: str, accepted: str, default: str, doc: str) -> str:
    shown = f"`{default}`" if default not in ("", "required") else default
    shown = shown.replace("|", "\\|")
    return f"| `{name}` | {accepted} | {shown} | {doc} |"


def _distributions() -> list[str]:
    lines = ["## Distributions", ""]
    lines += ["A duration alone is always the same. Otherwise one of:", ""]
    lines += ["| distribution | parameters | |", "|---|---|---|"]
    for name, spec in DISTRIBUTIONS.items():
        params = ", ".join(f"`{param.name}`" for param in spec.params)
        lines.append(f"| `{name}` | {params} | {spec.summary} |")
    return [*lines, "", "`by: {spike: {usual: 1ms, rare: 2s, chance: 0.01}}`", ""]
