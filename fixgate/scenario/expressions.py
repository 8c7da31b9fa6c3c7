"""Values that are worked out while a scenario runs: a closed whitelist, no Python.

    = order.MsgSeqNum + 1
    = concat('ID-', round)
    = now - 2m

In a file an expression begins with ``=``. It knows numbers, texts in quotes, durations (``90s``),
``now`` (the instant of the record that is judged, or of the step that sends), counters, fields of
messages that were named before (``name.Field``), ``+ - * / // %``, brackets, and the functions of
`fixgate.scenario.functions`. There is nothing else: no attribute of anything, no index, no loop,
no way to grow a result beyond its bound. Numbers are exact fractions.

A text is cut into tokens, precedence climbing makes a tree of them, and `evaluate` walks the
tree. Length and depth are bounded when an expression is made, and numbers and texts after every
step, so an expression takes microseconds or is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from fractions import Fraction
from typing import NamedTuple, Protocol, TypeAlias

from fixgate.errors import ExpressionError
from fixgate.scenario.functions import FUNCTIONS, Moment
from fixgate.scenario.operands import OPERATORS, Instant, Operand, Span, bounded, text

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "Expression", "Reference", "Scope", "Value", "evaluate"]

MAX_LENGTH = 400
MAX_DEPTH = 20

NOW = "now"


class Scope(Moment, Protocol):
    """What an expression may refer to while a scenario runs."""

    def field(self, message: str, field: str) -> bytes | None:
        """Return the first value of a field in a message that has a name, or ``None``.

        Args:
            message: The name that a step gave it.
            field: The field's name, or its tag in decimal.
        """

    def counter(self, name: str) -> int | None:
        """Return the number of the round of a `Repeat`, or ``None`` when there is none."""


class Reference(NamedTuple):
    """What an expression refers to.

    Attributes:
        name: Of a message or a counter.
        field: The message's field, by name or tag; empty for a counter.
        column: Where in the expression's text, from 1.
    """

    name: str
    field: str
    column: int


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that has been checked: making one parses it.

    Attributes:
        text: As written, without the ``=``.
        references: The messages' fields and counters that it refers to.

    Raises:
        ExpressionError: It is none.
    """

    text: str
    references: tuple[Reference, ...] = field(init=False, repr=False, compare=False)
    _root: _Node = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        parser = _Parser(self.text)
        object.__setattr__(self, "_root", parser.run())
        object.__setattr__(self, "references", tuple(parser.references))

    def __str__(self) -> str:
        return f"= {self.text}"


Value: TypeAlias = bytes | Expression
"""What a field is: bytes as they go on the wire, or what gives them."""


def evaluate(value: Value, scope: Scope) -> bytes:
    """Return what goes on the wire.

    Args:
        value: An expression; bytes are returned as they are.
        scope: What it refers to.

    Raises:
        ExpressionError: A message has not the field, there is no such message, or the values do
            not fit the expression; nothing else is raised.
    """
    if isinstance(value, bytes):
        return value
    found = _work_out(value._root, value.text, scope)
    try:
        return text(found)
    except ValueError as error:
        raise ExpressionError(value.text, 1, str(error)) from None


class _Literal(NamedTuple):
    value: Operand


class _Call(NamedTuple):
    """An operator or a function; both work out their operands first."""

    name: str
    operands: tuple[_Node, ...]
    column: int


_Node: TypeAlias = _Literal | Reference | _Call


def _work_out(node: _Node, source: str, scope: Scope) -> Operand:
    match node:
        case _Literal(value):
            return value
        case Reference(name, wanted, column):
            return _look_up(name, wanted, column, source, scope)
        case _Call(name, operands, column):
            worked_out = tuple(_work_out(operand, source, scope) for operand in operands)
            try:
                if name in OPERATORS:
                    return OPERATORS[name](*worked_out)
                return FUNCTIONS[name].call(worked_out, scope)
            except ValueError as error:
                raise ExpressionError(source, column, str(error)) from None


def _look_up(name: str, wanted: str, column: int, source: str, scope: Scope) -> Operand:
    if wanted:
        found = scope.field(name, wanted)
        if found is None:
            raise ExpressionError(source, column, f"there is no {name}.{wanted}")
        return found
    if name == NOW:
        return Instant(scope.now_ns)
    count = scope.counter(name)
    if count is None:
        raise ExpressionError(source, column, f"there is no counter {name} here")
    return Fraction(count)


