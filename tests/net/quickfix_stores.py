"""FileStores as QuickFIX's engines leave them, byte for byte, from their own sources."""

from __future__ import annotations

from pathlib import Path

from tests.fixtext import fix

THEIR_LOGON = fix("35=A|49=VENUE|56=CLIENT|34=1|98=0|108=30|")
REPORT = fix("35=8|49=VENUE|56=CLIENT|34=2|52=20260101-10:00:00|37=1|55=ABC|")
NAME = "FIX.4.4-VENUE-CLIENT"
FIRST, BOTH = len(THEIR_LOGON), len(THEIR_LOGON) + len(REPORT)


def _java_text(text: str) -> bytes:
    return len(text).to_bytes(2, "big") + text.encode()


def _java_entry(number: int, offset: int, size: int) -> bytes:
    return number.to_bytes(4, "big") + offset.to_bytes(8, "big") + size.to_bytes(4, "big")


def flavours(sender: int = 3, target: int = 5) -> dict[str, dict[str, bytes]]:
    """Return the files of each engine, by their endings."""
    body = THEIR_LOGON + REPORT
    size = len(REPORT)
    lines = f"1,0,{FIRST}\n2,{FIRST},{size}\n".encode()
    return {
        "C++": {
            "seqnums": f"{sender:010} : {target:010}".encode(),
            "session": b"20260101-09:00:00",
            "header": f"1,0,{FIRST} 2,{FIRST},{size} ".encode(),
            "body": body,
        },
        "/n": {
            "seqnums": f"{sender:020} : {target:020}  ".encode(),
            "session": b"20260101-09:00:00.000",
            "header": lines.replace(b"\n", b"\r\n"),
            "body": body,
        },
        "/J": {
            "senderseqnums": _java_text(str(sender)),
            "targetseqnums": _java_text(str(target)) + b"7",
            "session": _java_text("20260101-09:00:00.000"),
            "header": _java_entry(1, 0, FIRST) + _java_entry(2, FIRST, size),
            "body": body,
        },
        "Go": {
            "senderseqnums": f"{sender:019}".encode(),
            "targetseqnums": f"{target:019}".encode(),
            "session": b"2026-01-01T09:00:00Z",
            "header": lines,
            "body": body,
        },
    }


def write_quickfix(folder: Path, files: dict[str, bytes], name: str = NAME) -> Path:
    """Write one session's files into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for ending, data in files.items():
        (folder / f"{name}.{ending}").write_bytes(data)
    return folder
