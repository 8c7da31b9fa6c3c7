from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.config.source import Mark, Source
from fixgate.config.yaml import MAX_NODES, Document, compose
from fixgate.errors import ConfigError

LOADERS = [
    pytest.param(yaml.SafeLoader, id="python"),
    pytest.param(
        getattr(yaml, "CSafeLoader", None),
        id="libyaml",
        marks=pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML without libyaml"),
    ),
]


def read(text: str, loader=None) -> Document:
    return compose(Source("f.yaml", Path(), text), loader)


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize(
    "text",
    ["10:30:00", "9:30", "09:30:00", "no", "on", "yes", "True", "0010", "1_000", "1e3", "0x10",
     "2026-01-01", ".inf", "35", "=", "1.0", "-0"],
)  # fmt: skip
def test_every_scalar_stays_the_text_that_was_written(text, loader):
    assert read(f"a: {text}", loader).value == {"a": text}


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_nothing_is_nothing(text):
    assert read(f"a: {text}").value == {"a": None}


def test_quoted_text_is_never_nothing():
    assert read("a: ''\nb: 'null'\nc: \"~\"").value == {"a": "", "b": "null", "c": "~"}


@pytest.mark.parametrize("loader", LOADERS)
def test_lists_mappings_and_blocks(loader):
    text = "a:\n  - b: [1, {c: d}]\n  - |\n    two\n    lines\n"
    assert read(text, loader).value == {"a": [{"b": ["1", {"c": "d"}]}, "two\nlines\n"]}


@pytest.mark.parametrize("loader", LOADERS)
def test_places_of_keys_and_values(loader):
    document = read("a:\n  - x: 1\n    yy: [2, 3]\n", loader)
    assert document.keys["a", 0, "yy"] == Mark(3, 5)
    assert document.marks["a", 0, "yy", 1] == Mark(3, 13)
    assert document.marks["a", 0] == Mark(2, 5)


def test_columns_count_characters():
    assert read("é: {b: c}").marks["é", "b"] == Mark(1, 8)


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "null\n"])
def test_an_empty_file(text):
    with pytest.raises(ConfigError, match="the file is empty"):
        read(text)


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_deep_nesting_is_refused_and_never_crashes(opening, loader):
    with pytest.raises(ConfigError, match="nested more than 32 levels deep"):
        read(opening * 3000, loader)


def test_fifty_thousand_brackets():
    # The C composer ends the process on this one; we never use it.
    with pytest.raises(ConfigError, match="nested more than 32 levels deep"):
        read("[" * 50_000)


def test_too_many_values():
    with pytest.raises(ConfigError, match="more than 100000 values"):
        read("a: [" + "x," * MAX_NODES + "]")


@pytest.mark.parametrize("loader", LOADERS)
def test_the_first_of_duplicate_keys_stays_and_the_second_is_told(loader):
    document = read("a: 1\nb: 2\na: {c: 3}\n", loader)
    assert document.value == {"a": "1", "b": "2"}
    assert [(m.line, m.column, m.message) for m in document.mistakes] == [
        (3, 1, "duplicate key 'a', first on line 1")
    ]


@pytest.mark.parametrize("loader", LOADERS)
def test_a_tab_in_the_indentation(loader):
    with pytest.raises(ConfigError) as caught:
        read("a:\n  b: 1\n\tc: 2\n", loader)
    (mistake,) = caught.value.mistakes
    assert (mistake.line, mistake.column) == (3, 1)
    assert mistake.message == "a tab in the indentation"


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize(
    ("text", "place"),
    [("s:\nn\n", (2, 1)), ("s:\nn\n\n", (2, 1)), ("s:\n  - 'n\n", (2, 5)), ("s: 'n\n\n", (1, 4))],
)
def test_what_shows_at_the_end_only_is_told_where_it_begins(loader, text, place):
    with pytest.raises(ConfigError) as caught:
        read(text, loader)
    (mistake,) = caught.value.mistakes
    assert (mistake.line, mistake.column) == place
    assert mistake.source


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("text", ["s:\nn", "a: [1,\n", "s: 'n", "[", "{a"])
def test_no_place_is_past_the_end_of_the_file(loader, text):
    with pytest.raises(ConfigError) as caught:
        read(text, loader)
    (mistake,) = caught.value.mistakes
    assert 1 <= mistake.line <= len(text.split("\n"))


def test_crlf_and_byte_order_mark():
    source = Source.from_bytes("f", Path(), b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    document = compose(source)
    assert document.value == {"a": "1", "b": "2"}
    assert document.keys["b",] == Mark(2, 1)
    assert source.lines[:2] == ["a: 1", "b: 2"]


@pytest.mark.parametrize("loader", LOADERS)
@given(text=st.text(alphabet="abp:-[]{}&*!|>'\"#%?,\n\t ~<0", max_size=60))
@settings(deadline=None, max_examples=150)
def test_any_text_is_read_or_refused(loader, text):
    with contextlib.suppress(ConfigError):
        read(text, loader)


@given(
    value=st.recursive(
        st.text(alphabet="abc 0:#'\"\n", max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(alphabet="abc0", min_size=1, max_size=4), inner, max_size=3)
        ),
        max_leaves=10,
    )
)
@settings(deadline=None, max_examples=100)
def test_what_pyyaml_writes_of_texts_is_read_back(value):
    text = yaml.safe_dump({"key": value}, default_style='"')
    document = read(text)
    assert document.value == {"key": value}
    assert not document.mistakes
