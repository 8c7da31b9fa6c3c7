from __future__ import annotations

import json
from pathlib import Path

from fixgate.net.audit import AuditEntry, Numbers
from fixgate.net.lock import Holder
from fixgate.net.survey import Damage, Generation, StoreSurvey
from fixgate.report.stores import findings, store_json, store_table, store_text
from fixgate.session.settings import SessionId

NOW_NS = 1_700_000_000_000_000_000
PATH = "/var/fix/FIX.4.4-CLIENT-VENUE-12345678"


def generation(number: int = 1, **values) -> Generation:
    defaults = {
        "size_bytes": 2048,
        "since_ns": NOW_NS,
        "next_out": 6,
        "next_in": 9,
        "sent": 5,
        "received": 8,
        "last_out_ns": NOW_NS + 1_000_000_000,
        "last_in_ns": NOW_NS + 2_000_000_000,
    }
    return Generation(number, f"{PATH}/{number:08d}.journal", **(defaults | values))


def found(*generations: Generation, **values) -> StoreSurvey:
    defaults = {
        "path": PATH,
        "session_id": SessionId("FIX.4.4", "CLIENT", "VENUE"),
        "holder": Holder(77, "desk", "2023-11-14T22:13:20Z", 2, 90, False, "b"),
        "in_use": False,
        "audit": (),
        "damage": (),
    }
    return StoreSurvey(generations=generations, **(defaults | values))


def test_one_store_tells_everything():
    entry = AuditEntry(
        NOW_NS, "ops@desk", 42, Numbers(1, 8, 9), Numbers(2, 3, 9), "agreed\x1b[2J by phone"
    )
    text = store_text(found(generation(1), generation(2, size_bytes=100), audit=(entry,)))
    assert text == (
        "FIX.4.4:CLIENT->VENUE\n"
        f"  folder      {PATH}\n"
        "  numbers     next out 6, next in 9\n"
        "  since       2023-11-14T22:13:20.000000000Z\n"
        "  last out    2023-11-14T22:13:21.000000000Z\n"
        "  last in     2023-11-14T22:13:22.000000000Z\n"
        "  gen 1       since 2023-11-14T22:13:20.000000000Z: 5 sent, 8 received, "
        "next out 6, next in 9, 2.0 KiB\n"
        "  gen 2       since 2023-11-14T22:13:20.000000000Z: 5 sent, 8 received, "
        "next out 6, next in 9, 100 B\n"
        "  size        2.1 KiB\n"
        "  use         free; last opened by process 77 on desk since 2023-11-14T22:13:20Z\n"
        "  by hand     2023-11-14T22:13:20Z ops@desk (process 42): from generation 1, next out "
        "8, next in 9 to generation 2, next out 3, next in 9: agreed\\x1b[2J by phone\n"
    )


def test_who_has_it():
    for in_use, words in (
        (True, "use         in use by process 77 on desk"),
        (None, "whether it is in use cannot be seen on this system"),
    ):
        assert words in store_text(found(generation(), in_use=in_use))
    nobody = store_text(found(holder=None, session_id=None))
    assert "never opened by fixgate" in nobody
    assert nobody.startswith("FIX.4.4-CLIENT-VENUE-12345678\n")
    assert "none: nothing was ever written" in nobody


def test_a_line_for_each_of_several():
    damaged = found(generation(damage=[]), damage=(Damage("f", 7, "damaged record"),), in_use=True)
    table = store_table([found(generation(3)), damaged, found(holder=None)])
    assert table == (
        "SESSION                GEN  NEXT OUT  NEXT IN  SENT  RECEIVED"
        "  LAST                  SIZE     STATE\n"
        "FIX.4.4:CLIENT->VENUE    3         6        9     5         8"
        "  2023-11-14T22:13:22Z  2.0 KiB  free\n"
        "FIX.4.4:CLIENT->VENUE    1         6        9     5         8"
        "  2023-11-14T22:13:22Z  2.0 KiB  damaged\n"
        "FIX.4.4:CLIENT->VENUE    -         -        -     0         0"
        "  -                     0 B      free\n"
    )


