from __future__ import annotations

import io
import json
import os
import sqlite3

import pytest

from fixgate.errors import StoreError
from fixgate.net.journal import JournalStore
from fixgate.net.records import RecordKind, encode_file_header, encode_records
from fixgate.net.survey import Damage
from fixgate.report.export import Row, read_rows, write_jsonl, write_jsonl_file, write_sqlite
from fixgate.report.parquet import write_parquet
from tests.fixtext import fix
from tests.net.stores import ID, LOGON, NOW_NS, ORDER, THEIR_LOGON, folder_of, write_store

NAME = "FIX.4.4:CLIENT->VENUE"
WRITERS = [write_jsonl_file, write_sqlite, write_parquet]
ROWS = [
    Row(NAME, 1, "out", 1, NOW_NS + 1, "A", LOGON),
    Row(NAME, 2, "out", 1, NOW_NS + 3, "A", LOGON),
    Row(NAME, 2, "in", 1, NOW_NS + 4, "A", THEIR_LOGON),
    Row(NAME, 2, "out", 2, NOW_NS + 5, "D", ORDER),
    Row(NAME, 2, "next_in", 7, NOW_NS + 6, None, None),
]


def test_rows_come_in_the_order_of_writing(tmp_path):
    assert list(read_rows(write_store(tmp_path))) == ROWS


def test_damage_stands_between_the_rows(tmp_path):
    path = write_store(tmp_path)
    file = path / "00000002.journal"
    file.write_bytes(file.read_bytes().replace(b"55=ABC", b"55=XYZ"))
    (path / "00000001.journal").write_bytes(b"not a journal")
    found = list(read_rows(path))
    assert [item for item in found if isinstance(item, Row)] == [ROWS[1], ROWS[2], ROWS[4]]
    damage = [item for item in found if isinstance(item, Damage)]
    assert [each.reason for each in damage] == [
        "not a journal of fixgate",
        "damaged record: bad checksum of its message",
    ]


def test_a_message_that_cannot_be_read_is_exported_all_the_same():
    stream = io.StringIO()
    write_jsonl([Row(NAME, 1, "in", None, 5, None, b"\xff\x00|")], stream)
    assert json.loads(stream.getvalue()) == {
        "session": NAME,
        "generation": 1,
        "direction": "in",
        "seq_num": None,
        "at_ns": 5,
        "msg_type": None,
        "raw": "\xff\x00|",
    }


def test_json_lines(tmp_path):
    out = tmp_path / "out.jsonl"
    assert write_jsonl_file(ROWS, out) == 5
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert lines[3]["raw"].encode("latin-1") == ORDER
    assert lines[4] == {
        "session": NAME,
        "generation": 2,
        "direction": "next_in",
        "seq_num": 7,
        "at_ns": NOW_NS + 6,
        "msg_type": None,
        "raw": None,
    }
    assert out.stat().st_mode & 0o777 == 0o600


def test_sqlite(tmp_path):
    out = tmp_path / "out.sqlite"
    assert write_sqlite(ROWS, out) == 5
    database = sqlite3.connect(out)
    assert [Row(*row) for row in database.execute("SELECT * FROM messages")] == ROWS
    columns = [row[1] for row in database.execute("PRAGMA table_info(messages)")]
    assert columns == [
        "session",
        "generation",
        "direction",
        "seq_num",
        "at_ns",
        "msg_type",
        "raw",
    ]
    database.close()
    assert out.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["out.sqlite"]


def test_a_number_past_63_bits_is_kept_exactly(tmp_path):
    out = tmp_path / "out.sqlite"
    write_sqlite([Row(NAME, 1, "next_in", (1 << 64) - 1, 0, None, None)], out)
    database = sqlite3.connect(out)
    assert [str(row[0]) for row in database.execute("SELECT seq_num FROM messages")] == [
        "18446744073709551615"
    ]
    database.close()


def test_a_number_that_no_store_can_hold_is_none_that_can_be_read(tmp_path):
    store = JournalStore(tmp_path, ID, NOW_NS)
    store.received(2, fix("35=0|34=18446744073709551615|"), NOW_NS)
    store.received(3, fix("35=0|34=18446744073709551616|"), NOW_NS)
    store.close()
    assert [row.seq_num for row in read_rows(folder_of(tmp_path))] == [(1 << 64) - 1, None]


def test_a_folder_whose_name_is_no_text(tmp_path):
    path = write_store(tmp_path)
    header = encode_file_header(1, NOW_NS, "nobody")
    record = encode_records([(RecordKind.OUT, 1, NOW_NS, LOGON)])
    for name in os.listdir(path):
        (path / name).unlink()
    (path / "00000001.journal").write_bytes(header + record)
    odd = path.rename(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    (row,) = read_rows(odd)
    assert row.session == "\\udcff"
    for write in WRITERS:
        assert write([row], tmp_path / write.__name__) == 1


@pytest.mark.parametrize("write", WRITERS)
def test_a_file_that_is_there_is_left_alone(tmp_path, write):
    out = tmp_path / "out"
    out.write_text("precious")
    with pytest.raises(StoreError, match="exists already"):
        write(ROWS, out)
    assert out.read_text() == "precious"
    with pytest.raises(StoreError, match="cannot write"):
        write(ROWS, tmp_path / "no-folder" / "out")


@pytest.mark.parametrize("write", WRITERS)
def test_a_failed_export_leaves_no_half_of_a_file(tmp_path, write):
    def rows():
        yield ROWS[0]
        raise OSError(5, "Input/output error")

    with pytest.raises(StoreError, match="Input/output error"):
        write(rows(), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("write", WRITERS)
def test_a_file_that_appears_meanwhile_is_left_alone(tmp_path, write):
    out = tmp_path / "out"

    def rows():
        yield ROWS[0]
        out.write_text("precious")

    with pytest.raises(StoreError, match="exists already"):
        write(rows(), out)
    assert out.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [out]
