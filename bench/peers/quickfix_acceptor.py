"""The peer: QuickFIX's Python binding as an acceptor, tuned. ``python quickfix_acceptor.py PORT``.

Acknowledges every NewOrderSingle with an ExecutionReport. Tuned means: integer tags instead of
typed fields, a store in memory, no logs, no data dictionary, a threaded acceptor: its fastest
way from Python.
"""

from __future__ import annotations

import signal
import sys
import tempfile
from pathlib import Path

import quickfix

COPIED = (11, 55, 54, 38, 44, 40, 60)


class Acknowledge(quickfix.Application):  # type: ignore[misc]  # no type information
    """New orders are acknowledged; everything else is QuickFIX's."""

    count = 0

    def onCreate(self, session):
        pass

    def onLogon(self, session):
        pass

    def onLogout(self, session):
        pass

    def toAdmin(self, message, session):
        pass

    def fromAdmin(self, message, session):
        pass

    def toApp(self, message, session):
        pass

    def fromApp(self, message, session):
        """Answer an order."""
        if message.getHeader().getField(35) != "D":
            return
        self.count += 1
        report = quickfix.Message()
        header = report.getHeader()
        header.setField(8, "FIX.4.4")
        header.setField(35, "8")
        for tag in COPIED:
            report.setField(tag, message.getField(tag))
        number = str(self.count)
        quantity = message.getField(38)
        fields = ((37, "O" + number), (17, "E" + number), (150, "0"), (39, "0"), (151, quantity))
        for tag, value in (*fields, (14, "0"), (6, "0")):
            report.setField(tag, value)
        quickfix.Session.sendToTarget(report, session)


def main(port: int) -> None:
    """Listen until killed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "acceptor.cfg"
        path.write_text(
            "[DEFAULT]\nConnectionType=acceptor\nStartTime=00:00:00\nEndTime=00:00:00\n"
            f"SocketAcceptPort={port}\nSocketAcceptHost=127.0.0.1\nSocketNodelay=Y\n"
            "SocketReuseAddress=Y\nUseDataDictionary=N\nBeginString=FIX.4.4\n"
            "[SESSION]\nSenderCompID=EXEC\nTargetCompID=CLIENT\n"
        )
        settings = quickfix.SessionSettings(str(path))
        acceptor = quickfix.ThreadedSocketAcceptor(
            Acknowledge(), quickfix.MemoryStoreFactory(), settings
        )
        acceptor.start()
        print("ready", file=sys.stderr, flush=True)
        signal.pause()


if __name__ == "__main__":
    main(int(sys.argv[1]))
