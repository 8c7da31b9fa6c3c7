from __future__ import annotations

import io
import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from fixgate.cli.latency import latency
from fixgate.cli.main import main
from fixgate.net.stamped import can_stamp
from fixgate.report.latency.json import SCHEMA_VERSION


def run(*args: str):
    return CliRunner().invoke(main, ["latency", *args])


US = ("--sender", "ME", "--target", "VENUE")


def us(sender: str) -> tuple[str, ...]:
    """Somebody whom the venue has not met: every test has a store of its own."""
    return ("--sender", sender, "--target", "VENUE")


QUICK = ("--closed-loop", "--count", "6")


@pytest.fixture(scope="module")
def venue() -> Iterator[str]:
    """A venue in a thread of its own; its address."""
    import asyncio

    from tests.live.checking import venue as running

    loop = asyncio.new_event_loop()
    started = threading.Event()
    found: list[str] = []

    async def serve() -> None:
        async with running() as gateway:
            stop = asyncio.Event()
            found.extend([str(gateway.addresses[0])])
            loop.stop_serving = stop.set  # type: ignore[attr-defined]
            started.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert started.wait(5)
    yield found[0]
    loop.call_soon_threadsafe(loop.stop_serving)  # type: ignore[attr-defined]
    thread.join(5)
    loop.close()


def file_of(folder: Path, venue: str, orders: str) -> str:
    path = folder / "s.yaml"
    path.write_text(
        f"sessions:\n  - {{name: one, connect: '{venue}', begin_string: FIX.4.4, ours: ME,\n"
        f"     theirs: VENUE, store: memory, reset_on_logon: true, {orders}}}\n"
    )
    return str(path)


ALLOWED = "orders: {allow: true, symbol: ABC, price: 50}"
ORDERS = f"level: order, {ALLOWED}"
FILLS = "level: order, orders: {allow: true, symbol: ABC, price: 50, fills: {buy: 101, sell: 99}}"


@pytest.mark.live
@pytest.mark.parametrize(
    ("orders", "options", "exchanges"),
    [
        ("level: session", (), ["heartbeat"]),
        (ORDERS, (), ["heartbeat", "ack", "cancel"]),
        (ORDERS, ("--level", "session"), ["heartbeat"]),
        (
            ORDERS.replace("level: order, ", ""),
            ("--level", "order"),
            ["heartbeat", "ack", "cancel"],
        ),
        (FILLS, ("--fills",), ["heartbeat", "ack", "fill", "cancel"]),
    ],
)
def test_a_file_says_what_is_sent(venue, tmp_path, orders, options, exchanges):
    result = run(file_of(tmp_path, venue, orders), *QUICK, *options, "--json", "-")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert (document["schema"], document["schema_version"]) == ("fixgate-latency", SCHEMA_VERSION)
    found = {each["exchange"] for each in document["series"]}
    assert found - {"tcp", "logon"} == set(exchanges)


@pytest.mark.live
def test_a_budget_that_is_missed_is_exit_1_and_told(venue):
    result = run(venue, *us("A"), *QUICK, "--budget", "max<1ns", "--budget", "p50<1s")
    assert result.exit_code == 1
    assert "missed" in result.stdout
    assert "max<1ns" in result.stdout
    assert run(venue, *us("B"), *QUICK, "--budget", "p50<5s").exit_code == 0


@pytest.mark.live
def test_every_report_is_written(venue, tmp_path):
    files = {kind: tmp_path / "out" / f"r.{kind}" for kind in ("json", "html", "hdr")}
    options = [part for kind, path in files.items() for part in (f"--{kind}", str(path))]
    result = run(venue, *us("C"), "--rate", "100", "--count", "10", *options)
    assert result.exit_code == 0, result.output
    assert json.loads(files["json"].read_text())["mode"] == "open"
    assert files["html"].read_text().startswith("<!doctype html>")
    assert files["hdr"].read_text().startswith("#[")
    assert [line.split()[0] for line in result.stderr.splitlines()] == ["wrote"] * 3


@pytest.mark.live
def test_every_sample_is_written_if_asked_for(venue, tmp_path):
    from fixgate.triage import read_samples

    file = tmp_path / "samples.jsonl"
    result = run(venue, *us("G"), *QUICK, "--samples", str(file))
    assert result.exit_code == 0, result.output
    with file.open() as lines:
        kinds = [each.kind.value for each in read_samples(lines, str(file))]
    assert kinds.count("TestRequest to Heartbeat") == 6
    result = run(venue, *us("H"), *QUICK, "--samples", "-")
    assert [json.loads(line)["session"] for line in result.stdout.splitlines()].count(venue) == 7


@pytest.mark.live
@pytest.mark.skipif(not can_stamp(), reason="needs Linux")
def test_times_are_labelled_by_their_clock(venue):
    def sources(*args: str) -> set[str]:
        document = json.loads(run(venue, *args, *QUICK, "--json", "-").stdout)
        beats = [each for each in document["series"] if each["exchange"] == "heartbeat"]
        return {each["source"] for each in beats}

    assert sources(*us("D")) == {"kernel"}
    assert sources(*us("E"), "--no-stamps") == {"user space"}
    assert "stamps of the kernel" in run(venue, *us("F"), *QUICK).stdout


