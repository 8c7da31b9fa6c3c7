"""Verdicts on literal messages, in every version, and properties over whole dictionaries."""

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.dictionary import (
    FieldType,
    FixVersion,
    GroupUse,
    SessionRejectReason,
    ValidationOptions,
    Validator,
    load_dictionary,
)
from fixgate.dictionary import validate as validate_module
from fixgate.errors import DictionaryError
from fixgate.wire.message import Message
from tests.dictionary import messages
from tests.dictionary.messages import HEADER, begin_string, message, verdict, version, whole

VERSIONS = [v.value for v in FixVersion]
TIME = "20261122-10:00:00"
SYMBOL = "55=INTC|"


def order(extra="", *, side="54=1|", quantity="38=200|"):
    return f"11=ID|21=1|40=1|{side}{quantity}{SYMBOL}60={TIME}|{extra}"


def check(name, msg_type, body, *, header=HEADER):
    """Check a body; TransactTime came to the NewOrderSingle with FIX 4.2."""
    if name < "FIX.4.2" and msg_type == "D":
        body = body.replace(f"60={TIME}|", "")
    return messages.check(name, msg_type, body, header=header)


@pytest.mark.parametrize("name", VERSIONS)
@pytest.mark.parametrize(
    ("msg_type", "body"),
    [
        ("0", ""),
        ("0", "112=HELLO|"),
        ("1", "112=HELLO|"),
        ("2", "7=1|16=0|"),
        ("4", "123=Y|36=5|"),
        ("5", "58=bye|"),
        ("D", order()),
    ],
)
def test_valid_messages(name, msg_type, body):
    assert check(name, msg_type, body) is None


@pytest.mark.parametrize("name", VERSIONS)
@pytest.mark.parametrize(
    ("msg_type", "body", "expected"),
    [
        # 14.a: 999 is a field of FIX 5.0, but admin messages are FIXT's, which has none.
        ("0", "999=HI|", (0, 999)),
        ("0", "0=HI|", (0, 0)),
        ("0", "-1=HI|", (0, -1)),
        ("0", "5000=HI|", (0, 5000)),
        # 14.b
        ("1", "", (1, 112)),
        ("D", order(side=""), (1, 54)),
        # 14.c
        ("0", "58=Text|", (2, 58)),
        # 14.d
        ("0", "112=|", (4, 112)),
        # 14.e
        ("D", order().replace("21=1", "21=4"), (5, 21)),
        ("D", order(side="54=~|"), (5, 54)),
        # 14.f
        ("D", order(quantity="38=+200|"), (6, 38)),
        ("D", order("126=20040415|"), (6, 126)),
        ("2", "7=1|16=x|", (6, 16)),
        # 14.g
        ("D", "11=id|34=2|", (14, 34)),
        # 14.h
        ("D", order("40=2|"), (13, 40)),
        # 2.q
        ("*", "", (11, 35)),
    ],
)
def test_the_same_fault_in_every_version(name, msg_type, body, expected):
    assert verdict(check(name, msg_type, body)) == expected


@pytest.mark.parametrize("name", VERSIONS)
def test_header_fields(name):
    def heartbeat(header):
        return verdict(check(name, "0", "", header=header))

    assert heartbeat(HEADER.replace("56=VENUE|", "")) == (1, 56)
    assert heartbeat(HEADER.replace("56=VENUE|", "56=|")) == (4, 56)
    assert heartbeat(HEADER + "34=3|") == (13, 34)
    assert heartbeat(HEADER + "43=X|")[1] == 43
    assert heartbeat(HEADER.replace(TIME, "20261122")) == (6, 52)
    assert heartbeat(HEADER + f"43=Y|97=Y|122={TIME}|115=JCD|") is None
    # A SequenceReset in reset mode may carry any number.
    assert heartbeat(HEADER.replace("34=2", "34=0")) is None


