from fixgate.dictionary import FieldDef, FieldType, GroupUse, load_dictionary
from fixgate.dictionary.model import Dictionary, LazyMapping


def test_label_is_name_and_tag():
    fix44 = load_dictionary("FIX.4.4")
    assert fix44.label(11) == "ClOrdID(11)"
    assert fix44.label(5001) == "tag 5001"
    assert fix44.label(-1) == "tag -1"


def test_lookups_both_ways():
    fix42 = load_dictionary("FIX.4.2")
    side = fix42.field_by_name("Side")
    assert side is not None
    assert (side.tag, side.type) == (54, FieldType.CHAR)
    assert fix42.field_by_name("side") is None
    order = fix42.message_by_name("NewOrderSingle")
    assert order is not None
    assert order.msg_type == b"D"
    assert fix42.message_by_name("D") is None


def test_names_of_codes():
    fix42 = load_dictionary("FIX.4.2")
    assert fix42.value_name(54, b"1") == "BUY"
    assert fix42.value_name(54, b"z") is None
    assert fix42.value_name(11, b"1") is None
    assert fix42.value_name(5001, b"1") is None
    assert fix42.value_name(18, b"G 1") == "ALL_OR_NONE NOT_HELD"
    assert fix42.value_name(18, b"G ~") is None


def test_codes_of_names_do_not_depend_on_case_or_hyphens():
    fix42 = load_dictionary("FIX.4.2")
    for name in ("GOOD_TILL_CANCEL", "GoodTillCancel", "good till cancel", "good-till-cancel"):
        assert fix42.value_code(59, name) == b"1"
    assert fix42.value_code(59, "someday") is None
    assert fix42.value_code(5001, "buy") is None


def test_the_members_of_a_message_are_in_the_order_of_the_specification():
    order = load_dictionary("FIX.4.4").messages[b"D"]
    assert [member.tag for member in order.members][:5] == [11, 526, 583, 453, 229]
    parties = order.members[3]
    assert isinstance(parties, GroupUse)
    assert not parties.required
    assert parties.delimiter == 448
    assert [member.tag for member in parties.members] == [448, 447, 452, 802]


def test_kinds_of_dictionaries():
    assert load_dictionary("FIXT.1.1").is_transport
    assert not load_dictionary("FIXT.1.1").is_application
    assert load_dictionary("FIX.5.0").is_application
    assert not load_dictionary("FIX.4.4").is_application
    assert not load_dictionary("FIX.4.4").is_transport


def test_an_empty_dictionary_has_no_names():
    empty = Dictionary("FIX.4.4", {}, {})
    assert empty.field_by_name("Side") is None
    assert empty.message_by_name("Logon") is None


def test_a_lazy_mapping_builds_each_value_once():
    built = []

    def build(raw):
        built.append(raw)
        return FieldDef(raw, "X", FieldType.STRING)

    lazy = LazyMapping({1: 1, 2: 2}, build)
    assert (len(lazy), list(lazy), 2 in lazy, 3 in lazy, lazy.get(3)) == (
        2,
        [1, 2],
        True,
        False,
        None,
    )
    assert built == []
    assert lazy[2] is lazy[2]
    assert built == [2]
