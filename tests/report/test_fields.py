from __future__ import annotations

from fixgate.report.fields import names_for


def meanings(masked, begin_string="FIX.4.4", version="FIX.4.4"):
    fields = names_for(begin_string, version).fields_of(masked)
    return {field.text: field.meaning for field in fields}


def test_fields_have_their_names_and_the_names_of_their_values():
    found = meanings("8=FIX.4.4|9=5|35=D|54=1|11=A=B|9999=x|10=000|")
    assert found["35=D"] == "MsgType(35) = NewOrderSingle"
    assert found["54=1"] == "Side(54) = BUY"
    assert found["11=A=B"] == "ClOrdID(11)"
    assert found["9999=x"] == ""
    assert "" not in found


def test_fixt_takes_header_and_body_from_two_dictionaries():
    found = meanings("35=A|34=1|1137=9|", "FIXT.1.1", "FIX.5.0SP2")
    assert found["35=A"] == "MsgType(35) = Logon"
    assert found["34=1"] == "MsgSeqNum(34)"
    assert meanings("35=D|", "FIXT.1.1", "FIX.5.0SP2")["35=D"] == "MsgType(35) = NewOrderSingle"


def test_message_names():
    names = names_for("FIX.4.4", "FIX.4.4")
    assert names.message_name("8=FIX.4.4|9=5|35=A|10=0|") == "Logon"
    assert names.message_name("8=FIX.4.4|9=5|35=U1|10=0|") == "U1"
    assert names.message_name("garbage") == ""


def test_unknown_version_has_no_names_but_does_not_fail():
    assert meanings("35=A|", "FIX.9.9", "FIX.9.9") == {"35=A": ""}


def test_hostile_tags():
    assert meanings("²=1|-1=2|99999999999=3|=4|\u0661=5|") == dict.fromkeys(
        ("²=1", "-1=2", "99999999999=3", "=4", "\u0661=5"), ""
    )
