"""The tool that makes the tables, run over small files of every version."""

import importlib.util
from pathlib import Path

import pytest

from fixgate.dictionary import FieldType
from fixgate.dictionary.table import parse_table
from fixgate.errors import DictionaryError

ROOT = Path(__file__).parents[2]

XML = """\
<fix type='{type}' major='{major}' minor='{minor}' servicepack='{pack}'>
 <header>
  <field name='BeginString' required='Y'/><field name='BodyLength' required='Y'/>
  <field name='MsgType' required='Y'/>
 </header>
 <trailer><field name='CheckSum' required='Y'/></trailer>
 <messages><message name='Own' msgtype='U' msgcat='app'/></messages>
 <fields>
  <field number='8' name='BeginString' type='STRING'/>
  <field number='9' name='BodyLength' type='LENGTH'/>
  <field number='10' name='CheckSum' type='STRING'/>
  <field number='18' name='ExecInst' type='MULTIPLECHARVALUE'/>
  <field number='35' name='MsgType' type='STRING'/>
  <field number='166' name='SettlLocation' type='STRING'>
   <value enum='CED' description='CEDEL'/><value enum='ISO Country Code' description='OTHER'/>
  </field>
 </fields>
</fix>
"""


@pytest.fixture
def tool():
    spec = importlib.util.spec_from_file_location(
        "make_dictionaries", ROOT / "tools" / "make_dictionaries.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def folder(tmp_path, tool):
    for stem, version in tool.FILES.items():
        kind, major, rest = version.split(".")
        minor, _, pack = rest.partition("SP")
        text = XML.format(type=kind, major=major, minor=minor, pack=pack or "0")
        (tmp_path / f"{stem}.xml").write_text(text)
    return tmp_path


def run(tool, monkeypatch, folder, data):
    monkeypatch.setattr(tool, "DATA", data)
    monkeypatch.setattr("sys.argv", ["make_dictionaries.py", str(folder)])
    tool.main()
    return {path.name: path.read_bytes() for path in data.iterdir()}


def test_one_table_for_each_version(tool, monkeypatch, folder, capsys):
    tables = run(tool, monkeypatch, folder, folder / "one")
    assert set(tables) == {f"{version}.json" for version in tool.FILES.values()}
    assert "FIX.4.4: 6 fields, 1 messages, 0 KiB" in capsys.readouterr().out
    assert tables == run(tool, monkeypatch, folder, folder / "two")


def test_what_the_specification_says_otherwise(tool, monkeypatch, folder):
    tables = run(tool, monkeypatch, folder, folder / "one")
    fix41, fix44 = parse_table(tables["FIX.4.1.json"]), parse_table(tables["FIX.4.4.json"])
    assert fix41.fields[18].type is FieldType.MULTIPLE_VALUE_STRING
    assert fix44.fields[18].type is FieldType.MULTIPLE_CHAR_VALUE
    assert fix44.fields[166].allow_other_values
    assert fix44.fields[166].values == {b"CED": "CEDEL"}


def test_files_of_the_wrong_version_are_refused(tool, monkeypatch, folder):
    (folder / "FIX44.xml").write_bytes((folder / "FIX42.xml").read_bytes())
    with pytest.raises(DictionaryError, match=r"is for FIX\.4\.2, expected FIX\.4\.4"):
        run(tool, monkeypatch, folder, folder / "one")
