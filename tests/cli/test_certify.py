"""``fixgate certify``: what it plays, how it grades, what it hands over, and how it exits."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from fixgate.cli import main
from tests.certify.sample import GOOD, LIST, write_pack


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A pack in which two runs of each side fail, and one of each deviates."""
    return write_pack(tmp_path / "tests")


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """A pack in which nothing fails, and one run of each side deviates."""
    return write_pack(tmp_path / "sound", _2b_wrong=GOOD)


def certify(*words: object) -> Result:
    return CliRunner().invoke(main, ["certify", *map(str, words)], catch_exceptions=False)


def lines(done: Result) -> list[str]:
    return [" ".join(line.split()) for line in done.stdout.splitlines()]


def test_each_case_is_graded_for_each_side_and_version(pack: Path):
    done = certify(pack, "--seed", 7)
    assert done.exit_code == 1
    told = lines(done)
    assert "✓ PASS 2.a A TestRequest is answered client MUST ✓ ✓ #1 #7" in told
    assert "✗ FAIL 2.b A TestRequest fails venue MUST ✗ ✗ #4 #10" in told
    assert "· NOT TESTABLE 3 Keys are right" in told
    assert "└ Nobody has the keys." in told
    assert "! PASS 10 A TestRequest should fail client SHOULD ! #13" in told
    assert told[-1].startswith("6 PASS, 2 FAIL, 1 NOT TESTABLE (2 deviations) · 14 runs in ")
    assert told[-1].endswith("exit 1: a scenario failed")


def test_a_failure_shows_the_wire_and_the_command_that_repeats_it(pack: Path):
    done = certify(pack, "--only", "FIX.4.2/2b-wrong@venue", "--seed", 7)
    assert done.exit_code == 1
    told = " ".join(done.stdout.split())
    assert "received 'HELLO', expected 'HALLO'" in told
    assert f"fixgate certify {pack} --only FIX.4.2/2b-wrong@venue --seed 7" in told


def test_a_should_is_a_failure_only_when_strict(sound: Path):
    assert certify(sound).exit_code == 0
    done = certify(sound, "--strict")
    assert done.exit_code == 1
    assert "✗ FAIL 10 A TestRequest should fail client SHOULD ✗ #13" in lines(done)
    assert "strict" in done.stdout


def test_some_cases_of_one_side_in_one_version(pack: Path):
    done = certify(pack, "--only", "2a, 10", "--under-test", "venue", "--version", "FIX.4.4")
    assert done.exit_code == 0
    rows = [line for line in lines(done) if line.startswith(("✓", "!", "✗"))]
    assert rows == [
        "✓ PASS 2.a A TestRequest is answered venue MUST ✓ #1",
        "! PASS 10 A TestRequest should fail venue SHOULD ! #2",
    ]


def test_the_list_plays_nothing(pack: Path):
    done = certify(pack, "--list", "--only", "2,3,10")
    assert done.exit_code == 0
    assert lines(done)[:2] == ["A pack for tests", "Nothing is to be set up."]
    assert lines(done)[3:] == [
        "2.a client MUST 2a-good: A TestRequest is answered",
        "2.a venue MUST 2a-good: A TestRequest is answered",
        "2.b client MUST 2b-wrong: A TestRequest fails",
        "2.b venue MUST 2b-wrong: A TestRequest fails",
        "2.b client MUST 2b-other: A TestRequest is answered",
        "2.b venue MUST 2b-other: A TestRequest is answered",
        "3 not testable Keys are right",
        "10 client SHOULD 10-should: A TestRequest should fail (FIX.4.4)",
        "10 venue SHOULD 10-should: A TestRequest should fail (FIX.4.4)",
    ]


class TestReports:
    def test_json_has_cases_with_their_evidence(self, pack: Path):
        document = json.loads(certify(pack, "--json", "-", "--seed", 7).stdout)
        assert (document["schema"], document["schema_version"]) == ("fixgate-certificate", 1)
        assert (document["pack"], document["exit_code"]) == ("tests", 1)
        assert document["source"] == "Rules of engagement, edition 3"
        assert document["versions"] == ["FIX.4.2", "FIX.4.4"]
        assert document["summary"] == {
            "total": 9, "pass": 6, "fail": 2, "inconclusive": 0, "skipped": 0, "not_testable": 1,
            "deviations": 2,
        }  # fmt: skip
        wrong = next(c for c in document["cases"] if c["grade"] == "FAIL")
        assert (wrong["case"], wrong["under_test"], wrong["level"]) == ("2.b", "client", "MUST")
        assert wrong["requirement"] == "A Heartbeat with the same TestReqID(112)."
        assert wrong["source"] == "Rules of engagement, 2.1"
        assert [each["version"] for each in wrong["evidence"]] == ["FIX.4.2", "FIX.4.4"]
        first = wrong["evidence"][0]
        assert document["runs"][first["run"] - 1]["id"] == first["id"] == "FIX.4.2/2b-wrong@client"
        assert "received 'HELLO'" in first["reason"]
        untested = next(c for c in document["cases"] if c["grade"] == "NOT TESTABLE")
        assert (untested["case"], untested["why"]) == ("3", "Nobody has the keys.")
        assert (untested["under_test"], untested["evidence"]) == (None, [])

    def test_junit_has_a_suite_for_each_version_and_one_for_what_cannot_be_tested(self, pack: Path):
        root = ET.fromstring(certify(pack, "--junit", "-").stdout)
        assert [suite.get("name") for suite in root] == ["FIX.4.2", "FIX.4.4", "not testable"]
        assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("15", "4", "1")
        case = root[2][0]
        assert case.get("name") == "3 Keys are right"
        assert case[0].get("message") == "Nobody has the keys."

    def test_html_leads_from_each_verdict_to_its_run(self, pack: Path):
        page = certify(pack, "--html", "-").stdout
        assert "A pack for tests" in page
        for number in range(1, 15):
            assert f'href="#run-{number}"' in page
            assert f'id="run-{number}"' in page
        assert "Nobody has the keys." in page

    def test_html_lets_nothing_in(self, tmp_path: Path):
        listed = LIST.replace("A pack for tests", "<script>alert(1)</script>")
        page = certify(write_pack(tmp_path / "x", pack=listed), "--html", "-").stdout
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


