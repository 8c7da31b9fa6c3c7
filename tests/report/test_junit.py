from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

from fixgate.health.model import Status
from fixgate.report.junit import render_junit
from tests.report.sample import PASSWORD, fleet, healthy, plan


def test_suites_are_the_groups_and_cases_the_sessions():
    root = ET.fromstring(render_junit(fleet()))
    assert root.tag == "testsuites"
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("16", "4", "0")
    assert [s.get("name") for s in root] == ["London Equities", "Continental"]
    assert [len(s.findall("testcase")) for s in root] == [8, 8]
    failure = root.find(".//testcase[@name='xlon-backup']/failure")
    assert failure is not None
    assert failure.get("type") == "logon-refused"
    assert "next step: Check Username(553)" in (failure.text or "")
    assert "554=***" in (failure.text or "")


def test_sick_as_expected_is_a_passed_case():
    root = ET.fromstring(render_junit(fleet(rehearsal=True)))
    assert root.get("failures") == "0"
    assert root.findall(".//failure") == []
    case = root.find(".//testcase[@name='xlon-backup']")
    assert case is not None
    assert "Invalid username" in (case.findtext("system-out") or "")


def test_unknown_is_an_error():
    lost = replace(healthy(plan("a", group="")), status=Status.UNKNOWN)
    root = ET.fromstring(render_junit(replace(fleet(), checks=(lost,))))
    assert (root.get("failures"), root.get("errors")) == ("0", "1")
    assert root.find("testsuite").get("name") == "sessions"  # type: ignore[union-attr]


def test_no_secret():
    assert PASSWORD not in render_junit(fleet())
