"""Groups, order and presence, on a small dictionary whose rules fit on one screen."""

import pytest

from fixgate.dictionary import (
    Dictionary,
    FieldDef,
    FieldType,
    FieldUse,
    GroupUse,
    MessageDef,
    ValidationOptions,
    Validator,
)
from tests.dictionary.messages import message, verdict

NAMES = {
    8: "BeginString", 9: "BodyLength", 35: "MsgType", 34: "MsgSeqNum", 627: "NoHops",
    628: "HopCompID", 629: "HopSendingTime", 89: "Signature", 10: "CheckSum", 11: "ClOrdID",
    58: "Text", 453: "NoPartyIDs", 448: "PartyID", 447: "PartyIDSource", 452: "PartyRole",
    802: "NoPartySubIDs", 523: "PartySubID", 803: "PartySubIDType", 386: "NoTradingSessions",
    336: "TradingSessionID", 625: "TradingSessionSubID", 711: "NoUnderlyings", 6001: "Custom",
}  # fmt: skip
COUNTS = (627, 453, 802, 386, 711)
OPTIONAL, REQUIRED = False, True

SUB_IDS = GroupUse(802, OPTIONAL, (FieldUse(523, OPTIONAL), FieldUse(803, REQUIRED)))
PARTIES = GroupUse(
    453,
    OPTIONAL,
    (FieldUse(448, REQUIRED), FieldUse(447, OPTIONAL), FieldUse(452, REQUIRED), SUB_IDS),
)
SESSIONS = GroupUse(386, REQUIRED, (FieldUse(336, OPTIONAL), FieldUse(625, OPTIONAL)))
HOPS = GroupUse(627, OPTIONAL, (FieldUse(628, OPTIONAL), FieldUse(629, OPTIONAL)))

BOOK = Dictionary(
    "FIX.4.4",
    {
        tag: FieldDef(tag, name, FieldType.NUM_IN_GROUP if tag in COUNTS else FieldType.STRING)
        for tag, name in NAMES.items()
    },
    {
        b"D": MessageDef(
            b"D",
            "Order",
            False,
            (FieldUse(11, REQUIRED), PARTIES, FieldUse(58, OPTIONAL), FieldUse(452, OPTIONAL)),
        ),
        b"S": MessageDef(b"S", "Sessions", False, (SESSIONS, FieldUse(6001, OPTIONAL))),
        b"U": MessageDef(
            b"U", "Nested", False, (GroupUse(711, OPTIONAL, (SESSIONS, FieldUse(58, OPTIONAL))),)
        ),
    },
    header=(
        FieldUse(8, REQUIRED),
        FieldUse(9, REQUIRED),
        FieldUse(35, REQUIRED),
        FieldUse(34, REQUIRED),
        HOPS,
    ),
    trailer=(FieldUse(89, OPTIONAL), FieldUse(10, REQUIRED)),
)


def judge(text, **options):
    validator = Validator(BOOK, options=ValidationOptions(**options))
    sample = message(text)
    first = validator.check(sample)
    assert validator.check(sample) == first
    return first


def order(body, **options):
    return judge(f"8=FIX.4.4|9=1|35=D|34=2|{body}10=0|", **options)


PARTY = "448=A|447=D|452=1|"


@pytest.mark.parametrize(
    "body",
    [
        "11=a|",
        "11=a|453=0|",
        f"11=a|453=1|{PARTY}",
        f"453=2|{PARTY}448=B|452=3|11=a|",
        f"453=02|{PARTY}{PARTY}11=a|",
        f"11=a|453=1|{PARTY}802=2|523=x|803=1|523=y|803=2|58=hi|",
        f"11=a|453=1|{PARTY}802=0|58=hi|",
        f"11=a|453=2|{PARTY}802=1|523=x|803=1|{PARTY}58=hi|",
        # PartyRole stands in the group and beside it: the second one is the order's own.
        f"11=a|453=1|{PARTY}452=7|",
        f"11=a|453=1|{PARTY}802=1|523=x|803=1|452=7|58=hi|",
        "11=a|453=0|452=7|",
    ],
)
def test_what_is_right(body):
    assert order(body) is None


