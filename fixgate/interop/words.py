"""QuickFIX's own words: its event log, handed on instead of written to files.

Its message log is not kept: it would hold the password of every Logon.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING

from fixgate.wire.mask import mask

if TYPE_CHECKING:
    import quickfix

__all__ = ["make_logs"]

OnWords = Callable[[str, str], None]
"""Called with a session's name, empty for none, and a line of the event log, masked."""


def make_logs(qf: ModuleType, on_words: OnWords) -> quickfix.LogFactory:
    """Return what QuickFIX asks for its logs.

    Args:
        qf: The binding.
        on_words: See `OnWords`.
    """
    kept: list[quickfix.Log] = []  # QuickFIX holds bare pointers to them

    def make(session: str) -> quickfix.Log:
        def said(_: object, text: str) -> None:
            on_words(session, mask(text.encode("utf-8", "surrogateescape")))

        calls: dict[str, Callable[..., None]] = {"onEvent": said}
        calls |= dict.fromkeys(("onIncoming", "onOutgoing", "clear", "backup"), _nothing)
        log = type("Log", (qf.Log,), calls)()
        # Handing over what Python owns takes a lock of SWIG's that is not always initialized.
        log.this.disown()
        kept.append(log)
        return log

    def create(_: object, session_id: quickfix.SessionID | None = None) -> quickfix.Log:
        return make("" if session_id is None else session_id.toString())

    # Made by hand: a class statement would import the binding with this module.
    return type("LogFactory", (qf.LogFactory,), {"create": create, "destroy": _nothing})()


def _nothing(*_: object) -> None:
    pass
