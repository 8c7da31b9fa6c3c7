"""One file per mistake; its first comments say exactly what must be told about it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from fixgate.config import load, schema
from fixgate.config.source import Mark, Source
from fixgate.errors import ConfigError
from tests.config.helpers import SECRET, mistakes

FILES = sorted((Path(__file__).parents[1] / "data" / "bad").glob("*.yaml"))
ENVIRON = {"FIXGATE_TEST_SECRET": SECRET, "HOME": "/users/me"}


def expected(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    comments = (line[2:] for line in lines if line.startswith("# "))
    return [comment.replace("FILE:", f"{path}:") for comment in comments]


def test_there_are_files():
    assert len(FILES) > 100


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_mistake_is_told_at_its_place(path):
    assert mistakes(path, **ENVIRON) == expected(path)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_error_shows_a_secret(path):
    with pytest.raises(ConfigError) as caught:
        load(path, environ=ENVIRON)
    error: BaseException | None = caught.value
    while error is not None:
        assert SECRET not in str(error)
        assert SECRET not in repr(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


SECRETIVE = """\
defaults: {theirs: B, connect: "127.0.0.1:5001"}
sessions:
  - name: one
    password: hunter2
    username: me
  - {name: two, password: "hunter2", ours: A}
  - name: three
    password: >-
      hunter2
      hunter2
    ours: A
"""


@given(
    edits=st.lists(
        st.tuples(
            st.integers(0, len(SECRETIVE)), st.sampled_from([None, *"{}[]:-?'\"|&*!#\t\n ,x"])
        ),
        min_size=1,
        max_size=3,
    )
)
@example(edits=[(191, ":"), (191, "x")])  # a line of a folded secret turned into a key
@example(edits=[(85, None), (85, None)])  # neither colon nor blank between key and secret
@settings(deadline=None, max_examples=200)
def test_no_typing_error_shows_a_secret(edits):
    text = SECRETIVE
    for at, typed in edits:
        text = text[:at] + (typed or "") + text[at + (typed is None) :]
    assume(text.count("password") == SECRETIVE.count("password"))  # misspelt keys: test_source
    source = Source("f.yaml", Path(), text)
    for number in range(1, len(source.lines) + 1):
        assert SECRET not in str(source.mistake(Mark(number, 1), "m"))


def test_the_line_is_shown_with_a_caret_under_the_place():
    path = FILES[0].parent / "level-unknown.yaml"
    with pytest.raises(ConfigError) as caught:
        load(path, environ={})
    assert str(caught.value) == (
        f"{path}:8:12: expected tcp, tls, logon, session, order or persistence; received 'sesion' "
        "(did you mean 'session'?)\n"
        "        level: sesion\n"
        "               ^"
    )


@pytest.mark.parametrize(
    "name", ["unknown-key", "bool-yes", "duration-no-unit", "password-literal", "level-unknown"]
)
def test_an_editor_sees_common_mistakes_too(name):
    jsonschema = pytest.importorskip("jsonschema")
    yaml = pytest.importorskip("yaml")
    value = yaml.safe_load((FILES[0].parent / f"{name}.yaml").read_text(encoding="utf-8"))
    if name == "bool-yes":  # YAML 1.2, as editors read it, sees text here; PyYAML does not
        value["sessions"][0]["reset_on_logon"] = "yes"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(value, schema("sessions"))
