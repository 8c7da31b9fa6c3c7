from __future__ import annotations

import io
import os
import subprocess
import sys
import types

import pytest

from fixgate.config import SessionsConfig, VenueConfig, load, load_targets, load_venue
from fixgate.errors import ConfigError
from tests.config.helpers import SECRET, SESSION, VENUE, mistakes, write

OTHER = SESSION.replace("one", "two").replace("ours: A", "ours: C")


def refused(paths) -> str:
    with pytest.raises(ConfigError) as caught:
        load_targets(paths, environ={"HOME": "/users/me"})
    return str(caught.value)


def test_the_kind_is_told_by_the_top_key(tmp_path):
    assert isinstance(load(write(tmp_path, SESSION)), SessionsConfig)
    assert isinstance(load(write(tmp_path, VENUE)), VenueConfig)


def test_secrets_need_not_be_there_to_check_the_rest(tmp_path):
    path = write(tmp_path, SESSION + "    username: me\n    password: ${file:nowhere}\n")
    found = load(path, secrets=False)
    assert isinstance(found, SessionsConfig)
    path = write(tmp_path, SESSION + "    username: me\n    password: hunter2\n")
    with pytest.raises(ConfigError, match="never written here") as caught:
        load(path, secrets=False)
    assert SECRET not in str(caught.value)


def test_the_process_environment_is_the_default(tmp_path, monkeypatch):
    monkeypatch.setenv("FIXGATE_TEST_PORT", "7")
    found = load(write(tmp_path, SESSION.replace("5001", "${env:FIXGATE_TEST_PORT}")))
    assert isinstance(found, SessionsConfig)
    assert found.plans[0].address.port == 7


def test_standard_input(monkeypatch):
    stdin = types.SimpleNamespace(buffer=io.BytesIO(SESSION.encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    found = load("-")
    assert isinstance(found, SessionsConfig)
    assert found.plans[0].source == "<stdin>:2"
    with pytest.raises(ConfigError, match="<stdin>: the file is empty"):
        load("-")


def test_a_venue_is_wanted(tmp_path):
    assert load_venue(write(tmp_path, VENUE)).gateway.accept_any
    with pytest.raises(ConfigError, match=r"lists sessions to check.*fixgate check"):
        load_venue(write(tmp_path, SESSION))


def test_files_and_folders_are_targets(tmp_path):
    folder = tmp_path / "fleet"
    folder.mkdir()
    write(folder, OTHER, "b.yml")
    write(folder, OTHER.replace("two", "three").replace("ours: C", "ours: D"), "a.yaml")
    write(folder, "not read", "notes.txt")
    write(folder, VENUE, "venue.yaml")
    plans, warnings = load_targets([write(tmp_path, SESSION), folder])
    assert [plan.name for plan in plans] == ["one", "three", "two"]
    assert [str(w) for w in warnings] == [f"{folder}/venue.yaml: describes a venue: skipped"]


def test_a_fifo_in_a_folder_is_not_waited_for(tmp_path):
    """One that is named is read: the shell makes one of ``<(...)``."""
    write(tmp_path, SESSION)
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "link.yml").symlink_to("pipe.yaml")
    assert refused([tmp_path]).splitlines() == [
        f"{tmp_path}/link.yml: cannot be read: it is a FIFO, expected a file",
        f"{tmp_path}/pipe.yaml: cannot be read: it is a FIFO, expected a file",
    ]


def test_a_file_that_comes_up_twice_is_read_once(tmp_path):
    path = write(tmp_path, SESSION)
    (tmp_path / "link.yaml").symlink_to(path)
    plans, _ = load_targets([path, tmp_path, str(path)])
    assert len(plans) == 1


def test_a_venue_that_was_named_is_a_mistake(tmp_path):
    path = write(tmp_path, VENUE)
    assert refused([path]) == (
        f"{path}: describes a venue, expected sessions to check (fixgate serve {path})"
    )


def test_nothing_to_check(tmp_path):
    assert "no *.yaml or *.yml in this folder" in refused([tmp_path])
    write(tmp_path, VENUE)
    assert "no sessions to check here" in refused([tmp_path])


def test_mistakes_of_all_files_at_once(tmp_path):
    first = write(tmp_path, SESSION + "    level: oder\n", "a.yaml")
    second = write(tmp_path, OTHER + "    level: oder\n", "b.yaml")
    text = refused([first, second, tmp_path / "none.yaml"])
    assert text.count("did you mean 'order'?") == 2
    assert "none.yaml: cannot be read: No such file or directory" in text


def test_two_files_must_not_share_a_name_or_a_session(tmp_path):
    first = write(tmp_path, SESSION, "a.yaml")
    second = write(tmp_path, OTHER.replace("two", "one"), "b.yaml")
    assert refused([first, second]) == (
        f"{second}:2:1: the name 'one' is used twice, first at {first}:2"
    )
    second = write(tmp_path, SESSION.replace("one", "two"), "b.yaml")
    assert f"with 127.0.0.1:5001 is listed twice, first at {first}:2" in refused([first, second])


def test_endless_mistakes_are_not_all_told(tmp_path):
    path = write(tmp_path, "sessions: [" + "*a," * 5000 + "]\n")
    found = mistakes(path)
    assert len(found) == 201
    assert found[-1] == "0:0: and 4800 more mistakes"


def test_dev_stdin_without_anything_on_it():
    code = "from fixgate.config import load; load('/dev/stdin')"
    done = subprocess.run(
        [sys.executable, "-c", code], stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    assert b"/dev/stdin: the file is empty" in done.stderr


@pytest.mark.parametrize("name", ["a" * 5000, "~nobody-of-that-name/x.pem"], ids=["long", "home"])
def test_a_file_that_cannot_be_there_is_one_that_is_not_there(tmp_path, name):
    tls = f"  listen:\n    - {{address: 127.0.0.1:1, tls: {{certificate: {name}, key: k.pem}}}}\n"
    found = load(write(tmp_path, VENUE + tls + f"  store: {{path: {name}}}\n"))
    warnings = [str(warning) for warning in found.warnings if "there is no file" in str(warning)]
    assert len(warnings) == 2
    assert name in warnings[0]
