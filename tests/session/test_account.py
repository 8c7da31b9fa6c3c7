"""Who may log on: signatures, new passwords, encrypted ones. Cases 1B.b, 1S.a, 1S.d.

Spec: FIXT 1.1, "Logon". The signatures are OpenSSL's; see test_authentication.py.
"""

from __future__ import annotations

import pytest

from fixgate.session.account import secrets_of
from fixgate.session.authentication import Get, HmacSignature
from fixgate.session.conceal import conceal
from fixgate.session.events import LoggedOn, LogonRefused
from fixgate.session.logon_options import AccountState, LogonOptions
from fixgate.session.settings import Credentials, Role
from fixgate.session.status import StatusPolicy
from fixgate.wire.mask import mask
from tests.session.rig import Rig, kinds

SIGNED = LogonOptions(signature=HmacSignature("s3cr3t-key"))
PASS = Credentials("desk", "pass")
OURS = "XnckohyKap2En4ibLVFPr7KLVFoqaw0+R/CxWxgwDg0="
THEIRS = "YfCxtV4F9AqYingKQKYTMPXfSCLJwNzUcmQLYsPOnU4="
UNNAMED = "kHlzwFjUN71EHRF71mPJVgl2CuvzyOS8ABcIkDGhGk8="
"""What TRADER signs with an empty Password(554)."""

LOGON = "35=A|34=1|98=0|108=30"
REFUSED = "Username(553), Password(554) or RawData(96) not accepted"


class Backwards:
    """A cipher of the tests' own: the password backwards, behind the MsgSeqNum(34)."""

    method = 7

    def seal(self, password: bytes, get: Get) -> bytes:
        return (get(34) or b"") + b"\x01" + password[::-1]

    def open(self, sealed: bytes, get: Get) -> bytes | None:
        number, _, password = sealed.partition(b"\x01")
        return password[::-1] if number == get(34) else None


def fixt(**options: object) -> Rig:
    """An acceptor of FIX 5.0 SP2, whose Logon can say everything."""
    return Rig(
        begin="FIXT.1.1",
        appl_ver_id="9",
        credentials=PASS,
        logon=LogonOptions(**options),  # type: ignore[arg-type]
    ).connect()


def logon(*more: str) -> str:
    return "|".join(("35=A|34=1|98=0|108=30|1137=9|553=desk", *more))


class TestSignatures:
    def test_an_initiator_signs(self):
        rig = Rig(Role.INITIATOR, credentials=PASS, logon=SIGNED).connect()
        assert rig.tx() == [f"35=A|34=1|95=44|96={OURS}|98=0|108=30|553=desk|554=pass"]

    def test_only_a_password_may_go_with_it(self):
        rig = Rig(Role.INITIATOR, credentials=Credentials("", "pass"), logon=SIGNED).connect()
        assert rig.tx() == [f"35=A|34=1|95=44|96={OURS}|98=0|108=30|554=pass"]

    def test_only_a_name_may_go_with_it(self):
        rig = Rig(Role.INITIATOR, credentials=Credentials("desk", ""), logon=SIGNED).connect()
        (sent,) = rig.tx()
        assert sent.endswith("|98=0|108=30|553=desk")

    def test_a_reset_in_session_is_answered_with_a_signature_of_its_own(self):
        rig = Rig(Role.INITIATOR, logon=SIGNED).connect()
        first = rig.tx()[0]
        rig.rx(LOGON)
        rig.seconds += 1
        rig.rx("35=A|34=1|98=0|108=30|141=Y")
        (again,) = rig.tx()
        assert again.startswith("35=A|34=1|95=44|96=")
        assert again.split("|")[3] != first.split("|")[3]

    def test_an_acceptor_takes_the_right_one_and_does_not_repeat_it(self):
        rig = Rig(credentials=PASS, logon=SIGNED).connect()
        rig.rx(f"35=A|34=1|95=44|96={THEIRS}|98=0|108=30|553=desk|554=pass")
        assert kinds(rig.events) == [LoggedOn]
        assert rig.tx() == [LOGON]

    def test_a_signature_alone_will_do(self):
        rig = Rig(logon=SIGNED).connect()
        rig.rx(f"35=A|34=1|95=44|96={UNNAMED}|98=0|108=30")
        assert kinds(rig.events) == [LoggedOn]

    @pytest.mark.parametrize(
        "proof",
        [
            f"95=44|96={OURS}|553=desk|554=pass",
            f"95=44|96={THEIRS}|553=desk|554=wrong",
            f"95=44|96={THEIRS}|553=other|554=pass",
            "553=desk|554=pass",
            f"95=45|96={THEIRS}=|553=desk|554=pass",
        ],
    )
    def test_an_acceptor_refuses_any_other(self, proof: str):
        rig = Rig(credentials=PASS, logon=SIGNED).connect()
        rig.rx(f"{LOGON}|{proof}")
        assert kinds(rig.events)[-1] is LogonRefused
        assert rig.tx() == [f"35=5|34=1|58={REFUSED}"]

    def test_one_of_another_instant_is_refused(self):
        rig = Rig(credentials=PASS, logon=SIGNED).connect()
        rig.rx(f"35=A|34=1|52={rig.time(1)}|95=44|96={THEIRS}|98=0|108=30|553=desk|554=pass")
        assert rig.tx() == [f"35=5|34=1|58={REFUSED}"]


