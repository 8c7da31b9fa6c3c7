"""Packet captures: pcap and pcapng, TCP put in order again, and the FIX messages in it."""

# .connection
from fixgate.net.capture.connection import Connection, Handshake

# .connections
from fixgate.net.capture.connections import Connections, Ended, Event, Missed, Spoken

# .files
from fixgate.net.capture.files import read_captures

# .messages
from fixgate.net.capture.messages import Seen, Speech

# .packet
from fixgate.net.capture.packet import Damage, Packet

# .reading
from fixgate.net.capture.reading import read_capture

__all__ = [
    "Connection",
    "Connections",
    "Damage",
    "Ended",
    "Event",
    "Handshake",
    "Missed",
    "Packet",
    "Seen",
    "Speech",
    "Spoken",
    "read_capture",
    "read_captures",
]
