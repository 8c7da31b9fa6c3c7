import re
from pathlib import Path

import pytest

from fixgate.dictionary import (
    FieldType,
    FieldUse,
    GroupUse,
    Validator,
    load_dictionary,
    read_quickfix_xml,
)
from fixgate.errors import DictionaryError
from tests.dictionary.messages import verdict, whole

BAD = sorted((Path(__file__).parent / "bad").glob("*.xml"))

HEAD = """\
<fix type='FIX' major='4' minor='4' servicepack='0'>
 <header>
  <field name='BeginString' required='Y'/><field name='BodyLength' required='Y'/>
  <field name='MsgType' required='Y'/><field name='SenderCompID' required='Y'/>
 </header>
 <trailer><field name='CheckSum' required='Y'/></trailer>
"""
FIELDS = """\
 <fields>
  <field number='8' name='BeginString' type='STRING'/>
  <field number='9' name='BodyLength' type='LENGTH'/>
  <field number='10' name='CheckSum' type='STRING'/>
  <field number='35' name='MsgType' type='STRING'/>
  <field number='49' name='SenderCompID' type='STRING'/>
  <field number='55' name='Symbol' type='STRING'/>
  <field number='48' name='SecurityID' type='STRING'/>
  <field number='54' name='Side' type='char' allowOtherValues='Y'>
   <value enum='1' description='BUY'/><value enum='2'/>
  </field>
  <field number='146' name='NoRelatedSym' type='INT'/>
  <field number='58' name='Text' type='STRING'/>
 </fields>
</fix>
"""
MESSAGES = """\
 <messages>
  <message name='News' msgtype='B' msgcat='app'>
   <field name='Text' required='Y'/>
   <component name='Symbols' required='Y'/>
   <component name='Instrument' required='N'/>
   <field name='Text' required='N'/>
  </message>
 </messages>
"""
COMPONENTS = """\
 <components>
  <component name='Symbols'>
   <group name='NoRelatedSym' required='Y'>
    <component name='Instrument' required='Y'/>
    <field name='Side' required='N'/>
   </group>
  </component>
  <component name='Instrument'>
   <field name='Symbol' required='Y'/>
   <field name='SecurityID' required='N'/>
  </component>
 </components>
"""


def write(tmp_path, text):
    path = tmp_path / "venue.xml"
    path.write_text(text, encoding="utf-8")
    return path


def mistake(path, **options):
    with pytest.raises(DictionaryError) as caught:
        read_quickfix_xml(path, **options)
    assert caught.value.path == str(path)
    return str(caught.value).removeprefix(f"{path}:").strip()


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_each_mistake_has_its_message(path):
    expected = re.search(r"<!-- (.*?) -->", path.read_text(encoding="utf-8"))
    assert expected is not None
    assert mistake(path) == expected[1]


def test_reading_a_dictionary(tmp_path):
    read = read_quickfix_xml(write(tmp_path, HEAD + MESSAGES + COMPONENTS + FIELDS))
    assert read.version == "FIX.4.4"
    assert [member.tag for member in read.header] == [8, 9, 35, 49]
    assert read.trailer == (FieldUse(10, True),)
    news = read.messages[b"B"]
    assert (news.name, news.is_admin) == ("News", False)
    # Components are expanded: what one requires is required where the component is.
    assert news.members == (
        FieldUse(58, True),
        GroupUse(146, True, (FieldUse(55, True), FieldUse(48, False), FieldUse(54, False))),
        FieldUse(55, False),
        FieldUse(48, False),
    )
    side = read.fields[54]
    assert side.type is FieldType.CHAR
    assert side.values == {b"1": "BUY", b"2": ""}
    assert side.allow_other_values


def test_a_dictionary_of_the_user_s_judges_messages(tmp_path):
    read = read_quickfix_xml(write(tmp_path, HEAD + MESSAGES + COMPONENTS + FIELDS))
    validator = Validator(read)
    good = whole("FIX.4.4", "B", "58=hello|146=1|55=ABC|54=9|", header="49=CLIENT|")
    short = whole("FIX.4.4", "B", "58=hello|146=2|55=ABC|", header="49=CLIENT|")
    assert validator.check(good) is None
    assert verdict(validator.check(short)) == (16, 146)


def test_components_may_be_left_out_and_the_type_too(tmp_path):
    text = HEAD.replace("type='FIX' ", "").replace(" servicepack='0'", "")
    messages = "<messages><message name='Heartbeat' msgtype='0' msgcat='admin'/></messages>"
    assert read_quickfix_xml(write(tmp_path, text + messages + FIELDS)).version == "FIX.4.4"