_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<duration>(?P<amount>[0-9]{1,18}(?:\.[0-9]{1,18})?)(?P<unit>ns|us|ms|s|m|h)(?!\w))
    |(?P<number>[0-9]{1,40}(?:\.[0-9]{1,40})?(?![\w.]))
    |(?P<field>[A-Za-z_]\w*\.(?:[A-Za-z]\w*|[1-9][0-9]{0,8})(?![\w.]))
    |(?P<name>[A-Za-z_]\w*(?![\w.]))
    |(?P<text>'[^']*'|"[^"]*")
    |(?P<sign>//|[-+*/%(),])
    """,
    re.VERBOSE | re.ASCII,
)
_SIGNS = {"+": 1, "-": 1, "*": 2, "/": 2, "//": 2, "%": 2}
_UNIT_NS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}


class _Token(NamedTuple):
    kind: str
    text: str
    column: int


class _Parser:
    """One pass over one text."""

    def __init__(self, source: str) -> None:
        self._source = source
        self.references: list[Reference] = []
        self._tokens = list(self._cut())
        self._at = 0

    def run(self) -> _Node:
        root = self._sum(1, 0)
        if self._next.kind != "end":
            raise self._unexpected("an operator")
        return root

    def _error(self, column: int, message: str) -> ExpressionError:
        return ExpressionError(self._source, column, message)

    def _cut(self) -> Iterator[_Token]:
        source, at = self._source, 0
        if len(source) > MAX_LENGTH:
            raise self._error(1, f"longer than {MAX_LENGTH} characters")
        while at < len(source):
            found = _TOKEN.match(source, at)
            if found is None:
                raise self._error(at + 1, self._trouble(at))
            kind = found.lastgroup or ""
            if found["duration"] is not None:
                kind = "duration"
            if kind != "space":
                yield _Token(kind, found[0], at + 1)
            at = found.end()
        yield _Token("end", "", len(source) + 1)

    def _trouble(self, at: int) -> str:
        rest = self._source[at:]
        if rest[0] in "'\"":
            return "a quote is not closed"
        if found := re.match(r"[A-Za-z_]\w*\.", rest, re.ASCII):
            return f"expected the name or tag of a field after '{found[0]}'"
        if rest[0].isdigit():
            return "expected a number such as 100.25 or a duration such as 90s"
        shown = rest[0] if rest[0].isprintable() else "\N{REPLACEMENT CHARACTER}"
        return f"'{shown}' is not part of an expression"

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._next
        self._at += token.kind != "end"
        return token

    def _unexpected(self, expected: str) -> ExpressionError:
        token = self._next
        received = f"'{token.text}'" if token.kind != "end" else "the end"
        return self._error(token.column, f"expected {expected}; received {received}")

    def _sum(self, binding: int, depth: int) -> _Node:
        """Parse operands joined by signs that bind at least so strongly; left to right."""
        if depth > MAX_DEPTH:
            raise self._error(self._next.column, f"nested more than {MAX_DEPTH} levels deep")
        left = self._operand(depth)
        joined = 0
        while _SIGNS.get(self._next.text, 0) >= binding and self._next.kind == "sign":
            sign = self._take()
            right = self._sum(_SIGNS[sign.text] + 1, depth + 1)
            joined += 1
            if depth + joined > MAX_DEPTH:  # a long chain leans to the left, as deep as long
                raise self._error(sign.column, f"nested more than {MAX_DEPTH} levels deep")
            left = _Call(sign.text, (left, right), sign.column)
        return left

    def _operand(self, depth: int) -> _Node:
        token = self._next
        match token.kind:
            case "number":
                self._take()
                return self._literal(token, Fraction(token.text))
            case "duration":
                return self._duration(self._take())
            case "text":
                self._take()
                return _Literal(token.text[1:-1].encode())
            case "field":
                self._take()
                name, _, wanted = token.text.partition(".")
                return self._refer(Reference(name, wanted, token.column))
            case "name":
                self._take()
                if self._next.text == "(" and self._next.kind == "sign":
                    return self._function(token, depth)
                return self._refer(Reference(token.text, "", token.column))
            case "sign" if token.text == "-":
                self._take()
                operand = self._sum(3, depth + 1)
                return _Call("*", (_Literal(Fraction(-1)), operand), token.column)
            case "sign" if token.text == "(":
                self._take()
                inner = self._sum(1, depth + 1)
                self._expect(")")
                return inner
        raise self._unexpected("a value")

    def _literal(self, token: _Token, value: Operand) -> _Literal:
        try:
            return _Literal(bounded(value))
        except ValueError as error:
            raise self._error(token.column, str(error)) from None

    def _duration(self, token: _Token) -> _Literal:
        unit = token.text.lstrip("0123456789.")
        ns = Fraction(token.text.removesuffix(unit)) * _UNIT_NS[unit]
        if ns.denominator != 1:
            raise self._error(token.column, "expected a duration in whole ns")
        return self._literal(token, Span(int(ns)))

    def _refer(self, reference: Reference) -> Reference:
        if reference.field or reference.name != NOW:
            self.references.append(reference)
        return reference

    def _function(self, name: _Token, depth: int) -> _Call:
        function = FUNCTIONS.get(name.text)
        if function is None:
            near = get_close_matches(name.text, FUNCTIONS, 1)
            hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(FUNCTIONS)}"
            raise self._error(name.column, f"there is no function '{name.text}'; {hint}")
        self._take()
        operands: list[_Node] = []
        while not (self._next.text == ")" and self._next.kind == "sign"):
            if operands:
                self._expect(",")
            operands.append(self._sum(1, depth + 1))
        self._take()
        if not function.least <= len(operands) <= function.most:
            many = (
                f"{function.least}"
                if function.least == function.most
                else (f"{function.least} to {function.most}")
            )
            raise self._error(
                name.column, f"{function.usage} takes {many} values; received {len(operands)}"
            )
        return _Call(name.text, tuple(operands), name.column)

    def _expect(self, sign: str) -> None:
        if self._next.text != sign or self._next.kind != "sign":
            raise self._unexpected(f"'{sign}'")
        self._take()
