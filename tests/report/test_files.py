from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from fixgate.errors import StoreError
from fixgate.report.files import new_file, prepare, write_atomically


def test_writes_and_replaces_and_leaves_nothing_else(tmp_path: Path):
    path = tmp_path / "new" / "report.json"
    write_atomically(path, "one\n")
    write_atomically(path, "zwei ß drei\n")
    assert path.read_text(encoding="utf-8") == "zwei ß drei\n"
    assert os.listdir(path.parent) == ["report.json"]


def test_mode_follows_the_umask(tmp_path: Path):
    old = os.umask(0o027)
    try:
        write_atomically(tmp_path / "r", "x")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "r").stat().st_mode) == 0o640


def test_failure_leaves_the_old_file(tmp_path: Path):
    path = tmp_path / "r"
    write_atomically(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "\ud800")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["r"]


def test_a_planted_link_is_replaced_and_not_written_through(tmp_path: Path):
    (tmp_path / "victim").write_text("precious")
    (tmp_path / "report.json").symlink_to("victim")
    (tmp_path / "dangling.json").symlink_to("nowhere")
    for name in ("report.json", "dangling.json"):
        prepare(tmp_path / name)
        write_atomically(tmp_path / name, "new")
        assert not (tmp_path / name).is_symlink()
        assert (tmp_path / name).read_text() == "new"
    assert (tmp_path / "victim").read_text() == "precious"
    assert sorted(os.listdir(tmp_path)) == ["dangling.json", "report.json", "victim"]


def test_folder_that_is_a_file_is_an_error(tmp_path: Path):
    (tmp_path / "f").write_text("")
    with pytest.raises(OSError, match="f"):
        write_atomically(tmp_path / "f" / "r", "x")


def test_device_is_written_to_directly():
    write_atomically(Path("/dev/null"), "x")
    assert Path("/dev/null").is_char_device()


def test_a_new_file_is_private_and_appears_when_it_is_whole(tmp_path: Path):
    path = tmp_path / "out"
    with new_file(path) as partial:
        partial.write_text("x")
        assert not path.exists()
        assert partial.parent == tmp_path
    assert path.read_text() == "x"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["out"]


def test_a_new_file_takes_the_place_of_nothing_not_even_of_a_dead_link(tmp_path: Path):
    (tmp_path / "out").symlink_to("nowhere")
    with pytest.raises(StoreError, match="exists already"), new_file(tmp_path / "out"):
        pytest.fail("nothing is to be written")
    assert os.listdir(tmp_path) == ["out"]


def test_a_new_file_where_there_are_no_hard_links(tmp_path: Path, monkeypatch):
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    with new_file(tmp_path / "out") as partial:
        partial.write_text("x")
    assert (tmp_path / "out").read_text() == "x"
    assert os.listdir(tmp_path) == ["out"]
