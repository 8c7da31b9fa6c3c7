import re

from fixgate.dictionary import (
    Dictionary,
    FieldDef,
    FieldType,
    FieldUse,
    MessageDef,
    SessionRejectReason,
    load_dictionary,
)
from fixgate.dictionary.rules import FieldRule, Rulebook, shown


def rule(tag, kind, codes="", **options):
    values = {code.encode(): code for code in codes.split()}
    return FieldRule(FieldDef(tag, "Some", kind, values, **options))


def text(field_rule, value):
    problem = field_rule.problem(value)
    return None if problem is None else (int(problem.reason), problem.text)


def test_a_closed_list_of_codes():
    side = rule(54, FieldType.CHAR, "1 2")
    assert text(side, b"1") is None
    assert text(side, b"3") == (5, "Some(54): received '3', expected one of 1, 2")
    assert text(side, b"12") == (6, "Some(54): received '12', expected a single character")
    assert side.test is not None
    assert side.pattern() == b"1|2"


def test_an_open_list_of_codes_is_judged_by_its_type():
    quantity = rule(27, FieldType.STRING, "S M L", allow_other_values=True)
    assert quantity.test is None
    assert text(quantity, b"1000") is None


def test_every_item_of_a_multiple_value_is_judged():
    instructions = rule(18, FieldType.MULTIPLE_CHAR_VALUE, "1 G")
    assert text(instructions, b"G 1") is None
    assert text(instructions, b"G 2") == (5, "Some(18): received 'G 2', expected some of 1, G")
    assert text(instructions, b"G  1")[0] == SessionRejectReason.INCORRECT_DATA_FORMAT_FOR_VALUE


def test_one_code_and_many_codes():
    assert text(rule(1, FieldType.STRING, "A"), b"B") == (5, "Some(1): received 'B', expected A")
    many = rule(1, FieldType.INT, " ".join(map(str, range(20))))
    assert text(many, b"99") == (
        5,
        "Some(1): received '99', expected one of "
        "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 and 4 more",
    )


def test_the_framer_has_judged_its_own_fields():
    for tag in (8, 9, 10, 35):
        assert rule(tag, FieldType.LENGTH, "1 2").test is None


def test_a_pattern_takes_what_the_test_takes():
    """So that a message may be judged by the patterns of its fields alone."""
    rules = [
        rule(54, FieldType.CHAR, "1 2 . ["),
        rule(18, FieldType.MULTIPLE_CHAR_VALUE, "1 G"),
        rule(276, FieldType.MULTIPLE_STRING_VALUE, "AA A"),
        rule(38, FieldType.QTY),
        rule(141, FieldType.BOOLEAN),
    ]
    for each in rules:
        assert each.test is not None
        for value in b"1|2|.|[|12|G|1 G|G 1|G  1| G|G |3|AA|A|AAA|A AA|7.5|-7|+7|Y|N|x".split(b"|"):
            assert bool(re.fullmatch(each.pattern(), value)) is bool(each.test(value)), value


def test_received_values_in_texts():
    assert shown(58, b"a'b") == '"a\'b"'
    assert shown(58, b"\x1b[2J\x00\xff") == "'\\x1b[2J\\x00\\xff'"
    assert shown(58, b"x" * 100) == f"'{'x' * 64}' and 36 bytes"
    for secret in (96, 554, 925, 1402, 1404):
        assert shown(secret, b"hunter2") == "'***'"


def test_a_group_knows_what_it_holds_at_any_depth():
    book = Rulebook(load_dictionary("FIX.4.4"), load_dictionary("FIX.4.4"))
    order = book.message(b"D")
    assert order is not None
    parties = order.places[453].group
    assert parties is not None
    assert parties.holds(448)
    assert parties.holds(523)
    assert not parties.holds(55)
    assert order.holder(523) is not parties
    assert order.holder(448) is parties
    assert order.holder(11) is None
    assert book.message(b"D") is order
    assert book.message(b"?") is None


def test_a_tag_that_no_group_holds_is_looked_for_without_compiling_them():
    """All groups of a message of FIX 5.0 SP2 take 10 ms, which any peer could ask for."""

    class Counting(Rulebook):
        rules = 0

        def rule(self, tag, fields):
            self.rules += 1
            return super().rule(tag, fields)

    book = Counting(load_dictionary("FIX.5.0SP2"), load_dictionary("FIXT.1.1"))
    report = book.message(b"AI")
    assert report is not None
    compiled = book.rules
    assert report.holder(6) is None
    assert book.rules == compiled
    leg = report.holder(602)
    assert leg is not None
    assert leg.label == "NoLegs(555)"


def test_header_body_and_trailer_have_their_places():
    book = Rulebook(load_dictionary("FIX.5.0"), load_dictionary("FIXT.1.1"))
    order = book.message(b"D")
    assert order is not None
    assert [order.places[tag].position for tag in (34, 11, 10)] == [0, 1, 2]
    assert order.label == "NewOrderSingle(D)"


def test_a_header_field_that_a_message_names_again_stays_one():
    body = (FieldUse(34, True), FieldUse(58, False))
    book = Dictionary(
        "FIX.4.4",
        {tag: FieldDef(tag, f"f{tag}", FieldType.STRING) for tag in (34, 58)},
        {b"U": MessageDef(b"U", "Own", False, body)},
        header=(FieldUse(34, False),),
    )
    own = Rulebook(book, book).message(b"U")
    assert own is not None
    assert own.places[34].position == 0
    assert own.required == (34,)
