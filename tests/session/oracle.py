"""What one side of a session must do, judged from the bytes of its wire and from nothing else.

Told what a side read, what its application asked, when its clock woke it and what it wrote, it
foretells from the standard every message that the side must write, what its application must be
given, and both numbers. What differs raises `DisobedienceError`.

Nothing of fixgate is imported here, in `tests.session.missing` or in `tests.session.tap`.

Spec: FIX 4.4 volume 2, "Session Protocol"; FIX Session Layer Test Cases 1.0.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from tests.session.missing import Missing, Turn
from tests.session.tap import SECOND, DisobedienceError, Wire, instant, split

TOLERANCE = 120 * SECOND


@dataclass
class Habits:
    """What the standard leaves to a side, or a dialect changes."""

    silent_refusal: bool = False
    confirm_high_logout: bool = False
    serve_low: bool = False
    close_after_reply: bool = False
    mute_while_challenged: bool = False
    seconds_only: bool = False
    end_of_range: bytes = b"0"
    resets: bool = False
    next_expected: bool = False
    obeys_next_expected: bool = True
    chunk: int = 0
    gap_fill_ends_chunk: bool = False


@dataclass
class Sent:
    """A number that was used: for what, and when."""

    app: bytes | None
    at: int


@dataclass
class Answer:
    """What a ResendRequest must be answered with, and what of it is still to come.

    What is asked for twice in one turn may be sent twice: a side may have put all of the first
    answer in line before it reads the second request.
    """

    begin: int
    end: int
    left: deque[dict[int, bytes]]
    fresh: bool = True
    optional: bool = False


@dataclass
class Oracle:
    """The standard's view of one side."""

    begin_string: bytes
    ours: bytes
    theirs: bytes
    initiator: bool
    heartbeat_s: int
    habits: Habits
    next_in: int = 1
    next_out: int = 1
    phase: str = "down"
    delivered: list[bytes] = field(default_factory=list)
    rejected: set[bytes] = field(default_factory=set)
    sent: dict[int, Sent] = field(default_factory=dict)
    expected: deque[dict[int, bytes]] = field(default_factory=deque)
    answers: deque[Answer] = field(default_factory=deque)
    held: dict[int, Wire] = field(default_factory=dict)
    gap: Missing = field(init=False)
    closing: bool = False
    for_cause: bool = False
    logout_seen: bool = False
    withheld: bool = False
    spoke: int = 0
    heard: int = 0
    challenged_at: int | None = None
    rest: bytes = b""

    def __post_init__(self) -> None:
        self.gap = Missing(self.habits.chunk, self.habits.end_of_range)

    # What happens to the side.

    def opened(self, now: int) -> None:
        self._forget()
        self.phase = "logon" if self.initiator else "await"
        if self.initiator:
            if self.habits.resets:
                self._reset()
            self._must(now, b"A", {98: b"0", 108: b"%d" % self.heartbeat_s, **self._expects()})
            self.withheld = False

    def closed(self) -> None:
        self._forget()
        self.phase = "down"

    def clock_stepped(self, step: int) -> None:
        """The side's clock was set, and the side told."""
        self.spoke += step
        self.heard += step
        if self.challenged_at is not None:
            self.challenged_at += step
        if self.gap.due is not None:
            self.gap.due += step

    def _forget(self) -> None:
        self.held.clear()
        self.answers.clear()
        self.expected.clear()
        self.gap.clear()
        self.closing = self.for_cause = self.logout_seen = False
        self.rest = b""

    def asked(self, text: bytes, now: int) -> int:
        """The application wants ``text`` sent; foretells its number."""
        return self._must(now, b"H", {11: text}, app=text, silent=self.phase != "active")

    def asked_test(self, test_req_id: bytes, now: int) -> None:
        self._must(now, b"1", {112: test_req_id})

    def asked_logout(self, now: int) -> None:
        if self.phase == "active":
            self._log_out(now, for_cause=False)
        elif self.phase != "logout":
            self.closing = True

    def woke(self, now: int) -> None:
        """The side's timer fired; foretells what was due."""
        interval = self.heartbeat_s * SECOND
        if self.phase != "active" or self._impatient(now) or not interval:
            return
        if self.challenged_at is not None:
            patience = (self.heard + interval * 24 // 10, self.challenged_at + interval * 12 // 10)
            if now >= max(patience):
                self.closing = True
                return
        elif now - self.heard >= interval * 12 // 10:
            self._must(now, b"1", {})
            self.challenged_at = now
            return
        muted = self.habits.mute_while_challenged and self.challenged_at is not None
        if now - self.spoke >= interval and not muted:
            self._must(now, b"0", {})

    def _impatient(self, now: int) -> bool:
        """Whether it was time to ask again for what is missing."""
        turn = self.gap.woke(self.next_in, now)
        if turn is Turn.ASK:
            self._must(now, b"2", self.gap.request(self.next_in, now))
        elif turn is Turn.END:
            self._log_out(now, for_cause=True)
        return turn is not None

    def on_time(self, now: int) -> None:
        """Nothing may be overdue: asked once every timer has been served."""
        interval = self.heartbeat_s * SECOND
        if self.phase != "active" or not interval or self.closing:
            return
        muted = self.habits.mute_while_challenged and self.challenged_at is not None
        if now - self.spoke > interval and not muted:
            raise DisobedienceError(f"silent for {now - self.spoke} ns, HeartBtInt {interval} ns")
        if now - self.heard > interval * 12 // 10 and self.challenged_at is None:
            raise DisobedienceError(f"heard nothing for {now - self.heard} ns and asked nothing")

    # What the side reads.

    def received(self, data: bytes, now: int) -> None:
        messages, self.rest = split(self.rest + data)
        for message in messages:
            if self.closing:
                return
            if message[8] != self.begin_string or message[49] != self.theirs:
                raise DisobedienceError(f"the simulation mixed up its wires: {message}")
            match self.phase:
                case "await" | "logon":
                    self._handshake(message, now)
                case "active":
                    self._active(message, now)
                case "logout":
                    self._ending(message, now)

    def _handshake(self, message: Wire, now: int) -> None:
        if message.type != b"A":
            self.closing = True
            return
        if abs(now - instant(message[52])) > TOLERANCE:
            if not self.habits.silent_refusal:
                self._log_out(now, for_cause=True)
            self.closing = True
            return
        reset = message.get(141) == b"Y"
        if reset and not self.initiator:
            self._reset()
        number = message.number
        if number < self.next_in:
            self._log_out(now, for_cause=True)
            return
        next_out, high = self.next_out, number > self.next_in
        wanted = 0
        if self.habits.obeys_next_expected and (self.initiator or not reset):
            wanted = int(message.get(789, b"0"))
        if wanted > next_out:
            raise DisobedienceError(f"{wanted} is expected, {next_out} is next")
        if not high:
            self.next_in += 1
        if not self.initiator:
            again = {141: b"Y"} if reset else {}
            self._must(now, b"A", {98: b"0", 108: message[108], **again, **self._expects()})
        self.phase = "active"
        self.heard = self.spoke = now
        self.challenged_at = None
        if high:
            self._hold(message, now, unasked=self.habits.next_expected and wanted > 0)
        if 0 < wanted < next_out:
            self._send_again(wanted, self.next_out - 1)
        elif self.initiator and self.withheld:
            self._must(now, b"0", {})  # or nobody would know of what was queued

    def _expects(self) -> dict[int, bytes]:
        return {789: b"%d" % self.next_in} if self.habits.next_expected else {}

    def _active(self, message: Wire, now: int) -> None:
        self.heard = now
        self.challenged_at = None
        if self._untimely(message, now):
            self._release(now)
            return
        number, expected = message.number, self.next_in
        if number == expected:
            self._take(message, now)
        elif number > expected:
            self._too_high(message, now)
        elif not message.dup:
            self._too_low(message, now)
        self._release(now)

    def _untimely(self, message: Wire, now: int) -> bool:
        sent = instant(message[52])
        late = abs(now - sent) > TOLERANCE
        before = message.dup and message.type != b"4" and instant(message[122]) > sent
        if not (late or before):
            return False
        number = message.number
        if number == self.next_in:
            self.next_in += 1
            if message.type == b"H":
                self.rejected.add(message[11])
        if message.type == b"3":  # a Reject is never rejected
            return True
        self._must(now, b"3", {45: b"%d" % number})
        self._log_out(now, for_cause=True)
        return True

    def _too_high(self, message: Wire, now: int) -> None:
        if message.type == b"5" and self.habits.confirm_high_logout:
            self._logout_came(now)
            return
        if message.type == b"2":
            self._answer(message, now)
        self._hold(message, now)

    def _too_low(self, message: Wire, now: int) -> None:
        if self.habits.serve_low and message.type == b"2":
            self._answer(message, now)
        elif self.habits.serve_low and message.type == b"5":
            self._logout_came(now)
        else:
            self._log_out(now, for_cause=True)

    def _hold(self, message: Wire, now: int, *, unasked: bool = False) -> None:
        self.held.setdefault(message.number, message)
        if self.gap.end:
            return
        self.gap.opened(message.number - 1)
        if unasked:
            self.gap.wait(self.next_in, now)
        else:
            self._ask(now)

    def _ask(self, now: int) -> None:
        self._must(now, b"2", self.gap.request(self.next_in, now))

    def _release(self, now: int) -> None:
        while self.phase == "active" and self.gap.end:
            if self.next_in > self.gap.end:
                self.gap.clear()
                while self.phase == "active" and self.next_in in self.held:
                    self._take_held(now)
                self.held = {n: m for n, m in self.held.items() if n >= self.next_in}
                if self.held and self.phase == "active":
                    self.gap.opened(min(self.held) - 1)
                    self._ask(now)
            elif self.next_in in self.held:
                self._take_held(now)
            else:
                if self.gap.chunk_came(self.next_in):
                    self._ask(now)
                return

    def _take_held(self, now: int) -> None:
        message = self.held.pop(self.next_in)
        if message.type in (b"A", b"2"):
            self.next_in += 1  # acted on when it came
        else:
            self._take(message, now)

    def _take(self, message: Wire, now: int) -> None:
        self.next_in += 1
        match message.type:
            case b"H":
                self.delivered.append(message[11])
            case b"1":
                self._must(now, b"0", {112: message[112]})
            case b"2":
                self._answer(message, now)
            case b"4":
                if message.get(123) != b"Y" or int(message[36]) <= message.number:
                    raise DisobedienceError(f"no gap fill: {message}")
                self.next_in = int(message[36])
                if self.habits.gap_fill_ends_chunk:
                    self.gap.passed_over(self.next_in)
            case b"5":
                self._logout_came(now)
            case b"A":
                raise DisobedienceError(f"a second Logon: {message}")

    def _ending(self, message: Wire, now: int) -> None:
        if self.for_cause or self.logout_seen:
            if message.type == b"5":
                self.closing = True
        elif message.number == self.next_in:
            self._take(message, now)
        elif message.type == b"5":
            self._logout_came(now)

    def _logout_came(self, now: int) -> None:
        if self.phase == "logout":
            self.closing = True
        else:
            self._log_out(now, for_cause=False)
            self.closing = self.habits.close_after_reply
        self.logout_seen = True

    # What the side writes.

    def _log_out(self, now: int, *, for_cause: bool) -> None:
        self._must(now, b"5", {})
        self.phase = "logout"
        self.for_cause = for_cause

    def _reset(self) -> None:
        self.next_in = self.next_out = 1
        self.sent.clear()
        self.answers.clear()

    def _must(
        self, now: int, kind: bytes, fields: dict[int, bytes], app: bytes | None = None,
        *, silent: bool = False,
    ) -> int:  # fmt: skip
        number = self.next_out
        self.next_out += 1
        self.sent[number] = Sent(app, now)
        if silent:
            self.withheld = True
        else:
            self.expected.append({35: kind, 34: b"%d" % number, **fields})
            self.spoke = now
        return number

    def _answer(self, message: Wire, now: int) -> None:
        begin, end, last = int(message[7]), int(message[16]), self.next_out - 1
        if end == 0 or end > last:
            end = last
        if not 1 <= begin <= end:
            raise DisobedienceError(f"asked for {begin} to {end} of {last}")
        self._send_again(begin, end)

    def _send_again(self, begin: int, end: int) -> None:
        covering = [a for a in self.answers if a.begin <= begin and end <= a.end]
        if not all(answer.fresh for answer in covering):
            return  # on its way already
        items: deque[dict[int, bytes]] = deque()
        gap = begin
        for number in range(begin, end + 1):
            used = self.sent[number]
            if used.app is not None:
                if gap < number:
                    items.append({35: b"4", 34: b"%d" % gap, 36: b"%d" % number, 123: b"Y"})
                gap = number + 1
                original = self._stamped(used.at)
                items.append({35: b"H", 34: b"%d" % number, 11: used.app, 122: b"%d" % original})
        if gap <= end:
            items.append({35: b"4", 34: b"%d" % gap, 36: b"%d" % (end + 1), 123: b"Y"})
        self.answers.append(Answer(begin, end, items, optional=bool(covering)))

    def _stamped(self, at: int) -> int:
        grain = SECOND if self.habits.seconds_only else 1_000_000
        return at // grain * grain

    def wrote(self, data: bytes, now: int) -> None:
        """A turn is over: everything foretold has been written, and nothing else."""
        messages, rest = split(data)
        if rest:
            raise DisobedienceError(f"no whole message: {rest!r}")
        for message in messages:
            ids = (message[8], message[49], message[56])
            if ids != (self.begin_string, self.ours, self.theirs):
                raise DisobedienceError(f"not our identity: {message}")
            if message.dup:
                self._check_again(message, now)
            else:
                self._check_new(message, now)
        if self.expected:
            raise DisobedienceError(f"not written: {self.expected[0]}")
        self.answers = deque(answer for answer in self.answers if not answer.optional)
        for answer in self.answers:
            answer.fresh = False

    def _check_new(self, message: Wire, now: int) -> None:
        wanted = self.expected.popleft() if self.expected else None
        if wanted is None or any(message.get(tag) != value for tag, value in wanted.items()):
            raise DisobedienceError(f"wrote {dict(message)}, expected {wanted}")
        if instant(message[52]) != self._stamped(now):
            raise DisobedienceError(f"SendingTime(52) is not now: {message}")

    def _check_again(self, message: Wire, now: int) -> None:
        while self.answers and self.answers[0].optional:
            if self._same(self.answers[0].left[0], message):
                self.answers[0].optional = False
            else:
                self.answers.popleft()
        if not self.answers:
            raise DisobedienceError(f"sent again unasked: {dict(message)}")
        left = self.answers[0].left
        if not self._same(left[0], message):
            raise DisobedienceError(f"sent again {dict(message)}, expected {left[0]}")
        left.popleft()
        if not left:
            self.answers.popleft()
        if instant(message[122]) > instant(message[52]):
            raise DisobedienceError(f"OrigSendingTime(122) after SendingTime(52): {dict(message)}")
        self.spoke = now

    @staticmethod
    def _same(wanted: dict[int, bytes], message: Wire) -> bool:
        return all(
            (b"%d" % instant(message[122]) if tag == 122 else message.get(tag)) == value
            for tag, value in wanted.items()
        )

    @property
    def settled(self) -> bool:
        """Active, nothing missing, nothing owed."""
        return self.phase == "active" and not self.gap.end and not self.answers
