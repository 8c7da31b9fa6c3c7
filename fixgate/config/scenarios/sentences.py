"""Steps as sentences, for reports and for reading them aloud."""

from __future__ import annotations

from collections.abc import Iterable

from fixgate.scenario.expressions import Expression, Value
from fixgate.scenario.matching import (
    Absent,
    Between,
    Exactly,
    FieldMatch,
    GroupMatch,
    Matcher,
    Matches,
    MessageMatch,
    Near,
    OneOf,
    Present,
)
from fixgate.scenario.vocabulary import Vocabulary
from fixgate.wire import mask

__all__ = ["matched", "messages", "sent", "value_text"]


def value_text(tag: int, value: Value, vocabulary: Vocabulary) -> str:
    """Return a value: an expression as written, a code with its name, secrets hidden."""
    if isinstance(value, Expression):
        return f"({value.text})" if " " in value.text else value.text
    prefix = b"%d=" % tag
    text = mask(prefix + value[:60])[len(prefix) :] + ("..." if len(value) > 60 else "")
    name = vocabulary.value_name(tag, value)
    if name is None:
        return text or "''"
    return f"{text} ({name})"


def messages(msg_types: Iterable[bytes], vocabulary: Vocabulary) -> str:
    """Return the messages that may come."""
    return " or ".join(map(vocabulary.message_label, msg_types)) or "any message"


def sent(tags: Iterable[int], fields: Iterable[tuple[int, Value]], vocabulary: Vocabulary) -> str:
    """Return what the author has said of a message that is sent, or nothing."""
    said = set(tags)
    found = [
        f"{vocabulary.label(tag)} = {value_text(tag, value, vocabulary)}"
        for tag, value in fields
        if tag in said
    ]
    present = {tag for tag, _ in fields}
    found += [f"without {vocabulary.label(tag)}" for tag in tags if tag not in present]
    return f" with {', '.join(found)}" if found else ""


def matched(match: MessageMatch, vocabulary: Vocabulary) -> str:
    """Return what is expected of a message: ``Heartbeat(0) with TestReqID(112) = HELLO``."""
    text = messages(match.msg_types, vocabulary)
    if match.fields:
        text += f" with {_fields(match.fields, vocabulary)}"
    if match.order:
        text += f", in the order {', '.join(map(vocabulary.label, match.order))}"
    return text


def _fields(fields: Iterable[FieldMatch | GroupMatch], vocabulary: Vocabulary) -> str:
    return ", ".join(_field(each, vocabulary) for each in fields)


def _field(field: FieldMatch | GroupMatch, vocabulary: Vocabulary) -> str:
    label = vocabulary.label(field.tag)
    if isinstance(field, FieldMatch):
        return f"{label} {_matcher(field.tag, field.matcher, vocabulary)}"
    entries = "; ".join(f"[{_fields(entry, vocabulary)}]" for entry in field.entries)
    return f"{label} of {entries or 'no entries'}"


def _matcher(tag: int, matcher: Matcher, vocabulary: Vocabulary) -> str:
    match matcher:
        case Exactly(value):
            return f"= {value_text(tag, value, vocabulary)}"
        case OneOf(values):
            return "one of " + ", ".join(value_text(tag, v, vocabulary) for v in values)
        case Matches(pattern):
            return f"matching /{pattern}/"
        case Between(low, None) if low is not None:
            return f"at least {value_text(tag, low, vocabulary)}"
        case Between(None, high) if high is not None:
            return f"at most {value_text(tag, high, vocabulary)}"
        case Between(low, high) if low is not None and high is not None:
            low_text, high_text = (value_text(tag, end, vocabulary) for end in (low, high))
            return f"from {low_text} to {high_text}"
        case Near(value, by):
            unit = "s" if vocabulary.is_timestamp(tag) else ""
            return f"within {by}{unit} of {value_text(tag, value, vocabulary)}"
        case Absent():
            return "absent"
        case Present():
            return "present"
    return "anything"
