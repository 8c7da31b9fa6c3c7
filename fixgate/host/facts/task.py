"""What the kernel's scheduler says of one thread."""

from __future__ import annotations

from fixgate.host.facts.numbers import natural

__all__ = ["labelled", "migrations", "run_delay_ns"]


def labelled(text: str | None) -> dict[str, str]:
    """Return the values of lines such as ``Cpus_allowed_list:	0-1``, by what is before the colon.

    So are /proc/PID/status, /proc/PID/sched, /proc/meminfo and /proc/cpuinfo written; of a label
    that comes again, the first counts.
    """
    found: dict[str, str] = {}
    for line in (text or "").splitlines():
        label, colon, value = line.partition(":")
        if colon:
            found.setdefault(label.strip(), value.strip())
    return found


def run_delay_ns(schedstat: str | None) -> int | None:
    """Return how long a thread was ready and did not run, of /proc/PID/schedstat.

    ``None`` where the kernel does not account for it, which writes three zeros then.

    Spec: Linux scheduler/sched-stats, "/proc/<pid>/schedstat": time on the CPU, time waiting to
    run (both nanoseconds), times run.
    """
    fields = [natural(field) for field in (schedstat or "").split()]
    if len(fields) != 3 or None in fields or not any(fields):
        return None
    return fields[1]


def migrations(sched: str | None) -> int | None:
    """Return how often a thread was moved to another CPU, of /proc/PID/sched.

    ``None`` where the kernel has no such file (it is built without ``CONFIG_SCHED_DEBUG``).
    """
    return natural(labelled(sched).get("se.nr_migrations", ""))
