from __future__ import annotations

import os
from pathlib import Path

import pytest

from fixgate.config.source import MAX_BYTES, Mark, Source, is_secret_key, mask_text, shown
from fixgate.errors import ConfigError
from tests.config.helpers import SECRET, write


def lines(text: str) -> list[str]:
    return Source("f.yaml", Path(), text).lines


@pytest.mark.parametrize(
    "key", ["password", "Password", "new_password", "pasword", "passwrod", "pwd", "api_token",
            "client-secret", "passphrase", "credentials", "pswd"],
)  # fmt: skip
def test_keys_of_secrets_misspelt_ones_included(key):
    assert is_secret_key(key)


@pytest.mark.parametrize("key", ["path", "name", "ours", "heartbeat", "username", "port", "store"])
def test_other_keys(key):
    assert not is_secret_key(key)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("password: hunter2", "password: ***"),
        ("password:hunter2", "password:***"),
        ("'password': hunter2 # it", "'password': ***"),
        ('{"password":"hunter2", "a": 1}', '{"password":***'),
        ("{name: a, pasword: hunter2}", "{name: a, pasword: ***"),
        ("password: ${file:a}", "password: ${file:a}"),
        ("{password: ${file:a}, token: hunter2}", "{password: ${file:a}, token: ***"),
        ("password: ${env:A}hunter2", "password: ***"),
        ("password=hunter2", "password=***"),
        ("- password hunter2", "- password ***"),
        ("LogonTag=554=hunter2", "LogonTag=554=***"),
        ("LogonTag1 = 925=hunter2 more", "LogonTag1 = 925=***"),
        ("connect: venue:554", "connect: venue:554"),
        ("LogonTag=1554=desk", "LogonTag=1554=desk"),
        ("name: hunter3", "name: hunter3"),
        ("password:", "password:"),
    ],
)
def test_lines_are_masked(text, masked):
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "a:\n  password: |\n    hunter2\n\n    hunter2\n  b: 1\n",
        "a:\n  password:\n    hunter2\n",
        "a:\n  password: >-\n\n    hunter2\n",
        "a:\n  - password: 'x\n      hunter2'\n",
        "a:\n  ? password\n  : hunter2\n",
        "a: {password:\nhunter2}\n",
        "password: |\n    x\n  hunter2: [\n",
    ],
)
def test_secrets_of_several_lines_are_masked_too(text):
    assert SECRET not in "\n".join(lines(text))


def test_what_follows_a_secret_is_shown():
    text = "a:\n  password: |\n    hunter2\n  name: 1\ngroup: 2"
    assert lines(text)[3:] == ["  name: 1", "group: 2"]
    assert lines("password:\nname: 1")[1] == "name: 1"


def test_an_unknown_key_in_a_secret_block_may_be_the_secret():
    assert lines("a:\n  password: |\n    x\nhunter2: y")[3] == "***"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "'a'"),
        ("", "''"),
        (None, "nothing"),
        ({}, "a mapping"),
        ([], "a list"),
        ("a\x1b[31m\n", "'a\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}'"),
        ("x" * 61, "'" + "x" * 57 + "...'"),
        ("password:hunter2", "'password:***'"),
    ],
)
def test_received_values_are_fit_to_be_shown(value, text):
    assert shown(value) == text


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf_16_and_32_are_refused(tmp_path, encoding):
    with pytest.raises(ConfigError, match="expected UTF-8"):
        Source.read(write(tmp_path, "sessions: []".encode(encoding)))


def test_latin_1_is_refused_at_its_place(tmp_path):
    with pytest.raises(ConfigError) as caught:
        Source.read(write(tmp_path, b"a: 1\nb: caf\xe9\n"))
    (mistake,) = caught.value.mistakes
    assert (mistake.line, mistake.column) == (2, 7)
    assert mistake.message == "byte 0xe9 is not UTF-8 text"


def test_control_characters_are_refused_at_their_place(tmp_path):
    with pytest.raises(ConfigError) as caught:
        Source.read(write(tmp_path, b"a: 1\nbcdef: \x07\n"))
    (mistake,) = caught.value.mistakes
    assert (mistake.line, mistake.column) == (2, 8)
    assert mistake.message == "control character U+0007, expected text"


def test_a_file_of_20_mib_is_refused_without_reading_it(tmp_path):
    path = tmp_path / "big.yaml"
    with path.open("wb") as file:
        file.truncate(20 * 1024 * 1024)
    with pytest.raises(ConfigError, match="larger than 2 MiB"):
        Source.read(path)
    assert len(Source.from_bytes("f", Path(), b" " * MAX_BYTES).text) == MAX_BYTES


def test_what_is_no_file(tmp_path):
    loop = tmp_path / "loop.yaml"
    loop.symlink_to(loop)
    for path, reason in [
        (tmp_path, "it is a folder"),
        (tmp_path / "none.yaml", "No such file"),
        (loop, "symbolic links"),
        ("a\0b", "embedded null"),
    ]:
        with pytest.raises(ConfigError, match=f"cannot be read: .*{reason}"):
            Source.read(path)


def test_an_unreadable_file(tmp_path):
    path = write(tmp_path, "a: 1")
    path.chmod(0)
    user = os.geteuid()
    try:
        if user == 0:
            os.seteuid(65534)  # root would read it all the same
        with pytest.raises(ConfigError, match="cannot be read: Permission denied"):
            Source.read(path)
    finally:
        os.seteuid(user)


def test_dev_zero_is_refused():
    with pytest.raises(ConfigError, match="larger than 2 MiB"):
        Source.read("/dev/zero")


def test_long_lines_are_cut_and_far_columns_show_no_line():
    source = Source("f", Path(), "a" * 500)
    assert source.mistake(Mark(1, 5), "m").source == "a" * 160 + "..."
    assert source.mistake(Mark(1, 300), "m").source == ""


def test_a_shown_line_cannot_move_the_cursor():
    source = Source("f", Path(), "a:\t1")
    assert source.mistake(Mark(1, 4), "m").source == "a: 1"


def test_nothing_that_a_file_holds_moves_a_cursor():
    source = Source("f.yaml", Path(), "connect: '::1'\n")
    mistake = source.mistake(Mark(1, 10), "received \x1b[2J", "did you mean '\u2028\x85'?")
    assert mistake.message == "received \N{REPLACEMENT CHARACTER}[2J"
    assert mistake.hint == "did you mean '\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}'?"