def test_a_table_leaves_out_what_does_not_fit():
    named = found(generation(), session_id=SessionId("FIX.4.4", "DESK-LONDON-EQUITIES", "V"))
    heads = [store_table([named], width=width).splitlines()[0].split("  ") for width in (80, 64)]
    assert [[head.strip() for head in each if head] for each in heads] == [
        ["SESSION", "NEXT OUT", "NEXT IN", "LAST", "STATE"],
        ["SESSION", "NEXT OUT", "NEXT IN", "STATE"],
    ]
    assert "FIX.4.4:DESK-LONDON-EQUITIES->V         6        9  free\n" in store_table(
        [named], width=64
    )


def test_long_lines_go_on_in_the_next():
    text = store_text(found(generation()), width=60)
    assert (
        "  gen 1       since 2023-11-14T22:13:20.000000000Z: 5 sent,\n"
        "              8 received, next out 6, next in 9, 2.0 KiB\n"
    ) in text
    assert PATH in text


def test_findings_of_a_sound_store():
    assert findings(found(generation(1), generation(2))) == (
        "sound FIX.4.4:CLIENT->VENUE: 26 messages in 2 generations",
    )


def test_findings_name_what_had_not_reached_the_disk():
    cut = found(generation(torn=2000, unsynced=True))
    assert findings(cut)[1] == (
        f"note FIX.4.4:CLIENT->VENUE: {PATH}/00000001.journal: byte 2000: 48 bytes had not "
        "reached the disk when the machine stopped; the next to open the store cuts it"
    )
    assert "next in 9, 2.0 KiB; had not reached the disk from byte 2000" in store_text(cut)


def test_findings_name_the_torn_tail_and_who_writes():
    torn = generation(torn=2000)
    assert findings(found(torn)) == (
        "sound FIX.4.4:CLIENT->VENUE: 13 messages in 1 generation",
        f"note FIX.4.4:CLIENT->VENUE: {PATH}/00000001.journal: byte 2000: unfinished record of "
        "48 bytes, left by a process that ended; the next to open the store cuts it",
    )
    written = findings(found(torn, in_use=True))
    assert written[1].endswith("being written by the process that has the store in use")
    assert written[2] == (
        "note FIX.4.4:CLIENT->VENUE: in use by process 77 on desk since 2023-11-14T22:13:20Z; "
        "what it adds meanwhile is not looked at"
    )


def test_findings_of_damage():
    damage = (Damage("a\x1bb", 7, "damaged record", 90), Damage("c", None, "missing segment"))
    assert findings(found(generation(), damage=damage)) == (
        "damaged FIX.4.4:CLIENT->VENUE: a\\x1bb: byte 7: damaged record; sound again from byte 90",
        "damaged FIX.4.4:CLIENT->VENUE: c: missing segment",
    )


def test_the_json_has_the_documented_keys():
    entry = AuditEntry(NOW_NS, "ops@desk", 42, Numbers(1, 8, 9), Numbers(2, 3, 9), "why")
    plain = json.loads(
        json.dumps(
            store_json(
                found(generation(torn=5), audit=(entry,), damage=(Damage("f", 7, "bad", None),))
            )
        )
    )
    text = (Path(__file__).parents[2] / "docs" / "store.md").read_text(encoding="utf-8")
    for key in (*plain, *plain["generations"][0], *plain["damage"][0], *plain["audit"][0]):
        assert f"`{key}`" in text, key
    whose = {"begin_string": "FIX.4.4", "ours": "CLIENT", "theirs": "VENUE"}
    assert plain["session"] | whose == plain["session"]
    assert plain["in_use"] is False
    empty = store_json(found(session_id=None, holder=None))
    assert (empty["session"], empty["next_out"], empty["holder"]) == (None, None, None)
