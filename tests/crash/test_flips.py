"""Every byte of a small store, one at a time: found, located, and no number begins anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixgate.errors import StoreError
from fixgate.net.journal import JournalStore
from fixgate.net.renumber import renumber
from fixgate.net.settings import Durability
from fixgate.net.survey import survey
from tests.net.stores import ID, NOW_NS, folder_of, write_store

FILES = ["00000001.journal", "00000002.journal", "lock", "audit.jsonl"]


@pytest.fixture
def folder(tmp_path) -> Path:
    """A store of two generations, moved by hand once; its next numbers are 30 and 41."""
    path = write_store(tmp_path)
    renumber(path, next_out=29, next_in=40, reset=False, reason="agreed by phone", now_ns=NOW_NS)
    store = JournalStore(tmp_path, ID, NOW_NS, durability=Durability.EACH)
    store.sent(29, b"8=FIX.4.4\x01", NOW_NS)
    store.received(41, b"8=FIX.4.4\x01", NOW_NS)
    store.close()
    assert sorted(each.name for each in path.iterdir()) == sorted(FILES)
    return path


def opened(folder: Path) -> StoreError | tuple[int, int]:
    """The next numbers of the store, or why it is refused."""
    try:
        store = JournalStore(folder.parent, ID, NOW_NS)
    except StoreError as error:
        return error
    store.close()
    return store.next_out, store.next_in


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_byte_is_found_and_located_and_nothing_restarts_at_one(folder, name):
    file = folder / name
    whole = {each: (folder / each).read_bytes() for each in FILES}
    for place in range(len(whole[name])):
        damaged = bytearray(whole[name])
        damaged[place] ^= 0x41
        file.write_bytes(damaged)
        found = survey(folder).damage
        assert any(
            each.path == str(file) and each.offset is not None and each.offset <= place
            for each in found
        ), (place, found)
        result = opened(folder)
        if isinstance(result, StoreError):
            assert result.path == str(file)
            assert result.offset is not None
            assert result.offset <= place
        else:
            # An old generation, or the trail: nothing that numbers depend on.
            assert result == (30, 41)
            assert name in ("00000001.journal", "audit.jsonl")
        for each, data in whole.items():
            (folder / each).write_bytes(data)
    JournalStore(folder_of(folder.parent).parent, ID, NOW_NS).close()
    assert survey(folder).damage == ()


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_short_or_gone_restarts_nothing(folder, name):
    file = folder / name
    whole = {each: (folder / each).read_bytes() for each in FILES}
    for size in [*range(len(whole[name])), None]:
        if size is None:
            file.unlink()
        else:
            file.write_bytes(whole[name][:size])
        result = opened(folder)
        if isinstance(result, StoreError):
            assert result.path == str(file)
        else:
            assert result == (30, 41)
        for each, data in whole.items():
            (folder / each).write_bytes(data)
