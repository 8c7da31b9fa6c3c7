from __future__ import annotations

from pathlib import Path

import pytest

from fixgate.net.journal import JournalStore
from fixgate.net.readonly import ReadOnlyFolder
from fixgate.net.records import Torn, encode_file_header, encode_records
from fixgate.net.settings import Durability
from fixgate.net.survey import survey
from fixgate.session.settings import SessionId
from tests.net.stores import (
    ID,
    LOGON,
    NOW_NS,
    ORDER,
    THEIR_LOGON,
    folder_of,
    machine_stopped,
    write_store,
)

HEAD = 29


def starts(path: Path, generation: int) -> list[int]:
    with ReadOnlyFolder(path) as folder, folder.segment(generation) as segment:
        return [record[0] for record in segment.records(segment.header().size)]


def flip(file: Path, offset: int) -> None:
    data = bytearray(file.read_bytes())
    data[offset] ^= 0x41
    file.write_bytes(bytes(data))


def test_a_sound_store(tmp_path):
    path = write_store(tmp_path)
    found = survey(path)
    assert found.damage == ()
    assert (found.session_id, found.name) == (ID, "FIX.4.4:CLIENT->VENUE")
    assert [each.number for each in found.generations] == [1, 2]
    first, second = found.generations
    assert (first.sent, first.received, first.next_out, first.since_ns) == (1, 0, 2, NOW_NS)
    assert found.newest is second
    assert (second.next_out, second.next_in) == (3, 7)
    assert (second.sent, second.received) == (2, 1)
    assert (second.last_out_ns, second.last_in_ns) == (NOW_NS + 5, NOW_NS + 4)
    assert second.since_ns == NOW_NS + 2
    assert second.size_bytes == (path / "00000002.journal").stat().st_size
    assert (second.torn, found.in_use) == (None, False)
    assert found.holder is not None
    assert found.holder.generation == 2


def test_beside_a_running_process(tmp_path):
    store = JournalStore(tmp_path, ID, NOW_NS)
    store.sent(1, LOGON, NOW_NS)
    store.flush()
    found = survey(folder_of(tmp_path))
    assert (found.in_use, found.damage) == (True, ())
    assert found.newest is not None
    assert found.newest.sent == 1
    store.close()


def test_a_store_that_was_never_written(tmp_path):
    path = folder_of(tmp_path)
    path.mkdir(parents=True)
    (path / "lock").touch()
    found = survey(path)
    assert (found.newest, found.holder, found.damage) == (None, None, ())
    assert found.name == path.name


@pytest.mark.parametrize("cut", [1, HEAD - 1, HEAD, len(THEIR_LOGON)])
def test_a_torn_tail_is_named_and_no_damage(tmp_path, cut):
    path = write_store(tmp_path, killed=True)
    file = path / "00000002.journal"
    start = starts(path, 2)[2]
    file.write_bytes(file.read_bytes()[: start + cut])
    found = survey(path)
    assert found.damage == ()
    assert found.newest is not None
    assert (found.newest.torn, found.newest.next_out) == (start, 2)


def test_a_store_that_was_closed_and_is_shorter_now_is_damaged(tmp_path):
    path = write_store(tmp_path)
    file = path / "00000002.journal"
    size = file.stat().st_size
    file.write_bytes(file.read_bytes()[:-40])
    assert [str(each) for each in survey(path).damage] == [
        f"{file}: byte {size - 40}: it was {size} bytes long, of which 40 are missing"
    ]


@pytest.fixture
def synced(tmp_path) -> Path:
    """A store of somebody who syncs, killed: an order, then another; its only segment."""
    store = JournalStore(tmp_path, ID, NOW_NS, durability=Durability.EACH)
    for number in (1, 2):
        store.sent(number, ORDER, NOW_NS)
        store.flush()
    store._abandon()
    return folder_of(tmp_path) / "00000001.journal"


def test_what_had_not_reached_the_disk_is_named_and_no_damage(tmp_path, synced):
    data = synced.read_bytes()
    hole = len(data) - len(ORDER) - 10
    synced.write_bytes(data[:hole] + bytes(10) + data[hole + 10 :])
    assert len(survey(synced.parent).damage) == 1  # the machine has not stopped
    machine_stopped(synced.parent)
    found = survey(synced.parent)
    assert (found.damage, found.newest.next_out, found.newest.unsynced) == ((), 2, True)
    assert found.newest.torn == len(data) - len(ORDER) - HEAD
    assert found.newest.size_bytes == len(data)
    # Whoever opens it cuts there.
    store = JournalStore(tmp_path, ID, NOW_NS, durability=Durability.EACH)
    assert (store.recovered.offset, store.next_out) == (found.newest.torn, 2)
    store.close()


