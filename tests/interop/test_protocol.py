from __future__ import annotations

import pytest

from fixgate.interop import AskNumbers, EventKind, LogOn, PeerEvent, Send, SetNumbers
from fixgate.interop.protocol import (
    LineError,
    Stop,
    read_command,
    read_event,
    write_command,
    write_event,
)

LOGON = b"8=FIX.4.4\x019=70\x0135=A\x0134=12\x0149=A\x0156=B\x0158=\xe9\xff\x0110=000\x01"


@pytest.mark.parametrize(
    "command",
    [
        LogOn("FIX.4.4:A->B", ((553, "me"), (554, "secret"))),
        AskNumbers("FIX.4.4:A->B"),
        SetNumbers("FIX.4.4:A->B", next_in=3),
        Send("FIX.4.4:A->B", "1", ((112, "\u00e9 | \x01"),)),
        Stop(),
    ],
)
def test_a_command_comes_through(command):
    line = write_command(command)
    assert line.endswith("\n")
    assert line.count("\n") == 1
    assert read_command(line) == command


def test_an_event_comes_through_with_every_byte():
    event = PeerEvent(EventKind.FROM_ADMIN, 17, "FIX.4.4:A->B", LOGON)
    line = write_event(event)
    assert line.count("\n") == 1
    assert read_event(line) == event


def test_fields_of_an_event():
    event = PeerEvent(EventKind.FROM_ADMIN, 17, "FIX.4.4:A->B", LOGON)
    assert (event.field(8), event.field(34), event.field(4)) == ("FIX.4.4", "12", None)
    assert event.msg_type == "A"
    assert PeerEvent(EventKind.READY, 0).msg_type == ""


@pytest.mark.parametrize("line", ["", "{", "[]", "1", '{"do": "dance"}', '{"do": "stop", "x": 1}'])
def test_no_command(line):
    with pytest.raises(LineError, match="not a command"):
        read_command(line)


@pytest.mark.parametrize("line", ["", "{", "[]", '{"event": "dance"}', '{"event": "ready"}'])
def test_no_event(line):
    with pytest.raises(LineError, match="not an event"):
        read_event(line)
