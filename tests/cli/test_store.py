from __future__ import annotations

import json
import os
import sqlite3
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet

from fixgate.cli import main
from fixgate.net.journal import JournalStore
from fixgate.session.settings import SessionId
from tests.net.quickfix_stores import REPORT, THEIR_LOGON, flavours, write_quickfix
from tests.net.stores import ID, NOW_NS, folder_of, write_store
from tests.report.engine_logs import write_log

OTHER = SessionId("FIX.4.2", "CLIENT", "OTHER")


def run(*args: object, **env: str) -> Result:
    return CliRunner().invoke(main, ["store", *map(str, args)], env=env)


def damage(path: Path) -> None:
    file = path / "00000002.journal"
    file.write_bytes(file.read_bytes().replace(b"55=ABC", b"55=XYZ"))


def test_show_lists_several_and_tells_all_of_one(tmp_path):
    path = write_store(tmp_path)
    write_store(tmp_path, OTHER)
    both = run("show", tmp_path)
    assert both.exit_code == 0
    assert [line.split()[0] for line in both.stdout.splitlines()] == [
        "SESSION",
        "FIX.4.2:CLIENT->OTHER",
        "FIX.4.4:CLIENT->VENUE",
    ]
    one = run("show", tmp_path, "--session", "VENUE")
    assert one.stdout == run("show", path).stdout
    assert one.stdout.startswith(f"FIX.4.4:CLIENT->VENUE\n  folder      {path}\n")


def test_show_json_is_an_object_a_line(tmp_path):
    write_store(tmp_path)
    write_store(tmp_path, OTHER)
    lines = run("show", tmp_path, "--json").stdout.splitlines()
    assert [json.loads(line)["session"]["theirs"] for line in lines] == ["OTHER", "VENUE"]


def test_the_state_folder_is_the_default(tmp_path):
    write_store(tmp_path / "fixgate" / "sessions" / "host_1")
    result = run("show", XDG_STATE_HOME=str(tmp_path))
    assert result.exit_code == 0
    assert "numbers     next out 3, next in 7" in result.stdout


def test_no_store_is_not_a_sound_one(tmp_path):
    for command in ("show", "verify", "export"):
        result = run(command, tmp_path)
        assert result.exit_code == 3
        assert result.stderr == f"Error: {tmp_path}: no store is here\n"


def test_damage_is_told_by_every_command(tmp_path):
    path = write_store(tmp_path)
    damage(path)
    shown = run("show", tmp_path)
    assert shown.exit_code == 1
    assert "DAMAGED" in shown.stdout
    verified = run("verify", tmp_path)
    assert verified.exit_code == 1
    assert "bad checksum of its message; sound again from byte " in verified.stdout
    exported = run("export", tmp_path)
    assert exported.exit_code == 1
    assert len(exported.stdout.splitlines()) == 4
    assert exported.stderr.startswith(f"left out: {path / '00000002.journal'}: byte ")


def test_verify_beside_a_running_process(tmp_path):
    write_store(tmp_path)
    store = JournalStore(tmp_path, ID, NOW_NS)
    result = run("verify", tmp_path)
    store.close()
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == (
        "sound FIX.4.4:CLIENT->VENUE: 4 messages in 2 generations"
    )
    assert f"in use by process {os.getpid()} on" in result.stdout


def test_export(tmp_path):
    root, out = tmp_path / "store", tmp_path / "out"
    write_store(root)
    write_store(root, OTHER)
    plain = run("export", root)
    assert plain.exit_code == 0
    assert len(plain.stdout.splitlines()) == 10
    assert run("export", root, "-o", out).stderr == f"10 rows in {out}\n"
    assert out.read_text() == plain.stdout
    again = run("export", root, "-o", out)
    assert (again.exit_code, again.stderr) == (
        3,
        f"Error: {out}: exists already; choose a new file\n",
    )
    result = run("export", root, "--session", "OTHER", "--to", "sqlite", "-o", tmp_path / "db")
    assert result.stderr == f"5 rows in {tmp_path / 'db'}\n"
    database = sqlite3.connect(tmp_path / "db")
    assert database.execute("SELECT count(*) FROM messages").fetchone() == (5,)
    database.close()
    assert run("export", root, "--to", "sqlite").exit_code == 2
    result = run("export", root, "--to", "parquet", "-o", tmp_path / "p")
    assert result.stderr == f"10 rows in {tmp_path / 'p'}\n"
    assert parquet.read_table(tmp_path / "p").num_rows == 10
    assert run("export", root, "--to", "parquet").exit_code == 2