class TestJudgingAgain:
    def test_the_same_verdicts_from_the_kept_histories(self, pack: Path, tmp_path: Path):
        kept = tmp_path / "kept"
        first = certify(pack, "--history", kept, "--json", "-", "--seed", 7)
        again = certify(pack, "--judge", kept, "--json", "-")
        assert len(list(kept.iterdir())) == 14
        assert (first.exit_code, again.exit_code) == (1, 1)
        one, other = json.loads(first.stdout), json.loads(again.stdout)
        assert other["cases"] == one["cases"]
        assert [run["findings"] for run in other["runs"]] == [
            run["findings"] for run in one["runs"]
        ]

    def test_a_pack_elsewhere_says_the_same(self, pack: Path, tmp_path: Path):
        kept = tmp_path / "kept"
        certify(pack, "--history", kept, "--only", "2b-wrong")
        moved = pack.rename(tmp_path / "moved")
        done = certify(moved, "--judge", kept)
        assert done.exit_code == 1
        assert "expected 'HALLO'" in " ".join(done.stdout.split())

    def test_what_has_changed_since_is_not_judged(self, pack: Path, tmp_path: Path):
        kept = tmp_path / "kept"
        certify(pack, "--history", kept, "--only", "2a")
        (pack / "2a-good.yaml").write_text(GOOD.replace("within: 2s", "within: 3s"))
        done = certify(pack, "--judge", kept)
        assert done.exit_code == 3
        assert "the scenario says something else than when this was played" in done.stdout

    def test_a_history_that_is_cut_off(self, pack: Path, tmp_path: Path):
        kept = tmp_path / "kept"
        certify(pack, "--history", kept, "--only", "FIX.4.4/2a-good@venue")
        (file,) = kept.iterdir()
        file.write_text("".join(file.read_text().splitlines(keepends=True)[:5]))
        done = certify(pack, "--judge", kept)
        assert done.exit_code == 3
        assert "what was kept ends before the scenario did" in done.stdout

    def test_what_was_skipped_is_still(self, pack: Path, tmp_path: Path):
        kept = tmp_path / "kept"
        needing = GOOD.replace("steps:", "needs: [backup]\nsteps:")
        (pack / "2a-good.yaml").write_text(needing)
        words = ("--only", "2a", "--without", "backup")
        assert certify(pack, "--history", kept, *words).exit_code == 3
        done = certify(pack, "--judge", kept)
        assert done.exit_code == 3
        assert "○ SKIPPED 2.a A TestRequest is answered client MUST ○ ○ #1 #3" in lines(done)

    def test_a_folder_of_something_else(self, pack: Path, tmp_path: Path):
        done = certify(pack, "--judge", tmp_path)
        assert done.exit_code == 2
        assert "holds no run of these scenarios" in done.stderr


class TestWrongUsage:
    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (["--only", "7"], "--only: no case fits '7'. --list shows all."),
            (["--only", "2b-wrnog"], "did you mean '2b-wrong'?"),
            (["--version", "FIX.4.3"], "the pack is not for FIX.4.3"),
            (["--venue", "127.0.0.1:1", "--under-test", "client"], "The venue is under test"),
            (["--venue", "127.0.0.1:1", "--listen", "127.0.0.1:2"], "one side is under test"),
        ],
    )
    def test_it_is_told(self, pack: Path, words: list[str], told: str):
        done = certify(pack, *words)
        assert done.exit_code == 2
        assert told in done.stderr

    def test_no_such_pack(self, tmp_path: Path):
        done = certify(tmp_path)
        assert done.exit_code == 2
        assert "shipped: iso3531" in done.stderr

    def test_every_mistake_of_a_pack(self, pack: Path):
        (pack / "2a-good.yaml").write_text(GOOD.replace("expect: Heart", "expect: Hart"))
        (pack / "2b-other.yaml").unlink()
        done = certify(pack)
        assert done.exit_code == 2
        assert "2a-good.yaml:9" in done.stderr
        assert "there is no file '2b-other.yaml'" in done.stderr
        assert "2 mistakes" in done.stderr


def test_a_shipped_pack_by_its_name():
    done = certify("iso3531", "--only", "4b", "--version", "FIX.4.4")
    assert done.exit_code == 0
    assert lines(done)[-1].startswith("2 PASS, 0 FAIL · 2 runs")
