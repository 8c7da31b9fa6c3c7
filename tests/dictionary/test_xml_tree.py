import gzip
import os
import subprocess
import sys

import pytest

from fixgate.dictionary import xml_tree
from fixgate.dictionary.xml_tree import Node, read_tree
from fixgate.errors import DictionaryError


def mistake(path):
    with pytest.raises(DictionaryError) as caught:
        read_tree(str(path))
    assert caught.value.path == str(path)
    return str(caught.value).removeprefix(f"{path}:").strip()


def test_a_tree_has_lines(tmp_path):
    path = tmp_path / "d.xml"
    path.write_text("<fix a='1'>\n <b/>\n\n <c d='2'><e/></c>\n</fix>")
    assert read_tree(str(path)) == Node(
        "fix", {"a": "1"}, 1, [Node("b", {}, 2), Node("c", {"d": "2"}, 4, [Node("e", {}, 4)])]
    )


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "is empty, expected a QuickFIX XML dictionary (root element <fix>)"),
        (b" \n\n", "is empty, expected a QuickFIX XML dictionary (root element <fix>)"),
        (gzip.compress(b"<fix/>"), "is compressed (gzip): unpack it first"),
        (b"PK\x03\x04....", "is compressed (zip): unpack it first"),
        (b"BZh91AY", "is compressed (bzip2): unpack it first"),
        (
            b"<fix>\n\0</fix>",
            "2: is no well-formed XML: not well-formed (invalid token) (column 1)",
        ),
        (
            b"<?xml version='1.0' encoding='utf-8'?>\n<fix a='\xe9'/>",
            "2: is no well-formed XML: not well-formed (invalid token) (column 9)",
        ),
        (b"<fix/><fix/>", "1: is no well-formed XML: junk after document element (column 7)"),
    ],
)
def test_what_is_no_xml(tmp_path, data, expected):
    path = tmp_path / "d.xml"
    path.write_bytes(data)
    assert mistake(path) == expected


def test_a_file_with_every_limit_reached(tmp_path, monkeypatch):
    path = tmp_path / "d.xml"
    path.write_bytes(b"<fix>" + b" " * xml_tree.MAX_BYTES + b"</fix>")
    assert mistake(path) == "is larger than 16 MiB"
    depth = xml_tree.MAX_DEPTH
    path.write_text("<fix>" + "<a>" * depth + "</a>" * depth + "</fix>")
    assert mistake(path) == "1: elements nest deeper than 32"
    path.write_text("<fix>" + "<a>" * (depth - 1) + "</a>" * (depth - 1) + "</fix>")
    assert read_tree(str(path)).name == "fix"
    monkeypatch.setattr(xml_tree, "MAX_ELEMENTS", 3)
    path.write_text("<fix>\n<a/><a/>\n<a/></fix>")
    assert mistake(path) == "3: has more than 3 elements"


def test_what_is_no_file(tmp_path):
    where = "expected a QuickFIX XML dictionary (root element <fix>)"
    assert mistake(tmp_path) == f"is a folder, {where}"
    assert mistake(tmp_path / "none.xml") == f"is no file, {where}"
    os.mkfifo(tmp_path / "pipe")
    assert mistake(tmp_path / "pipe") == f"is a device, {where}"
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(DictionaryError):
        read_tree(str(tmp_path / "loop"))
    with pytest.raises(DictionaryError):
        read_tree("nul\0byte")
    with pytest.raises(DictionaryError):
        read_tree("x" * 5000)


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    path = tmp_path / "d.xml"
    path.write_text("<fix/>")

    def refuse(*args, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(xml_tree.Path, "open", refuse)
    assert mistake(path) == "cannot be read: Permission denied"


LAUGHS = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
MIB = 1 << 20

BOMBS = {
    # Three gigabytes once expanded; a megabyte for each of 16,000 uses; a file, a host.
    "laughs": f"<!DOCTYPE fix [<!ENTITY l0 'lol'>{LAUGHS}]><fix>&l9;</fix>",
    "quadratic": f"<!DOCTYPE fix [<!ENTITY a '{'a' * MIB}'>]><fix>{'&a;' * 16_000}</fix>",
    "in an attribute": f"<!DOCTYPE fix [<!ENTITY l0 'lol'>{LAUGHS}]><fix type='&l9;'/>",
    "parameter": "<!DOCTYPE fix [<!ENTITY % x SYSTEM 'file:///dev/zero'> %x;]><fix/>",
    "external": "<!DOCTYPE fix [<!ENTITY x SYSTEM 'http://192.0.2.1/x'>]><fix>&x;</fix>",
    "external subset": "<!DOCTYPE fix SYSTEM 'http://192.0.2.1/x.dtd'><fix/>",
    # Without entities it costs what a file of the size may cost.
    "elements": "<fix>" + "<a/>" * (4 * MIB - 4) + "</fix>",
    "attributes": "<fix " + " ".join(f"a{n}=''" for n in range(MIB)) + "/>",
    "one attribute": f"<fix a='{'x' * (16 * MIB - 20)}'/>",
    "one name": f"<{'x' * (16 * MIB - 20)}/>",
    "one comment": f"<fix><!--{'x' * (16 * MIB - 40)}--></fix>",
    "depth": "<fix>" + "<a>" * (4 * MIB),
}
# What reads them may take 512 MiB beside what an empty file takes, and 5 s of a processor each.
LIMITED = """
import resource, sys
from fixgate.dictionary import read_quickfix_xml
from fixgate.errors import DictionaryError
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (512 << 20),) * 2)
for path in sys.argv[1:]:
    resource.setrlimit(resource.RLIMIT_CPU, (int(sum(resource.getrusage(0)[:2])) + 5, -1))
    try:
        read_quickfix_xml(path)
    except DictionaryError as error:
        print(str(error)[len(path):])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits and /proc are Linux's")
def test_a_bomb_takes_neither_time_nor_memory(tmp_path):
    for name, text in BOMBS.items():
        (tmp_path / name).write_text(text)
    paths = [str(tmp_path / name) for name in BOMBS]
    done = subprocess.run([sys.executable, "-c", LIMITED, *paths], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told = dict(zip(BOMBS, done.stdout.splitlines(), strict=True))
    assert [name for name, text in told.items() if "has a DTD (<!DOCTYPE>)" in text] == [
        *("laughs", "quadratic", "in an attribute"),
        *("parameter", "external", "external subset"),
    ]
    assert "has more than 100000 elements" in told["elements"]
    assert "has no major" in told["one attribute"]
    assert "root element is <xxxx" in told["one name"]
    assert "nest deeper than 32" in told["depth"]
