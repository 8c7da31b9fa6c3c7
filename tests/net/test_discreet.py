from __future__ import annotations

from contextlib import closing

import pytest

from fixgate.net.discreet import DiscreetJournal
from fixgate.session.settings import SessionId

ID = SessionId("FIX.4.4", "CLIENT", "VENUE")


@pytest.mark.parametrize(
    ("received", "kept"),
    [
        ("58=no: hunter2, hunter2|", "58=no: *******, *******|"),
        ("58=pässwörd|", "58=**********|"),
        ("58=hunter|11=hunter2x|", "58=hunter|11=********|"),
        ("58=abc is too short to be told from a word|", None),
        ("58=Hunter2|", None),
    ],
)
def test_what_a_venue_repeats_of_our_secrets_is_overwritten(tmp_path, received, kept):
    secrets = ("hunter2", "hunter2x", "pässwörd", "abc")
    with closing(DiscreetJournal(tmp_path, ID, 1, secrets)) as store:
        store.received(2, received.encode(), 1)
    (segment,) = tmp_path.rglob("*.journal")
    assert segment.read_bytes().endswith((kept or received).encode())
    with closing(DiscreetJournal(tmp_path, ID, 2, secrets)) as store:
        assert store.next_in == 2


def test_what_we_send_is_kept_to_the_letter(tmp_path):
    with closing(DiscreetJournal(tmp_path, ID, 1, ("hunter2",))) as store:
        store.sent(1, b"11=hunter2|", 1)
        assert list(store.messages(1, 1)) == [(1, b"11=hunter2|")]
