"""What is installed: the lock, the list of packages, the audit, and that nothing runs by itself."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from runpy import run_path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from fixgate import __version__

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKED_EXTRAS = ("crypto", "demo", "parquet", "quickfix")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")

audit = run_path(str(ROOT / "tools" / "audit.py"))
make_sbom = run_path(str(ROOT / "tools" / "make_sbom.py"))


# The lock.


def locked(name: str) -> dict[str, Requirement]:
    """Return what a lock pins, by name; each line is looked at."""
    text = (ROOT / name).read_text().replace("\\\n", " ")
    found = {}
    for line in text.splitlines():
        if not line.strip() or line.strip().startswith("#"):
            continue
        requirement, *hashes = line.split(" --hash=")
        assert hashes, line
        assert all(HASH.fullmatch(f"--hash={each.strip()}") for each in hashes), line
        pinned = Requirement(requirement.strip())
        (version,) = pinned.specifier
        assert version.operator == "==", line
        found[canonicalize_name(pinned.name)] = pinned
    return found


def pinned_version(requirement: Requirement) -> str:
    return next(iter(requirement.specifier)).version


CORE = PROJECT["project"]["dependencies"]
EXTRAS = [
    each for extra in LOCKED_EXTRAS for each in PROJECT["project"]["optional-dependencies"][extra]
]


@pytest.mark.parametrize(
    ("name", "asked"),
    [("requirements.lock", CORE), ("requirements-extras.lock", CORE + EXTRAS)],
)
def test_the_lock_satisfies_the_project(name, asked):
    pins = locked(name)
    for text in asked:
        wanted = Requirement(text)
        pin = pins.get(canonicalize_name(wanted.name))
        assert pin is not None, f"{name} lacks {text}: make lock"
        assert wanted.specifier.contains(pinned_version(pin), prereleases=True), f"{text}, {pin}"
        assert (wanted.marker is None) == (pin.marker is None), f"{text}, {pin}"


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-extras.lock"])
def test_the_lock_has_what_its_packages_need(name):
    pins = locked(name)
    for each in pins:
        try:
            needed = requires(each) or []
        except PackageNotFoundError:
            continue  # of another platform, or of an extra that is not installed
        for text in needed:
            wanted = Requirement(text)
            if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
                assert canonicalize_name(wanted.name) in pins, f"{each} needs {text}: make lock"


def test_both_locks_agree_and_neither_names_a_registry():
    core, extras = locked("requirements.lock"), locked("requirements-extras.lock")
    assert {name: str(extras.get(name)) for name in core} == {k: str(v) for k, v in core.items()}
    for name in ("requirements.lock", "requirements-extras.lock"):
        text = (ROOT / name).read_text()
        assert not re.search(r"https?://|index-url|find-links|file:", text)


def test_every_extra_that_users_install_is_locked():
    extras = set(PROJECT["project"]["optional-dependencies"])
    assert extras - {"dev", "fuzz"} == set(LOCKED_EXTRAS)
    makefile = (ROOT / "Makefile").read_text()
    assert f"LOCKED_EXTRAS := {' '.join(LOCKED_EXTRAS)}\n" in makefile


# The list of packages.


@pytest.fixture
def environment(tmp_path):
    """An environment with two packages, one of which fixgate needs, and it the other."""
    venv.create(tmp_path, with_pip=False)
    (site,) = tmp_path.glob("lib/python*/site-packages")
    for name, more in (("rich", "Requires-Dist: pygments\n"), ("pygments", "")):
        folder = site / f"{name}-1.0.dist-info"
        folder.mkdir()
        head = f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\nLicense-Expression: MIT\n"
        (folder / "METADATA").write_text(head + more)
    return tmp_path


def test_the_list_of_packages_obeys_the_schema_and_comes_out_the_same(environment):
    listed = make_sbom["describe"](environment)
    text = json.dumps(listed)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert listed["specVersion"] == "1.6"
    assert [(each["name"], each["purl"]) for each in listed["components"]] == [
        ("pygments", "pkg:pypi/pygments@1.0"),
        ("rich", "pkg:pypi/rich@1.0"),
    ]
    needs = {each["ref"]: each.get("dependsOn", []) for each in listed["dependencies"]}
    root = listed["metadata"]["component"]
    assert (root["name"], root["version"]) == ("fixgate", __version__)
    assert root["purl"] == f"pkg:pypi/fixgate@{__version__}"
    assert needs == {root["bom-ref"]: ["rich==1.0"], "rich==1.0": ["pygments==1.0"]} | {
        "pygments==1.0": []
    }
    assert "serialNumber" not in listed
    assert "timestamp" not in listed["metadata"]
    assert str(environment) not in text
    assert make_sbom["describe"](environment) == listed


def test_the_validator_is_one():
    broken = json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": "one"})
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(broken) is not None


# The audit.

CLEAN = {"name": "click", "version": "8.5.1", "vulns": []}
SICK = {
    "name": "jinja2",
    "version": "3.1.0",
    "vulns": [
        {"id": "PYSEC-1", "fix_versions": ["3.1.3", "3.1.4"], "aliases": ["CVE-1"]},
        {"id": "PYSEC-2", "fix_versions": [], "aliases": []},
    ],
}
NOT_ALL = "NOT AUDITED: 1 of 2 packages could not be looked up here, so nothing is known about them"
UNSEEN = {"name": "rich", "skip_reason": "Dependency not found on PyPI: rich (15.0.0)"}


@pytest.mark.parametrize(
    ("packages", "code", "last"),
    [
        ([CLEAN], 0, "no known vulnerabilities in 1 packages"),
        ([CLEAN, SICK], 1, "jinja2 3.1.0: PYSEC-2, not fixed yet"),
        ([CLEAN, UNSEEN], 3, NOT_ALL),
        ([UNSEEN, SICK], 1, NOT_ALL),
    ],
)
def test_an_audit_passes_only_when_every_package_was_looked_up(packages, code, last):
    found, lines = audit["judge"]({"dependencies": packages, "fixes": []})
    assert (found, lines[-1]) == (code, last)


def test_an_audit_tells_which_version_mends_it():
    _, lines = audit["judge"]({"dependencies": [SICK], "fixes": []})
    assert lines[0] == "jinja2 3.1.0: PYSEC-1, fixed in 3.1.3, 3.1.4"


def test_an_audit_that_reaches_nobody_does_not_pass():
    # Port 9 of loopback, where nothing listens, in place of the world.
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "audit.py"],
        capture_output=True, text=True, check=False, env={**os.environ, **nowhere, "NO_PROXY": ""},
    )  # fmt: skip
    assert done.returncode == 3
    assert done.stdout.startswith("NOT AUDITED: nothing is known about any package: pip-audit: ")


def test_what_is_audited_is_what_is_installed():
    names = {each.partition("==")[0] for each in audit["installed"]()}
    assert {"click", "pydantic", "pytest"} <= names
    assert not names & {"fixgate", "pip"}


# No hooks.


def test_nothing_runs_when_fixgate_is_installed():
    assert PROJECT["build-system"]["build-backend"] == "hatchling.build"
    assert [Requirement(each).name for each in PROJECT["build-system"]["requires"]] == ["hatchling"]
    assert "hooks" not in json.dumps(PROJECT["tool"]["hatch"])
    assert not [*ROOT.glob("setup.*"), *ROOT.glob("hatch_build.py"), *ROOT.glob("fixgate/**/*.pth")]


@pytest.mark.parametrize(
    ("name", "member", "told"),
    [
        ("fixgate-1-py3-none-any.whl", "fixgate/__init__.py", None),
        ("fixgate-1-cp311-cp311-linux_x86_64.whl", "fixgate/__init__.py", "of a platform"),
        ("fixgate-1-py3-none-any.whl", "fixgate.pth", "fixgate.pth"),
        ("fixgate-1-py3-none-any.whl", "fixgate-1.data/scripts/x", "fixgate-1.data/scripts/x"),
    ],
)
def test_a_wheel_that_is_not_pure_is_refused(tmp_path, name, member, told):
    with zipfile.ZipFile(tmp_path / name, "w") as wheel:
        wheel.writestr(member, "")
    if told is None:
        make_sbom["check_pure"](tmp_path / name)
        return
    with pytest.raises(SystemExit, match="is no pure wheel") as caught:
        make_sbom["check_pure"](tmp_path / name)
    assert told in str(caught.value)
