"""What the parts of a session share: its state, and the few verbs that change it.

`session` is the face, `handshake` and `inbound` hold the rules; all three work on one `Core`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from fixgate.dictionary.validate import Validator
from fixgate.dictionary.version import FixVersion
from fixgate.history import History
from fixgate.session.account import Account
from fixgate.session.addressing import checker_of, header_checks
from fixgate.session.authentication import Fields
from fixgate.session.ceiling import LOW_BEFORE, near_the_end
from fixgate.session.conceal import concealed
from fixgate.session.events import Event, Reaction, Violation
from fixgate.session.liveness import Liveness
from fixgate.session.logon import logon_body
from fixgate.session.outbound import Outbound
from fixgate.session.phase import Input, Phase, step
from fixgate.session.progress import writer_of
from fixgate.session.recovery import Recovery
from fixgate.session.reject import reject_body
from fixgate.session.repeats import Repeats
from fixgate.session.rules import ENFORCE, OBSERVE, Breach
from fixgate.session.settings import Role, SessionSettings
from fixgate.session.status import SessionStatus, StatusPolicy, tells
from fixgate.session.store import Store
from fixgate.session.writer import reverse_route
from fixgate.wire.encode import encode_fields
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType, Tag

__all__ = ["CAUSE_LOGOUT_NS", "Core"]

_ABOUT_NEW_PASSWORDS = (
    SessionStatus.SESSION_PASSWORD_CHANGED,
    SessionStatus.NEW_SESSION_PASSWORD_DOES_NOT_COMPLY_WITH_POLICY,
)

CAUSE_LOGOUT_NS = 2_000_000_000
"""Cases 2.c and 2.i: after a Logout for cause, wait up to 2 s for the peer's Logout."""