def test_parquet_without_its_package(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    write_store(tmp_path)
    result = run("export", tmp_path, "--to", "parquet", "-o", tmp_path / "p")
    assert (result.exit_code, result.stderr) == (
        2,
        "Error: Parquet needs the package 'pyarrow': pip install 'fixgate[parquet]'\n",
    )


def test_set_seqnum_leaves_its_reason(tmp_path):
    path = write_store(tmp_path)
    result = run("set-seqnum", tmp_path, "--next-out", 10, "--reason", "agreed with the venue")
    assert result.exit_code == 0
    assert result.stdout == "FIX.4.4:CLIENT->VENUE: generation 2, next out 10, next in 7\n"
    assert result.stderr == "before: generation 2, next out 3, next in 7\n"
    shown = run("show", path).stdout
    assert "numbers     next out 10, next in 7" in shown
    assert "from generation 2, next out 3, next in 7 to generation 2, next out 10" in shown
    assert shown.endswith(": agreed with the venue\n")
    back = run("set-seqnum", path, "--next-out", 1, "--reason", "x")
    assert back.exit_code == 2
    assert "--reset begins a new generation" in back.stderr
    reset = run("set-seqnum", path, "--next-out", 2, "--reset", "--reason", "x")
    assert reset.stdout == "FIX.4.4:CLIENT->VENUE: generation 3, next out 2, next in 7\n"


def test_set_seqnum_tells_what_was_cut(tmp_path):
    file = write_store(tmp_path, killed=True) / "00000002.journal"
    file.write_bytes(file.read_bytes()[:-1])
    result = run("set-seqnum", tmp_path, "--next-in", 9, "--reason", "x")
    assert result.stderr.startswith(f"note: {file}: byte ")


def test_set_seqnum_is_refused_while_the_store_is_in_use(tmp_path):
    write_store(tmp_path)
    store = JournalStore(tmp_path, ID, NOW_NS)
    result = run("set-seqnum", folder_of(tmp_path), "--next-out", 10, "--reason", "x")
    store.close()
    assert result.exit_code == 3
    assert f"in use by process {os.getpid()} on " in result.stderr


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--reason", "x"], "give --next-out, --next-in or --reset"),
        (["--next-out", "5"], "Missing option '--reason'"),
        (["--next-out", "5", "--reason", " "], "expected 1 to 500 printable characters"),
        (["--next-out", "5", "--reason", "a\nb"], "expected 1 to 500 printable characters"),
        (["--next-out", "0", "--reason", "x"], "is not in the range"),
        (["--next-in", "5", "--reason", "x"], "2 sessions are here; name one"),
    ],
)
def test_set_seqnum_with_mistakes(tmp_path, args, message):
    write_store(tmp_path)
    write_store(tmp_path, OTHER)
    result = run("set-seqnum", tmp_path, *args)
    assert result.exit_code == 2
    assert message in result.stderr


def ours_and_theirs(tmp_path: Path, *, next_in: int) -> tuple[Path, Path]:
    store = JournalStore(tmp_path / "ours", ID, NOW_NS)
    store.set_next_out(5, NOW_NS)
    store.set_next_in(next_in, NOW_NS)
    store.close()
    return tmp_path / "ours", write_quickfix(tmp_path / "theirs", flavours(3, 5)["C++"])


def test_compare_with_quickfix(tmp_path):
    result = run("compare", *ours_and_theirs(tmp_path, next_in=3))
    assert result.exit_code == 0
    assert result.stdout.startswith("in sync FIX.4.4:CLIENT->VENUE\n")
    result = run("compare", *ours_and_theirs(tmp_path, next_in=2))
    assert result.exit_code == 1
    assert "of which they have 1; the rest they fill" in " ".join(result.stdout.split())


def test_compare_with_quickfix_and_its_log(tmp_path):
    ours, theirs = ours_and_theirs(tmp_path, next_in=3)
    log = write_log(tmp_path / "logs", [THEIR_LOGON, b"35=D\x0149=CLIENT\x01", REPORT])
    for where in (log, log.parent):
        result = run("compare", ours, theirs, "--log", where)
        assert result.stderr == f"{log}:2: skipped: no BeginString(8), expected 8=FIX\n"
        assert result.exit_code == 0
        assert "    passed over in our store: 1 to 2, of the application" in result.stdout
    assert run("compare", ours, theirs, "--log", tmp_path / "nowhere").exit_code == 2


def test_compare_with_a_log_alone(tmp_path):
    ours, _ = ours_and_theirs(tmp_path, next_in=3)
    log = write_log(tmp_path / "logs", [THEIR_LOGON, REPORT])
    result = run("compare", ours, log.parent)
    assert result.exit_code == 1
    assert "their numbers are derived from their log" in result.stdout


def test_compare_with_neither_a_store_nor_a_log(tmp_path):
    ours, _ = ours_and_theirs(tmp_path, next_in=3)
    (tmp_path / "empty").mkdir()
    result = run("compare", ours, tmp_path / "empty")
    assert result.exit_code == 3
    assert "empty: neither a store nor a log of messages (*.messages.*) is here" in result.stderr


def test_compare_with_another_store_of_fixgate(tmp_path):
    for name, session_id in (("ours", ID), ("theirs", SessionId("FIX.4.4", "VENUE", "CLIENT"))):
        JournalStore(tmp_path / name, session_id, NOW_NS).close()
    assert run("compare", tmp_path / "ours", tmp_path / "theirs").exit_code == 0


def test_nothing_to_compare(tmp_path):
    ours = ours_and_theirs(tmp_path, next_in=3)[0]
    result = run("compare", ours, ours)
    assert result.exit_code == 2
    assert "not compared: FIX.4.4:CLIENT->VENUE: the other store has no" in result.stderr
    assert "no session is in both stores" in result.stderr
    assert run("compare", ours, tmp_path / "nowhere").exit_code == 2
