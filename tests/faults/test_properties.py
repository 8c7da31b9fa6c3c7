"""What holds for every fault, whatever passes."""

import random
from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from fixgate.dice import Exponential, Fixed, Normal, Spike, Uniform
from fixgate.faults import CATALOGUE, ActsOn, ArmedFault, Kind, Param, Trigger, Way, build
from fixgate.faults.acts import Feed, Write
from fixgate.faults.injector import Injector
from fixgate.faults.model import Numbers
from fixgate.faults.rewriting import assemble, encode, fields_of
from tests.fixtext import fix

SECOND = 1_000_000_000
IN_ORDER = Numbers.IN_ORDER
NS = st.integers(0, 5 * SECOND)

DISTRIBUTIONS = st.one_of(
    NS.map(Fixed),
    st.tuples(NS, NS).map(lambda each: Uniform(min(each), max(each))),
    st.builds(Normal, NS, NS),
    NS.map(Exponential),
    st.builds(Spike, NS, NS, st.floats(0.01, 0.99)),
)


def values(param: Param):
    if param.choices is not None:
        return st.sampled_from(param.choices)
    tags = st.sampled_from([8, 9, 10, 11, 34, 35, 43, 49, 52, 55, 112, 554, 9999])
    value = st.binary(max_size=8).map(lambda data: data.replace(b"\x01", b""))
    low = param.low or 0
    return {
        Kind.DURATION: st.integers(max(low, -SECOND), 5 * SECOND),
        Kind.COUNT: st.integers(max(low, -20), min(param.high or 500, 500)),
        Kind.TEXT: st.sampled_from(["", "FIX.4.4"]),
        Kind.BYTES: st.binary(max_size=20),
        Kind.TAG: tags,
        Kind.TAGS: st.lists(tags, min_size=1, max_size=3).map(tuple),
        Kind.FIELDS: st.lists(st.tuples(tags, value), min_size=1, max_size=3).map(tuple),
        Kind.MSG_TYPES: st.just(frozenset({b"D"})),
        Kind.DISTRIBUTION: DISTRIBUTIONS,
    }[param.kind]


@st.composite
def armed_faults(draw, names=tuple(CATALOGUE)):
    chosen = draw(st.lists(st.sampled_from(names), max_size=3, unique=True))
    faults = []
    for name in chosen:
        spec = CATALOGUE[name]
        params = {
            param.name: draw(values(param))
            for param in spec.params
            if param.required or draw(st.booleans())
        }
        trigger = Trigger(
            msg_types=draw(st.sampled_from([frozenset(), frozenset({b"D"})])),
            nth=draw(st.integers(1, 3)),
            times=draw(st.sampled_from([None, 1, 2])),
            after_ns=draw(st.sampled_from([0, SECOND])),
            for_ns=draw(st.sampled_from([None, 2 * SECOND])),
            probability=draw(st.sampled_from([1.0, 0.5])),
        )
        faults.append(
            ArmedFault(name, build(name, params), draw(st.sampled_from(spec.ways)), trigger)
        )
    return faults


MESSAGES = st.sampled_from(
    [
        fix("35=0|34=2|49=C|56=V|52=20250101-00:00:00"),
        fix("35=0|34=3|49=C|56=V|52=20250101-00:00:00|112=T"),
        fix("35=D|34=4|49=C|56=V|52=20250101-00:00:00|11=A|55=B|453=1|448=X|447=D|452=1"),
        fix("35=A|34=1|49=C|56=V|52=20250101-00:00:00|98=0|108=30|554=Canary99"),
        fix("35=2|34=5|49=C|56=V|52=20250101-00:00:00|7=1|16=0"),
        fix("35=4|34=1|43=Y|49=C|56=V|52=20250101-00:00:00|123=Y|36=9"),
        fix("35=8|34=6|43=Y|122=20250101-00:00:00|49=C|56=V|52=20250101-00:00:00|17=E"),
        b"garbage\x01",
        b"8=FIX.4.4\x019=5\x0135=0\x0110=999\x01",
    ]
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("out"), st.one_of(MESSAGES, st.binary(max_size=30))),
        st.tuples(st.just("in"), st.one_of(MESSAGES, st.binary(max_size=30))),
        st.tuples(st.just("wait"), st.integers(0, 3 * SECOND)),
        st.tuples(st.just("clear"), st.just("")),
        st.tuples(st.just("finish"), st.just("")),
        st.tuples(st.just("end"), st.just("")),
    ),
    max_size=12,
)


