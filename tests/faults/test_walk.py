"""A walk through every field, judged by the dictionary's own validator."""

from fixgate.dictionary import SessionRejectReason, validator_for
from fixgate.faults.model import WalkFields
from fixgate.faults.walk import FieldWalker, Mistake
from fixgate.wire import Message, decode
from tests.faults.rig import Rig, armed
from tests.fixtext import fix

HEADER = "34=2|49=C|52=20250101-10:00:00|56=V"
ORDER = (
    f"35=D|{HEADER}|11=A|453=1|448=X|447=D|452=1|55=ABC|54=1|60=20250101-10:00:00"
    "|38=100|40=2|44=9.5|58=hello"
)


def message(body: str = ORDER, begin: str = "FIX.4.4") -> Message:
    decoded = decode(fix(body, begin))
    assert isinstance(decoded, Message)
    return decoded


def walk(of: Message, **kwargs) -> list[tuple[str, bytes]]:
    walker = FieldWalker(WalkFields(**kwargs))
    found = []
    while (edit := walker.next(of)) is not None:
        found.append((edit.did, edit.data))
    return found


def test_the_first_field_has_every_mistake_that_it_can_have_in_order():
    assert [did for did, _ in walk(message())][:4] == [
        "ClOrdID(11) removed",
        "ClOrdID(11) empty: A -> (empty)",
        "ClOrdID(11) twice",
        "ClOrdID(11) at the wrong place",
    ]


def test_a_number_a_code_and_a_group():
    found = [did for did, _ in walk(message(), tags=(38, 54, 453, 447))]
    assert [did for did in found if did.startswith("OrderQty")] == [
        "OrderQty(38) removed",
        "OrderQty(38) empty: 100 -> (empty)",
        "OrderQty(38) twice",
        "OrderQty(38) of the wrong type: 100 -> ?!",
        "OrderQty(38) out of range: 100 -> -99999999999999",
        "OrderQty(38) at the wrong place",
    ]
    assert "Side(54) out of range: 1 -> ~" in found
    assert "NoPartyIDs(453) counts its group wrongly: 1 -> 2" in found
    assert "PartyIDSource(447) at the wrong place" in found


def test_bytes_of_a_few_mistakes():
    found = dict(walk(message(), tags=(54,)))
    assert found["Side(54) removed"] == fix(ORDER.replace("54=1|", ""))
    assert found["Side(54) twice"] == fix(ORDER.replace("54=1|", "54=1|54=1|"))
    assert found["Side(54) at the wrong place"] == fix(
        ORDER.replace("54=1|", "").replace("35=D|", "35=D|54=1|")
    )


def test_the_validator_finds_nearly_every_mistake():
    validator = validator_for("FIX.4.4")
    assert validator.check(message()) is None
    passed, reasons = [], set()
    for did, data in walk(message()):
        decoded = decode(data)
        problem = validator.check(decoded) if isinstance(decoded, Message) else None
        if problem is None:
            passed.append(did)
        else:
            reasons.add(problem.reason)
    # What is optional may be missing, and whether a quantity is sensible is the application's.
    assert all("removed" in did or "out of range" in did for did in passed), passed
    assert {
        SessionRejectReason.REQUIRED_TAG_MISSING,
        SessionRejectReason.TAG_SPECIFIED_WITHOUT_A_VALUE,
        SessionRejectReason.TAG_APPEARS_MORE_THAN_ONCE,
        SessionRejectReason.INCORRECT_DATA_FORMAT_FOR_VALUE,
        SessionRejectReason.VALUE_IS_INCORRECT,
        SessionRejectReason.TAG_SPECIFIED_OUT_OF_REQUIRED_ORDER,
        SessionRejectReason.INCORRECT_NUM_IN_GROUP_COUNT,
    } <= reasons


def test_header_fields_only_when_asked_for():
    assert not any("34" in did.split(")")[0] for did, _ in walk(message()))
    assert next(did for did, _ in walk(message(), tags=(34,))) == "MsgSeqNum(34) removed"
    assert walk(message(), tags=(8, 9, 10)) == []


def test_the_walk_of_a_type_goes_on_where_it_was():
    rig = Rig(armed("walk_fields"))
    rig.out(ORDER, "35=0|34=3|112=X", ORDER)
    assert rig.did() == [
        "ClOrdID(11) removed",
        "TestReqID(112) removed",
        "ClOrdID(11) empty: A -> (empty)",
    ]


def test_when_all_is_done_messages_pass_as_they_are():
    rig = Rig(armed("walk_fields", tags=(112,)))
    steps = [rig.out("35=1|34=2|112=X") for _ in range(6)]
    assert steps[-1] == ["> 35=1|34=2|112=X"]
    assert len(rig.did()) == 4


def test_fixt_and_an_unknown_version():
    for walked in (walk(message(begin="FIXT.1.1")), walk(message(), version="FIX.9.9")):
        assert walked[0][0] == "ClOrdID(11) removed"
        assert "Side(54) out of range: 1 -> ~" in [did for did, _ in walked]


def test_every_mistake_is_made():
    made = {each for each in Mistake if any(each.value in did for did, _ in walk(message()))}
    assert made == set(Mistake)
