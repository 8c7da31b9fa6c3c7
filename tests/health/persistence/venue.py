"""A venue of the tests' own, in virtual time: messages by hand, its habits as data.

It knows nothing of fixgate's session layer. It is conformant unless a habit says otherwise, and a
habit begins with the first return.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from fixgate.health.dialing import Dialing
from fixgate.health.judge import judge
from fixgate.health.line import OwnEngine
from fixgate.health.model import CheckPlan, CheckReport, Level, OrderPlan, Phase
from fixgate.health.persistence.plan import Cut, PersistencePlan
from fixgate.health.progress import NoProgress
from fixgate.health.runner import Check
from fixgate.history import Record
from fixgate.net.opening import Opened, SocketAddress
from fixgate.net.settings import Address
from fixgate.net.tls import client_tls
from fixgate.scenario.virtual import Pipe, VirtualLoop
from fixgate.session.policies import NumberingPolicy
from fixgate.session.settings import Role, SessionId, SessionSettings
from tests.live.peer import build, fields

START = int(datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp()) * 10**9
SECOND = 10**9
PORT = 5001
_END = re.compile(rb"8=FIX.*?\x0110=\d{3}\x01", re.S)


@dataclass(frozen=True)
class Habits:
    """What a venue does when its client comes back; by default what it should.

    Attributes:
        out_by: How far its own numbers are off: below 0 rolled back, above 0 ahead.
        in_by: How far its count of the client's is off.
        resets: ``flag`` both, with ResetSeqNumFlag(141)=Y unasked; ``both``, ``out``, ``in``
            without a word.
        replay: How it answers a ResendRequest, one of the methods ``_replay_*``.
        asks: ``properly``, ``never``, or ``from`` a number of messages before those it misses.
        expects: Its Logon has NextExpectedMsgSeqNum(789).
        answers: To the Logon: ``""`` accepts; a text refuses with it; ``close`` and ``silent``.
        reports_again: Sends the last reports it has sent once more, under new numbers.
        sends_old: Sends a message again without PossDupFlag(43): ``same`` or ``other`` content.
        cancels: Cancels orders when the line breaks, and reports that.
        cancels_silently: Cancels them without a report.
        forgets: Does not know any order any more.
        unstored: What it sent into the cut line was never numbered.
        drops: It loses the order that came right before the cut, though it counts its number.
        no_status: It does not know OrderStatusRequest.
        old_ids: Its reports of a cancel have the ClOrdID(11) of the order, not of the cancel.
        status_is_new: It answers an OrderStatusRequest with the report that it sent before.
        throws_out: A text with which it logs us out right after its own Logon.
        beats: So many TestRequests are answered before the first cut, and no more.
        takes: So many orders are acknowledged, and no more; they rest all the same.
        mute: After the Logon it says nothing any more.
        ends: It logs the client out in the middle of what it resends.
        gives_up_s: How long it puts up with a silent client.
    """

    out_by: int = 0
    in_by: int = 0
    resets: str = ""
    replay: str = "right"
    asks: str = "properly"
    expects: bool = False
    answers: str = ""
    reports_again: int = 0
    sends_old: str = ""
    cancels: bool = False
    cancels_silently: bool = False
    forgets: bool = False
    unstored: bool = False
    drops: bool = False
    no_status: bool = False
    old_ids: bool = False
    status_is_new: bool = False
    throws_out: str = ""
    beats: int | None = None
    takes: int | None = None
    mute: bool = False
    ends: bool = False
    gives_up_s: float | None = None


@dataclass
class Sent:
    """A message as it was sent first."""

    kind: str
    body: str
    time: str


@dataclass
class Order:
    order_id: str
    terms: dict[int, str]
    status: str = "0"


@dataclass
class Venue:
    """The venue and its one client."""

    loop: VirtualLoop
    habits: Habits
    sent: dict[int, Sent] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    next_out: int = 1
    next_in: int = 1
    logons: int = 0
    executions: int = 0
    beats: int = 0
    line: Line | None = None
    gone: list[str] = field(default_factory=list)
    """What became of each order, for tests to look at."""

    def now(self) -> str:
        at = datetime.fromtimestamp((self.loop.now_ns + self.loop.ahead_ns) / 1e9, UTC)
        return at.strftime("%Y%m%d-%H:%M:%S.") + f"{at.microsecond // 1000:03}"

    @property
    def back(self) -> bool:
        return self.logons > 1

    # Sending.

    def send(self, kind: str, body: str = "") -> int:
        number, self.next_out = self.next_out, self.next_out + 1
        self.sent[number] = Sent(kind, body, self.now())
        self.write(kind, number, body)
        return number

    def write(
        self, kind: str, number: int, body: str = "", *, flags: str = "", at: str = ""
    ) -> None:
        """Put a message on the line, as it is, without numbering it."""
        if self.line is not None:
            head = f"35={kind}|34={number}|49=VENUE|{flags}52={at or self.now()}|56=DESK|"
            self.line.pipe.write(build("FIX.4.4", head + body))

    def again(
        self, number: int, *, dup: str = "43=Y|", orig: str | None = None, to: int = 0
    ) -> None:
        first = self.sent[number]
        orig = f"122={first.time}|" if orig is None else orig
        self.write(first.kind, to or number, first.body, flags=dup + orig)

    def gap_fill(self, begin: int, new: int) -> None:
        if begin < new:
            self.write("4", begin, f"123=Y|36={new}|", flags=f"43=Y|122={self.now()}|")

    # The session.

    def take(self, got: dict[int, str]) -> None:
        number = int(got[34])
        if got[35] == "A":
            self.log_on(got, number)
            return
        if self.back and self.habits.mute:
            return
        if got[35] == "4" and got.get(123) == "Y" and number <= self.next_in:
            self.next_in = max(self.next_in, int(got[36]))
            return
        if number < self.next_in:
            if got.get(43) != "Y":
                self.refuse(f"MsgSeqNum too low, expecting {self.next_in} but received {number}")
            return
        self.next_in = number + 1
        self.act(got)

    def log_on(self, got: dict[int, str], number: int) -> None:
        self.logons += 1
        if self.back:
            if self.refused():
                return
            self.change()
        reset = self.back and self.habits.resets == "flag"
        if reset:
            self.next_in, self.next_out, self.sent = number, 1, {}
        if number < self.next_in:
            self.refuse(f"MsgSeqNum too low, expecting {self.next_in} but received {number}")
            return
        missing = self.next_in if number > self.next_in else 0
        body = f"98=0|108={got[108]}|"
        if reset:
            body += "141=Y|"
        if self.habits.expects:
            body += f"789={missing or number + 1}|"
        self.send("A", body)
        if missing:
            self.ask(missing)
        elif self.back and self.habits.asks.isdigit():
            self.send("2", f"7={max(number - int(self.habits.asks), 1)}|16=0|")
        self.next_in = number + 1
        if 789 in got and int(got[789]) < self.next_out - 1:
            self.replay(int(got[789]), self.next_out - 1)
        if self.back:
            self.misbehave()

    def ask(self, missing: int) -> None:
        if self.habits.asks == "never" or self.habits.expects:
            return
        back = int(self.habits.asks) if self.habits.asks.isdigit() else 0
        self.send("2", f"7={max(missing - back, 1)}|16=0|")

    def refused(self) -> bool:
        answer = self.habits.answers
        if answer == "close":
            self.close()
        elif answer and answer != "silent":
            self.refuse(answer)
        return bool(answer)

    def refuse(self, text: str) -> None:
        self.send("5", f"58={text}|")
        self.close()

    def close(self) -> None:
        if self.line is not None:
            self.line.pipe.close()

    def change(self) -> None:
        """Be wrong about the numbers."""
        habits = self.habits
        if habits.resets in ("out", "both"):
            self.next_out, self.sent = 1, {}
        if habits.resets in ("in", "both"):
            self.next_in = 1
        self.next_out = max(self.next_out + habits.out_by, 1)
        self.next_in = max(self.next_in + habits.in_by, 1)
        if habits.forgets:
            self.orders.clear()

    def misbehave(self) -> None:
        """Deliver what it should not, behind its Logon."""
        habits = self.habits
        if habits.throws_out:
            self.refuse(habits.throws_out)
        reports = [n for n, s in self.sent.items() if s.kind == "8"]
        for number in reports[: habits.reports_again]:
            self.send("8", self.sent[number].body)
        if habits.sends_old == "same":
            self.again(min(reports), dup="", orig="")
        elif habits.sends_old == "other":
            self.write("B", min(reports), "148=another message|33=1|58=text|")

    def act(self, got: dict[int, str]) -> None:
        match got[35]:
            case "1" if self.habits.beats is None or self.beat() <= self.habits.beats:
                self.send("0", f"112={got[112]}|")
            case "2":
                end = int(got[16]) or self.next_out - 1
                self.replay(int(got[7]), min(end, self.next_out - 1), int(got[34]))
            case "5":
                self.send("5")
                self.close()
            case "D":
                self.order(got)
            case "F":
                self.cancel(got)
            case "H":
                self.status(got)

    # What was missed.

    def replay(self, begin: int, end: int, request: int = 0) -> None:
        getattr(self, f"_replay_{self.habits.replay}")(begin, end, request)

    def _runs(self, begin: int, end: int):
        """Yield ``(number, None)`` for each application message and the gaps between them."""
        gap = begin
        for number in range(begin, end + 1):
            if number in self.sent and self.sent[number].kind in "89Bj":
                if gap < number:
                    yield gap, number
                yield number, None
                gap = number + 1
        if gap <= end:
            yield gap, end + 1

    def _each(self, begin: int, end: int, again) -> None:
        for number, new in self._runs(begin, end):
            if new is None:
                again(number)
            else:
                self.gap_fill(number, new)

    def _replay_right(self, begin, end, _) -> None:
        self._each(begin, end, self.again)
        if self.habits.ends:
            self.refuse("end of day")

    def _replay_gapfill(self, begin, end, _) -> None:
        self.gap_fill(begin, end + 1)

    def _replay_ignore(self, begin, end, _) -> None:
        pass

    def _replay_end(self, begin, end, _) -> None:
        self.refuse("end of day")

    def _replay_reject(self, begin, end, request) -> None:
        self.send("3", f"45={request}|372=2|373=5|58=no resends here|")

    def _replay_reset(self, begin, end, _) -> None:
        self.write("4", self.next_out, f"123=N|36={end + 1}|")

    def _replay_half(self, begin, end, _) -> None:
        first = next(iter(self._runs(begin, end)), None)
        if first is not None and first[1] is None:
            self.again(first[0])
        elif first is not None and first[1] is not None:
            self.gap_fill(first[0], first[1])

    def _replay_twice(self, begin, end, _) -> None:
        self._each(begin, end, self.again)
        self._each(begin, end, self.again)

    def _replay_all(self, begin, end, _) -> None:
        """Everything from 1, whatever was asked for."""
        self._each(1, end, self.again)

    def _replay_unmarked(self, begin, end, _) -> None:
        self._each(begin, end, lambda n: self.again(n, dup="", orig=""))

    def _replay_unmarked_n(self, begin, end, _) -> None:
        self._each(begin, end, lambda n: self.again(n, dup="43=N|"))

    def _replay_no_orig(self, begin, end, _) -> None:
        self._each(begin, end, lambda n: self.again(n, orig=""))

    def _replay_late_orig(self, begin, end, _) -> None:
        self._each(begin, end, lambda n: self.again(n, orig="122=20260302-23:00:00.000|"))

    def _replay_changed(self, begin, end, _) -> None:
        def again(number: int) -> None:
            first = self.sent[number]
            body = first.body.replace("|14=0|", "|14=5|")
            self.write(first.kind, number, body, flags=f"43=Y|122={first.time}|")

        self._each(begin, end, again)

    def _replay_shifted(self, begin, end, _) -> None:
        """Each under a number far above."""
        for number, new in self._runs(begin, end):
            if new is None:
                self.again(number, to=number + 100)
        self.gap_fill(begin, end + 1)

    def _replay_new_numbers(self, begin, end, _) -> None:
        """As new messages, with the numbers that come next."""
        self._each(begin, end, lambda n: self.gap_fill(n, n + 1))
        for number, new in self._runs(begin, end):
            if new is None:
                self.send("8", self.sent[number].body)

    def _replay_new_numbers_too(self, begin, end, _) -> None:
        """As they should come, and as new messages as well."""
        self._each(begin, end, self.again)
        for number, new in self._runs(begin, end):
            if new is None:
                self.send("8", self.sent[number].body)

    # Orders.

    def report(self, cl_ord_id: str, order: Order, kind: str, *, more: str = "") -> None:
        self.executions += 1
        terms, leaves = order.terms, "0" if order.status == "4" else order.terms[38]
        self.send(
            "8",
            f"37={order.order_id}|11={cl_ord_id}|{more}17=E{self.executions}|150={kind}|"
            f"39={order.status}|55={terms[55]}|54={terms[54]}|38={terms[38]}|44={terms[44]}|"
            f"151={leaves}|14=0|6=0|",
        )

    def order(self, got: dict[int, str]) -> None:
        if self.habits.drops and self.line is not None and self.line.last_before_cut(got):
            return
        order = self.orders[got[11]] = Order(f"O{len(self.orders) + 1}", got)
        if self.habits.unstored and self.line is not None and self.line.last_before_cut(got):
            return
        if self.habits.takes is None or len(self.orders) <= self.habits.takes:
            self.report(got[11], order, "0")

    def beat(self) -> int:
        self.beats += 1
        return self.beats

    def cancel(self, got: dict[int, str]) -> None:
        order = self.orders.get(got[41])
        if order is None or order.status == "4":
            reason, text = ("1", "unknown order") if order is None else ("0", "too late")
            self.send("9", f"37={order.order_id if order else 'NONE'}|11={got[11]}|41={got[41]}|"
                           f"39=8|434=1|102={reason}|58={text}|")  # fmt: skip
            return
        order.status = "4"
        self.gone.append(got[41])
        self.report(got[41] if self.habits.old_ids else got[11], order, "4", more=f"41={got[41]}|")

    def status(self, got: dict[int, str]) -> None:
        if self.habits.no_status:
            self.send("j", f"45={got[34]}|372=H|380=3|58=unsupported message type|")
            return
        order = self.orders.get(got[11])
        if order is not None and self.habits.status_is_new:
            last = max(n for n, s in self.sent.items() if f"|11={got[11]}|" in s.body)
            self.send("8", self.sent[last].body)
        elif order is not None:
            self.report(got[11], order, "I")
        else:
            self.send("8", f"37=NONE|11={got[11]}|17=0|150=I|39=8|103=5|55={got[55]}|54={got[54]}|"
                           "151=0|14=0|6=0|58=unknown order|")  # fmt: skip

    def left(self, line: Line) -> None:
        """The line broke."""
        if self.line is line:
            self.line = None
        if not (self.habits.cancels or self.habits.cancels_silently):
            return
        for cl_ord_id, order in self.orders.items():
            if order.status == "0":
                order.status = "4"
                if self.habits.cancels:
                    self.report(cl_ord_id, order, "4")


class Line(asyncio.Protocol):
    """One connection."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.rest = b""
        self.orders = 0
        self.alarm: asyncio.TimerHandle | None = None

    def connection_made(self, transport) -> None:
        self.pipe = transport
        self.venue.line = self
        self.listen()

    def listen(self) -> None:
        if self.alarm is not None:
            self.alarm.cancel()
        if self.venue.habits.gives_up_s is not None:
            self.alarm = self.venue.loop.call_later(self.venue.habits.gives_up_s, self.give_up)

    def give_up(self) -> None:
        if self.venue.line is self:
            self.venue.send("1", "112=there?|")
            self.venue.refuse("no answer")

    def data_received(self, data: bytes) -> None:
        self.listen()
        self.rest += data
        while found := _END.search(self.rest):
            self.rest = self.rest[found.end() :]
            got = fields(found[0])
            self.orders += got[35] == "D"
            self.venue.take(got)

    def last_before_cut(self, got: dict[int, str]) -> bool:
        """Whether an order is the one that goes out right before the cut.

        The first is the test order of level order, the second is the one that rests.
        """
        return self.orders == 3

    def connection_lost(self, exc) -> None:
        if self.alarm is not None:
            self.alarm.cancel()
        self.venue.left(self)