class TestNewPasswords:
    def test_an_initiator_asks_only_when_told_to(self):
        rig = Rig(Role.INITIATOR, credentials=PASS).connect()
        assert "925=" not in rig.tx()[0]
        options = LogonOptions(new_password="fresh")
        rig = Rig(Role.INITIATOR, credentials=PASS, logon=options).connect()
        assert rig.tx() == [f"{LOGON}|553=desk|554=pass|925=fresh"]

    @pytest.mark.parametrize("answer", ["", "|1409=1"])
    def test_an_initiator_uses_it_once_it_is_agreed(self, answer: str):
        options = LogonOptions(new_password="fresh")
        rig = Rig(Role.INITIATOR, credentials=PASS, logon=options, observe=True).connect()
        rig.tx()
        rig.rx(f"{LOGON}{answer}")
        rig.session.disconnected(rig.now_ns)
        rig.connect()
        assert rig.tx() == ["35=A|34=2|98=0|108=30|553=desk|554=fresh"]

    @pytest.mark.parametrize("answer", [f"{LOGON}|1409=3", "35=5|34=1|58=no"])
    def test_an_initiator_keeps_the_old_one_otherwise(self, answer: str):
        options = LogonOptions(new_password="fresh")
        rig = Rig(Role.INITIATOR, credentials=PASS, logon=options, observe=True).connect()
        rig.tx()
        rig.rx(answer)
        rig.session.disconnected(rig.now_ns)
        rig.connect()
        assert rig.tx()[0].endswith("|553=desk|554=pass|925=fresh")

    def test_an_acceptor_changes_the_password_for_this_process(self):
        rig = fixt()
        rig.rx(logon("554=pass", "925=fresh"))
        assert rig.tx() == ["35=A|34=1|98=0|108=30|1137=9|1409=1"]
        rig.session.disconnected(rig.now_ns)
        rig.connect()
        rig.rx(logon("554=pass").replace("34=1", "34=2"))
        assert rig.tx() == ["35=5|34=2|58=Username(553) or Password(554) not accepted"]
        rig.session.disconnected(rig.now_ns)
        rig.connect()
        rig.rx(logon("554=fresh").replace("34=1", "34=2"))
        assert rig.tx() == ["35=A|34=3|98=0|108=30|1137=9"]

    def test_before_fixt_there_is_no_field_to_say_so(self):
        rig = Rig(credentials=PASS).connect()
        rig.rx(f"{LOGON}|553=desk|554=pass|925=fresh")
        assert rig.tx() == [LOGON]

    def test_a_wrong_password_changes_nothing(self):
        rig = fixt()
        rig.rx(logon("554=wrong", "925=fresh"))
        assert kinds(rig.events)[-1] is LogonRefused
        rig.session.disconnected(rig.now_ns)
        rig.connect()
        rig.tx()
        rig.rx(logon("554=pass"))
        assert kinds(rig.events)[-1] is LoggedOn

    def test_the_same_one_again_is_no_new_password(self):
        rig = fixt()
        rig.rx(logon("554=pass", "925=pass"))
        assert rig.tx() == ["35=A|34=1|98=0|108=30|1137=9|1409=3"]

    def test_one_that_is_no_text_is_no_new_password(self):
        rig = fixt()
        raw = rig.build(logon("554=pass", "925=fresh")).replace(b"fresh", b"\xff\xfe\xfd\xfc\xfb")
        head = raw[: raw.rindex(b"10=")]
        rig.raw(head + b"10=%03d\x01" % (sum(head) % 256))
        assert rig.tx() == ["35=A|34=1|98=0|108=30|1137=9|1409=3"]

    def test_a_logon_refused_for_its_number_changes_nothing(self):
        rig = fixt()
        rig.store.set_next_in(5, rig.now_ns)
        rig.rx(logon("554=pass", "925=fresh"))
        assert rig.tx() == ["35=5|34=1|58=MsgSeqNum too low, expecting 5 but received 1"]
        rig.session.disconnected(rig.now_ns)
        rig.connect()
        rig.rx(logon("554=pass").replace("34=1", "34=5"))
        assert kinds(rig.events)[-1] is LoggedOn


