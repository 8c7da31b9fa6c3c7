"""What the triage says of slow samples, beside what was done to them.

    python bench/triage.py [--runs N] [--seed N] [--only CAUSE ...] [--keep FOLDER] [--json]

Each run is a real session on this machine: the prober of `fixgate latency` with kernel stamps, a
scripted venue that is not fixgate's, and between them a line of two TUN devices and two network
namespaces. The script delays some messages in a stage of the venue, delays or loses packets on the
line, takes the prober's processor away, holds up its event loop or its collector, or has the venue
stop reading; most of the run is left alone. Truth is measured: the venue's kernel stamps what comes
in by the same clock, so of each message it is known how long it spent where, whatever else happened
on a busy machine.

A sample's layer is right when it is where most of the excess really was. A run's layer is the one
that most of the excess of its slow samples was blamed on, and right when most of it was there; a
run that was left alone is right when nothing is blamed for sure that was not slow.

Exits with 1 when fewer than 95 in 100 runs have the right primary layer, or one verdict of high
confidence is wrong; with 3 where there can be no such line.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import signal
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.lab.link import THERE, Line, Weather, enter, line, unavailable
from bench.lab.prober import Observed, probe
from bench.lab.script import LAYERS, MS, Cause, Script, scripts
from bench.lab.venue import Truth, serve
from fixgate.net.tcp_info import TcpInfo
from fixgate.triage import (
    Confidence,
    Exchange,
    Layer,
    Sample,
    Surroundings,
    Verdict,
    judge,
    sample_line,
)

WANTED = 0.95
_KEPT_SLOW, _KEPT_USUAL = 16, 22
_NOTHING_KNOWN = TcpInfo.decode(b"")
_LEAD_NS = 400 * MS
_HOGS = 3
NEARLY = 0.4
"""Two layers may have nearly half of the excess each: either is a right answer."""
_MESSAGE_BYTES = 150
_LEAST_NS = 3 * MS
"""A sample that is slower than usual by less is noise of the machine."""


_SAME = {
    Layer.HOST: (Layer.HOST, Layer.STACK),
    # A gateway that stops reading is what it looks like as long as its window is open.
    Layer.PEER_READING: (Layer.PEER_READING, Layer.GATEWAY),
}
"""What a verdict may say of a sample, where that is more than one layer."""


@dataclass(frozen=True)
class Judged:
    """A slow sample, what was said of it, and where its excess really was."""

    sample: Sample
    verdict: Verdict
    excess_ns: int
    shares: Mapping[Layer, float]

    @property
    def truth(self) -> Layer:
        """Where most of the excess was; unattributed when nowhere."""
        layer = max(self.shares, key=lambda each: self.shares[each])
        return layer if self.shares[layer] >= 0.5 else Layer.UNATTRIBUTED

    @property
    def right(self) -> bool:
        """Whether the verdict names the layer where the time was."""
        said = self.verdict.layer
        return said in _SAME.get(self.truth, (self.truth,)) or self.shares.get(said, 0) >= NEARLY


def run(script: Script, way: Line) -> tuple[Observed, dict[str, Truth]]:
    """Run one session through a script."""
    fork = multiprocessing.get_context("fork")
    begin_ns = time.monotonic_ns() + _LEAD_NS
    ready, truths, observed = fork.Event(), fork.Queue(), fork.Queue()
    way.expect(_weather(script, begin_ns), script.seed + script.number)
    workers = [
        fork.Process(target=_venue, args=(way.there, script, begin_ns, ready, truths)),
        fork.Process(target=_prober, args=(way.here, script, begin_ns, ready, observed)),
    ]
    if script.cause is Cause.CONTENTION:
        workers += [fork.Process(target=_hog, args=(script, begin_ns)) for _ in range(_HOGS)]
    for worker in workers:
        worker.start()
    try:
        found = observed.get(timeout=60)
        told = truths.get(timeout=20)
    finally:
        for worker in workers:
            worker.join(1)
            if worker.is_alive():
                worker.kill()
                worker.join()
    return found, told


def _weather(script: Script, begin_ns: int) -> list[Weather]:
    made = []
    for each in script.episodes:
        span = (begin_ns + each.begin_ns, begin_ns + each.end_ns)
        if script.cause is Cause.NETWORK:
            made.append(Weather(*span, delay_ns=each.size_ns // 2))
        elif script.cause is Cause.LOSS_THERE:
            made.append(Weather(*span, loss_there=each.loss))
        elif script.cause is Cause.LOSS_BACK:
            made.append(Weather(*span, loss_back=each.loss))
    return made


def _processors() -> tuple[int, int]:
    """Return the prober's processor, and everybody else's."""
    usable = sorted(os.sched_getaffinity(0))
    return usable[-1], usable[0]


def _venue(name: str, script: Script, begin_ns: int, ready: object, truths: object) -> None:
    enter(name)
    os.sched_setaffinity(0, {_processors()[1]})
    serve(script, THERE, begin_ns, ready, truths)


def _prober(name: str, script: Script, begin_ns: int, ready: object, observed: object) -> None:
    enter(name)
    os.sched_setaffinity(0, {_processors()[0]})
    ready.wait(10)  # type: ignore[attr-defined]
    observed.put(probe(script, THERE, begin_ns))  # type: ignore[attr-defined]


def _hog(script: Script, begin_ns: int) -> None:
    os.sched_setaffinity(0, {_processors()[0]})
    for episode in script.episodes:
        time.sleep(max(begin_ns + episode.begin_ns - time.monotonic_ns(), 0) / 1e9)
        while time.monotonic_ns() < begin_ns + episode.end_ns:
            pass


# Truth.


def _where(sample: Sample, truth: Truth, *, unread: bool) -> dict[Layer, float] | None:
    """Return how long a request was where, by everybody's stamps; ``None`` without them.

    Args:
        sample: It.
        truth: What the venue says of it.
        unread: The venue stops reading in this run.
    """
    sent_ns, received_ns = sample.sent_ns, sample.received_ns
    if sent_ns is None or received_ns is None or not truth.left_ns:
        return None
    due_ns = sample.app_sent_ns if sample.due_ns is None else sample.due_ns
    home_ns = sent_ns - due_ns + sample.app_received_ns - received_ns
    if unread:
        # What piles up shares a stamp, and a kernel that is full takes no acknowledgement either:
        # nothing tells the venue from the line, which was left alone.
        kept_ns = _kept_back_ns(sample, sent_ns)
        matching_ns = truth.matching_ns - truth.gateway_ns
        return {
            Layer.HOST: home_ns - kept_ns,
            Layer.PEER_READING: received_ns - sent_ns + kept_ns - matching_ns,
            Layer.MATCHING: matching_ns,
        }
    return {
        Layer.HOST: home_ns,
        Layer.PATH: truth.arrived_ns - sent_ns + received_ns - truth.left_ns,
        Layer.GATEWAY: truth.gateway_ns - truth.arrived_ns + truth.left_ns - truth.matching_ns,
        Layer.MATCHING: truth.matching_ns - truth.gateway_ns,
    }


def _kept_back_ns(sample: Sample, sent_ns: int) -> int:
    """Return how long the peer's window kept a request in our kernel."""
    before = sample.tcp_before
    if before is None:
        return 0
    room_bytes = before.snd_wnd - before.unacked * _MESSAGE_BYTES
    kept = before.notsent_bytes or room_bytes < 2 * _MESSAGE_BYTES
    return sent_ns - sample.app_sent_ns if kept else 0


