from __future__ import annotations

from pathlib import Path

from fixgate.config.qf_file import read_qf
from fixgate.config.source import Source
from tests.config.qf import INITIATOR, convert


def test_lines_that_are_no_settings(tmp_path):
    text = "early=1\n# comment\n; comment\n\nnonsense\n[OTHER]\nx=1\n" + INITIATOR
    found, _ = convert(tmp_path, text)
    assert [(note.line, note.key) for note in found.notes] == [
        (1, "early"),
        (5, "line"),
        (6, "[OTHER]"),
        (7, "x"),
    ]


def test_the_last_of_equal_keys_counts_and_values_keep_their_equals_signs():
    source = Source("q.cfg", Path(), "[default]\nA=1\na = 2=3 \n[Session]\nB=\n[DEFAULT]\nC=4\n")
    found = read_qf(source)
    assert {key: each.value for key, each in found.default.settings.items()} == {
        "a": "2=3",
        "c": "4",
    }
    assert [section.line for section in found.sessions] == [4]
    setting = found.default.get("nothing", "A")
    assert setting is not None
    assert setting.line == 3
    assert "2=3" not in repr(setting)


def test_without_defaults_a_session_has_what_it_says(tmp_path):
    text = INITIATOR.replace("[DEFAULT]\n", "").replace("[SESSION]\n", "")
    found, checked = convert(tmp_path, "[SESSION]\n" + text)
    assert found.notes == ()
    assert len(checked.plans) == 1


def test_a_comment_of_another_language_is_told(tmp_path):
    """Two slashes begin no comment: QuickFIX takes the line for a key, too."""
    found, _ = convert(tmp_path, INITIATOR + "// nothing\n// HeartBtInt=99\n")
    assert [(note.line, note.key) for note in found.notes] == [
        (9, "line"),
        (10, "// HeartBtInt"),
    ]
    assert "heartbeat: 99s" not in found.text
