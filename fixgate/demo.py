"""The demonstration: an exchange, a fleet against it, and what each check is meant to find.

Everything is real: TCP, TLS, stores on disk, the exchange in a process of its own. The venue and
the fleet are scenarios/demo/venue.yaml and scenarios/demo/fleet.yaml; certificates, passwords and
the one broken sequence number are made here, afresh on every run.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_urlsafe

from fixgate.errors import EngineUnavailable, FixgateError
from fixgate.net.journal import JournalStore
from fixgate.session.settings import SessionId

__all__ = ["DemoError", "environment", "exchange", "set_stage"]

MARKER = ".fixgate-demo"
"""A folder with this file in it is ours to empty."""

_LISTENERS = ("FIXGATE_DEMO_PLAIN", "FIXGATE_DEMO_TLS", "FIXGATE_DEMO_EXPIRED")
_START_SECONDS = 20
_STOP_SECONDS = 10


class DemoError(FixgateError):
    """The demonstration cannot be set up; the text says why."""


def set_stage(folder: Path, scenario: Path, now_ns: int) -> None:
    """Empty ``folder`` and put everything into it that the demonstration needs.

    Args:
        folder: Made when it is not there; must be empty, or an earlier demonstration's.
        scenario: The folder of venue.yaml and fleet.yaml.
        now_ns: Nanoseconds since the epoch, UTC.

    Raises:
        DemoError: ``folder`` holds something else.
        EngineUnavailable: The package that makes certificates is not installed.
    """
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARKER).exists():
            raise DemoError(f"{folder} is not empty and not from an earlier demonstration")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).touch()
    for name in ("venue.yaml", "fleet.yaml"):
        shutil.copyfile(scenario / name, folder / name)
    _make_certificates(folder / "tls", datetime.fromtimestamp(now_ns // 10**9, UTC))
    _make_passwords(folder / "secrets")
    _lose_a_sequence_number(folder / "store" / "exchange", now_ns)


def _make_certificates(folder: Path, now: datetime) -> None:
    try:
        import trustme
    except ImportError as error:
        raise EngineUnavailable(
            "the demonstration makes certificates with trustme: pip install 'fixgate[demo]'"
        ) from error
    folder.mkdir(mode=0o700)
    authority = trustme.CA(organization_name="fixgate demo")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    names = ("localhost", "127.0.0.1")
    venue = authority.issue_cert(*names)
    expired = authority.issue_cert(
        *names, not_before=now - timedelta(days=400), not_after=now - timedelta(days=3)
    )
    for name, certificate in (("venue", venue), ("expired", expired)):
        for number, blob in enumerate(certificate.cert_chain_pems):
            blob.write_to_path(folder / f"{name}.pem", append=number > 0)
        certificate.private_key_pem.write_to_path(folder / f"{name}.key")
        (folder / f"{name}.key").chmod(0o600)


def _make_passwords(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    for name in ("desk5", "desk7", "desk7-old"):
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(token_urlsafe(12), encoding="ascii")


def _lose_a_sequence_number(folder: Path, now_ns: int) -> None:
    """Let the exchange remember a morning's traffic that the client's store has lost."""
    store = JournalStore(folder, SessionId("FIX.4.4", "EXCHANGE", "DESK8"), now_ns)
    store.set_next_in(812, now_ns)
    store.set_next_out(655, now_ns)
    store.close()


@contextmanager
def exchange(folder: Path) -> Iterator[dict[str, str]]:
    """Run the exchange of ``folder``; yield the ports as environment variables.

    Raises:
        DemoError: It does not come up; what it said is in the text.
    """
    command = [sys.executable, "-m", "fixgate", "serve", str(folder / "venue.yaml")]
    log_path = folder / "exchange.log"
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))  # bound and not listening: refuses, and nobody else gets it
    with log_path.open("w", encoding="utf-8") as log, closed:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.PIPE, text=True
        )
        try:
            ports = _read_ports(process)
            names = (*_LISTENERS, "FIXGATE_DEMO_SILENT")
            environ = dict(zip(names, ports, strict=True))
            yield environ | {"FIXGATE_DEMO_CLOSED": str(closed.getsockname()[1])}
        finally:
            _stop(process, log_path)


def _read_ports(process: subprocess.Popen[str]) -> list[str]:
    assert process.stderr is not None
    ports: list[str] = []
    said: list[str] = []
    for line in process.stderr:
        said.append(line.rstrip())
        word, _, address = line.strip().partition(" ")
        if word in ("ready", "also"):
            ports.append(address.rpartition(":")[2])
        if len(ports) == len(_LISTENERS) + 1:
            return ports
    process.wait(_START_SECONDS)
    raise DemoError("the exchange did not come up:\n" + "\n".join(said))


def _stop(process: subprocess.Popen[str], log_path: Path) -> None:
    """Ask the exchange to log everyone out, and keep what it said."""
    process.terminate()
    try:
        _, said = process.communicate(timeout=_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        _, said = process.communicate()
    with log_path.open("a", encoding="utf-8") as log:
        log.write(said or "")


def environment(ports: dict[str, str]) -> dict[str, str]:
    """Return our environment with the exchange's ports in it."""
    return {**os.environ, **ports}