def test_a_service_pack_is_part_of_the_version(tmp_path):
    text = (HEAD + MESSAGES + COMPONENTS + FIELDS).replace(
        "major='4' minor='4' servicepack='0'", "major='5' minor='0' servicepack='2'"
    )
    assert read_quickfix_xml(write(tmp_path, text)).version == "FIX.5.0SP2"


def test_char_is_a_string_before_fix_42(tmp_path):
    text = (HEAD + MESSAGES + COMPONENTS + FIELDS).replace("minor='4'", "minor='1'")
    read = read_quickfix_xml(write(tmp_path, text))
    assert read.fields[54].type is FieldType.STRING


def test_a_dictionary_for_another_version(tmp_path):
    path = write(tmp_path, HEAD + MESSAGES + COMPONENTS + FIELDS)
    assert read_quickfix_xml(path, version="FIX.4.4").version == "FIX.4.4"
    assert mistake(path, version="FIX.4.2") == "1: is for FIX.4.4, expected FIX.4.2"


def test_a_utf_16_file_with_its_mark_is_read(tmp_path):
    path = tmp_path / "venue.xml"
    path.write_bytes((HEAD + MESSAGES + COMPONENTS + FIELDS).encode("utf-16"))
    assert read_quickfix_xml(path).version == "FIX.4.4"


def test_components_that_multiply_cost_no_more_than_their_text(tmp_path):
    # Each holds the one below in two groups: 2 ** 25 paths, 50 groups.
    counts = "".join(
        f"<field number='{6000 + n}' name='{kind}{n}' type='INT'/>"
        for n, kind in enumerate("ab" * 25)
    )
    layers = "".join(
        f"<component name='L{n}'>"
        + "".join(
            f"<group name='{kind}{2 * n + i}' required='N'><field name='Symbol' required='N'/>"
            + (f"<component name='L{n - 1}' required='N'/>" if n else "")
            + "</group>"
            for i, kind in enumerate("ab")
        )
        + "</component>"
        for n in range(15)
    )
    text = (HEAD + MESSAGES + COMPONENTS + FIELDS).replace("</fields>", counts + "</fields>")
    text = text.replace("</components>", layers + "</components>").replace(
        "<component name='Symbols' required='Y'/>", "<component name='L14' required='N'/>"
    )
    validator = Validator(read_quickfix_xml(write(tmp_path, text)))
    sample = whole("FIX.4.4", "B", "58=hello|10000=1|", header="49=CLIENT|")
    assert verdict(validator.check(sample)) == (0, 10000)
    stray = whole("FIX.4.4", "B", "58=hello|146=1|", header="49=CLIENT|")
    assert verdict(validator.check(stray)) == (2, 146)


def test_components_that_unfold_without_end_are_refused(tmp_path):
    numbers = range(6000, 7200)
    fields = "".join(f"<field number='{n}' name='f{n}' type='INT'/>" for n in numbers)
    uses = "".join(f"<field name='f{n}' required='N'/>" for n in numbers)
    many = "".join(
        f"<message name='m{n}' msgtype='m{n}' msgcat='app'>"
        "<component name='Wide' required='N'/></message>"
        for n in range(1000)
    )
    text = (HEAD + MESSAGES + COMPONENTS + FIELDS).replace("</fields>", fields + "</fields>")
    text = text.replace("</components>", f"<component name='Wide'>{uses}</component></components>")
    text = text.replace("</messages>", many + "</messages>")
    assert "components expand to more than 1000000 members" in mistake(write(tmp_path, text))


@pytest.mark.parametrize("order", [range(40), range(39, -1, -1)])
def test_groups_nested_through_components_are_bounded(tmp_path, order):
    counts = "".join(f"<field number='{6000 + n}' name='n{n}' type='INT'/>" for n in range(40))
    # The innermost first, so that each is expanded before it is used; then the outermost first.
    layers = "".join(
        f"<component name='L{n}'><group name='n{n}' required='N'>"
        "<field name='Symbol' required='N'/>"
        + (f"<component name='L{n - 1}' required='N'/>" if n else "")
        + "</group></component>\n"
        for n in order
    )
    text = (HEAD + MESSAGES + COMPONENTS + FIELDS).replace("</fields>", counts + "</fields>")
    text = text.replace("</components>", layers + "</components>")
    assert mistake(write(tmp_path, text)).endswith("groups and components nest deeper than 32")


def test_the_shipped_tables_came_from_files_like_these():
    # FIX 5.0 names LegPrice twice in the legs of a NewOrderMultileg: it counts once.
    legs = next(m for m in load_dictionary("FIX.5.0").messages[b"AB"].members if m.tag == 555)
    assert isinstance(legs, GroupUse)
    assert [member.tag for member in legs.members].count(566) == 1
