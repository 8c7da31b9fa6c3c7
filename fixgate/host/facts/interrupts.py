"""The tables of /proc/interrupts and /proc/softirqs."""

from __future__ import annotations

from dataclasses import dataclass

from fixgate.host.facts.numbers import natural

__all__ = ["InterruptRow", "interrupt_rows"]


@dataclass(frozen=True, slots=True)
class InterruptRow:
    """One line.

    Attributes:
        name: Its number or label.
        counts: CPU and how often; CPUs that are offline are not in it.
        what: The rest of the line.
    """

    name: str
    counts: tuple[tuple[int, int], ...]
    what: str


def interrupt_rows(text: str | None) -> tuple[InterruptRow, ...]:
    """Return the lines of either file.

    Spec: proc_interrupts(5); the first line names the CPUs. Some rows, such as ``ERR``, have one
    number alone, which is of no CPU.
    """
    lines = (text or "").splitlines()
    heads = [natural(field.removeprefix("CPU")) for field in lines[0].split()] if lines else []
    cpus = [cpu for cpu in heads if cpu is not None]
    if not cpus or len(cpus) != len(heads):
        return ()
    found = []
    for line in lines[1:]:
        name, colon, rest = line.partition(":")
        fields = rest.split(None, len(cpus))
        counts = [natural(field) for field in fields[: len(cpus)]]
        if colon and len(counts) == len(cpus) and None not in counts:
            pairs = tuple(zip(cpus, (count or 0 for count in counts), strict=True))
            what = " ".join(fields[len(cpus)].split()) if len(fields) > len(cpus) else ""
            found.append(InterruptRow(name.strip(), pairs, what))
    return tuple(found)