@pytest.mark.parametrize("name", VERSIONS[2:])
def test_trading_sessions_from_fix_42_on(name):
    sessions = "336=PRE-OPEN|336=AFTER-HOURS|"
    assert check(name, "D", order(f"386=2|{sessions}")) is None
    assert verdict(check(name, "D", order(f"386=3|{sessions}"))) == (16, 386)
    assert verdict(check(name, "D", order(sessions))) == (2, 336)
    assert verdict(check(name, "D", order(f"336=X|386=1|{sessions}"))) == (15, 336)


@pytest.mark.parametrize("name", VERSIONS[4:])
def test_parties_from_fix_44_on(name):
    assert check(name, "D", order("453=1|448=A|447=D|452=1|802=1|523=x|803=4|")) is None
    assert verdict(check(name, "D", order("453=1|447=D|448=A|452=1|"))) == (15, 447)
    assert verdict(check(name, "D", order("453=1|448=A|452=1|447=D|"))) == (15, 447)
    assert verdict(check(name, "D", order("453=1|448=A|447=D|452=~|"))) == (6, 452)
    assert verdict(check(name, "D", order("453=1|448=A|447=D|452=1|802=2|523=x|803=4|"))) == (
        16,
        802,
    )


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("FIX.4.2", "167=OPT|336=ONE_MAIN|58=No Products|393=0|146=0|"),
        ("FIX.4.4", "167=CS|336=ONE_MAIN|58=No Products|454=0|"),
        ("FIX.5.0SP2", "167=CS|58=No Products|454=0|"),
    ],
)
def test_a_count_of_zero_without_entries(name, body):
    assert check(name, "d", f"320=JCD1091|322=1034356488|323=6|55=TBS|22=8|{body}") is None


@pytest.mark.parametrize("name", ["FIX.4.0", "FIX.4.1"])
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # TransactTime(60) is not yet a field of the order: whatever stands before it is told.
        (f"11=ID|21=1|38=200|40=1|54=1|55=INTC|60={TIME}|", (2, 60)),
        (f"11=ID|21=4|38=200|40=1|54=1|55=INTC|60={TIME}|", (5, 21)),
        (f"11=ID|21=1|38=+200|40=1|54=1|55=INTC|60={TIME}|", (6, 38)),
        (f"11=ID|21=1|38=200|40=1|54=1|60={TIME}|55=INTC|54=1|", (2, 60)),
        # What is missing, and a header field in the body, are told first.
        (f"11=ID|21=1|38=200|40=1|54=1|60={TIME}|", (1, 55)),
        (f"11=ID|21=1|38=200|40=1|54=1|55=INTC|60={TIME}|34=2|", (14, 34)),
    ],
)
def test_of_two_faults_the_first_on_the_wire_is_told(name, body, expected):
    assert verdict(messages.check(name, "D", body)) == expected


def test_texts_say_what_was_received_and_expected():
    def text(msg_type, body):
        problem = check("FIX.4.2", msg_type, body)
        assert problem is not None
        return problem.text

    assert text("D", order().replace("21=1", "21=4")) == (
        "HandlInst(21): received '4', expected one of 1, 2, 3"
    )
    assert text("D", order(quantity="38=+200.00|")) == (
        "OrderQty(38): received '+200.00', expected a decimal number such as 100 or -0.25, "
        "without '+' or exponent"
    )
    assert text("*", "") == "MsgType(35): received '*', which FIX.4.2 does not define"
    assert text("0", "55=MSFT|") == "Symbol(55) is not a field of Heartbeat(0)"
    assert text("D", order(side="")) == "Side(54) is missing: NewOrderSingle(D) requires it"


def test_secrets_are_masked():
    # Length is no place for a password, but a client may put it there.
    problem = check("FIX.4.4", "A", "98=0|108=30|554=|")
    assert problem is not None
    assert problem.text == "Password(554) has no value"


