"""What redraws itself on a terminal, several times a second, until it is left."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live

__all__ = ["Redrawn"]


class Redrawn(ABC):
    """Draws itself, by its ``__rich_console__``, while it is entered; nothing of it stays.

    Args:
        console: Where to draw; best on stderr, so that stdout holds results only.
        frames_per_second: How often.
        draws: Whether it is drawn at all.
    """

    def __init__(self, console: Console, frames_per_second: int, *, draws: bool = True) -> None:
        self._draws = draws
        self._live = Live(
            self,
            console=console,
            refresh_per_second=frames_per_second,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    @abstractmethod
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield a frame."""

    def __enter__(self) -> Self:
        if self._draws:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()
