from __future__ import annotations

import pytest

from fixgate.dictionary.version import FixVersion
from fixgate.venue import Client, EchoVenue, GroupShape
from fixgate.venue.echo import HEADER_AND_TRAILER
from fixgate.wire.message import Message
from tests.venue.support import NOW_NS, message, shown

# NoPartyIDs(453) with NoPartySubIDs(802) inside, NoTradingSessions(386), NoSecurityAltID(454).
GROUPS = {
    386: GroupShape(336, frozenset({336, 625})),
    453: GroupShape(
        448,
        frozenset({448, 447, 452, 802}),
        {802: GroupShape(523, frozenset({523, 803}))},
    ),
    454: GroupShape(455, frozenset({455, 456})),
}


def groups(_version, _msg_type):
    return GROUPS


def echo(text: str, version: str = "FIX.4.4", **options: bool) -> list[str]:
    fix = FixVersion(version)
    return shown(EchoVenue(groups).on_message(Client("A", fix), message(text, fix), NOW_NS))


def test_an_order_comes_back_in_tag_order_with_its_values_untouched():
    sent = (
        "35=D|34=4|49=TW44|52=20260105-10:00:00|56=ISLD|11=ID|21=1|40=1|54=1|38=002000.00|55=INTC"
    )
    assert echo(sent) == ["A D 11=ID|21=1|38=002000.00|40=1|54=1|55=INTC"]


def test_the_order_of_header_and_body_does_not_matter():
    sent = "35=D|49=TW44|34=3|56=ISLD|52=20260105-10:00:00|40=1|55=MSFT|54=1|21=3|11=id"
    assert echo(sent) == ["A D 11=id|21=3|40=1|54=1|55=MSFT"]


def test_an_empty_count_is_kept():
    sent = "35=d|34=2|320=J|322=1|323=6|55=TBS|22=8|167=CS|336=ONE_MAIN|58=No|454=0"
    assert echo(sent) == ["A d 22=8|55=TBS|58=No|167=CS|320=J|322=1|323=6|336=ONE_MAIN|454=0"]


def test_a_group_stays_whole_behind_its_count():
    sent = (
        "35=D|34=2|453=2|448=X|452=1|447=D|802=2|523=s1|803=4|523=s2|448=Y|802=0"
        "|386=2|336=PRE|625=1|336=POST|11=ID|900=z|99=5"
    )
    assert echo(sent) == [
        "A D 11=ID|99=5|386=2|336=PRE|625=1|336=POST"
        "|453=2|448=X|452=1|447=D|802=2|523=s1|803=4|523=s2|448=Y|802=0|900=z"
    ]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        # A count that promises more than comes, or is none, takes what is there.
        ("35=D|453=3|448=X|11=A", "11=A|453=3|448=X"),
        ("35=D|453=1|447=D|11=A", "11=A|447=D|453=1"),
        ("35=D|453=x|448=X|11=A", "11=A|448=X|453=x"),
        ("35=D|453=99999999999|448=X|11=A", "11=A|448=X|453=99999999999"),
        ("35=D|11=A|453=1", "11=A|453=1"),
        ("35=D|453=1|448=X|448=Y|11=A", "11=A|448=Y|453=1|448=X"),
    ],
)
def test_a_wrong_count_loses_nothing(sent, expected):
    found = echo(sent)[0].removeprefix("A D ")
    # The trailer that the test message carries ends any group.
    assert found == expected


def test_without_knowledge_of_groups_each_field_stands_for_itself():
    client = Client("A", FixVersion.FIX44)
    sent = message("35=D|453=2|448=X|447=D|448=Y|11=A")
    assert shown(EchoVenue().on_message(client, sent, NOW_NS)) == [
        "A D 11=A|447=D|448=X|448=Y|453=2"
    ]


def test_a_resent_order_is_dropped_only_when_it_was_seen():
    venue, client = EchoVenue(groups), Client("A", FixVersion.FIX44)
    order, resent = message("35=D|11=id|55=X"), message("35=D|97=Y|11=id|55=X")

    first = venue.on_message(client, resent, NOW_NS, poss_resend=True)
    assert shown(first) == ["A D 11=id|55=X"]
    assert first[0].header == ((97, b"Y"),)
    assert venue.on_message(client, resent, NOW_NS, poss_resend=True) == []
    assert venue.on_message(client, order, NOW_NS)[0].header == ()

    other = Client("B", FixVersion.FIX44)
    assert len(venue.on_message(other, resent, NOW_NS, poss_resend=True)) == 1

    assert venue.logged_out(client, NOW_NS) == []
    assert venue.logged_on(client, NOW_NS) == []
    assert len(venue.on_message(client, resent, NOW_NS, poss_resend=True)) == 1


def test_an_order_without_an_id_is_echoed():
    assert echo("35=D|55=X") == ["A D 55=X"]


