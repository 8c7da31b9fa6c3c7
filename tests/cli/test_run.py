"""``fixgate run``: what it plays, what it says, and how it exits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fixgate.cli import main

GOOD = """\
title: A TestRequest is answered
story: A desk that sees no answer takes the line for dead.
reaction: A Heartbeat with the same TestReqID(112).
under_test: [client, venue]
tags: [heartbeats]
steps:
  - connect
  - send: TestRequest
    with: {TestReqID: HELLO}
  - expect: Heartbeat
    with: {TestReqID: HELLO}
    within: 2s
"""
WRONG = GOOD.replace("HELLO}\n    within", "HALLO}\n    within")


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "answered.yaml"
    path.write_text(GOOD)
    return path


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["run", *map(str, words)], catch_exceptions=False)


def test_both_sides_pass(story: Path):
    done = run(story, "--seed", 7)
    assert done.exit_code == 0
    assert "answered@client" in done.stdout
    assert "answered@venue" in done.stdout
    assert "seed 7" in done.stdout


def test_a_failure_says_what_came_and_how_to_repeat_it(story: Path):
    story.write_text(WRONG)
    done = run(f"{story}@venue", "--seed", 7)
    assert done.exit_code == 1
    assert f"{story}:10, step 3" in done.stdout
    assert "received 'HELLO'" in " ".join(done.stdout.split())
    assert f"fixgate run {story}@venue --seed 7" in " ".join(done.stdout.split())


def test_every_mistake_before_anything_is_played(story: Path):
    story.write_text(
        GOOD.replace("expect: Heartbeat", "expect: Hartbeat").replace("  - connect", "  - conect")
    )
    done = run(story)
    assert done.exit_code == 2
    assert f"{story}:7:5" in done.stderr
    assert "did you mean 'Heartbeat'" in done.stderr
    assert done.stdout == ""


def test_a_folder(story: Path):
    done = run(story.parent)
    assert done.exit_code == 0
    assert "2 PASS" in done.stdout


def test_by_tag_and_side(story: Path):
    assert "1 PASS" in run(story, "--under-test", "venue").stdout
    assert run(story, "--tag", "heartbeats").exit_code == 0
    done = run(story, "--tag", "other")
    assert done.exit_code == 2
    assert "No scenario is left" in done.stderr


def test_what_is_not_there():
    done = run("no/such/story")
    assert done.exit_code == 2
    assert "'no/such/story'" in done.stderr


def test_a_part_that_a_file_does_not_make(story: Path):
    done = run(f"{story}[long]")
    assert done.exit_code == 2
    assert "answered@client, answered@venue" in done.stderr


def test_all_reports(story: Path, tmp_path: Path):
    files = {kind: tmp_path / f"out.{kind}" for kind in ("json", "html", "junit")}
    options = [word for kind, file in files.items() for word in (f"--{kind}", file)]
    assert run(story, *options).exit_code == 0
    read = json.loads(files["json"].read_text())
    assert [each["result"] for each in read["runs"]] == ["PASS", "PASS"]
    assert files["html"].read_text().startswith("<!doctype html>")
    assert "<testsuites" in files["junit"].read_text()


def test_one_report_on_standard_output(story: Path):
    assert json.loads(run(story, "--json", "-").stdout)["schema"] == "fixgate-run"
    assert run(story, "--json", "-", "--junit", "-").exit_code == 2


def test_histories_are_the_same_for_the_same_seed(story: Path, tmp_path: Path):
    kept = []
    for name in ("one", "two"):
        assert run(story, "--seed", 5, "--history", tmp_path / name).exit_code == 0
        kept.append({file.name: file.read_bytes() for file in (tmp_path / name).iterdir()})
    assert kept[0] == kept[1]
    assert sorted(kept[0]) == ["0001-answered@client.jsonl", "0002-answered@venue.jsonl"]


def test_repeated_until_one_fails(story: Path):
    assert "6 PASS" in run(story, "--repeat", 3).stdout
    story.write_text(WRONG)
    assert "1 FAIL" in run(story, "--repeat", 3, "--until-failure").stdout


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--live"], "--live needs --venue, --listen"),
        (["--venue", "127.0.0.1:1", "--listen", "127.0.0.1:2"], "Either --venue or --listen"),
        (["--venue", "127.0.0.1:1", "--backup", "127.0.0.1:2"], "a second address of --listen"),
        (["--venue", "127.0.0.1"], "HOST:PORT"),
        (["--driver", "'"], "--driver"),
    ],
)
def test_options_that_do_not_fit(story: Path, options: list[str], says: str):
    words = options if "--driver" not in options else [*options, "--venue", "127.0.0.1:1"]
    done = run(story, *words)
    assert done.exit_code == 2
    assert says in done.stderr


def test_a_venue_that_is_not_there_cannot_be_judged(story: Path):
    done = run(story, "--venue", "127.0.0.1:1", "--patience", "1s")
    assert done.exit_code == 3
    assert "refused" in done.stdout


def test_orders_are_not_sent_live_unless_allowed(story: Path):
    story.write_text(GOOD.replace("tags: [heartbeats]", "needs: [orders]"))
    done = run(story, "--venue", "127.0.0.1:1")
    assert done.exit_code == 3
    assert "needs orders" in done.stdout


def test_a_venue_without_credentials_is_not_asked_for_them(story: Path, tmp_path: Path):
    story.write_text(GOOD.replace("tags: [heartbeats]", "needs: [credentials]"))
    done = run(story, "--venue", "127.0.0.1:1")
    assert done.exit_code == 3
    assert "needs credentials" in done.stdout
    password = tmp_path / "password"
    password.write_text("secret")
    password.chmod(0o600)
    words = ("--username", "desk", "--password-file", str(password), "--patience", "1s")
    assert "refused" in run(story, "--venue", "127.0.0.1:1", *words).stdout


def test_a_client_is_told_where_it_is_awaited(story: Path, closed_port: str):
    words = ("--listen", closed_port, "--patience", "1s", "--sender", "EXCH", "--target", "DESK")
    story.write_text(GOOD.replace("  - connect", "  - connect:\n    within: 1s"))
    done = run(story, *words)
    assert done.exit_code == 3
    assert f"your client is awaited at {closed_port}: FIX.4.4, DESK to EXCH" in done.stderr


def test_what_was_kept_is_judged_again(story: Path, tmp_path: Path):
    assert run(story, "--history", tmp_path / "kept").exit_code == 0
    again = run(story, "--judge", tmp_path / "kept")
    assert again.exit_code == 0
    assert "2 PASS" in again.stdout
    story.write_text(WRONG)
    changed = run(story, "--judge", tmp_path / "kept")
    assert changed.exit_code == 3
    assert "says something else" in " ".join(changed.stdout.split())


def test_what_is_no_kept_run(story: Path, tmp_path: Path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "0001-x.jsonl").write_text("{}\n")
    done = run(story, "--judge", tmp_path / "kept")
    assert done.exit_code == 2
    assert "0001-x.jsonl:1" in done.stderr


def test_a_venue_whose_key_is_pinned_is_sent_no_password(story: Path, tmp_path: Path):
    file = tmp_path / "mine.yaml"
    pin = "sha256/" + "A" * 43 + "="
    file.write_text(
        "sessions:\n  - {name: a, connect: '127.0.0.1:1', begin_string: FIX.4.4, ours: ME,\n"
        f"     theirs: VENUE, tls: {{pins: ['{pin}']}}}}\n"
    )
    done = run(story, "--session", file)
    assert done.exit_code == 2
    assert "'pins' cannot be checked" in done.stderr
