"""The HTML report in a real browser: no errors, no network, links that open what they name."""

from __future__ import annotations

import re
import shutil
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixgate.report.html import render_html
from tests.report.sample import fleet
from tests.report.test_hostile import HOSTILE, poisoned

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))),
    None,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine"),
]

QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--enable-logging=stderr",
)


# The browser asks its maker for the time and for updates whatever page is open.
ITS_OWN = re.compile(rb"\S+ (?:http://)?[a-z0-9.-]*\.(?:google|googleapis|gvt1|gstatic)\.com[:/]")


@pytest.fixture
def proxy() -> Iterator[tuple[int, list[bytes]]]:
    """A proxy that lets nothing through and remembers what the page asked of it."""
    server = socket.create_server(("127.0.0.1", 0))
    asked: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                request = connection.recv(4096)
                if request and not ITS_OWN.match(request):
                    asked.append(request)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield server.getsockname()[1], asked
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(5)


def browse(tmp_path: Path, html: str, *options: str, anchor: str = "") -> tuple[str, str]:
    """Open a page; return its document after scripts have run, and the browser's log."""
    page = tmp_path / "report.html"
    page.write_text(html, encoding="utf-8")
    assert BROWSER is not None
    done = subprocess.run(
        [
            BROWSER,
            *QUIET,
            f"--user-data-dir={tmp_path / 'profile'}",
            *options,
            "--dump-dom",
            f"{page.as_uri()}{anchor}",
        ],
        capture_output=True,
        timeout=60,
        check=True,
    )
    return done.stdout.decode("utf-8"), done.stderr.decode("utf-8", "replace")


def test_opens_without_errors_and_without_the_network(tmp_path, proxy):
    port, asked = proxy
    document, log = browse(tmp_path, render_html(fleet()), f"--proxy-server=127.0.0.1:{port}")
    assert "CONSOLE" not in log, log
    assert asked == []
    assert '<html lang="en" class="js">' in document
    assert "4 of 16 sessions are NO-GO" in document


def test_link_opens_its_session(tmp_path):
    document, _ = browse(tmp_path, render_html(fleet()), anchor="#session-8")
    opened = re.findall(r'<details class="session" id="(session-\d+)"[^>]* open=""', document)
    assert opened == ["session-8"]


def test_hostile_text_runs_nothing(tmp_path, proxy):
    port, asked = proxy
    html = render_html(poisoned(fleet(), " ".join(HOSTILE[:-1])))
    document, log = browse(tmp_path, html, f"--proxy-server=127.0.0.1:{port}")
    assert "CONSOLE" not in log, log
    assert asked == []
    assert document.count("<script") == 1


@pytest.mark.parametrize("scheme", [0, 1], ids=["dark", "light"])
def test_looks_like_something(tmp_path, scheme):
    picture = tmp_path / "report.png"
    browse(
        tmp_path,
        render_html(fleet(rehearsal=True)),
        "--window-size=1300,1900",
        f"--blink-settings=preferredColorScheme={scheme}",
        f"--screenshot={picture}",
    )
    data = picture.read_bytes()
    width, height = struct.unpack(">II", data[16:24])
    assert (width, height) == (1300, 1900)
    assert len(data) > 50_000, "a blank page compresses to less"
