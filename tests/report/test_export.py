from __future__ import annotations

import io
import json
import sqlite3

import pytest

from fixgate.errors import StoreError
from fixgate.net.survey import Damage
from fixgate.report.export import Row, read_rows, write_jsonl, write_jsonl_file, write_sqlite
from tests.net.stores import LOGON, NOW_NS, ORDER, THEIR_LOGON, write_store

NAME = "FIX.4.4:CLIENT->VENUE"
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


@pytest.mark.parametrize("write", [write_jsonl_file, write_sqlite])
def test_a_file_that_is_there_is_left_alone(tmp_path, write):
    out = tmp_path / "out"
    out.write_text("precious")
    with pytest.raises(StoreError, match="exists already"):
        write(ROWS, out)
    assert out.read_text() == "precious"
    with pytest.raises(StoreError, match="cannot write"):
        write(ROWS, tmp_path / "no-folder" / "out")


def test_a_failed_export_leaves_no_half_of_a_file(tmp_path):
    def rows():
        yield ROWS[0]
        raise OSError(5, "Input/output error")

    with pytest.raises(StoreError, match="Input/output error"):
        write_sqlite(rows(), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