def test_what_a_later_mark_says_had_reached_the_disk_is_damage(synced):
    data = bytearray(synced.read_bytes())
    data[len(data) // 2] ^= 1
    synced.write_bytes(data)
    machine_stopped(synced.parent)
    assert len(survey(synced.parent).damage) == 1


def test_a_tail_of_zeros_is_torn(tmp_path):
    path = write_store(tmp_path)
    file = path / "00000002.journal"
    size = file.stat().st_size
    file.write_bytes(file.read_bytes() + bytes(100))
    found = survey(path)
    assert found.damage == ()
    assert found.newest is not None
    assert found.newest.torn == size


def test_a_torn_end_before_a_later_generation_is_damage(tmp_path):
    path = write_store(tmp_path)
    file = path / "00000001.journal"
    file.write_bytes(file.read_bytes()[:-1])
    found = survey(path)
    assert [str(each) for each in found.damage] == [
        f"{file}: byte {starts_of_first(path)}: ends in the middle of a record, and a later "
        "generation exists"
    ]


def starts_of_first(path: Path) -> int:
    with ReadOnlyFolder(path) as folder, folder.segment(1) as segment:
        records = list(segment.records(segment.header().size))
        assert isinstance(records[0], Torn)
        return records[0].offset


def test_every_flipped_byte_is_damage_at_its_record(tmp_path):
    path = write_store(tmp_path)
    file = path / "00000002.journal"
    offsets = starts(path, 2)
    sound = file.read_bytes()
    for at in range(len(sound)):
        flip(file, at)
        damage = survey(path).damage
        expected = max((start for start in offsets if start <= at), default=None)
        assert damage, at
        if expected is not None:
            assert damage[0].path == str(file)
            assert damage[0].offset == expected, at
        file.write_bytes(sound)


def test_reading_goes_on_behind_the_damage(tmp_path):
    path = write_store(tmp_path)
    file = path / "00000002.journal"
    first, second, third, fourth = starts(path, 2)
    flip(file, first + 4)
    flip(file, third + HEAD)
    found = survey(path)
    assert [(each.offset, each.resumes) for each in found.damage] == [
        (first, second),
        (third, fourth),
    ]
    assert [each.reason for each in found.damage] == [
        "damaged record: bad checksum of its header",
        "damaged record: bad checksum of its message",
    ]
    assert str(found.damage[0]).endswith(f"sound again from byte {second}")
    assert found.newest is not None
    assert (found.newest.received, found.newest.next_in) == (1, 7)


def test_damage_of_more_than_one_read(tmp_path):
    path = write_store(tmp_path)
    file = path / "00000002.journal"
    sound = file.read_bytes()
    start = starts(path, 2)[1]
    garbage = b"\x5a" * ((1 << 20) + 17)
    file.write_bytes(sound[:start] + garbage + sound[start:])
    damage = survey(path).damage
    assert [(each.offset, each.resumes) for each in damage] == [(start, start + len(garbage))]


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        ([(1, 5, 0, b"x"), (1, 5, 0, b"x")], "MsgSeqNum(34) goes backwards: 5 after 5"),
        ([(4, 9, 0, b""), (4, 3, 0, b"")], "MsgSeqNum(34) goes backwards: 3 after 8"),
        ([(1, 1, 0, b"x"), (9, 1, 0, b"x")], "unknown kind of record 9"),
    ],
)
def test_records_that_cannot_be_true(tmp_path, records, reason):
    path = write_store(tmp_path, killed=True)
    header = encode_file_header(2, NOW_NS, "FIX.4.4\x01CLIENT\x01VENUE")
    one, two = (encode_records([record]) for record in records)
    (path / "00000002.journal").write_bytes(header + one + two)
    damage = survey(path).damage
    assert [(each.offset, each.reason) for each in damage] == [(len(header) + len(one), reason)]


def test_what_is_wrong_with_the_folder(tmp_path):
    path = write_store(tmp_path)
    other = write_store(tmp_path, SessionId("FIX.4.4", "CLIENT", "OTHER"))
    (other / "00000001.journal").rename(path / "00000001.journal")
    (path / "notes.txt").write_text("x")
    (path / "lock").write_text("{}")
    (path / "audit.jsonl").write_text("x\n")
    assert [each.reason for each in survey(path).damage] == [
        "not a lock file of this fixgate",
        "foreign file in the folder of a store",
        "not a line of an audit trail",
        "of another session, FIX.4.4:CLIENT->OTHER, than FIX.4.4:CLIENT->VENUE",
    ]


def test_a_segment_that_is_gone_is_missed(tmp_path):
    path = write_store(tmp_path)
    (path / "00000002.journal").unlink()
    assert [str(each) for each in survey(path).damage] == [
        f"{path / '00000002.journal'}: missing segment: generation 2 was in use, the newest "
        "here is 1"
    ]


def test_a_header_that_names_no_session_and_another_generation(tmp_path):
    path = write_store(tmp_path, killed=True)
    header = encode_file_header(5, NOW_NS, "nobody, and nothing of FIX")
    (path / "00000002.journal").write_bytes(header)
    assert [each.reason for each in survey(path).damage] == [
        "its header names no session",
        "generation 5 by its header, 2 by its name",
    ]


def test_a_folder_with_another_name(tmp_path):
    path = write_store(tmp_path)
    moved = path.rename(tmp_path / "backup")
    assert [each.reason for each in survey(moved).damage] == [
        f"the folder's name should be '{path.name}'"
    ]


def test_an_order_is_not_lost_to_a_reader(tmp_path):
    path = write_store(tmp_path)
    with ReadOnlyFolder(path) as folder, folder.segment(2) as segment:
        messages = [record[4] for record in segment.records(segment.header().size)]
    assert messages == [LOGON, THEIR_LOGON, ORDER, b""]