class Core:
    """The state of one session.

    Attributes:
        now_ns: The instant of the input being worked on; set at every entry.
        phase: The first small machine.
        phase_deadline_ns: When a handshake has taken too long, or ``None``.
        recovery: The second small machine.
        liveness: The third.
        account: The credentials as they are now.
        writer: Builds what we send.
        events: What has happened since the owner last asked.
        closing: The connection must be closed once the output is written.
        for_cause: Our Logout was an answer to a violation.
        garbled: Pieces of garbled input on this connection.
        logout_seen: The peer's Logout has come.
        until_ns: When the schedule ends the active session, or ``None``.
        retry_ns: When what is missing must be asked for again, or ``None``.
        alarm_ns: The earlier of the two; kept by `arm`.
        repeats: ResendRequests of the peer that come again and again.
        renewed_from_ns: From then until ``renewed_until_ns`` no restart of the numbers is due.
        look_again: Has the clock looked at once more; see `doubt`.
    """

    __slots__ = (
        "_policy",
        "account",
        "alarm_ns",
        "checks",
        "closing",
        "dialect",
        "events",
        "for_cause",
        "garbled",
        "history",
        "liveness",
        "logout_seen",
        "look_again",
        "now_ns",
        "outbound",
        "phase",
        "phase_deadline_ns",
        "recovery",
        "renewed_from_ns",
        "renewed_until_ns",
        "repeats",
        "retry_ns",
        "settings",
        "store",
        "until_ns",
        "validator",
        "version",
        "writer",
    )

    def __init__(
        self, settings: SessionSettings, store: Store, validator: Validator, history: History
    ) -> None:
        ident = settings.id
        version = FixVersion.of_session(ident.begin_string, settings.default_appl_ver_id)
        self.settings = settings
        self.store = store
        self.validator = checker_of(settings, validator)
        self.history = history
        self.dialect = settings.dialect
        self.version = version or FixVersion.FIX44
        self.checks = header_checks(settings, self.validator)
        self._policy = OBSERVE if settings.observe else ENFORCE
        self.now_ns = 0
        self.phase = Phase.DISCONNECTED
        self.phase_deadline_ns: int | None = None
        self.recovery = Recovery()
        self.liveness = Liveness(mute_while_challenged=self.dialect.mute_while_challenged)
        digits = settings.timestamp_digits
        if digits is None:
            digits = 0 if self.version.order < FixVersion.FIX42.order else 3
        self.writer = writer_of(settings, digits, store, self.version)
        self.account = Account(settings)
        self.outbound = Outbound(
            store,
            self.writer,
            self.liveness,
            history,
            low=settings.numbering.highest - LOW_BEFORE,
            on_low=partial(near_the_end, self),
        )
        self.events: list[Event] = []
        self.closing = self.for_cause = self.logout_seen = False
        self.garbled = 0
        self.until_ns: int | None = None
        self.retry_ns: int | None = None
        self.alarm_ns: int | None = None
        self.renewed_from_ns = self.renewed_until_ns = 0
        self.look_again: Callable[[], None] | None = None
        self.repeats = Repeats()

    def move(self, happened: Input) -> None:
        """Move the phase."""
        self.phase = step(self.phase, happened)

    def arm(self, *, retry_ns: int | None) -> None:
        """Set when to ask again for what is missing, ``None`` for never."""
        self.retry_ns = retry_ns
        alarms = [at_ns for at_ns in (self.until_ns, retry_ns) if at_ns is not None]
        self.alarm_ns = min(alarms, default=None)

    def doubt(self, sent_ns: int | None) -> None:
        """Have the clock looked at once more where a SendingTime(52) is too far from it.

        Called before anything has been done with the message: looking may raise.
        """
        if self.look_again is None or sent_ns is None:
            return
        if abs(self.now_ns - sent_ns) > self.settings.sending_time_tolerance_ns:
            self.look_again()

    def clock_stepped(self, step_ns: int) -> None:
        """Keep what is pending as far from now as it was."""
        self.now_ns += step_ns
        self.liveness.clock_stepped(step_ns)
        self.repeats.at_ns += step_ns
        if self.phase_deadline_ns is not None:
            self.phase_deadline_ns += step_ns
        self.arm(retry_ns=None if self.retry_ns is None else self.retry_ns + step_ns)

    def forget_gap(self) -> None:
        """Nothing is missing any more: the connection ended or the numbers were reset."""
        self.recovery.clear()
        self.arm(retry_ns=None)

    def tell(self, event: Event) -> None:
        """Report an event to the owner and to the history."""
        self.events.append(event)
        self.history.add((self.now_ns, "=", event))

    def take_events(self) -> list[Event]:
        """Take what has happened."""
        events = self.events
        if events:
            self.events = []
        return events

    def transmit(
        self, msg_type: bytes, body: bytes, header: tuple[tuple[int, bytes], ...] = ()
    ) -> None:
        """Send an administrative message now."""
        self.outbound.send(msg_type, body, self.now_ns, header)

    def received(self, seq_num: int, message: Message) -> None:
        """Count a message of the peer's; a password in it is not kept."""
        self.store.received(seq_num + 1, concealed(message), self.now_ns)

    def send_logon(
        self, heartbeat_s: int, *, reset: bool, status: SessionStatus = SessionStatus.SESSION_ACTIVE
    ) -> None:
        """Send a Logon: an initiator's with what proves who it is, an acceptor's with a status."""
        more: Fields = ()
        if self.settings.role is Role.INITIATOR:
            number = self.store.next_out
            more = self.account.proof(self.writer.header(MsgType.Logon, number, self.now_ns))
        else:
            if self.settings.logon.test_session:
                more = ((Tag.TestMessageIndicator, b"Y"),)
            if status is not SessionStatus.SESSION_ACTIVE and self.tells(status):
                more = (*more, (Tag.SessionStatus, b"%d" % status))
        expected = self.next_expected
        if expected is not None:
            more = (*more, (Tag.NextExpectedMsgSeqNum, b"%d" % expected))
        self.transmit(MsgType.Logon, logon_body(self.settings, heartbeat_s, reset=reset, more=more))

    @property
    def next_expected(self) -> int | None:
        """What our Logon says that we expect next, ``None`` when it says nothing.

        Spec: NextExpectedMsgSeqNum(789), from FIX 4.4.
        """
        known = self.version.order >= FixVersion.FIX44.order
        return self.store.next_in if known and self.settings.numbering.next_expected else None

    def tells(self, status: SessionStatus) -> bool:
        """Whether SessionStatus(1409) is to be sent with this value.

        Who asks for a new password is told what became of it wherever the version can say it.
        """
        policy = self.settings.logon.status
        if policy is StatusPolicy.NEVER and status in _ABOUT_NEW_PASSWORDS:
            policy = StatusPolicy.STANDARD
        return tells(policy, self.version, status)

    def send_logout(
        self, text: str, *, for_cause: bool = False, status: SessionStatus | None = None
    ) -> None:
        """Send a Logout and begin to wait for the end.

        Does nothing where one has just gone out behind the last number but one.
        """
        if self.phase is Phase.LOGOUT_SENT:
            return
        # Before it is numbered: the number of this one may be the last but one, too.
        self.move(Input.LOGOUT_SENT)
        fields: list[tuple[int, str | int]] = [(Tag.Text, text)] if text else []
        if status is not None and self.tells(status):
            fields.append((Tag.SessionStatus, int(status)))
        self.transmit(MsgType.Logout, encode_fields(fields))
        self.for_cause = for_cause
        wait_ns = self.settings.logout_timeout_ns
        self.phase_deadline_ns = self.now_ns + (
            min(wait_ns, CAUSE_LOGOUT_NS) if for_cause else wait_ns
        )

    def note(self, breach: Breach, reaction: Reaction, message: Message | None) -> None:
        """Report a violation."""
        rule, tag, reason = breach.rule.value, breach.tag, breach.reason
        self.tell(Violation(rule, tag, reason, reaction, breach.text, message))

    def react(self, breach: Breach, message: Message, seq_num: int | None) -> bool:
        """Do what the policy says about a breach.

        Args:
            breach: What is wrong.
            message: The message at fault.
            seq_num: Its number when it is still to be counted, else ``None``.

        Returns:
            Whether the message is still to be acted on.
        """
        reaction = self._policy[breach.rule]
        rejects = reaction in (Reaction.REJECTED, Reaction.REJECTED_LOGOUT)
        if rejects and message.msg_type == MsgType.Reject:
            reaction, rejects = Reaction.IGNORED, False  # a Reject of a Reject would never end
        counted = rejects or reaction is Reaction.IGNORED
        if counted and seq_num is not None and seq_num == self.store.next_in:
            self.received(seq_num, message)
        if rejects:
            body = reject_body(breach, message, self.version, self.dialect)
            self.transmit(MsgType.Reject, body, reverse_route(message))
        if reaction is Reaction.REJECTED_LOGOUT:
            text = "" if self.dialect.bare_rejects else breach.text
            self.send_logout(text, for_cause=True, status=breach.status)
        elif reaction is Reaction.LOGOUT:
            text = breach.logout_text or breach.text
            self.send_logout(text, for_cause=True, status=breach.status)
        self.note(breach, reaction, message)
        return reaction is Reaction.NONE
