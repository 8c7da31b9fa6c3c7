from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

from fixgate.report.runs.account import Report
from fixgate.report.runs.junit import render_junit
from fixgate.scenario.verdict import Result, Verdict
from tests.report.runs.sample import (
    FACTS,
    FILE,
    PASSWORD,
    UNLIKE,
    all_kinds,
    deviating,
    failed,
    late,
    passed,
)


def root_of(runs, facts=FACTS) -> ET.Element:
    return ET.fromstring(render_junit(Report.of(runs, facts)).encode("utf-8"))


def counts(element: ET.Element) -> list[str | None]:
    return [element.get(name) for name in ("tests", "failures", "errors", "skipped")]


def case(root: ET.Element, name: str) -> ET.Element:
    found = root.find(f".//testcase[@name='{name}']")
    assert found is not None
    return found


def test_suites_are_the_folders_and_cases_the_runs():
    root = root_of(all_kinds())
    assert (root.tag, root.get("name")) == ("testsuites", "fixgate run")
    assert counts(root) == ["7", "2", "1", "1"]
    assert [suite.get("name") for suite in root] == ["heartbeats", "gaps", "logon", "orders"]
    assert [counts(suite) for suite in root] == [
        ["3", "1", "0", "0"],
        ["1", "1", "0", "0"],
        ["1", "0", "1", "0"],
        ["2", "0", "0", "1"],
    ]
    assert root.get("time") == "1.240000"
    assert root[1].get("time") == "14436.000000"


def test_a_failure_explains_itself():
    test = case(root_of([failed()]), "heartbeats/test-request@venue")
    assert (test.get("classname"), test.get("file")) == ("heartbeats", FILE)
    assert test.get("time") == "0.002000"
    (failure,) = test.findall("failure")
    assert (failure.get("type"), failure.get("message")) == ("FAIL", UNLIKE)
    assert (failure.text or "").splitlines() == [
        f"{FILE}:23, step 3: expect Heartbeat(0) with TestReqID(112) = HELLO",
        "MUST, FIX Session Layer Test Cases 1.0, case 4.b",
        "wanted: expect Heartbeat(0) with TestReqID(112) = HELLO",
        f"came: {UNLIKE}",
        "  0.000000 # step 1: connect",
        "  0.000000 ~ client connection open",
        "  0.000000 > client Logon(A) #1 EncryptMethod(98) = 0 NONE, HeartBtInt(108) = 30, "
        "Username(553) = desk, Password(554) = ***",
        "  0.001000 < client Logon(A) #1 EncryptMethod(98) = 0 NONE, HeartBtInt(108) = 30",
        "  0.001000 = client logged on",
        "  0.001000 # step 2: send TestRequest(1) with TestReqID(112) = HELLO",
        "  0.001200 > client TestRequest(1) #2 TestReqID(112) = HELLO",
        "  0.001200 # step 3: expect Heartbeat(0) with TestReqID(112) = HELLO",
        "  0.001500 ! client fault deaf: dropped Heartbeat(0), MsgSeqNum(34) 3",
        "* 0.002000 < client Heartbeat(0) #2 TestReqID(112) = HELO",
        f"  0.002000 # step 3 failed: {UNLIKE}",
        "  0.002000 # FAIL",
        "correct is: A Heartbeat with the same TestReqID(112), at once.",
        f"repeat: fixgate run {FILE}@venue --seed 7",
    ]


def test_every_alternative_is_told():
    failure = case(root_of([late()]), "gaps/late").find("failure")
    assert failure is not None
    wanted = [line for line in (failure.text or "").splitlines() if line.startswith("wanted")]
    assert wanted == ["wanted: expect Reject(3)", "wanted: expect Logout(5), then expect closed"]


def test_what_could_not_be_determined_is_an_error_and_what_was_skipped_is_skipped():
    root = root_of(all_kinds())
    (error,) = case(root, "logon/refused@venue").findall("error")
    assert (error.get("type"), error.get("message")) == ("INCONCLUSIVE", "connection refused")
    (skipped,) = case(root, "orders/late-fill@client").findall("skipped")
    assert skipped.get("message") == "needs ask, orders"


def test_a_deviation_stops_nothing_and_is_in_the_output():
    test = case(root_of(all_kinds()), "heartbeats/sloppy@venue")
    assert [child.tag for child in test] == ["system-out"]
    assert f"deviation at {FILE}:23: wanted expect Heartbeat(0)" in (
        test.findtext("system-out") or ""
    )


def test_endless_deviations_are_counted():
    many = Verdict(Result.PASS, (), deviating().verdict.deviations * 53)
    run = replace(deviating(), verdict=many)
    text = case(root_of([run]), "heartbeats/sloppy@venue").findtext("system-out") or ""
    assert text.count("deviation at") == 50
    assert text.endswith("and 3 more deviations")


def test_a_scenario_that_is_in_no_file():
    run = replace(passed(), scenario=replace(passed().scenario, path=""))
    assert "file" not in case(root_of([run]), "heartbeats/test-request@venue").attrib


def test_output_says_which_run_it_was():
    text = case(root_of([passed()]), "heartbeats/test-request@venue").findtext("system-out")
    assert (text or "").splitlines() == [
        "PASS A TestRequest is answered with its TestReqID",
        "under test: venue, virtual world, seed 7",
    ]


def test_properties_say_how_it_was_played():
    root = root_of([passed()], replace(FACTS, world="live", address="localhost:9876"))
    found = {p.get("name"): p.get("value") for p in root.iter("property")}
    assert found == {
        "fixgate": "0.9.0",
        "world": "live",
        "address": "localhost:9876",
        "seed": "7",
    }


def test_runs_of_one_scenario_have_names_of_their_own():
    root = root_of([passed(), replace(passed(), seed=8)])
    assert [test.get("name") for test in root.iter("testcase")] == [
        "heartbeats/test-request@venue seed 7",
        "heartbeats/test-request@venue seed 8",
    ]


def test_what_is_in_no_folder():
    run = replace(passed(), scenario=replace(passed().scenario, id="alone"))
    assert [suite.get("name") for suite in root_of([run])] == ["scenarios"]


def test_no_secret():
    assert PASSWORD not in render_junit(Report.of(all_kinds(), FACTS))
