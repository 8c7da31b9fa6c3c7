from __future__ import annotations

import io
import logging

import pytest

from fixgate.report.logs import PrintableFormatter
from tests.report.test_hostile import HOSTILE


@pytest.fixture
def log():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(PrintableFormatter())
    logger = logging.getLogger("fixgate.test.logs")
    logger.propagate = False
    logger.addHandler(handler)
    yield logger, stream
    logger.removeHandler(handler)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_record_is_one_line_whatever_a_peer_puts_into_it(log, text):
    logger, stream = log
    logger.warning("! %s: logged on", text)
    shown = stream.getvalue()
    assert shown.count("\n") == 1
    assert shown.endswith(": logged on\n")
    assert shown[:-1].isprintable()


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_line_of_a_traceback_passes_for_a_record(log, text):
    logger, stream = log
    try:
        raise RuntimeError(text)
    except RuntimeError:
        logger.exception("! cut off")
    first, *rest = stream.getvalue()[:-1].split("\n")
    assert first == "! cut off"
    assert len(rest) >= 3
    assert all(line.startswith("    ") and line.isprintable() for line in rest)


def test_no_line_shows_what_is_to_be_hidden(log):
    logger, stream = log
    formatter = logger.handlers[0].formatter
    formatter.hide(["hunter2"])
    logger.warning("x 192.0.2.1 turned away: SenderCompID(49) '%s'", "hunter2")
    try:
        raise RuntimeError("hunter2")
    except RuntimeError:
        logger.exception("! cut off")
    assert "hunter2" not in stream.getvalue()
    assert "SenderCompID(49) '***'" in stream.getvalue()
    assert "    RuntimeError: ***" in stream.getvalue()