def test_a_session_that_does_not_come_up_is_exit_1_and_says_why(closed_port):
    result = run(closed_port, *US, *QUICK)
    assert result.exit_code == 1
    assert "refused" in result.stdout


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ((), "Missing argument 'TARGET...', or --pcap or --log."),
        (("h:1", "--pcap", __file__), "TARGET, --pcap and --log exclude each other."),
        (("--pcap", __file__, "--log", __file__), "TARGET, --pcap and --log exclude each other."),
        (("--pcap", __file__), "byte 0"),
        (("--pcap", "nowhere.pcap"), "nowhere.pcap"),
        (("h:1", *US, "--closed-loop", "--rate", "5"), "--closed-loop and --rate exclude each"),
        (("h:1",), "h:1: needs --sender and --target."),
        (("h:1", *US, "--rate", "0"), "--rate"),
        (("h:1", *US, "--count", "0"), "--count"),
        (("h:1", *US, "--duration", "10"), "--duration"),
        (("h:1", *US, "--budget", "p99<2parsecs"), "column"),
        (("h:1", *US, "--budget", "heartbet p99<2ms"), "heartbeat"),
        (("h:1", *US, "--level", "tcp"), "--level"),
        (("h:1", *US, "--fills"), "h:1: --fills needs level order, and fills under orders"),
        (("h:1", *US, "--json", "-", "--hdr", "-"), "Only one report"),
        (("nowhere.yaml",), "nowhere.yaml"),
    ],
)
def test_wrong_usage_is_exit_2_and_says_what_is_wrong(args, told):
    result = run(*args)
    assert result.exit_code == 2, result.output
    assert told in result.stderr


def soh(body: str) -> str:
    from tests.fixtext import fix

    return fix(body).decode("latin-1")


LOG = "".join(
    f"20261122-10:30:00.{at:03} : {soh(body)}\n"
    for at, body in [
        (1, "35=A|34=1|49=DESK|56=VENUE|52=20261122-10:30:00|98=0|108=30"),
        (9, "35=A|34=1|49=VENUE|56=DESK|52=20261122-10:30:00|98=0|108=30"),
        (20, "35=1|34=2|49=DESK|56=VENUE|52=20261122-10:30:00|112=X"),
        (27, "35=0|34=2|49=VENUE|56=DESK|52=20261122-10:30:00|112=X"),
        (30, "35=1|34=3|49=DESK|56=VENUE|52=20261122-10:30:00|112=Y"),
    ]
)
LOG += f"20261122-10:30:30.000 : {soh('35=0|34=4|49=DESK|56=VENUE|52=20261122-10:30:30')}\n"


def test_a_log_gives_the_same_report(tmp_path):
    path = tmp_path / "FIX.4.4-DESK-VENUE.messages.current.log"
    path.write_bytes(LOG.encode("latin-1"))
    result = run("--log", str(path), "--json", "-")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert (document["mode"], document["precision_ns"]) == ("log", 1_000_000)
    beats = next(each for each in document["series"] if each["exchange"] == "heartbeat")
    assert beats["unanswered"] == 1
    assert beats["figures"]["app"]["max_ns"] == 7_000_000
    assert run("--log", str(path), "--samples", "-").stdout.count("TestRequest to Heartbeat") == 1
    assert run("--log", str(path), "--budget", "heartbeat max<8ms").exit_code == 1
    assert run("--log", str(path), "--budget", "heartbeat p50<8ms").exit_code == 0
    assert run("--log", str(path), "--budget", "heartbeat p50<7ms").exit_code == 1


class Interrupted(io.BytesIO):
    """A log during whose first read Ctrl-C is pressed."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.pressed = False

    def read(self, size: int | None = -1) -> bytes:
        if not self.pressed:
            self.pressed = True
            os.kill(os.getpid(), signal.SIGINT)
        return super().read(size)


def test_ctrl_c_ends_the_writer_of_a_pipe_and_not_its_report():
    pipe = Interrupted(LOG.encode("latin-1"))
    result = CliRunner().invoke(main, ["latency", "--log", "-", "--json", "-"], input=pipe)
    assert pipe.pressed
    assert result.exit_code == 0, result.output
    beats = [
        each for each in json.loads(result.stdout)["series"] if each["exchange"] == "heartbeat"
    ]
    assert beats[0]["figures"]["app"]["max_ns"] == 7_000_000


def test_a_store_of_fixgate_is_a_log(tmp_path):
    from tests.latency.test_stored import stored

    stored(tmp_path)
    result = run("--log", str(tmp_path), "--json", "-")
    assert result.exit_code == 0, result.output
    assert {each["exchange"] for each in json.loads(result.stdout)["series"]} == {"logon", "ack"}


def test_a_file_without_a_message_determines_nothing(tmp_path):
    path = tmp_path / "empty.log"
    path.write_text("nothing here\n")
    result = run("--log", str(path))
    assert result.exit_code == 3
    assert "there are no messages in the log" in result.stdout
    assert "1970" not in result.stdout


def test_orders_that_the_file_does_not_allow_are_not_sent(closed_port):
    result = run(closed_port, *US, *QUICK, "--level", "order")
    assert "no orders allowed, measured by TestRequests" in result.stderr


def test_every_option_is_documented():
    text = Path("docs/latency.md").read_text()
    options = [name for param in latency.params for name in param.opts if name.startswith("--")]
    shared = {
        "--sender", "--target", "--begin-string", "--application-version", "--username",
        "--password-file", "--tls", "--ca", "--ignore-schedule", "--plain", "--no-color",
        "--verbose", "--deadline",
    }  # fmt: skip
    assert [name for name in options if name not in shared and name not in text] == []