def play(faults, steps, seed=1):
    """Return the acts with their instants, and the records, of a run to its very end."""
    injector = Injector(random.Random(seed))
    now_ns = 1_700_000_000 * SECOND
    for fault in faults:
        injector.arm(fault, now_ns)
    passage = injector.connect(now_ns)
    found = []
    for what, given_ in (*steps, ("wait", 30 * SECOND)):
        match what:
            case "out":
                passage.outbound(given_, now_ns)
            case "in":
                passage.inbound(given_, now_ns)
            case "clear":
                injector.clear("", now_ns)
            case "finish":
                passage.finish(now_ns)
            case "end":
                passage.ended(now_ns)
            case "wait":
                end_ns = now_ns + given_
                looks = 0
                while (due := passage.deadline_ns) is not None and due <= end_ns and looks < 400:
                    now_ns = max(now_ns, due)
                    found += [(now_ns, act) for act in passage.take(now_ns)]
                    looks += 1
                now_ns = end_ns
        found += [(now_ns, act) for act in passage.take(now_ns)]
    passage.closed(now_ns)
    return found, passage.records()


@given(armed_faults(), STEPS)
def test_nothing_raises_and_the_same_dice_give_the_same_acts(faults, steps):
    first = play(faults, steps)
    assert first == play(faults, steps)
    assert "Canary" not in repr(first[1])


@given(STEPS)
def test_without_faults_what_goes_in_comes_out_at_once(steps):
    steps = [step for step in steps if step[0] in ("out", "in", "wait")]
    found, records = play([], steps)
    now_ns = 1_700_000_000 * SECOND
    expected = []
    for what, data in steps:
        if what == "wait":
            now_ns += data
        elif data:
            expected.append((now_ns, Write(data) if what == "out" else Feed(data)))
    assert found == expected
    assert records == ()


# Faults of which nothing is lost, and nothing is changed: in the end every byte is there, in order.
PACE = ("delay", "split", "drip", "coalesce", "throttle", "stall", "slow_close")


def streams(found):
    out = b"".join(act.data for _, act in found if isinstance(act, Write))
    come = b"".join(act.data for _, act in found if isinstance(act, Feed))
    return out, come


@given(armed_faults(PACE), STEPS)
def test_tcp_order_is_kept_and_nothing_is_lost(faults, steps):
    # What our side writes after it has closed its half is nobody's.
    steps = [step for step in steps if step[0] != "finish"]
    found, _ = play(faults, [*steps, ("wait", 60 * SECOND), ("clear", ""), ("wait", 1)])
    out, come = streams(found)
    ended = [n for n, step in enumerate(steps) if step[0] == "end"]
    read = steps[: ended[0]] if ended else steps
    assert out == b"".join(data for what, data in steps if what == "out")
    assert come[: sum(len(d) for w, d in read if w == "in")] == b"".join(
        data for what, data in read if what == "in"
    )


@given(armed_faults(PACE), STEPS)
def test_time_never_goes_back(faults, steps):
    instants = [at_ns for at_ns, _ in play(faults, steps)[0]]
    assert instants == sorted(instants)


@given(armed_faults(("late", "reorder")), STEPS)
def test_what_changes_places_is_not_lost(faults, steps):
    steps = [step for step in steps if step[0] in ("out", "wait")]
    faults = [each for each in faults if getattr(each.fault, "numbers", None) is not IN_ORDER]
    found, _ = play(faults, [*steps, ("wait", 9 * SECOND), ("clear", ""), ("wait", 1)])
    out, _ = streams(found)
    assert sorted(out) == sorted(b"".join(data for what, data in steps if what == "out"))


@given(st.lists(MESSAGES, min_size=1, max_size=6), st.data())
def test_inbound_chunks_do_not_matter(messages, data):
    fault = ArmedFault("x", build("set_fields", {"fields": ((55, b"NEW"),)}), Way.IN)
    stream = b"".join(messages)
    whole, _ = play([fault], [("in", stream), ("clear", "")])
    left, steps = deque(stream), []
    while left:
        size = data.draw(st.integers(1, 40))
        steps.append(("in", bytes(left.popleft() for _ in range(min(size, len(left))))))
    chunked, _ = play([fault], [*steps, ("clear", "")])
    assert streams(chunked) == streams(whole)


@given(MESSAGES)
def test_fields_go_back_to_the_same_bytes(message):
    assert encode(fields_of(message)) == message
    if message.startswith(b"8=") and b"10=999" not in message:
        assert assemble(fields_of(message)) == message


def test_every_fault_of_messages_is_tried():
    assert {spec.on for spec in CATALOGUE.values()} == set(ActsOn)
