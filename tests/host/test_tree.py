"""Files read below a folder that stands for the root."""

from pathlib import Path

from fixgate.host.tree import Tree
from tests.host.trees import plant


def test_reads_below_its_root(tmp_path: Path):
    tree = Tree(plant(tmp_path, {"/proc/loadavg": "0.00 1\n", "/proc/stat": "cpu 1\n"}))
    assert tree.read("/proc/loadavg") == "0.00 1\n"
    assert tree.names("/proc") == ("loadavg", "stat")
    assert tree.unread == {}


def test_reads_the_whole_of_a_long_file(tmp_path: Path):
    text = "x" * 300_000
    assert Tree(plant(tmp_path, {"/long": text})).read("/long") == text


def test_what_is_no_utf_8_is_replaced(tmp_path: Path):
    (tmp_path / "garbled").write_bytes(b"\xff\x00ok")
    assert Tree(str(tmp_path)).read("/garbled") == "\ufffd\x00ok"


def test_what_is_missing_is_remembered(tmp_path: Path):
    tree = Tree(plant(tmp_path, {"/file": ""}))
    assert tree.read("/none") is None
    assert tree.read("/file/below") is None
    assert tree.names("/folder") == ()
    assert tree.read("/") is None
    assert tree.unread == {
        "/none": "not there",
        "/file/below": "not there",
        "/folder": "not there",
        "/": "is a directory",
    }


def test_what_need_not_be_there_is_not_missed(tmp_path: Path):
    tree = Tree(plant(tmp_path, {"/folder/file": "x"}))
    assert tree.peek("/none") is None
    assert tree.peek("/folder/file") == "x"
    assert tree.names_or_none("/none") is None
    assert tree.names_or_none("/folder") == ("file",)
    assert tree.unread == {}


def test_bytes_are_left_as_they_are(tmp_path: Path):
    (tmp_path / "bytes").write_bytes(b"\xff\x00")
    assert Tree(str(tmp_path)).read_bytes("/bytes") == b"\xff\x00"