def test_the_order_of_the_checks():
    # Everything is wrong here; the faults are mended one by one.
    faults = [
        ("35=*|34=x|999=1|11=|", (4, 11)),
        ("35=*|34=x|999=1|11=a|", (11, 35)),
        ("35=D|34=x|999=1|11=a|52=x|", (14, 52)),
        ("35=D|34=x|999=1|11=a|", (1, 49)),
        (f"35=D|34=x|49=A|52={TIME}|56=B|999=1|{order()}", (6, 34)),
        (f"35=D|34=2|49=A|52={TIME}|56=B|999=1|{order().replace('40=1', '40=w')}", (0, 999)),
        (f"35=D|34=x|49=A|52={TIME}|56=B|{order().replace('40=1', '40=w')}", (6, 34)),
        (f"35=D|34=2|49=A|52={TIME}|56=B|{order().replace('40=1', '40=w')}", (5, 40)),
        (f"35=D|34=2|49=A|52={TIME}|56=B|{order()}", None),
    ]
    validator = version("FIX.4.4")
    for text, expected in faults:
        assert verdict(validator.check(message(f"8=FIX.4.4|9=1|{text}10=0|"))) == expected


def test_a_number_too_long_to_be_one():
    assert verdict(check("FIX.4.4", "2", "7=1|16=" + "9" * 21 + "|")) == (6, 16)
    assert verdict(check("FIX.4.4", "D", order(quantity=f"38={'9' * 5000}|"))) == (6, 38)
    assert verdict(check("FIX.4.4", "D", order(f"453={'9' * 5000}|"))) == (6, 453)


def test_a_count_that_is_right_but_written_otherwise():
    assert check("FIX.4.4", "D", order("386=02|336=A|336=B|")) is None


def test_codes_that_are_not_closed():
    assert check("FIX.4.4", "6", "23=id|28=N|55=ABC|54=1|27=1000|") is None
    assert check("FIX.4.4", "6", "23=id|28=N|55=ABC|54=1|27=S|") is None


def test_exec_inst_of_every_version_may_hold_several():
    for name in VERSIONS:
        assert check(name, "D", order("18=1 6|")) is None
        assert verdict(check(name, "D", order("18=1 ~|"))) == (5, 18)


def test_fixt_takes_the_application_from_its_own_dictionary():
    # ApplVerID(1128) is in the header of FIXT, DefaultApplVerID(1137) in its Logon.
    assert check("FIX.5.0", "A", "98=0|108=30|1137=7|") is None
    assert verdict(check("FIX.5.0", "A", "98=0|108=30|")) == (1, 1137)
    assert check("FIX.5.0SP2", "D", order(), header=HEADER + "1128=9|") is None
    assert verdict(check("FIX.5.0SP2", "D", order(), header=HEADER + "1128=Z|")) == (5, 1128)
    # Known to the transport, not of this application message.
    assert verdict(check("FIX.5.0SP2", "D", order("108=30|"))) == (2, 108)
    assert verdict(check("FIX.5.0SP2", "D", order("999=x|"))) == (2, 999)


def test_what_a_validator_knows():
    fixt = version("FIX.5.0SP2")
    assert fixt.is_admin(b"A")
    assert not fixt.is_admin(b"D")
    assert not fixt.is_admin(b"*")
    assert fixt.knows(b"A")
    assert fixt.knows(b"D")
    assert not fixt.knows(b"*")
    assert fixt.message(b"D").name == "NewOrderSingle"
    assert fixt.message(b"*") is None
    assert fixt.label(11) == "ClOrdID(11)"
    assert fixt.label(1137) == "DefaultApplVerID(1137)"
    assert fixt.label(9999) == "tag 9999"


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("FIX.4.1", set()),
        ("FIX.4.2", set(range(12))),
        ("FIX.4.3", set(range(18))),
        ("FIX.4.4", {*range(18), 99}),
        ("FIX.5.0", {*range(19), 99}),
    ],
)
def test_the_reasons_a_version_can_say(name, known):
    validator = version(name)
    assert {int(r) for r in SessionRejectReason if validator.knows_reason(r)} == known


