"""Texts about a run without what the run itself knew to be secret, and without hostile characters.

What goes over the wire is masked field by field. But a step may be written with a password in it,
and a sentence may quote one: whatever stood in a secret field is blotted out of every text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fixgate.report.text import printable
from fixgate.scenario.records import Sent, Wire
from fixgate.scenario.runner import Run
from fixgate.scenario.steps import Ask, Parallel, Repeat, Send, SendRaw, Step
from fixgate.wire.mask import Blotter
from fixgate.wire.tags import Tag

__all__ = ["Veil"]

_SECRET_TAGS = (
    Tag.Password, Tag.NewPassword, Tag.RawData, Tag.EncryptedPassword, Tag.EncryptedNewPassword
)  # fmt: skip
_STARTS = tuple(b"%d=" % tag for tag in _SECRET_TAGS)


class Veil:
    """Makes texts fit for every sink.

    Args:
        run: Whose secrets are hidden.
    """

    def __init__(self, run: Run) -> None:
        self._blotter = Blotter(secret for secret in _secrets(run) if secret)

    def line(self, text: str) -> str:
        """Return a text as one line; see `fixgate.report.text.printable`."""
        return printable(self._blotter.blot(text))

    def lines(self, text: str) -> tuple[str, ...]:
        """Return a text line by line, those without a word left out."""
        return tuple(self.line(each) for each in text.splitlines() if each.strip())


def _secrets(run: Run) -> Iterator[str]:
    for record in run.history:
        if isinstance(record.what, Wire | Sent):
            yield from _in_bytes(record.what.data)
    yield from _in_steps(run.scenario.steps)


def _in_steps(steps: Iterable[Step]) -> Iterator[str]:
    for step in steps:
        match step:
            case Send(fields=fields):
                for tag, value in fields:
                    if tag in _SECRET_TAGS and isinstance(value, bytes):
                        yield _text(value)
            case SendRaw(data=data):
                yield from _in_bytes(data)
            case Ask(does=does) if does is not None:
                yield from _in_steps((does,))
            case Repeat(steps=inner):
                yield from _in_steps(inner)
            case Parallel(branches=branches):
                for branch in branches:
                    yield from _in_steps(branch)
            case _:
                pass


def _in_bytes(data: bytes) -> Iterator[str]:
    if not any(start in data for start in _STARTS):
        return
    for field in data.split(b"\x01"):
        if field.startswith(_STARTS):
            yield _text(field.partition(b"=")[2])


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")
