from __future__ import annotations

import io
import json
import sys

import pyarrow as pa
import pytest
from pyarrow import parquet

from fixgate.errors import EngineUnavailable, StoreError
from fixgate.net.survey import Damage
from fixgate.report.export import Row, read_rows, write_jsonl
from fixgate.report.parquet import write_parquet
from tests.net.stores import NOW_NS, write_store

NAME = "FIX.4.4:CLIENT->VENUE"


def read_back(path) -> list[Row]:
    table = parquet.read_table(path)
    # Python has no datetime of nanoseconds: the integer below the timestamp is compared.
    at = table.schema.get_field_index("at_ns")
    table = table.set_column(at, "at_ns", table["at_ns"].cast(pa.int64()))
    return [Row(**row) for row in table.to_pylist()]


def test_every_row_is_that_of_the_json_lines(tmp_path):
    rows = [row for row in read_rows(write_store(tmp_path)) if not isinstance(row, Damage)]
    stream = io.StringIO()
    assert write_jsonl(rows, stream) == write_parquet(rows, tmp_path / "p") == 5
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    for line in lines:
        line["raw"] = None if line["raw"] is None else line["raw"].encode("latin-1")
    assert read_back(tmp_path / "p") == [Row(**line) for line in lines]


def test_types(tmp_path):
    write_parquet([Row(NAME, 1, "in", 5, NOW_NS, "D", b"x")], tmp_path / "p")
    word = pa.dictionary(pa.int32(), pa.string())
    schema = parquet.read_schema(tmp_path / "p")
    assert {field.name: (field.type, field.nullable) for field in schema} == {
        "session": (word, False),
        "generation": (pa.int32(), False),
        "direction": (word, False),
        "seq_num": (pa.uint64(), True),
        "at_ns": (pa.timestamp("ns", "UTC"), False),
        "msg_type": (word, True),
        "raw": (pa.binary(), True),
    }
    group = parquet.ParquetFile(tmp_path / "p").metadata.row_group(0)
    assert {group.column(i).compression for i in range(group.num_columns)} == {"ZSTD"}


def test_what_is_hard_to_keep_is_kept(tmp_path):
    rows = [
        Row(NAME, 1, "next_in", (1 << 64) - 1, 0, None, None),
        Row(NAME, 1, "out", (1 << 63) + 1, -1, "\xff", b"\xff\xfe\x00\x01"),
        Row("caf\xe9", (1 << 31) - 1, "in", None, (1 << 63) - 1, None, b""),
    ]
    write_parquet(rows, tmp_path / "p")
    assert read_back(tmp_path / "p") == rows


def test_no_rows_are_a_file_all_the_same(tmp_path):
    assert write_parquet([], tmp_path / "p") == 0
    assert parquet.read_table(tmp_path / "p").num_rows == 0


@pytest.mark.parametrize(
    ("count", "raw", "groups"),
    [(70_000, b"x", [65_536, 4_464]), (40, bytes(1 << 20), [16, 16, 8])],
    ids=["rows", "bytes"],
)
def test_no_more_is_held_than_one_row_group(tmp_path, count, raw, groups):
    asked = 0

    def rows():
        nonlocal asked
        for asked in range(1, count + 1):
            yield Row(NAME, 1, "in", asked, NOW_NS, "D", raw)

    assert write_parquet(rows(), tmp_path / "p") == asked == count
    found = parquet.ParquetFile(tmp_path / "p").metadata
    assert [found.row_group(at).num_rows for at in range(found.num_row_groups)] == groups


def test_only_the_owner_can_read_it_and_nothing_else_is_left(tmp_path):
    write_parquet([], tmp_path / "p")
    assert (tmp_path / "p").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["p"]


@pytest.mark.parametrize(
    "row",
    [Row(NAME, 1 << 31, "in", 1, 0, "D", b""), Row(NAME, 1, "in", 1 << 64, 0, "D", b"")],
    ids=["generation", "number"],
)
def test_a_row_that_no_column_takes_is_an_error_and_leaves_nothing(tmp_path, row):
    with pytest.raises(StoreError, match="cannot write"):
        write_parquet([row], tmp_path / "p")
    assert list(tmp_path.iterdir()) == []


def test_without_the_package(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(EngineUnavailable, match=r"pip install 'fixgate\[parquet\]'"):
        write_parquet([], tmp_path / "p")
    assert list(tmp_path.iterdir()) == []
