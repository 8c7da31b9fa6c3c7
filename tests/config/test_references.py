from __future__ import annotations

import os
import sys
import types

import pytest

from fixgate.config.references import MAX_SECRET_BYTES, References
from tests.config.helpers import SECRET, SESSION, config, mistakes, plan, write

WITH_PASSWORD = SESSION + "    username: me\n    password: {}\n"


def secret_file(folder, data: bytes, mode: int = 0o600, name: str = "secret"):
    path = write(folder, data, name)
    path.chmod(mode)
    return path


def password(folder, reference: str, **environ: str) -> str:
    credentials = plan(folder, WITH_PASSWORD.format(reference), **environ).session.credentials
    assert credentials is not None
    assert credentials.username == "me"
    assert SECRET not in repr(credentials)
    return credentials.password


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"hunter2", "hunter2"),
        (b"hunter2\n", "hunter2"),
        (b"hunter2\r\n", "hunter2"),
        (b" hunter2 ", " hunter2 "),
        ("pässwörd".encode(), "pässwörd"),
        (b"${env:X}", "${env:X}"),
    ],
)
def test_a_file_relative_to_the_configuration(tmp_path, data, value):
    secret_file(tmp_path, data)
    assert password(tmp_path, "${file:secret}") == value


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the secret is empty"),
        (b"\n", "the secret is empty"),
        (b"hunter2\n\n", "line end or control character"),
        (b"hunter2\x01554=x", "line end or control character"),
        (b"hunter2\xff", "is not UTF-8 text"),
        (b"hunter2" * MAX_SECRET_BYTES, "is larger than 64 KiB"),
    ],
)
def test_a_file_that_holds_no_secret(tmp_path, data, reason):
    secret_file(tmp_path, data)
    (found,) = mistakes(write(tmp_path, WITH_PASSWORD.format("${file:secret}")))
    assert reason in found


def test_a_fifo_is_refused_without_opening_it(tmp_path):
    os.mkfifo(tmp_path / "secret")
    (found,) = mistakes(write(tmp_path, WITH_PASSWORD.format("${file:secret}")))
    assert "is not a regular file" in found


def test_a_file_that_others_can_read_is_a_warning(tmp_path):
    secret_file(tmp_path, b"hunter2", 0o644)
    found = config(tmp_path, WITH_PASSWORD.format("${file:secret}"))
    (warning,) = found.warnings
    assert "can be read by others (mode 0644): chmod 600" in str(warning)
    assert SECRET not in str(warning)


def test_a_symbolic_link_to_a_regular_file_is_followed(tmp_path):
    secret_file(tmp_path, b"hunter2")
    (tmp_path / "link").symlink_to("secret")
    assert password(tmp_path, "${file:link}") == SECRET


def test_the_environment(tmp_path):
    assert password(tmp_path, "${env:PW}", PW=SECRET) == SECRET
    (found,) = mistakes(write(tmp_path, WITH_PASSWORD.format("${env:PW}")), PW="")
    assert "the secret is empty" in found


def test_a_credential_of_systemd(tmp_path):
    folder = tmp_path / "credentials"
    folder.mkdir()
    secret_file(folder, b"hunter2", 0o400, "fix")
    assert password(tmp_path, "${cred:fix}", CREDENTIALS_DIRECTORY=str(folder)) == SECRET


@pytest.mark.parametrize("name", ["../secret", "a/b", ".", ".."])
def test_a_credential_is_a_plain_name(tmp_path, name):
    path = write(tmp_path, WITH_PASSWORD.format(f"${{cred:{name}}}"))
    (found,) = mistakes(path, CREDENTIALS_DIRECTORY=str(tmp_path))
    assert "plain name" in found


class FakeKeyring(types.ModuleType):
    def get_password(self, service: str, user: str) -> str | None:
        if service == "locked":
            raise RuntimeError(SECRET)
        return SECRET if (service, user) == ("venue/uat", "me") else None


def test_the_keyring(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", FakeKeyring("keyring"))
    assert password(tmp_path, "${keyring:venue/uat/me}") == SECRET
    for name, reason in [
        ("venue/you", "has no password of 'you' for 'venue'"),
        ("locked/me", "the keyring failed: RuntimeError"),
        ("me", "expected ${keyring:SERVICE/USER}"),
    ]:
        path = write(tmp_path, WITH_PASSWORD.format(f"${{keyring:{name}}}"))
        assert reason in mistakes(path)[0]


def test_without_the_keyring_package(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    (found,) = mistakes(write(tmp_path, WITH_PASSWORD.format("${keyring:venue/me}")))
    assert "pip install keyring" in found


def test_the_environment_in_any_value(tmp_path):
    text = SESSION.replace("127.0.0.1:5001", "${env:HOST}:${env:PORT}")
    found = plan(tmp_path, text, HOST="venue.example", PORT="9878")
    assert str(found.address) == "venue.example:9878"


def test_a_value_from_the_environment_is_not_looked_into_again(tmp_path):
    references = References(tmp_path, {"A": "${env:B}", "B": "${env:A}"})
    assert references.expand("${env:A} ${env:B}") == "${env:B} ${env:A}"


def test_a_plain_dollar_brace(tmp_path):
    references = References(tmp_path, {})
    assert references.expand("$${env:A} $5 {x} ${") == "${env:A} $5 {x} ${"


@pytest.mark.parametrize("text", ["${A}", "${}", "${file:x}"])
def test_other_references_are_for_passwords_only(tmp_path, text):
    with pytest.raises(ValueError, match=r"only \$\{env:NAME\} can be used here"):
        References(tmp_path, {"A": "1"}).expand(text)


def test_the_home_of_nobody(tmp_path):
    path = write(tmp_path, WITH_PASSWORD.format("${file:~nobody-of-that-name/x}"))
    (told,) = mistakes(path)
    assert "cannot be read: No such file or directory" in told
