import subprocess
import sys
from pathlib import Path
from time import perf_counter

import pytest

import fixgate.dictionary
from fixgate.dictionary import (
    BUILT_IN,
    FieldType,
    GroupUse,
    ValidationOptions,
    load_dictionary,
    validator_for,
)
from fixgate.dictionary.table import parse_table
from fixgate.errors import DictionaryError

COUNTS = {
    # version: fields, messages, of them admin
    "FIX.4.0": (138, 27, 7),
    "FIX.4.1": (206, 28, 7),
    "FIX.4.2": (405, 46, 7),
    "FIX.4.3": (635, 68, 8),
    "FIX.4.4": (912, 93, 8),
    "FIX.5.0": (1090, 93, 0),
    "FIX.5.0SP1": (1373, 105, 0),
    "FIX.5.0SP2": (6028, 156, 0),
    "FIXT.1.1": (71, 8, 8),
}


@pytest.mark.parametrize("name", BUILT_IN)
def test_what_each_dictionary_holds(name):
    dictionary = load_dictionary(name)
    admin = sum(message.is_admin for message in dictionary.messages.values())
    assert (len(dictionary.fields), len(dictionary.messages), admin) == COUNTS[name]
    assert dictionary.version == name
    assert load_dictionary(name) is dictionary


def members(all_members):
    for member in all_members:
        yield member
        if isinstance(member, GroupUse):
            yield from members(member.members)


@pytest.mark.parametrize("name", [name for name in BUILT_IN if name != "FIX.5.0SP2"])
def test_every_member_is_a_field_and_every_group_has_a_delimiter(name):
    dictionary = load_dictionary(name)
    bodies = [message.members for message in dictionary.messages.values()]
    for body in (dictionary.header, dictionary.trailer, *bodies):
        assert len({member.tag for member in body}) == len(body)
        for member in members(body):
            assert member.tag in dictionary.fields
            assert not isinstance(member, GroupUse) or member.members


def test_facts_of_the_specification():
    fix40, fix42, fix44 = map(load_dictionary, ("FIX.4.0", "FIX.4.2", "FIX.4.4"))
    # FIX 4.0: OrderQty is an int, ClOrdID is "char", which was a string then.
    assert fix40.fields[38].type is FieldType.INT
    assert fix40.fields[11].type is FieldType.STRING
    # FIX 4.0 and 4.1: ExecInst holds several instructions, space delimited.
    assert fix40.fields[18].type is FieldType.MULTIPLE_VALUE_STRING
    # FIX 4.2 renamed nothing yet: LastShares, IDSource; 4.4 has LastQty, SecurityIDSource.
    assert fix42.label(32) == "LastShares(32)"
    assert fix44.label(32) == "LastQty(32)"
    # FIX 4.3 dropped ExecTransType.
    assert 20 in {member.tag for member in fix42.messages[b"8"].members}
    assert 20 not in {member.tag for member in fix44.messages[b"8"].members}
    # HandlInst is required in FIX 4.2, optional in 4.4.
    assert [m.required for m in fix42.messages[b"D"].members if m.tag == 21] == [True]
    assert [m.required for m in fix44.messages[b"D"].members if m.tag == 21] == [False]
    # IOIQty is a number of shares, or S, M, L.
    assert fix44.fields[27].allow_other_values
    # FIXT: DefaultApplVerID is required in the Logon.
    logon = load_dictionary("FIXT.1.1").messages[b"A"]
    assert [m.required for m in logon.members if m.tag == 1137] == [True]


def test_a_dictionary_that_does_not_exist():
    with pytest.raises(DictionaryError, match=r"^FIX\.9\.9: no such dictionary, expected one of"):
        load_dictionary("FIX.9.9")


def test_validators_are_shared_by_version_and_options():
    lenient = ValidationOptions(allow_user_defined=True)
    assert validator_for("FIX.4.4") is validator_for("FIX.4.4")
    assert validator_for("FIX.4.4", None, lenient) is not validator_for("FIX.4.4")
    assert validator_for("FIXT.1.1", "9").dictionary.version == "FIX.5.0SP2"
    assert validator_for("FIXT.1.1", "9").transport.version == "FIXT.1.1"
    # Spec: ApplVerID(1128): 6 = FIX44; an older application may run over FIXT.
    assert validator_for("FIXT.1.1", "6").dictionary.version == "FIX.4.4"


@pytest.mark.parametrize("appl_ver_id", [None, "", "0", "10", "FIX50"])
def test_fixt_needs_an_application(appl_ver_id):
    with pytest.raises(DictionaryError, match=r"FIXT\.1\.1: needs an application dictionary"):
        validator_for("FIXT.1.1", appl_ver_id)


@pytest.mark.parametrize("begin_string", ["FIX.5.0", "FIX.9.9", "", "../FIX.4.4"])
def test_a_begin_string_without_a_session_layer(begin_string):
    with pytest.raises(DictionaryError):
        validator_for(begin_string)


def test_importing_reads_no_tables():
    code = (
        "import fixgate.dictionary as d, sys\nassert d.load_dictionary.cache_info().currsize == 0\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=20)


def test_a_table_is_read_in_milliseconds():
    data = (Path(fixgate.dictionary.__file__).parent / "data" / "FIX.4.4.json").read_bytes()
    took = []
    for _ in range(5):
        start = perf_counter()
        parse_table(data)
        took.append(perf_counter() - start)
    assert min(took) < 0.03
