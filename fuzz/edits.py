"""Files that are damaged on purpose: a line says what is done to which.

=========================  =====================================================
line                       what is done
=========================  =====================================================
flip FILE AT BIT           One bit is the other.
cut FILE AT                The file ends there.
drop FILE AT SIZE          Bytes are missing.
zero FILE AT SIZE          Bytes are zero.
put FILE AT HEX            Bytes stand there that did not.
over FILE AT HEX           Bytes are others.
copy FILE AT SIZE TO       Bytes come again.
word FILE AT TEXT          A word or number, the AT-th, is another.
mend FILE                  Checksums are made right again, by the target.
remove FILE                There is no such file.
rename FILE NAME           It is called otherwise.
=========================  =====================================================

A place past the end is taken modulo the size, so that every edit does something.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping

__all__ = ["Files", "any_edits", "changed_edits", "edited"]

Files = dict[str, bytes]

_MOST_BYTES = 1 << 20
_WORD = re.compile(rb"[A-Za-z0-9_.+-]+")
_TEXTS = (
    *("1e999", "-1e999", "NaN", "Infinity", "null", "[]", "{}", '""', "-1", "0", "1.5", "true"),
    *("9" * 20, "9" * 5000, "99999999999999999999999", "\xff", "[" * 3000, "x"),
)
_HEX = ("00", "ff", "01", "00000000", "ffffffff", "ffffffffffffffff", "7f", "0a", "31", "2c")


def edited(
    files: Mapping[str, bytes], script: bytes, mend: Callable[[bytes], bytes] | None = None
) -> tuple[Files, bool]:
    """Return the files with everything done to them, and whether anything was mended.

    Args:
        files: As they were, by name.
        script: The lines; what is none is passed over.
        mend: Makes the checksums of a file right.
    """
    found, mended = dict(files), False
    for line in script.decode("latin-1").split("\n"):
        verb, _, rest = line.partition(" ")
        words = rest.split(" ")
        name = words[0]
        if name not in found:
            continue
        if verb == "mend" and mend is not None:
            found[name], mended = mend(found[name]), True
        elif verb == "remove":
            del found[name]
        elif verb == "rename" and len(words) == 2 and _is_name(words[1]):
            found[words[1]] = found.pop(name)
        else:
            found[name] = _edit(found[name], verb, words[1:])[:_MOST_BYTES]
    return found, mended


def _is_name(word: str) -> bool:
    return word.isascii() and word.isprintable() and "/" not in word and word.strip(".") != ""


def _edit(data: bytes, verb: str, words: list[str]) -> bytes:
    try:
        at = int(words[0]) % (len(data) + 1)
        match verb, words[1:]:
            case "flip", [bit] if at < len(data):
                return data[:at] + bytes([data[at] ^ 1 << int(bit) % 8]) + data[at + 1 :]
            case "cut", []:
                return data[:at]
            case "drop", [size]:
                return data[:at] + data[at + abs(int(size)) :]
            case "zero", [size]:
                to = min(at + abs(int(size)), len(data))
                return data[:at] + bytes(to - at) + data[to:]
            case "put", [text]:
                return data[:at] + bytes.fromhex(text) + data[at:]
            case "over", [text]:
                new = bytes.fromhex(text)
                return data[:at] + new + data[at + len(new) :]
            case "word", [text]:
                found = list(_WORD.finditer(data))
                hit = found[at % len(found)]
                return data[: hit.start()] + text.encode("latin-1") + data[hit.end() :]
            case "copy", [size, to]:
                piece, to_at = data[at : at + abs(int(size))], int(to) % (len(data) + 1)
                return data[:to_at] + piece + data[to_at:]
    except (ValueError, IndexError, ZeroDivisionError):
        pass
    return data


def any_edits(
    dice: random.Random, names: Iterable[str], others: Iterable[str], *, mends: bool
) -> list[bytes]:
    """Return a few lines.

    Args:
        dice: Decides everything.
        names: Of the files.
        others: What a file may be renamed to.
        mends: Whether there are checksums to mend.
    """
    known, strange = list(names), list(others)
    lines = []
    for _ in range(dice.choice((1, 1, 2, 3, 6))):
        name, at, size = dice.choice(known), _place(dice), dice.choice((1, 4, 29, 100, 1000))
        lines.append(
            dice.choice(
                (
                    *[f"flip {name} {at} {dice.randrange(8)}"] * 4,
                    *[f"cut {name} {at}"] * 2,
                    f"drop {name} {at} {size}",
                    f"zero {name} {at} {size}",
                    f"put {name} {at} {dice.choice(_HEX)}",
                    *[f"over {name} {at} {dice.choice(_HEX)}"] * 4,
                    *[f"word {name} {at} {dice.choice(_TEXTS)}"] * 3,
                    f"copy {name} {at} {size} {_place(dice)}",
                    f"rename {name} {dice.choice(strange)}" if dice.random() < 0.3 else "",
                    f"remove {name}" if dice.random() < 0.3 else "",
                )
            )
        )
        if mends and dice.random() < 0.4:
            lines.append(f"mend {name}")
    return [line.encode() for line in lines if line]


def _place(dice: random.Random) -> int:
    return dice.choice((dice.randrange(40), dice.randrange(300), dice.randrange(100_000)))


def changed_edits(dice: random.Random, script: bytes, more: list[bytes]) -> bytes:
    """Return a script with lines left out, put in, or in another order."""
    lines = [*script.split(b"\n"), *more]
    dice.shuffle(lines)
    return b"\n".join(lines[: dice.randrange(1, 12)])
