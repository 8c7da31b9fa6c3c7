from __future__ import annotations

import pytest

from fixgate.dictionary import FixVersion, load_dictionary, read_quickfix_xml
from fixgate.interop import write_dictionaries


@pytest.mark.parametrize("version", [v.value for v in FixVersion] + ["FIXT.1.1"])
def test_what_is_written_reads_back_the_same(dictionaries, version):
    read = read_quickfix_xml(dictionaries / f"{version.replace('.', '')}.xml")
    built_in = load_dictionary(version)
    assert read.version == version
    assert (read.header, read.trailer) == (built_in.header, built_in.trailer)
    assert read.messages
    for msg_type, message in read.messages.items():
        assert message == built_in.messages[msg_type]
    for tag, field in read.fields.items():
        assert field == built_in.fields[tag]


def test_the_transport_comes_with_fix_5(tmp_path):
    write_dictionaries(tmp_path / "new", [FixVersion.FIX42, FixVersion.FIX50])
    names = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert names == ["FIX42.xml", "FIX50.xml", "FIXT11.xml"]
