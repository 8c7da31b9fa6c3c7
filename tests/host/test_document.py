"""A snapshot written and read again; files that hold none."""

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.errors import SnapshotError
from fixgate.host.document import facts_of, read_document
from fixgate.host.model import Snapshot
from fixgate.host.reading import read_snapshot
from tests.host.judging.helpers import BEST
from tests.host.machines import METAL, Devices
from tests.host.trees import plant


def document(snapshot: Snapshot) -> dict[str, object]:
    return {"schema": "fixgate-host", "schema_version": 1, "facts": facts_of(snapshot)}


def written(changed: dict[str, object] | None = None) -> bytes:
    return json.dumps({**document(BEST), **(changed or {})}).encode()


def test_what_is_written_reads_the_same(tmp_path: Path):
    assert read_document(written(), "f.json") == BEST
    read = read_snapshot(root=plant(tmp_path, METAL), devices=Devices())
    assert read_document(json.dumps(document(read)).encode(), "f.json") == read


def test_keys_that_are_not_known_are_passed_over():
    facts = facts_of(BEST)
    machine = facts["machine"]
    assert isinstance(machine, dict)
    machine["colour"] = "grey"
    assert read_document(written({"facts": facts, "lines": []}), "f.json") == BEST


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "f.json:1:1: no JSON: Expecting value"),
        (b'{\n "schema": ,', "f.json:2:12: no JSON: Expecting value"),
        (b"{\xff}", "f.json:byte 1: received no UTF-8"),
        (b"[]", "f.json: received an array, expected an object"),
        (b"{}", 'f.json:schema: received nothing, expected "fixgate-host"'),
        (
            b'{"schema": "fixgate-check", "schema_version": 1}',
            'f.json:schema: received "fixgate-check", expected "fixgate-host"',
        ),
        (
            b'{"schema": "fixgate-host", "schema_version": 2}',
            "f.json:schema_version: received 2, expected 1",
        ),
        (b'{"schema": "fixgate-host", "schema_version": 1}', "f.json:facts: is missing"),
        (
            b'{"schema": "fixgate-host", "schema_version": 1, "facts": 7}',
            "f.json:facts: received 7: input should be an object",
        ),
    ],
)
def test_a_file_that_holds_none(data: bytes, message: str):
    with pytest.raises(SnapshotError) as caught:
        read_document(data, "f.json")
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("part", "name", "value", "message"),
    [
        ("process", "affinity", [2, "x"], 'facts.process.affinity[1]: received "x": '),
        ("processor", "online", 7, "facts.processor.online: received 7: "),
        ("machine", "virtual", "yes", 'facts.machine.virtual: received "yes": '),
        ("memory", "total_kib", 1.5, "facts.memory.total_kib: received 1.5: "),
    ],
)
def test_a_damaged_fact_is_named(part: str, name: str, value: object, message: str):
    facts = facts_of(BEST)
    group = facts[part]
    assert isinstance(group, dict)
    group[name] = value
    with pytest.raises(SnapshotError) as caught:
        read_document(written({"facts": facts}), "f.json")
    assert str(caught.value).startswith(f"f.json:{message}")


def test_a_fact_that_is_missing_is_named():
    facts = facts_of(BEST)
    del facts["host"]
    with pytest.raises(SnapshotError, match=r"f\.json:facts\.host: received nothing: "):
        read_document(written({"facts": facts}), "f.json")


@pytest.mark.parametrize("taken_ns", [-1, 10**21])
def test_an_instant_beyond_all_dates_is_none(taken_ns: int):
    facts = {**facts_of(BEST), "taken_ns": taken_ns}
    with pytest.raises(SnapshotError, match=r"facts\.taken_ns"):
        read_document(written({"facts": facts}), "f.json")


def test_deep_nesting_is_no_snapshot():
    with pytest.raises(SnapshotError):
        read_document(b"[" * 100_000, "f.json")


@given(st.binary() | st.integers(0, 3000).map(lambda at: written()[:at]))
def test_no_bytes_raise_anything_else(data: bytes):
    with pytest.raises(SnapshotError):
        read_document(data, "f.json")


@given(st.data())
def test_no_changed_byte_raises_anything_else(data: st.DataObject):
    whole = bytearray(written())
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] = data.draw(st.integers(0, 255))
    with suppress(SnapshotError):
        assert isinstance(read_document(bytes(whole), "f.json"), Snapshot)


def test_a_snapshot_of_another_day_is_another():
    assert read_document(written(), "f") != replace(BEST, taken_ns=BEST.taken_ns + 1)