class TestEncryptedPasswords:
    def test_an_initiator_sends_no_other(self):
        options = LogonOptions(cipher=Backwards(), new_password="fresh")
        rig = Rig(Role.INITIATOR, credentials=PASS, logon=options).connect()
        data = rig.session.output()
        assert (
            b"\x0198=0\x01108=30\x01553=desk\x011400=7\x01"
            b"1401=6\x011402=1\x01ssap\x011403=7\x011404=1\x01hserf\x0110=" in data
        )
        assert b"pass" not in data
        assert b"fresh" not in data

    def encrypted(self, rig: Rig, method: int = 7, password: str = "1\x01ssap", new: str = ""):
        more = [f"1400={method}", f"1401={len(password)}", f"1402={password}"]
        if new:
            more += [f"1403={len(new)}", f"1404={new}"]
        rig.rx(logon(*more))
        return rig.tx()

    def test_an_acceptor_decrypts(self):
        rig = fixt(cipher=Backwards())
        assert self.encrypted(rig) == ["35=A|34=1|98=0|108=30|1137=9"]

    def test_an_acceptor_changes_it(self):
        rig = fixt(cipher=Backwards())
        assert self.encrypted(rig, new="1\x01hserf") == ["35=A|34=1|98=0|108=30|1137=9|1409=1"]
        rig.session.disconnected(rig.now_ns)
        rig.connect()
        self.encrypted(rig)
        assert kinds(rig.events)[-1] is LogonRefused

    @pytest.mark.parametrize(
        ("method", "password"), [(8, "1\x01ssap"), (7, "1\x01pass"), (7, "2\x01ssap"), (7, "x")]
    )
    def test_an_acceptor_refuses_what_does_not_open(self, method: int, password: str):
        rig = fixt(cipher=Backwards())
        (logout,) = self.encrypted(rig, method, password)
        assert logout == "35=5|34=1|58=Username(553) or Password(554) not accepted"

    def test_a_plain_password_is_not_enough(self):
        rig = fixt(cipher=Backwards())
        rig.rx(logon("554=pass"))
        assert kinds(rig.events)[-1] is LogonRefused

    def test_older_versions_are_asked_for_it_all_the_same(self):
        rig = Rig(begin="FIX.4.2", credentials=PASS, logon=LogonOptions(cipher=Backwards()))
        rig.connect()
        rig.rx(f"{LOGON}|553=desk|1400=7|1401=6|1402=1\x01ssap")
        assert kinds(rig.events) == [LoggedOn]


class TestAccounts:
    @pytest.mark.parametrize(
        ("state", "text"),
        [
            (AccountState.LOCKED, "Account locked|1409=6"),
            (AccountState.PASSWORD_EXPIRED, "Password expired|1409=8"),
        ],
    )
    def test_one_that_may_not_log_on_is_told_why(self, state: AccountState, text: str):
        rig = fixt(account=state, status=StatusPolicy.STANDARD)
        rig.rx(logon("554=pass"))
        assert rig.tx() == [f"35=5|34=1|58={text}"]

    @pytest.mark.parametrize("state", list(AccountState))
    def test_a_wrong_password_is_told_before_anything_of_the_account(self, state: AccountState):
        rig = fixt(account=state, status=StatusPolicy.STANDARD)
        rig.rx(logon("554=wrong"))
        assert rig.tx() == ["35=5|34=1|58=Username(553) or Password(554) not accepted|1409=5"]

    def test_a_password_due_to_expire_is_told_at_the_logon(self):
        rig = fixt(account=AccountState.PASSWORD_DUE_TO_EXPIRE, status=StatusPolicy.STANDARD)
        rig.rx(logon("554=pass"))
        assert rig.tx() == ["35=A|34=1|98=0|108=30|1137=9|1409=2"]

    def test_an_expired_password_may_be_changed(self):
        rig = fixt(account=AccountState.PASSWORD_EXPIRED)
        rig.rx(logon("554=pass", "925=fresh"))
        assert rig.tx() == ["35=A|34=1|98=0|108=30|1137=9|1409=1"]
        rig.session.disconnected(rig.now_ns)
        rig.connect()
        rig.rx(logon("554=fresh").replace("34=1", "34=2"))
        assert kinds(rig.events)[-1] is LoggedOn

    def test_an_expired_password_is_no_new_one(self):
        rig = fixt(account=AccountState.PASSWORD_EXPIRED)
        rig.rx(logon("554=pass", "925=pass"))
        assert rig.tx() == ["35=5|34=1|58=Password expired"]


