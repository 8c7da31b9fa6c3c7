from __future__ import annotations

import contextlib
from base64 import b64encode
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.config.units import (
    parse_address,
    parse_bool,
    parse_count,
    parse_decimal,
    parse_duration,
    parse_fingerprint,
    parse_network,
    parse_pin,
    parse_size,
)
from fixgate.net.settings import Address


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("500ms", 500_000_000),
        ("8s", 8_000_000_000),
        ("1.5s", 1_500_000_000),
        ("0.1s", 100_000_000),
        ("2m", 120_000_000_000),
        ("1h", 3_600_000_000_000),
        ("7us", 7_000),
        ("1ns", 1),
        ("0s", 0),
        ("8 s", 8_000_000_000),
    ],
)
def test_durations(text, ns):
    assert parse_duration(text) == ns


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("8", "did you mean '8s'?"),
        ("8S", "did you mean '8s'?"),
        ("8 seconds", "did you mean '8s'?"),
        ("8min", "did you mean '8m'?"),
        ("8hours", "did you mean '8h'?"),
        ("8 millis", "did you mean '8ms'?"),
        ("8d", None),
        ("-1s", None),
        ("+1s", None),
        ("", None),
        ("s", None),
        ("1e3s", None),
        ("1_000s", None),
        ("10:30:00", None),
        ("never", None),
        ("٣s", None),
        ("0.5ns", None),
        ("9" * 40 + "s", None),
    ],
)
def test_no_durations(text, hint):
    with pytest.raises(ValueError, match="expected a duration") as caught:
        parse_duration(text)
    assert getattr(caught.value, "__notes__", []) == ([] if hint is None else [hint])


@pytest.mark.parametrize(
    ("text", "size"), [("512B", 512), ("64KiB", 65536), ("4MiB", 4 * 1024**2), ("1GiB", 1024**3)]
)
def test_sizes(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("4MB", "4MiB"), ("4kb", "4KiB"), ("4096", "4096B"), ("4mib", "4MiB"), ("4X", None),
        ("0.3B", None), ("4M", None),
    ],
)  # fmt: skip
def test_no_sizes(text, hint):
    with pytest.raises(ValueError, match="expected a size") as caught:
        parse_size(text)
    notes = getattr(caught.value, "__notes__", [])
    assert notes == ([] if hint is None else [f"did you mean '{hint}'?"])


@pytest.mark.parametrize("text", ["0.1", "100", "-5.25", "0010", "0.000000000001"])
def test_decimals_are_exact(text):
    assert parse_decimal(text) == Decimal(text)


@pytest.mark.parametrize(
    "text", ["NaN", "inf", "1e400", "1,5", "0x10", "", "-", "1.", ".5", " 1", "1_000", "9" * 30]
)
def test_no_decimals(text):
    with pytest.raises(ValueError, match="expected a decimal number"):
        parse_decimal(text)


def test_leading_zeros_are_no_octal():
    assert parse_count("0010") == 10


@pytest.mark.parametrize("text", ["-1", "1.0", "1e3", "0x1", "", "³"])
def test_no_counts(text):
    with pytest.raises(ValueError, match="expected a whole number"):
        parse_count(text)


def test_truth_is_true_or_false():
    assert parse_bool("true") is True
    assert parse_bool("false") is False
    for text, hint in [("yes", "true"), ("No", "false"), ("ON", "true"), ("FALSE", "false")]:
        with pytest.raises(ValueError, match="expected true or false") as caught:
            parse_bool(text)
        assert caught.value.__notes__ == [f"did you mean '{hint}'?"]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:5001", Address("127.0.0.1", 5001)),
        ("fix.venue.example:9878", Address("fix.venue.example", 9878)),
        ("[::1]:5001", Address("::1", 5001)),
        ("[fe80::1%eth0]:5001", Address("fe80::1%eth0", 5001)),
        ("localhost:65535", Address("localhost", 65535)),
    ],
)
def test_addresses(text, address):
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text", ["", ":", "host", "host:", ":5001", "host:0", "host:65536", "host:80a", "host:-1",
             "a b:1", "-x:1", "[zz]:1", "::1:5001", "http://a:1", "host:٣", "host: 1"],
)  # fmt: skip
def test_no_addresses(text):
    with pytest.raises(ValueError, match=r"expected|brackets"):
        parse_address(text)


def test_a_listener_may_let_the_system_choose():
    assert parse_address("127.0.0.1:0", listening=True) == Address("127.0.0.1", 0)


@given(text=st.text(max_size=30))
def test_any_text_is_read_or_a_value_error(text):
    for parse in (
        parse_address, parse_bool, parse_count, parse_decimal, parse_duration, parse_size
    ):  # fmt: skip
        with contextlib.suppress(ValueError):
            parse(text)


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("10.1.0.0/16", "10.1.0.0/16"),
        ("192.0.2.7", "192.0.2.7/32"),
        ("::1", "::1/128"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("::ffff:10.1.0.0/112", "10.1.0.0/16"),
        ("0.0.0.0/0", "0.0.0.0/0"),
    ],
)
def test_networks(text, network):
    assert str(parse_network(text)) == network


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("10.1.2.3/16", "did you mean '10.1.0.0/16'?"),
        ("2001:db8::1/32", "did you mean '2001:db8::/32'?"),
        ("[::1]", "did you mean '::1'?"),
        ("10.1.0.0/33", None),
        ("10.1.0.0/255.255.0.0", None),
        ("10.1.0.0/", None),
        ("10.1.0", None),
        ("010.1.0.0", None),
        ("desk.example", None),
        ("fe80::1%eth0", None),
        ("5", None),
        ("", None),
    ],
)
def test_no_networks(text, hint):
    with pytest.raises(ValueError, match=r"expected an address such as 192\.0\.2\.7") as caught:
        parse_network(text)
    assert getattr(caught.value, "__notes__", [None]) == [hint]


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_networks(text):
    with contextlib.suppress(ValueError):
        parse_network(text)


def test_a_pin():
    pin = "sha256/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    assert parse_pin(pin) == pin


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            "did you mean 'sha256/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8='?",
        ),
        ("sha256/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", None),
        ("sha256/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=", None),  # bits beyond the last byte
        ("sha256/_AECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", None),
        ("sha1/AAECAwQFBgcICQoLDA0ODxAREhMUFRY=", None),
        ("sha256/", None),
        ("", None),
    ],
)
def test_no_pins(text, hint):
    with pytest.raises(ValueError, match="expected sha256/") as caught:
        parse_pin(text)
    assert getattr(caught.value, "__notes__", [None]) == [hint]


@given(st.binary(min_size=32, max_size=32))
def test_every_digest_is_a_pin_and_a_fingerprint(digest):
    pin = f"sha256/{b64encode(digest).decode()}"
    assert parse_pin(pin) == pin
    fingerprint = ":".join(f"{byte:02X}" for byte in digest)
    for text in (fingerprint, fingerprint.lower(), digest.hex(), digest.hex().upper()):
        assert parse_fingerprint(text) == fingerprint


@pytest.mark.parametrize("text", ["", "AA:BB", "0" * 63, "0" * 65, "00:" * 32, "0g" * 32])
def test_no_fingerprints(text):
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        parse_fingerprint(text)
