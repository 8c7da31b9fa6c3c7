from __future__ import annotations

from pathlib import Path

import pytest

from fixgate.errors import RecordingError
from fixgate.latency.from_log import record_logs
from fixgate.net.journal import JournalStore
from fixgate.session.settings import SessionId
from fixgate.triage.model import Exchange, StampSource
from tests.fixtext import fix
from tests.net.stores import ID, LOGON, NOW_NS, THEIR_LOGON, folder_of

C, V = "49=CLIENT|56=VENUE", "49=VENUE|56=CLIENT"


def stored(root: Path) -> Path:
    """A Logon and an order, each answered."""
    store = JournalStore(root, ID, NOW_NS)
    store.sent(1, LOGON, NOW_NS)
    store.received(2, THEIR_LOGON, NOW_NS + 70_000)
    store.sent(2, fix(f"35=D|{C}|34=2|11=a|40=1"), NOW_NS + 100_000)
    store.received(3, fix(f"35=8|{V}|34=2|11=a|150=0"), NOW_NS + 300_000)
    store.flush()
    store.close()
    return folder_of(root)


def test_a_store_of_fixgate_is_a_log_of_its_end(tmp_path):
    stored(tmp_path)
    recording = record_logs([tmp_path])
    assert [(each.kind, each.name, each.wire_ns) for each in recording.samples] == [
        (Exchange.LOGON, "Logon", 70_000), (Exchange.ACKNOWLEDGEMENT, "a", 200_000)
    ]  # fmt: skip
    assert (recording.source, recording.precision_ns) == (StampSource.LOG, 1)
    assert recording.sessions[0].name == "FIX.4.4:CLIENT->VENUE"
    assert recording.remarks == ()


def test_several_stores_of_a_folder(tmp_path):
    for name in ("CLIENT", "TRADER"):
        store = JournalStore(tmp_path, SessionId("FIX.4.4", name, "VENUE"), NOW_NS)
        store.sent(1, fix(f"35=A|49={name}|56=VENUE|34=1|98=0|108=30"), NOW_NS)
        store.received(2, fix(f"35=A|49=VENUE|56={name}|34=1|98=0|108=30"), NOW_NS + 5)
        store.flush()
        store.close()
    recording = record_logs([tmp_path])
    assert {session.name for session in recording.sessions} == {
        "FIX.4.4:CLIENT->VENUE", "FIX.4.4:TRADER->VENUE"
    }  # fmt: skip
    assert [each.wire_ns for each in recording.samples] == [5, 5]


def test_damage_is_told_and_the_rest_is_used(tmp_path):
    path = stored(tmp_path)
    file = path / "00000001.journal"
    file.write_bytes(file.read_bytes().replace(b"40=1", b"40=2"))
    recording = record_logs([path])
    assert [each.kind for each in recording.samples] == [Exchange.LOGON]
    (remark,) = recording.remarks
    assert remark.startswith(f"{file}: byte ")
    assert remark.endswith("damaged record: bad checksum of its message; what can be read counts")


def test_a_folder_without_a_store(tmp_path):
    with pytest.raises(RecordingError) as error:
        record_logs([tmp_path])
    assert str(error.value) == (f"{tmp_path}: no store of fixgate is in it; expected one, or a log")


def test_a_segment_that_is_none(tmp_path):
    path = stored(tmp_path)
    (path / "00000001.journal").write_bytes(b"not a journal")
    with pytest.raises(RecordingError, match="not a journal of fixgate"):
        record_logs([path])
