from fixgate.dictionary import REASON_TEXTS, SessionRejectReason, load_dictionary


def test_the_numbers_are_those_of_the_specification():
    codes = load_dictionary("FIXT.1.1").fields[373].values
    named = {int(code): name.replace("_", "") for code, name in codes.items()}
    ours = {reason.value: reason.name.replace("_", "") for reason in SessionRejectReason}
    assert set(named) == set(ours)
    # Names differ in a word here and there: "(OUT OF RANGE) FOR THIS TAG".
    same = {number for number in ours if ours[number] == named[number]}
    assert same >= {0, 1, 2, 3, 4, 7, 8, 10, 13, 14, 15, 99}


def test_every_reason_has_a_wording():
    assert list(REASON_TEXTS) == list(SessionRejectReason)
    assert REASON_TEXTS[SessionRejectReason.INVALID_TAG_NUMBER] == "Invalid tag number"
    assert REASON_TEXTS[SessionRejectReason.VALUE_IS_INCORRECT] == (
        "Value is incorrect (out of range) for this tag"
    )