def test_rules_can_be_compiled_beforehand():
    validator = Validator(load_dictionary("FIX.4.2"))
    validator.prepare(b"D", b"F", b"*")
    assert validator.check(whole("FIX.4.2", "D", order())) is None


def test_dictionaries_that_do_not_go_together():
    fixt, sp2, fix44 = map(load_dictionary, ("FIXT.1.1", "FIX.5.0SP2", "FIX.4.4"))
    with pytest.raises(DictionaryError, match="is a transport: needs an application"):
        Validator(fixt)
    with pytest.raises(DictionaryError, match="needs the transport dictionary"):
        Validator(sp2)
    with pytest.raises(DictionaryError, match="is no transport"):
        Validator(sp2, transport=fix44)


# Groups.


def test_the_entries_of_a_group():
    validator = version("FIX.4.4")
    sample = whole(
        "FIX.4.4", "D", order("453=2|448=A|447=D|452=1|802=1|523=x|803=4|448=B|447=D|452=3|59=0|")
    )
    assert validator.check(sample) is None
    assert validator.groups(sample, 453) == [
        [(448, b"A"), (447, b"D"), (452, b"1"), (802, b"1"), (523, b"x"), (803, b"4")],
        [(448, b"B"), (447, b"D"), (452, b"3")],
    ]
    assert validator.groups(sample, 386) == []
    assert validator.groups(sample, 11) == []
    assert validator.groups(sample, 9999) == []
    assert validator.groups(whole("FIX.4.4", "*", ""), 453) == []


def test_the_entries_of_a_group_that_is_cut_short():
    validator = version("FIX.4.4")
    assert validator.groups(message("8=FIX.4.4|9=1|35=D|453=2|"), 453) == []
    assert validator.groups(message("8=FIX.4.4|9=1|35=D|453=2|447=D|448=A|"), 453) == []
    assert validator.groups(message("8=FIX.4.4|9=1|35=D|453=2|448=A|5001=x|11=a|"), 453) == [
        [(448, b"A"), (5001, b"x")]
    ]


# Shapes.


def test_shapes_are_kept_within_bounds(monkeypatch):
    monkeypatch.setattr(validate_module, "_SHAPES_KEPT", 4)
    validator = Validator(load_dictionary("FIX.4.4"))
    fields = order().split("|")[:-1]
    in_use = whole("FIX.4.4", "0", "")
    for seed in range(100):
        random.Random(seed).shuffle(fields)
        assert validator.check(whole("FIX.4.4", "D", "|".join(fields) + "|")) is None
        assert validator.check(in_use) is None
        assert len(validator._new) <= 4
        assert len(validator._old) <= 4
    assert b"0" in validator._usual


def test_bad_and_long_messages_leave_no_shape():
    validator = Validator(load_dictionary("FIX.4.4"))
    long = order("386=300|" + "336=A|" * 300)
    assert validator.check(whole("FIX.4.4", "D", long)) is None
    assert verdict(validator.check(whole("FIX.4.4", "D", order("999=x|")))) == (0, 999)
    assert not validator._new


def test_a_known_shape_with_a_bad_value_keeps_its_place():
    validator = Validator(load_dictionary("FIX.4.4"))
    good, bad = whole("FIX.4.4", "D", order()), whole("FIX.4.4", "D", order(side="54=~|"))
    assert validator.check(good) is None
    kept = dict(validator._new)
    assert verdict(validator.check(bad)) == (5, 54)
    assert validator._new == kept


# Properties.

