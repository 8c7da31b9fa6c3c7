"""Ask for known vulnerabilities of all that is installed beside this Python.

An audit that learns nothing must not pass: where packages cannot be looked up, pip-audit skips them
and says that no vulnerabilities are known. Exits 0 when none is known of any package, 1 when some
are, 3 when not every package could be looked up.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from importlib.metadata import distributions
from typing import Any

FOUND, UNKNOWN = 1, 3

# Python's venv puts the first two there; the last is what is audited for.
_NOT_OURS = frozenset(("pip", "setuptools", "fixgate"))


def installed() -> list[str]:
    """Return ``name==version`` of every package that somebody chose to install."""
    found = {(dist.name.lower(), dist.version) for dist in distributions()}
    return sorted(f"{name}=={version}" for name, version in found if name not in _NOT_OURS)


def judge(report: Mapping[str, Any]) -> tuple[int, list[str]]:
    """Return the exit code for a report of pip-audit, and what to say.

    Args:
        report: Its JSON: of each package the vulnerabilities, or why it was skipped.
    """
    packages = report["dependencies"]
    lines = [
        f"{package['name']} {package['version']}: {each['id']}{_fixed(each['fix_versions'])}"
        for package in packages
        for each in package.get("vulns", ())
    ]
    code = FOUND if lines else 0
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if skipped:
        code = code or UNKNOWN
        lines += [f"{package['skip_reason']}" for package in packages if "skip_reason" in package]
        lines.append(
            f"NOT AUDITED: {len(skipped)} of {len(packages)} packages could not be looked up here, "
            "so nothing is known about them"
        )
    elif not lines:
        lines.append(f"no known vulnerabilities in {len(packages)} packages")
    return code, lines


def _fixed(versions: Iterable[str]) -> str:
    known = ", ".join(versions)
    return f", fixed in {known}" if known else ", not fixed yet"


def main() -> int:
    """Audit, print, and return the exit code."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirements:
        requirements.write("\n".join(installed()))
        requirements.flush()
        done = subprocess.run(
            [
                sys.executable, "-m", "pip_audit", "--disable-pip", "--no-deps", "--format", "json",
                "--progress-spinner", "off", "--requirement", requirements.name,
            ],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    try:
        report = json.loads(done.stdout)
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        print(f"NOT AUDITED: nothing is known about any package: pip-audit: {last}")
        return UNKNOWN
    code, lines = judge(report)
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main())