def judged(script: Script, observed: Observed, truths: Mapping[str, Truth]) -> list[Judged]:
    """Judge every slow sample of a run, and work out where its excess was."""
    surroundings = Surroundings(
        observed.samples,
        connects={"lab": observed.connects},
        stalls=observed.stalls,
        windows=observed.windows,
    )
    unread = script.cause is Cause.UNREAD
    ways = {
        (s.kind, s.name): where
        for s in observed.samples
        if s.name in truths and (where := _where(s, truths[s.name], unread=unread)) is not None
    }
    usual: dict[object, dict[Layer, float]] = {}
    for kind in {kind for kind, _ in ways}:
        rows = [where for (of, _), where in ways.items() if of is kind]
        usual[kind] = {layer: statistics.median(row[layer] for row in rows) for layer in rows[0]}
    slow = []
    for sample in observed.samples:
        where = ways.get((sample.kind, sample.name))
        if where is None or not surroundings.is_slow(sample):
            continue
        excess = {x: max(where[x] - usual[sample.kind][x], 0) for x in where}
        total = sum(excess.values())
        if total < _LEAST_NS:
            continue
        shares = {layer: part / total for layer, part in excess.items()}
        verdict = judge(sample, surroundings.context(sample))
        slow.append(Judged(sample, verdict, round(total), shares))
    return slow