@pytest.mark.parametrize(
    ("body", "reason", "tag", "text"),
    [
        ("11=a|453=1|", 16, 453, "NoPartyIDs(453): received '1', counted 0 entries"),
        (f"11=a|453=0|{PARTY}", 16, 453, "NoPartyIDs(453): received '0', counted 1 entries"),
        (f"11=a|453=1|{PARTY}{PARTY}", 16, 453, "NoPartyIDs(453): received '1', counted 2 entries"),
        (
            f"11=a|453=999999999|{PARTY}{PARTY}",
            16,
            453,
            "NoPartyIDs(453): received '999999999', counted 2 entries",
        ),
        (
            f"11=a|453=1|{PARTY}802=18446744073709551615|523=x|803=1|",
            16,
            802,
            "NoPartySubIDs(802): received '18446744073709551615', counted 1 entries",
        ),
        (
            f"11=a|453=-1|{PARTY}",
            6,
            453,
            "NoPartyIDs(453): received '-1', expected a whole number such as 100, without sign",
        ),
        (
            f"11=a|453=x|{PARTY}",
            6,
            453,
            "NoPartyIDs(453): received 'x', expected a whole number such as 100, without sign",
        ),
        (
            f"11=a|453=1|{PARTY}802=2|523=x|803=1|",
            16,
            802,
            "NoPartySubIDs(802): received '2', counted 1 entries",
        ),
        (
            "11=a|453=1|447=D|448=A|452=1|",
            15,
            447,
            "PartyIDSource(447) begins an entry of NoPartyIDs(453), expected PartyID(448)",
        ),
        (
            "11=a|453=1|448=A|452=1|447=D|",
            15,
            447,
            "PartyIDSource(447) is out of order in entry 1 of NoPartyIDs(453)",
        ),
        (
            f"11=a|453=2|{PARTY}448=B|452=1|447=D|",
            15,
            447,
            "PartyIDSource(447) is out of order in entry 2 of NoPartyIDs(453)",
        ),
        (
            f"11=a|453=1|{PARTY}802=1|803=1|523=x|",
            15,
            803,
            "PartySubIDType(803) begins an entry of NoPartySubIDs(802), expected PartySubID(523)",
        ),
        (
            "11=a|453=1|448=A|447=D|447=E|452=1|",
            13,
            447,
            "PartyIDSource(447) appears more than once in entry 1 of NoPartyIDs(453)",
        ),
        (
            f"11=a|453=1|{PARTY}802=1|523=x|803=1|803=2|",
            13,
            803,
            "PartySubIDType(803) appears more than once in entry 1 of NoPartySubIDs(802)",
        ),
        (
            "11=a|453=1|448=A|447=D|58=x|",
            1,
            452,
            "PartyRole(452) is missing: entry 1 of NoPartyIDs(453) requires it",
        ),
        (
            f"11=a|453=1|{PARTY}802=1|523=x|",
            1,
            803,
            "PartySubIDType(803) is missing: entry 1 of NoPartySubIDs(802) requires it",
        ),
        (
            "11=a|448=A|",
            2,
            448,
            "PartyID(448) stands in Order(D) without its group NoPartyIDs(453)",
        ),
        (
            f"11=a|453=1|{PARTY}58=x|448=B|",
            15,
            448,
            "PartyID(448) stands outside the entries of its group NoPartyIDs(453)",
        ),
        (
            f"11=a|453=1|{PARTY}58=x|803=B|",
            2,
            803,
            "PartySubIDType(803) stands in Order(D) without its group NoPartySubIDs(802)",
        ),
        (
            f"11=a|453=1|{PARTY}453=1|{PARTY}",
            13,
            453,
            "NoPartyIDs(453) appears more than once in Order(D)",
        ),
        ("11=a|11=b|", 13, 11, "ClOrdID(11) appears more than once in Order(D)"),
        ("11=a|336=x|", 2, 336, "TradingSessionID(336) is not a field of Order(D)"),
        ("11=a|999=x|", 0, 999, "tag 999 is not defined in FIX.4.4"),
        ("11=a|5000=x|", 0, 5000, "user-defined tag 5000 is not defined in FIX.4.4"),
        ("11=a|6001=x|", 2, 6001, "Custom(6001) is not a field of Order(D)"),
        ("58=x|", 1, 11, "ClOrdID(11) is missing: Order(D) requires it"),
        (
            "11=a|34=3|",
            14,
            34,
            "MsgSeqNum(34) is a header field, received after the body had begun",
        ),
        (
            "11=a|89=x|58=x|",
            14,
            58,
            "Text(58) is a body field, received after the trailer had begun",
        ),
        (
            "11=a|89=x|34=2|",
            14,
            34,
            "MsgSeqNum(34) is a header field, received after the trailer had begun",
        ),
        ("11=|", 4, 11, "ClOrdID(11) has no value"),
        ("11=a|999=|", 4, 999, "tag 999 has no value"),
    ],
)
def test_what_is_wrong(body, reason, tag, text):
    problem = order(body)
    assert problem is not None
    assert (int(problem.reason), problem.tag, problem.text) == (reason, tag, text)


