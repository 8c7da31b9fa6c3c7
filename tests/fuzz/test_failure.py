from __future__ import annotations

from types import SimpleNamespace

from fixgate.wire import encode_fields
from fuzz.failure import described, failure_of, is_confirmed, keep
from fuzz.places import REGRESSIONS
from fuzz.targets import target


def target_of(run):
    return SimpleNamespace(run=run, make=None, change=None)


def fails(data, watch):
    if b"x" in data:
        encode_fields([(0, b"y")])


def test_a_failure_is_told_by_its_place_in_fixgate():
    failure = failure_of(target_of(fails), b"x", 0)
    assert failure.kind == "LocalProtocolError"
    assert failure.place.startswith("fixgate/wire/encode.py:")
    assert failure.name.startswith("LocalProtocolError-")
    assert str(failure).startswith("LocalProtocolError at fixgate/wire/encode.py:")
    assert not failure.stalled
    assert failure_of(target_of(fails), b"y", 0) is None


def test_one_that_never_came_there_by_its_own(tmp_path):
    try:
        raise AssertionError("no")
    except AssertionError as error:
        failure = described(error)
    assert failure.place.startswith("tests/fuzz/test_failure.py:")


def test_an_input_is_kept_small_and_the_first_of_its_cause_stays(tmp_path):
    of = target_of(fails)
    failure = failure_of(of, b"abc\nxyz", 0)
    path = keep(of, b"abc\nxyz", failure, tmp_path / "made")
    assert path.read_bytes() == b"x"
    assert keep(of, b"another x", failure, tmp_path / "made") == path
    assert path.read_bytes() == b"x"


def test_one_that_fails_no_more_is_kept_as_it_was(tmp_path):
    of = target_of(fails)
    failure = failure_of(of, b"x", 0)
    assert keep(of, b"healed", failure, tmp_path).read_bytes() == b"healed"


def test_a_sound_input_is_no_stall_in_a_process_of_its_own():
    path = REGRESSIONS / "session" / "empty-test-req-id"
    assert not is_confirmed("session", path.read_bytes())
    assert target("session").run is not None
