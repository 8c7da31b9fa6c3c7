"""What expressions give, what they refuse, and that nothing else is possible."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fixgate.errors import ExpressionError
from fixgate.scenario.expressions import MAX_DEPTH, MAX_LENGTH, Expression, evaluate
from fixgate.scenario.functions import FUNCTIONS

NOW = 1_700_000_000_123_456_789  # 20231114-22:13:20.123456789


@dataclass
class Known:
    """A scope of literals."""

    now_ns: int = NOW
    serial: int = 7
    fields: dict[tuple[str, str], bytes] = field(
        default_factory=lambda: {
            ("order", "ClOrdID"): b"ORD-1",
            ("order", "MsgSeqNum"): b"0012",
            ("order", "Price"): b"10.50",
            ("order", "SendingTime"): b"20231114-22:13:00.000",
            ("ack", "SendingTime"): b"20231114-22:13:01.250",
            ("ack", "37"): b"X9",
        }
    )
    counters: dict[str, int] = field(default_factory=lambda: {"round": 3})

    def field(self, message: str, field: str) -> bytes | None:
        return self.fields.get((message, field))

    def counter(self, name: str) -> int | None:
        return self.counters.get(name)


def worked_out(text: str) -> str:
    return evaluate(Expression(text), Known()).decode("latin-1")


def outcome(text: str) -> tuple[bytes, ExpressionError | None]:
    try:
        return evaluate(Expression(text), Known()), None
    except ExpressionError as error:
        return b"", error


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", "1"),
        ("order.MsgSeqNum", "0012"),
        ("order.MsgSeqNum + 1", "13"),
        ("ack.37", "X9"),
        ("2 + 3 * 4", "14"),
        ("(2 + 3) * 4", "20"),
        ("10 - 4 - 3", "3"),
        ("2 * -3", "-6"),
        ("--5", "5"),
        ("-2 + 5", "3"),
        ("7 / 2", "3.5"),
        ("7 // 2", "3"),
        ("-7 // 2", "-4"),
        ("-7 % 3", "2"),
        ("0.1 + 0.2", "0.3"),
        ("order.Price * 100", "1050"),
        ("order.Price + 0.005", "10.505"),
        ("1 / 3 * 3", "1"),
        ("concat('ID-', round, \"x\")", "ID-3x"),
        ("concat(order.ClOrdID, 1.50)", "ORD-11.5"),
        ("now", "20231114-22:13:20.123"),
        ("now - 2m", "20231114-22:11:20.123"),
        ("2m + now", "20231114-22:15:20.123"),
        ("ack.SendingTime - order.SendingTime", "1.25"),
        ("(ack.SendingTime - order.SendingTime) / 250ms", "5"),
        ("order.SendingTime + 1.5h", "20231114-23:43:00.000"),
        ("3 * 1500ms", "4.5"),
        ("2s / 4", "0.5"),
        ("abs(order.SendingTime - ack.SendingTime)", "1.25"),
        ("order.SendingTime + seconds(round)", "20231114-22:13:03.000"),
        ("timestamp(now, 0)", "20231114-22:13:20"),
        ("timestamp(now, 9)", "20231114-22:13:20.123456789"),
        ("date(now)", "20231114"),
        ("time(order.SendingTime)", "22:13:00.000"),
        ("round(2.5)", "3"),
        ("round(-2.5)", "-3"),
        ("round(1 / 3, 4)", "0.3333"),
        ("fixed(2 / 3, 2)", "0.67"),
        ("fixed(10, 2)", "10.00"),
        ("fixed(0.4)", None),
        ("pad(order.MsgSeqNum + 1, 6)", "000013"),
        ("part('ABCDEF', 2, 4)", "BCD"),
        ("part('ABCDEF', 5)", "EF"),
        ("length('ABC') + 1", "4"),
        ("length(repeat('ab', 500))", "1000"),
        ("min(3, round, 9)", "3"),
        ("max(3, 1.5)", "3"),
        ("upper('ab') ", "AB"),
        ("lower('AB')", "ab"),
        ("unique('O')", "OLOYW3TYZ-7"),
        ("'it''s'", None),
        ('"it\'s"', "it's"),
    ],
)
def test_what_comes_out(text, expected):
    if expected is None:
        with pytest.raises(ExpressionError):
            Expression(text)
    else:
        if text.startswith("unique"):
            alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
            found = worked_out(text)
            assert found[0] == "O"
            assert found.endswith("-7")
            assert sum(36**n * alphabet.index(c) for n, c in enumerate(found[-3:0:-1])) == (
                NOW // 1_000_000
            )
            return
        assert worked_out(text) == expected


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        ("", 1, "expected a value; received the end"),
        ("1 +", 4, "expected a value; received the end"),
        ("1 2", 3, "expected an operator; received '2'"),
        ("(1", 3, "expected ')'; received the end"),
        ("1)", 2, "expected an operator; received ')'"),
        ("'abc", 1, "a quote is not closed"),
        ("{{7*7}}", 1, "'{' is not part of an expression"),
        ("order.", 1, "expected the name or tag of a field after 'order.'"),
        ("order.a.b", 1, "expected the name or tag of a field after 'order.'"),
        ("order.__class__", 1, "expected the name or tag of a field after 'order.'"),
        ("().__class__", 3, "'.' is not part of an expression"),
        ("'a'.upper()", 4, "'.' is not part of an expression"),
        ("order[0]", 6, "'[' is not part of an expression"),
        (
            "__import__('os')",
            1,
            "there is no function '__import__'; known: " + ", ".join(FUNCTIONS),
        ),
        ("lenght('a')", 1, "there is no function 'lenght'; did you mean 'length'?"),
        ("now()", 1, "there is no function 'now'; known: " + ", ".join(FUNCTIONS)),
        ("2 ** 3", 4, "expected a value; received '*'"),
        ("1e9", 1, "expected a number such as 100.25 or a duration such as 90s"),
        ("5 < 6", 3, "'<' is not part of an expression"),
        ("lambda: 1", 7, "':' is not part of an expression"),
        ("round()", 1, "round(number, digits) takes 1 to 2 values; received 0"),
        ("pad(1)", 1, "pad(number, width) takes 2 values; received 1"),
        ("concat('a' 'b')", 12, "expected ','; received ''b''"),
        ("0.1ns", 1, "expected a duration in whole ns"),
        ("9" * 41, 1, "expected a number such as 100.25 or a duration such as 90s"),
        ("1" + " " * MAX_LENGTH, 1, f"longer than {MAX_LENGTH} characters"),
        ("(" * 30 + "1" + ")" * 30, 22, f"nested more than {MAX_DEPTH} levels deep"),
        ("-" * 30 + "1", 22, f"nested more than {MAX_DEPTH} levels deep"),
        ("1" + "+1" * 30, 42, f"nested more than {MAX_DEPTH} levels deep"),
    ],
)
def test_what_is_no_expression(text, column, reason):
    with pytest.raises(ExpressionError) as caught:
        Expression(text)
    assert (caught.value.column, caught.value.reason) == (column, reason)


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        ("order.Text", 1, "there is no order.Text"),
        ("1 + lap", 5, "there is no counter lap here"),
        ("order.ClOrdID + 1", 15, "'ORD-1' + '1' means nothing; concat() joins texts"),
        ("now * 2", 5, "'20231114-22:13:20.123' * '2' means nothing"),
        ("now + now", 5, "'20231114-22:13:20.123' + '20231114-22:13:20.123' means nothing; "
         "concat() joins texts"),
        ("1 / 0", 3, "division by zero"),
        ("1 // (2 - 2)", 3, "division by zero"),
        ("1s / 0", 4, "division by zero"),
        ("1 / 3", 1, "the number has no end in decimals: use //, or round(value, digits)"),
        ("'abc' * 2", 7, "'abc' * '2' means nothing"),
        ("repeat('a', 99999)", 1, "'99999' is not a whole number from 0 to 65536"),
        ("repeat('ab', 65536)", 1, "the text is longer than 65536 bytes"),
        ("repeat(1, -1)", 1, "'-1' is not a whole number from 0 to 65536"),
        ("concat(repeat('a', 65536), 'b')", 1, "the text is longer than 65536 bytes"),
        ("now + 999999999999999999h", 5, "the instant is outside the years 1 to 9999"),
        ("timestamp(now, 4)", 1, "a UTCTimestamp has 0, 3, 6, 9 or 12 decimals, not 4"),
        ("timestamp('x', 3)", 1, "'x' is not a UTCTimestamp"),
        ("round('x')", 1, "'x' is not a number"),
        ("*".join(["9999999999"] * 9), 77, "the number is too large"),
    ],
)  # fmt: skip
def test_what_cannot_be_worked_out(text, column, reason):
    expression = Expression(text)
    with pytest.raises(ExpressionError) as caught:
        evaluate(expression, Known())
    assert (caught.value.column, caught.value.reason) == (column, reason)


def test_bytes_stand_for_themselves():
    assert evaluate(b"= 1 + 1", Known()) == b"= 1 + 1"


def test_what_it_refers_to_can_be_listed():
    found = Expression("concat(order.11, a.Text, round) + now").references
    assert found == (("order", "11", 8), ("a", "Text", 18), ("round", "", 26))


def test_equal_by_text_and_shown_as_written():
    assert Expression("1 + 1") == Expression("1 + 1")
    assert str(Expression("1 + 1")) == "= 1 + 1"


PIECES = st.sampled_from(
    [*FUNCTIONS, "order.ClOrdID", "order.MsgSeqNum", "order.SendingTime", "round", "now", "x.y",
     "(", ")", ",", "+", "-", "*", "/", "//", "%", "1", "0", "2.5", "999999999", "'a'", "''",
     "90s", "5ms", " ", "__class__", ".", "[", "{{", "lambda", "\0", "é"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=25).map("".join)))
@example("'é'")
@settings(max_examples=1500, deadline=None)
def test_nothing_but_the_documented_error_ever_comes_out(text):
    started = time.perf_counter()
    found, error = outcome(text)
    if error is None:
        assert len(found) <= 65_536
    else:
        assert 1 <= error.column <= len(text) + 1
    assert time.perf_counter() - started < 0.5  # far above what any takes; a loop would not end


TREES = st.recursive(
    st.sampled_from(["round", "order.MsgSeqNum", "order.Price", "99999999999", "now", "3s", "'a'"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "//", "%"]), inner).map(
            "({0[0]} {0[1]} {0[2]})".format
        ),
        st.tuples(st.sampled_from(sorted(FUNCTIONS)), st.lists(inner, min_size=1, max_size=3)).map(
            lambda pair: f"{pair[0]}({', '.join(pair[1])})"
        ),
    ),
    max_leaves=12,
)


@given(TREES)
@settings(max_examples=1500, deadline=None)
def test_every_tree_is_worked_out_or_refused(text):
    found, error = outcome(text)
    assert error is None or error.reason
    assert error is not None or isinstance(found, bytes)


NUMBERS = st.integers(-(10**12), 10**12)


@given(NUMBERS, NUMBERS, st.sampled_from(["+", "-", "*", "//", "%"]))
@settings(max_examples=300)
def test_whole_numbers_reckon_as_in_python(left, right, sign):
    if right == 0 and sign in ("//", "%"):
        return
    operations = {"+": left + right, "-": left - right, "*": left * right}
    if right:
        operations |= {"//": left // right, "%": left % right}
    assert worked_out(f"({left}) {sign} ({right})") == str(operations[sign])