GOOD = {
    FieldType.INT: b"7", FieldType.LENGTH: b"7", FieldType.TAG_NUM: b"55", FieldType.SEQ_NUM: b"7",
    FieldType.NUM_IN_GROUP: b"0",
    FieldType.DAY_OF_MONTH: b"31", FieldType.FLOAT: b"1.5", FieldType.QTY: b"100",
    FieldType.PRICE: b"100.25", FieldType.PRICE_OFFSET: b"-0.25", FieldType.AMT: b"5.",
    FieldType.PERCENTAGE: b".5", FieldType.CHAR: b"x", FieldType.BOOLEAN: b"Y",
    FieldType.MONTH_YEAR: b"202611w2", FieldType.UTC_TIMESTAMP: b"20261122-10:00:00.123",
    FieldType.UTC_TIME_ONLY: b"10:00:00", FieldType.UTC_DATE_ONLY: b"20261122",
    FieldType.LOCAL_MKT_DATE: b"20261122", FieldType.LOCAL_MKT_TIME: b"10:00:00",
    FieldType.TZ_TIME_ONLY: b"10:00Z", FieldType.TZ_TIMESTAMP: b"20261122-10:00:00+05:30",
    FieldType.MULTIPLE_CHAR_VALUE: b"a b", FieldType.MULTIPLE_STRING_VALUE: b"aa b",
    FieldType.MULTIPLE_VALUE_STRING: b"aa b",
}  # fmt: skip


def of_pairs(pairs):
    raw = b"".join(b"%d=%b\x01" % pair for pair in pairs)
    return Message(raw, [tag for tag, _ in pairs], [value for _, value in pairs])


class Writer:
    """Writes messages from a dictionary: the required fields, and some of the others."""

    def __init__(self, validator, seed):
        self.validator = validator
        self.random = random.Random(seed)

    def message(self, msg_type):
        transport = self.validator.transport
        definition = self.validator.message(msg_type)
        layer = transport if msg_type in transport.messages else self.validator.dictionary
        body = [
            *self.fields(layer, self.body(transport, definition)),
            *self.fields(transport, transport.trailer[:-1]),
            (10, b"000"),
        ]
        head = self.fields(transport, transport.header[3:])
        start = begin_string(self.validator.dictionary.version).encode()
        return of_pairs([(8, start), (9, b"1"), (35, msg_type), *head, *body])

    def body(self, transport, definition):
        header = {member.tag for member in transport.header}
        body = [member for member in definition.members if member.tag not in header]
        self.random.shuffle(body)
        return body

    def fields(self, dictionary, members, chance=0.15):
        for member in members:
            if not (member.required or self.random.random() < chance):
                continue
            if not isinstance(member, GroupUse):
                yield member.tag, self.value(dictionary, member.tag)
                continue
            codes = dictionary.fields[member.tag].values
            entries = int(self.random.choice(list(codes))) if codes else self.random.randint(0, 2)
            yield member.tag, b"%d" % entries
            for _ in range(entries):
                yield from self.entry(dictionary, member)

    def entry(self, dictionary, group):
        first, *rest = group.members
        if isinstance(first, GroupUse):
            yield first.tag, b"0"
        else:
            yield first.tag, self.value(dictionary, first.tag)
        yield from self.fields(dictionary, rest, chance=0.1)

    def value(self, dictionary, tag):
        found = dictionary.fields[tag]
        if found.values and not found.allow_other_values:
            return self.random.choice(list(found.values))
        return GOOD.get(found.type, b"text")


@pytest.mark.parametrize("name", VERSIONS)
@settings(max_examples=25, deadline=None)
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_what_the_dictionary_describes_is_valid(name, data, seed):
    validator = version(name)
    known = sorted({*validator.dictionary.messages, *validator.transport.messages})
    msg_type = data.draw(st.sampled_from(known))
    sample = Writer(validator, seed).message(msg_type)
    for _ in range(3):
        assert validator.check(sample) is None
    lenient = ValidationOptions(allow_user_defined=True, any_group_order=True)
    other = Validator(validator.dictionary, transport=_transport(validator), options=lenient)
    assert other.check(sample) is None


def _transport(validator):
    return validator.transport if validator.transport is not validator.dictionary else None


