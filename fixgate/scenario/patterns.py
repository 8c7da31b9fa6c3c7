r"""Regular expressions in linear time: what a pattern costs never depends on who sends the text.

The usual engines backtrack, and a pattern such as ``(a+)+$`` then takes a lifetime on thirty
characters. Here a pattern becomes a Glushkov automaton whose set of live positions is one whole
number: every byte of the text costs one step, whatever the pattern. What needs backtracking (back
references, looking around) is refused.

Taken: literals, ``.``, ``[...]``, ``\d \w \s`` and their negations, ``( )``, ``(?: )``, ``|``,
``* + ? {m} {m,} {m,n}``, ``^`` at the beginning, ``$`` at the end, and ``(?i)`` before all else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

__all__ = ["MAX_LENGTH", "MAX_POSITIONS", "MAX_SUBJECT", "Pattern", "PatternError"]

MAX_LENGTH = 200
"""Characters of a pattern."""
MAX_POSITIONS = 400
"""Characters and classes of a pattern, those of counted repetitions multiplied."""
MAX_SUBJECT = 4096
"""Bytes of a text that are searched: no Text(58) for people is longer."""

_MAX_DEPTH = 20
_ALL = (1 << 256) - 1


def _range(first: int, last: int) -> int:
    return ((1 << (last - first + 1)) - 1) << first


_DIGIT = _range(48, 57)
_WORD = _DIGIT | _range(65, 90) | _range(97, 122) | 1 << 95
_SPACE = _range(9, 13) | 1 << 32
_CLASSES = {
    "d": _DIGIT, "D": _ALL ^ _DIGIT,
    "w": _WORD, "W": _ALL ^ _WORD,
    "s": _SPACE, "S": _ALL ^ _SPACE,
    "t": 1 << 9, "n": 1 << 10, "r": 1 << 13,
}  # fmt: skip
_COUNTED = re.compile(r"\{([0-9]{1,3})(,([0-9]{1,3})?)?\}", re.ASCII)


class PatternError(ValueError):
    """A text is no pattern that we take.

    Attributes:
        column: Where in it, from 1.
    """

    def __init__(self, column: int, reason: str) -> None:
        self.column = column
        super().__init__(reason)


class _Part(NamedTuple):
    """A piece of the automaton: whether it may be empty, and where it begins and ends."""

    empty: bool
    first: int
    last: int


_Build: TypeAlias = Callable[[], _Part]
_NOTHING = _Part(True, 0, 0)


class Pattern:
    """A compiled pattern.

    Args:
        text: The pattern; what it means is what Python's ``re`` takes it for.

    Raises:
        PatternError: It is none, is too large, or needs backtracking.
    """

    __slots__ = ("_automaton", "_from_start", "_to_end", "_whole", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        parser = _Parser(text)
        self._from_start, self._to_end = parser.from_start, parser.to_end
        self._automaton = parser.automaton
        self._whole = parser.run()

    def __repr__(self) -> str:
        return f"Pattern({self.text!r})"

    def found_in(self, subject: bytes) -> bool:
        """Return whether the pattern matches somewhere in the first `MAX_SUBJECT` bytes."""
        whole, takes, follow = self._whole, self._automaton.takes, self._automaton.follow
        if whole.empty and not (self._from_start and self._to_end and subject):
            return True
        reaches: dict[int, int] = {}  # the same few sets come again and again
        live, starting = 0, whole.first
        for byte in subject[:MAX_SUBJECT]:
            reach = reaches.get(live)
            if reach is None:
                reach = reaches[live] = _reach(live, follow)
            live = (reach | starting) & takes[byte]
            if live & whole.last and not self._to_end:
                return True
            if self._from_start:
                starting = 0
        return bool(self._to_end and len(subject) <= MAX_SUBJECT and live & whole.last)


def _reach(live: int, follow: list[int]) -> int:
    reach = 0
    while live:
        lowest = live & -live
        reach |= follow[lowest.bit_length() - 1]
        live ^= lowest
    return reach


def _too_large() -> PatternError:
    return PatternError(1, f"the pattern has more than {MAX_POSITIONS} positions")


class _Automaton:
    """The positions of a pattern, numbered; sets of them are whole numbers.

    Attributes:
        takes: By byte: the positions that take it.
        follow: By position: those that may come next.
    """

    def __init__(self) -> None:
        self.takes = [0] * 256
        self.follow: list[int] = []
        self._parts = 0

    def position(self, members: int) -> _Part:
        """Add a position that takes the bytes of a set."""
        if len(self.follow) >= MAX_POSITIONS:
            raise _too_large()
        bit = 1 << len(self.follow)
        self.follow.append(0)
        for byte in range(256):
            if members >> byte & 1:
                self.takes[byte] |= bit
        return _Part(False, bit, bit)

    def link(self, last: int, first: int) -> None:
        """Let every position of ``first`` come after every one of ``last``."""
        while last:
            lowest = last & -last
            self.follow[lowest.bit_length() - 1] |= first
            last ^= lowest

    def sequence(self, parts: list[_Build]) -> _Part:
        """Add parts one after the other."""
        done = _NOTHING
        for build in parts:
            self._parts += 1
            if self._parts > 10 * MAX_POSITIONS:  # of empty parts, which have no positions
                raise _too_large()
            part = build()
            self.link(done.last, part.first)
            done = _Part(
                done.empty and part.empty,
                done.first | (part.first if done.empty else 0),
                part.last | (done.last if part.empty else 0),
            )
        return done

    def choice(self, parts: list[_Build]) -> _Part:
        """Add parts of which one is taken."""
        done = [build() for build in parts]
        first = last = 0
        for part in done:
            first, last = first | part.first, last | part.last
        return _Part(any(part.empty for part in done), first, last)

    def repeated(self, build: _Build, least: int, most: int | None) -> _Part:
        """Add a part several times: from ``least`` to ``most``, ``None`` without end."""

        def optional() -> _Part:
            return build()._replace(empty=True)

        def endless() -> _Part:
            part = build()
            self.link(part.last, part.first)
            return part._replace(empty=True)

        if most is None:
            return self.sequence([build] * least + [endless])
        return self.sequence([build] * least + [optional] * (most - least))


class _Parser:
    """Reads a pattern into functions that each add a part to the automaton.

    A counted repetition calls the function of what it repeats that many times.
    """

    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            raise PatternError(1, f"the pattern is longer than {MAX_LENGTH} characters")
        self.automaton = _Automaton()
        self._text = text
        self._fold = text.startswith("(?i)")
        self._at = 4 if self._fold else 0
        self.from_start = text.startswith("^", self._at)
        self._at += self.from_start
        before = text.removesuffix("$")
        slashes = len(before) - len(before.rstrip("\\"))
        self.to_end = before != text and slashes % 2 == 0
        self._end = len(text) - self.to_end

    def run(self) -> _Part:
        """Return the whole."""
        build, several = self._alternatives(0)
        if self._at < self._end:
            raise self._error("a ')' without its '('")
        if several and (self.from_start or self.to_end):
            raise PatternError(1, "'^' and '$' belong to one alternative: write ^(a|b)$")
        return build()

    def _error(self, reason: str, at: int | None = None) -> PatternError:
        return PatternError((self._at if at is None else at) + 1, reason)

    @property
    def _next(self) -> str:
        return self._text[self._at] if self._at < self._end else ""

    def _take(self) -> str:
        taken = self._next
        self._at += 1
        return taken

    def _alternatives(self, depth: int) -> tuple[_Build, bool]:
        if depth > _MAX_DEPTH:
            raise self._error(f"nested more than {_MAX_DEPTH} levels deep")
        choices = [self._sequence(depth)]
        while self._next == "|":
            self._take()
            choices.append(self._sequence(depth))
        return (lambda: self.automaton.choice(choices)), len(choices) > 1

    def _sequence(self, depth: int) -> _Build:
        parts: list[_Build] = []
        while self._next not in ("", "|", ")"):
            parts.append(self._repetition(self._atom(depth)))
        return lambda: self.automaton.sequence(parts)

    def _repetition(self, build: _Build) -> _Build:
        least, most = self._times()
        if (least, most) == (1, 1):
            return build
        if self._next == "?":
            self._take()  # which match is the shortest does not matter here
        if self._next in ("*", "+", "?", "{") and self._next:
            raise self._error("a repetition of a repetition: use brackets")
        return lambda: self.automaton.repeated(build, least, most)

    def _times(self) -> tuple[int, int | None]:
        simple: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
        if self._next in simple:
            return simple[self._take()]
        if self._next != "{":
            return 1, 1
        found = _COUNTED.match(self._text, self._at, self._end)
        if found is None:
            raise self._error("expected a count such as {2} or {1,5}; '\\{' is the sign itself")
        least = int(found[1])
        most = least if found[2] is None else None if found[3] is None else int(found[3])
        if most is not None and most < least:
            raise self._error(f"{most} times at most is less than {least}")
        self._at = found.end()
        return (least, most) if (least, most) != (1, 1) else (1, 1)

    def _atom(self, depth: int) -> _Build:
        at, sign = self._at, self._take()
        if sign == "(":
            return self._group(at, depth)
        if sign in "*+?{":
            raise self._error(f"nothing before '{sign}' to repeat", at)
        if sign in "^$":
            where = "begin" if sign == "^" else "end"
            raise self._error(f"'{sign}' can only {where} a pattern; '\\{sign}' is the sign", at)
        if sign == "[":
            members = self._set(at)
        elif sign == ".":
            members = _ALL ^ 1 << 10
        else:
            members = self._escape(at) if sign == "\\" else self._literal(sign, at)
        members = self._folded(members)
        return lambda: self.automaton.position(members)

    def _group(self, at: int, depth: int) -> _Build:
        if self._next == "?":
            if not self._text.startswith("?:", self._at):
                message = "only (?: ) is known of what begins with '(?'; nothing looks around"
                raise self._error(message, at)
            self._at += 2
        build, _ = self._alternatives(depth + 1)
        if self._next != ")":
            raise self._error("a '(' without its ')'", at)
        self._take()
        return build

    def _literal(self, sign: str, at: int) -> int:
        if ord(sign) > 255:
            raise self._error("a character beyond Latin-1: fields are bytes", at)
        return 1 << ord(sign)

    def _escape(self, at: int) -> int:
        sign = self._take()
        if sign == "":
            raise self._error("nothing after '\\'", at)
        if sign in _CLASSES:
            return _CLASSES[sign]
        if sign.isdigit():
            raise self._error(f"'\\{sign}' refers back: that is not taken", at)
        if sign.isalpha() or ord(sign) > 126:
            raise self._error(f"'\\{sign}' is not known", at)
        return 1 << ord(sign)

    def _set(self, at: int) -> int:
        negated = self._next == "^"
        self._at += negated
        members, begun = 0, self._at
        while self._next != "]" or self._at == begun:
            if self._next == "":
                raise self._error("a '[' without its ']'", at)
            members |= self._member()
        self._take()
        members = self._folded(members)
        return _ALL ^ members if negated else members

    def _member(self) -> int:
        first = self._one()
        if self._next != "-" or self._text[self._at + 1 : self._at + 2] in ("]", ""):
            return first
        at = self._at
        self._take()
        last = self._one()
        if first.bit_count() != 1 or last.bit_count() != 1 or last < first:
            raise self._error("a range goes from one character to a later one", at)
        return _range(first.bit_length() - 1, last.bit_length() - 1)

    def _one(self) -> int:
        at, sign = self._at, self._take()
        return self._escape(at) if sign == "\\" else self._literal(sign, at)

    def _folded(self, members: int) -> int:
        if not self._fold:
            return members
        upper, lower = members & _range(65, 90), members & _range(97, 122)
        return members | upper << 32 | lower >> 32