# A whole check against it.

ORDER = OrderPlan("ABC", "1", Decimal(10), Decimal("1.00"))


def plan(*cuts: Cut, heartbeat_s: int = 30, **how: object) -> CheckPlan:
    """The plan of a check at level persistence, without the test order of level order."""
    expects = bool(how.pop("expects", False))
    persistence = PersistencePlan(cuts=cuts or (Cut.RST,), away_ns=SECOND, **how)  # type: ignore[arg-type]
    session = SessionSettings(
        SessionId("FIX.4.4", "DESK", "VENUE"), Role.INITIATOR, heartbeat_s, observe=True,
        resend_application=False, numbering=NumberingPolicy(next_expected=expects),
    )  # fmt: skip
    return CheckPlan(
        "desk", Address("venue.example", PORT), session, level=Level.PERSISTENCE, order=ORDER,
        persistence=persistence, deadline_ns=10 * SECOND,
    )  # fmt: skip


def dialing(loop: VirtualLoop):
    """What opens connections in that world."""

    class Virtual(Dialing):
        async def open(self) -> Opened | None:
            run = self._proceedings
            run.begin(Phase.RESOLVE)
            run.begin(Phase.TCP)
            pipe: Pipe = await loop.dial(PORT)
            run.done(Phase.TCP)
            return Opened(pipe, SocketAddress(0, "venue.example", PORT, ()))  # type: ignore[arg-type]

    return Virtual


def _run(made: CheckPlan, habits: Habits) -> tuple[list[Record], Venue]:
    loop = VirtualLoop(START)
    venue = Venue(loop, habits)

    async def main() -> list[Record]:
        await loop.create_server(lambda: Line(venue), "127.0.0.1", PORT)
        check = Check(
            made, loop.clock(), NoProgress(), client_tls, OwnEngine(), dialing=dialing(loop)
        )
        await check.run()
        return check.history

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(main()), venue


def checked(made: CheckPlan, habits: Habits) -> tuple[CheckReport, Venue]:
    """Run a check against a venue with these habits, in virtual time."""
    history, venue = _run(made, habits)
    return judge(made, history), venue


def history_of(made: CheckPlan, habits: Habits) -> list[Record]:
    """Return the history of such a check."""
    return _run(made, habits)[0]