def test_only_so_many_ids_are_remembered():
    venue, client = EchoVenue(), Client("A", FixVersion.FIX44)
    for number in range(100_001):
        venue.on_message(client, message(f"35=D|11={number}"), NOW_NS)
    again = message("35=D|97=Y|11=0")
    assert len(venue.on_message(client, again, NOW_NS, poss_resend=True)) == 1
    last = message("35=D|97=Y|11=100000")
    assert venue.on_message(client, last, NOW_NS, poss_resend=True) == []


@pytest.mark.parametrize(
    ("version", "msg_type", "expected"),
    [
        ("FIX.4.0", "8", "A 3 45=2|58=Unsupported message type"),
        ("FIX.4.1", "d", "A 3 45=2|58=Unsupported message type"),
        ("FIX.4.2", "8", "A j 45=2|58=Unsupported Message Type|372=8|380=3"),
        ("FIX.4.4", "F", "A j 45=2|58=Unsupported Message Type|372=F|380=3"),
        ("FIX.5.0SP2", "8", "A j 45=2|58=Unsupported Message Type|372=8|380=3"),
    ],
)
def test_any_other_type_is_refused(version, msg_type, expected):
    assert echo(f"35={msg_type}|34=2|37=id", version) == [expected]


def test_the_dialect_names_the_version():
    client = Client("A", FixVersion.FIX50SP1)
    venue = EchoVenue(name_version=True)
    sent = message("35=8|34=2", FixVersion.FIX50SP1)
    assert shown(venue.on_message(client, sent, NOW_NS)) == [
        "A j 45=2|58=Unsupported Message Type|372=8|380=3|1137=8"
    ]


def test_data_with_separators_inside_comes_back_whole():
    venue, client = EchoVenue(), Client("A", FixVersion.FIX44)
    sent = message("35=D|11=A")
    sent = type(sent)(b"", [*sent.tags, 354, 355], [*sent.values, b"5", b"a\x0110="])
    assert venue.on_message(client, sent, NOW_NS)[0].body == b"11=A\x01354=5\x01355=a\x0110=\x01"


def test_header_and_trailer_are_those_of_fixt_11_and_all_before():
    assert len(HEADER_AND_TRAILER) == 37
    assert {8, 9, 35, 49, 56, 34, 52, 10, 93, 89, 97, 1128} <= HEADER_AND_TRAILER
    assert not {1, 11, 38, 58, 60, 96, 371} & HEADER_AND_TRAILER


SHIFT_JIS = "\u8cb7\u3044".encode("shift_jis")


def echoed(fields: list[tuple[int, bytes]], version: str = "FIX.4.4"):
    """The header and the body of what comes back for a message of bytes."""
    fix = FixVersion(version)
    head = [(8, fix.begin_string.encode()), (9, b"0")]
    pairs = [*head, *fields, (10, b"000")]
    made = Message(b"", [tag for tag, _ in pairs], [value for _, value in pairs])
    (reply,) = EchoVenue(groups).on_message(Client("A", fix), made, NOW_NS)
    return reply.msg_type, reply.header, reply.body


def test_data_stays_behind_its_length_whatever_its_bytes():
    data = SHIFT_JIS + b"\x0111=x\x01"
    length = b"%d" % len(data)
    fields = [(35, b"D"), (347, b"Shift_JIS"), (354, length), (355, data), (11, b"ID")]
    assert echoed(fields) == (
        b"D",
        ((347, b"Shift_JIS"),),
        b"11=ID\x01354=" + length + b"\x01355=" + data + b"\x01",
    )


def test_data_whose_length_has_a_higher_tag_keeps_its_order():
    """EncodedTradeContinuationTextLen(2372) measures EncodedTradeContinuationText(2371)."""
    fields = [(35, b"D"), (2372, b"3"), (2371, b"a\x01b"), (2000, b"x"), (11, b"ID")]
    assert echoed(fields, "FIX.5.0SP2")[2] == (b"11=ID\x012000=x\x012372=3\x012371=a\x01b\x01")


@pytest.mark.parametrize("version", ["FIX.4.3", "FIX.4.4", "FIX.5.0SP2"])
def test_xml_comes_back_with_its_encoding(version):
    xml = "<order symbol='\u65e5'/>\x01".encode()
    length = b"%d" % len(xml)
    fields = [(35, b"n"), (212, length), (213, xml), (347, b"UTF-8")]
    assert echoed(fields, version) == (
        b"n",
        ((212, length), (213, xml), (347, b"UTF-8")),
        b"",
    )


def test_xml_that_nobody_measured_is_left_out():
    fields = [(35, b"n"), (212, b"2"), (347, b"UTF-8"), (213, b"<x/>")]
    assert echoed(fields) == (b"n", ((347, b"UTF-8"),), b"")


def test_before_4_3_there_is_no_message_for_xml():
    msg_type, _, body = echoed([(35, b"n"), (34, b"2"), (212, b"4"), (213, b"<x/>")], "FIX.4.2")
    assert (msg_type, b"372=n" in body) == (b"j", True)