def test_a_group_of_the_header():
    assert judge("8=FIX.4.4|9=1|35=D|34=2|627=1|628=A|629=t|11=a|10=0|") is None
    assert verdict(judge("8=FIX.4.4|9=1|35=D|34=2|627=2|628=A|11=a|10=0|")) == (16, 627)
    assert verdict(judge("8=FIX.4.4|9=1|35=D|34=2|11=a|627=1|628=A|10=0|")) == (14, 627)


def test_a_message_that_ends_in_a_group():
    assert verdict(judge(f"8=FIX.4.4|9=1|35=D|34=2|11=a|453=1|{PARTY}")) == (1, 10)
    assert verdict(judge("8=FIX.4.4|9=1|35=D|34=2|11=a|453=1|")) == (1, 10)


def test_a_required_group_may_have_no_entries():
    assert judge("8=FIX.4.4|9=1|35=S|34=2|386=0|10=0|") is None
    assert verdict(judge("8=FIX.4.4|9=1|35=S|34=2|10=0|")) == (1, 386)


def test_an_entry_may_begin_with_a_group():
    assert judge("8=FIX.4.4|9=1|35=U|34=2|711=2|386=1|336=A|58=x|386=0|10=0|") is None
    assert verdict(judge("8=FIX.4.4|9=1|35=U|34=2|711=1|58=x|10=0|")) == (15, 58)


def test_header_fields_are_missed_first():
    assert verdict(judge("8=FIX.4.4|9=1|35=D|58=x|10=0|")) == (1, 34)


def test_user_defined_fields_are_let_pass_when_asked_for():
    body = f"11=a|5000=x|453=2|{PARTY}5001=x|{PARTY}5001=y|5000=again|58=x|"
    assert order(body, allow_user_defined=True) is None
    assert verdict(order(body)) == (0, 5000)
    assert verdict(order("11=a|4999=x|", allow_user_defined=True)) == (0, 4999)
    # One that the dictionary defines elsewhere is no free tag.
    assert verdict(order("11=a|6001=x|", allow_user_defined=True)) == (2, 6001)
    assert verdict(order("11=a|5000=|", allow_user_defined=True)) == (4, 5000)


def test_a_user_defined_field_may_stand_in_the_header():
    text = "8=FIX.4.4|9=1|35=D|5000=x|34=2|11=a|5001=y|89=x|5002=z|10=0|"
    assert judge(text, allow_user_defined=True) is None


def test_empty_values_are_let_pass_when_asked_for():
    assert order("11=|58=|", allow_empty_values=True) is None
    # Where the type is a number, nothing is no number.
    assert verdict(order("11=|453=|", allow_empty_values=True)) == (6, 453)


def test_any_group_order_when_asked_for():
    body = "11=a|453=1|448=A|452=1|447=D|"
    assert order(body, any_group_order=True) is None
    assert verdict(order("11=a|453=1|447=D|448=A|452=1|", any_group_order=True)) == (15, 447)
    assert verdict(order(f"11=a|453=1|{PARTY}447=E|", any_group_order=True)) == (13, 447)