# The table.


def primary(found: Iterable[Judged]) -> Layer:
    """Return the layer that most of the excess of a run was blamed on."""
    blamed: Counter[Layer] = Counter()
    for each in found:
        blamed[each.verdict.layer] += each.excess_ns
    return max(blamed, key=lambda layer: blamed[layer]) if blamed else Layer.UNATTRIBUTED


def truly(found: Iterable[Judged]) -> Layer:
    """Return the layer where most of the excess of a run really was."""
    spent: Counter[Layer] = Counter()
    for each in found:
        for layer, share in each.shares.items():
            spent[layer] += round(share * each.excess_ns)
    return max(spent, key=lambda layer: spent[layer]) if spent else Layer.UNATTRIBUTED


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=220)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", default=[], help="causes, or parts of their names")
    parser.add_argument(
        "--no-connects", action="store_true", help="judge as if no connects had been made"
    )
    parser.add_argument("--keep", type=Path, help="a folder for the samples of each run")
    parser.add_argument("--verbose", action="store_true", help="show every wrong verdict")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    # Ended from outside, it takes the namespaces down as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    reason = unavailable()
    if reason:
        print(f"skipped: {reason}", file=sys.stderr)
        raise SystemExit(3)
    causes = [c for c in Cause if not options.only or any(o in c.value for o in options.only)]
    said: dict[Cause, Counter[tuple[Layer, Confidence]]] = {cause: Counter() for cause in causes}
    runs: dict[Cause, Counter[bool]] = {cause: Counter() for cause in causes}
    wrong, confident, samples = [], 0, 0
    without, other = Counter[Cause](), Counter[Cause]()
    with line(_processors()[1]) as way:
        for script in scripts(options.runs, options.seed, causes):
            observed, truths = run(script, way)
            if options.keep is not None:
                _keep(options.keep, script, observed)
            if options.no_connects:
                observed = replace(observed, connects=())
            found = judged(script, observed, truths)
            if not found and script.cause is not Cause.NOTHING:
                without[script.cause] += 1
                continue
            said_so, truth = primary(found), truly(found)
            good = said_so is truth or (truth, said_so) == (Layer.HOST, Layer.STACK)
            if script.cause is Cause.NOTHING:
                good = all(e.right or e.verdict.confidence is not Confidence.HIGH for e in found)
            runs[script.cause][good] += 1
            other[script.cause] += (
                script.cause is not Cause.NOTHING and truth not in LAYERS[script.cause]
            )
            if options.verbose and not good:
                print(
                    f"RUN {script.number} {script.cause.value}: {said_so} for {truth}",
                    file=sys.stderr,
                )
            samples += len(found)
            for each in found:
                said[script.cause][each.verdict.layer, each.verdict.confidence] += 1
                right = each.right
                high = each.verdict.confidence is Confidence.HIGH
                confident += high
                if high and not right and each.truth is not Layer.UNATTRIBUTED:
                    wrong.append((script, each))
                if options.verbose and not right:
                    _show(script, each)
    total = sum(sum(each.values()) for each in runs.values())
    right = sum(each[True] for each in runs.values())
    figures = {
        "runs": total,
        "right layer": right,
        "share": right / total if total else 0.0,
        "runs in which nothing was slow": sum(without.values()),
        "runs in which something else was slower": sum(other.values()),
        "slow samples": samples,
        "of high confidence": confident,
        "of high confidence and wrong": len(wrong),
        "by cause": {
            cause.value: {
                "runs": sum(runs[cause].values()),
                "right": runs[cause][True],
                "said": {
                    f"{layer.value}, {confidence.value}": count
                    for (layer, confidence), count in said[cause].most_common()
                },
            }
            for cause in causes
        },
    }
    if options.json:
        print(json.dumps(figures, indent=2))
    else:
        _print(figures)
    for script, each in wrong:
        _show(script, each)
    raise SystemExit(bool(wrong) or figures["share"] < WANTED)


