"""What is to be known of a recording beside its samples, in a bounded number of sentences. Pure."""

from __future__ import annotations

__all__ = ["Remarks", "counted"]

_OF_A_KIND_AT_MOST = 5


def counted(count: int, what: str) -> str:
    """Return a count with its noun: ``1 packet``, ``2 packets``."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


class Remarks:
    """Sentences in the order of their kinds; of each kind the first few, and how many more."""

    def __init__(self) -> None:
        self._kinds: dict[str, list[str]] = {}
        self._more: dict[str, int] = {}

    def add(self, kind: str, text: str) -> None:
        """Add a sentence.

        Args:
            kind: What it is about, for people, should there be too many of them.
            text: The sentence.
        """
        texts = self._kinds.setdefault(kind, [])
        if len(texts) < _OF_A_KIND_AT_MOST:
            texts.append(text)
        else:
            self._more[kind] = self._more.get(kind, 0) + 1

    def texts(self) -> tuple[str, ...]:
        """Return all of them."""
        found: list[str] = []
        for kind, texts in self._kinds.items():
            found += texts
            if kind in self._more:
                found.append(f"{kind}: {self._more[kind]} more like that")
        return tuple(found)
