"""Drivers' answers, as bytes by the kernel's header."""

from hypothesis import given
from hypothesis import strategies as st

from fixgate.host.facts.ethtool import QUESTIONS, nic_settings
from fixgate.host.nic import NicSettings
from tests.host.machines import ICE, VIRTIO, answer

# As virtio_net of Linux 6.18 answered.
REAL = {
    0x10: bytes.fromhex(
        "10000000" "00010000" "00000000" "00000000" "00010000" "00010000" "00000000" "00000000"
        "00010000"
    ),
    0x3C: bytes.fromhex(
        "3c000000" "00000000" "00000000" "00000000" "01000000" "00000000" "00000000" "00000000"
        "01000000"
    ),
    0x41: bytes.fromhex("41000000" "1a000000" "ffffffff") + bytes(32),
}  # fmt: skip


def test_a_driver_with_every_setting():
    assert nic_settings(ICE) == NicSettings(
        driver="ice", driver_version="6.8.0-31-generic", firmware="4.40 0x8001b0ae 1.3436.0",
        bus="0000:3b:00.0", rx_ring=2048, rx_ring_most=8160, tx_ring=256, tx_ring_most=8160,
        rx_usecs=50, rx_frames=256, adaptive_rx=True, rx_pause=True, tx_pause=False, channels=2,
        channels_most=8, gro=True, lro=False, tso=True, timestamping=0x5F, phc=0,
    )  # fmt: skip


def test_bytes_of_a_real_one():
    said = nic_settings(REAL)
    assert (said.rx_ring, said.rx_ring_most, said.tx_ring, said.tx_ring_most) == (256,) * 4
    assert (said.channels, said.channels_most) == (1, 1)
    assert (said.timestamping, said.phc) == (0x1A, -1)


def test_what_a_driver_does_not_know_is_not_known():
    said = nic_settings(VIRTIO)
    assert (said.rx_pause, said.tx_pause) == (None, None)
    assert said.firmware == ""
    assert nic_settings({}) == NicSettings()


def test_lro_is_a_flag_of_several():
    assert nic_settings({0x25: answer(0x25, 1 << 15 | 1 << 27)}).lro is True
    assert nic_settings({0x25: answer(0x25, 1 << 27)}).lro is False


def test_firmware_that_is_not_available_is_empty():
    data = ICE[0x03][:68] + b"N/A".ljust(32, b"\0") + ICE[0x03][100:]
    assert nic_settings({0x03: data}).firmware == ""


@given(st.dictionaries(st.sampled_from(sorted(QUESTIONS)), st.binary(max_size=200)))
def test_no_bytes_raise(answers: dict[int, bytes]):
    said = nic_settings(answers)
    assert said.rx_ring is None or len(answers[0x10]) == QUESTIONS[0x10]