def _print(figures: Mapping[str, object]) -> None:
    table = figures["by cause"]
    assert isinstance(table, dict)
    for cause, row in table.items():
        print(f"{cause:24} {row['right']:3} of {row['runs']:3} runs right")
        for said, count in row["said"].items():
            print(f"{'':26}{count:5}  {said}")
    for name, value in figures.items():
        if name != "by cause":
            print(f"{name:32} {value:.3f}" if name == "share" else f"{name:32} {value}")


def _show(script: Script, each: Judged) -> None:
    shares = ", ".join(f"{layer.value} {share:.0%}" for layer, share in each.shares.items())
    print(
        f"run {script.number} ({script.cause.value}, stamps {script.stamps}, quick ack "
        f"{script.quick_ack}): {each.sample.kind.name} {each.sample.name} "
        f"+{each.excess_ns / MS:.1f} ms was {shares};\n    said {each.verdict.layer.value}, "
        f"{each.verdict.confidence.value}, {each.verdict.rule}: {each.verdict.summary}\n    "
        f"{each.verdict.evidence} {sorted(m.value for m in each.sample.marks)}\n    others "
        f"{[(o.layer.value, o.confidence.value, o.rule) for o in each.verdict.others]}",
        file=sys.stderr,
    )


def _keep(folder: Path, script: Script, observed: Observed) -> None:
    """Write down enough of a run to judge it again: what was slow, and what is usual beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    around = Surroundings(observed.samples)
    samples = [each for each in observed.samples if each.kind is not Exchange.CANCEL]
    slow = [each.app_sent_ns for each in samples if around.is_slow(each)][:_KEPT_SLOW]
    begin_ns, end_ns = (slow[0] - 50 * MS, slow[-1] + 50 * MS) if slow else (0, 0)
    left: Counter[Exchange] = Counter(dict.fromkeys(Exchange, _KEPT_USUAL))
    kept = []
    for sample in samples:
        usual = not around.is_slow(sample) and left[sample.kind] > 0
        left[sample.kind] -= usual
        if usual or begin_ns <= sample.app_sent_ns <= end_ns:
            kept.append(sample)
    connects = [c for c in observed.connects if begin_ns <= c.end_ns and c.begin_ns <= end_ns]
    kept += [
        Sample(
            Exchange.TCP,
            f"connect {number}",
            each.begin_ns,
            each.end_ns,
            tcp_after=replace(_NOTHING_KNOWN, rtt_ns=each.rtt_ns) if each.by_kernel else None,
            session="lab",
        )
        for number, each in enumerate((*observed.connects[:8], *connects))
    ]
    name = f"{script.number:03d}-{script.cause.value.replace(' ', '-')}.jsonl"
    lines = (sample_line(each) for each in sorted(kept, key=lambda s: s.app_sent_ns))
    (folder / name).write_text("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    main()