@pytest.mark.parametrize("name", VERSIONS)
@settings(max_examples=25, deadline=None)
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_a_missing_field_is_named(name, data, seed):
    validator = version(name)
    known = sorted({*validator.dictionary.messages, *validator.transport.messages})
    msg_type = data.draw(st.sampled_from(known))
    sample = Writer(validator, seed).message(msg_type)
    definition = validator.message(msg_type)
    required = [
        member.tag
        for member in (*validator.transport.header, *definition.members)
        if member.required and not isinstance(member, GroupUse) and member.tag not in (8, 9, 35)
    ]
    tag = data.draw(st.sampled_from(required))
    at = sample.tags.index(tag)
    pairs = list(sample.fields())
    del pairs[at]
    for _ in range(3):
        assert verdict(validator.check(of_pairs(pairs))) == (1, tag)


@pytest.mark.parametrize("name", VERSIONS)
@settings(max_examples=40, deadline=None)
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_a_known_pattern_changes_no_verdict(name, data, seed):
    """What is judged by one regular expression is judged as field by field."""
    shared = version(name)
    msg_type = data.draw(st.sampled_from([b"D", b"8", b"A", b"2", b"F", b"AE", b"V"]))
    if shared.message(msg_type) is None:
        return
    warm, cold = (Validator(shared.dictionary, transport=_transport(shared)) for _ in range(2))
    sample = Writer(shared, seed).message(msg_type)
    for _ in range(3):
        assert warm.check(sample) is None
    pairs = list(sample.fields())
    at = data.draw(st.integers(3, len(pairs) - 1))
    value = data.draw(st.one_of(st.sampled_from(VALUES), st.binary(max_size=6)))
    pairs[at] = (pairs[at][0], value.replace(b"\x01", b""))
    assert warm.check(of_pairs(pairs)) == cold.check(of_pairs(pairs))


VALUES = b"|0|1|01|00|2|Y|N|A|1 2|A  B|-1|+1|1.5|.|20260231-10:00:00|20261122-10:00:00.5".split(
    b"|"
)


TAGS = st.one_of(
    st.integers(-5, 1200),
    st.integers(4990, 5010),
    st.sampled_from([8, 9, 35, 10, 34, 49, 52, 56, 11, 453, 448, 447, 452, 802, 523, 386, 336]),
)


@settings(max_examples=200, deadline=None)
@given(
    name=st.sampled_from(VERSIONS),
    msg_type=st.sampled_from([b"D", b"8", b"A", b"0", b"i", b"\xff", b""]),
    fields=st.lists(
        st.tuples(TAGS, st.one_of(st.sampled_from([b"", b"0", b"1", b"2", b"Y"]), st.binary())),
        max_size=40,
    ),
    allow=st.booleans(),
)
def test_no_message_raises(name, msg_type, fields, allow):
    shared = version(name)
    options = ValidationOptions(
        allow_user_defined=allow, allow_empty_values=allow, any_group_order=allow
    )
    validator = Validator(shared.dictionary, transport=_transport(shared), options=options)
    pairs = [(8, begin_string(name).encode()), (9, b"1"), (35, msg_type), *fields, (10, b"000")]
    sample = Message(b"", [tag for tag, _ in pairs], [value for _, value in pairs])
    first = validator.check(sample)
    assert validator.check(sample) == first
    if first is not None:
        assert first.tag is not None
        assert first.text
    for count in (453, 386, 146):
        validator.groups(sample, count)


def test_a_long_message_is_not_worth_a_pattern(monkeypatch):
    """To compile that of 250 fields takes 25 ms, which any peer could ask for."""
    validator = Validator(load_dictionary("FIX.4.4"))
    compiled = []
    plain = re.compile
    monkeypatch.setattr(re, "compile", lambda text: compiled.append(len(text)) or plain(text))
    entries = "269=0|270=1.5|271=10|272=20260302|"
    for count in (2, 60):
        book = whole("FIX.4.4", "W", f"262=M1|55=ABC|268={count}|" + entries * count)
        for _ in range(4):
            assert validator.check(book) is None
    assert len(compiled) == 1
    assert compiled[0] <= 4096
    wrong = whole(
        "FIX.4.4", "W", "262=M1|55=ABC|268=60|" + entries * 59 + entries.replace("10", "x")
    )
    assert verdict(validator.check(wrong)) == (6, 271)