class TestTestSessions:
    @pytest.mark.parametrize(("wanted", "flag"), [(True, "Y"), (False, "N")])
    def test_an_initiator_says_so(self, wanted: bool, flag: str):
        options = LogonOptions(test_session=wanted)
        rig = Rig(Role.INITIATOR, credentials=PASS, logon=options).connect()
        assert rig.tx() == [f"{LOGON}|464={flag}|553=desk|554=pass"]

    def test_an_initiator_says_nothing_unless_told_to(self):
        assert Rig(Role.INITIATOR).connect().tx() == [LOGON]

    def test_an_acceptor_answers_a_test_session_in_kind(self):
        rig = Rig(logon=LogonOptions(test_session=True)).connect()
        rig.rx(f"{LOGON}|464=Y")
        assert rig.tx() == [f"{LOGON}|464=Y"]

    @pytest.mark.parametrize("flag", ["", "|464=N"])
    def test_production_is_answered_without_a_word_of_it(self, flag: str):
        rig = Rig(logon=LogonOptions(test_session=False)).connect()
        rig.rx(LOGON + flag)
        assert rig.tx() == [LOGON]

    @pytest.mark.parametrize(
        ("wanted", "flag", "received", "expected"),
        [
            (True, "", "nothing", "'Y', a test session"),
            (True, "|464=N", "'N'", "'Y', a test session"),
            (False, "|464=Y", "'Y'", "a session of production"),
        ],
    )
    def test_the_wrong_kind_is_refused(self, wanted: bool, flag: str, received: str, expected: str):
        rig = Rig(logon=LogonOptions(test_session=wanted)).connect()
        rig.rx(LOGON + flag)
        assert kinds(rig.events)[-1] is LogonRefused
        text = f"TestMessageIndicator(464): received {received}, expected {expected}"
        assert rig.tx() == [f"35=5|34=1|58={text}"]

    def test_who_does_not_care_takes_either(self):
        for flag in ("", "|464=Y", "|464=N"):
            rig = Rig().connect()
            rig.rx(LOGON + flag)
            assert rig.tx() == [LOGON]

    def test_both_are_told_at_once(self):
        rig = fixt(test_session=True)
        rig.rx(logon("464=Y", "554=pass", "925=fresh"))
        assert rig.tx() == ["35=A|34=1|98=0|108=30|464=Y|1137=9|1409=1"]


class TestNothingShows:
    def test_in_a_repr(self):
        options = LogonOptions(signature=HmacSignature("s3cr3t-key"), new_password="fresh")
        rig = Rig(Role.INITIATOR, credentials=PASS, logon=options)
        assert secrets_of(rig.settings) == ("pass", "fresh", "s3cr3t-key")
        for secret in secrets_of(rig.settings):
            assert f"'{secret}'" not in repr(rig.settings)

    def test_in_a_store_or_in_what_people_see(self):
        options = LogonOptions(
            cipher=Backwards(), signature=HmacSignature("s3cr3t-key"), new_password="fresh"
        )
        rig = Rig(Role.INITIATOR, credentials=PASS, logon=options).connect()
        sent = rig.session.output()
        ((_, kept),) = rig.store.messages(1, 1)
        assert kept == conceal(sent)
        for secret in (b"ssap", b"hserf"):
            assert secret in sent
            assert secret not in kept
            assert secret.decode() not in mask(sent)
        assert b"\x0195=44\x0196=" + b"*" * 44 + b"\x01" in kept
        assert "|96=***|" in mask(sent)

    @pytest.mark.parametrize("tag", [34, 52, 98, 108, 464, 1137])
    def test_in_what_is_said_of_a_logon_that_has_it_in_the_wrong_place(self, tag: int):
        """What we answer is stored, although a Logon that is refused is not."""
        rig = fixt(test_session=True)
        right = {34: "1", 98: "0", 108: "30", 464: "Y", 1137: "9"} | {tag: "pass"}
        more = "|".join(f"{number}={value}" for number, value in right.items())
        rig.rx(f"35=A|{more}|553=desk|554=pass")
        (logout,) = rig.tx()
        assert "received '***', expected" in logout
        (refused,) = [event for event in rig.events if isinstance(event, LogonRefused)]
        assert "pass" not in refused.text

    def test_a_password_that_was_changed_counts_too(self):
        rig = fixt()
        rig.rx(logon("554=pass", "925=fresh"))
        rig.session.disconnected(rig.now_ns)
        rig.connect()
        rig.tx()
        rig.rx("35=A|34=2|98=0|108=fresh|1137=9|553=desk|554=fresh")
        assert "HeartBtInt(108): received '***'" in rig.tx()[0]
