"""This machine asked, which anybody may; what it answers is another's to say."""

import sys

import pytest

from fixgate.host.devices import SystemDevices

DEVICES = SystemDevices()


def test_no_address_has_no_way():
    assert DEVICES.interface_to("no address") is None


def test_no_interface_has_no_answers():
    assert DEVICES.ethtool("no such one") == {}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the kernel is not asked")
def test_loopback_is_led_to_by_lo():
    assert DEVICES.interface_to("127.0.0.1") == "lo"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the kernel is not asked")
def test_the_kernels_clock():
    clock = DEVICES.kernel_clock()
    assert clock is not None
    assert clock.max_error_us >= 0


def test_without_chrony_it_says_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert DEVICES.chronyc() is None


@pytest.mark.skipif(sys.platform == "win32", reason="the program is a shell script")
@pytest.mark.parametrize(
    ("script", "answer"),
    [("echo A,B", "A,B\n"), ("echo A,B; exit 1", None), ("kill -9 $$", None)],
)
def test_chronys_program(
    monkeypatch: pytest.MonkeyPatch, tmp_path, script: str, answer: str | None
):
    program = tmp_path / "chronyc"
    program.write_text(f"#!/bin/sh\n[ \"$*\" = '-c tracking' ] || exit 9\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert DEVICES.chronyc() == answer
