"""Write a CycloneDX list of what fixgate needs at run time: the packages of requirements.lock.

They are installed into an environment of their own, each checked against its hash and none from
source, so that what is listed is what a user of the lock gets, with licences and who needs whom.
The list has no time and no serial number: the same lock gives the same list on the same platform.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path
from typing import Any

from fixgate import __version__

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements.lock"
VERSION = "1.6"
"""Of the CycloneDX specification: the newest that scanners commonly read."""


def describe(environment: Path) -> dict[str, Any]:
    """Return the list of what is installed in an environment, fixgate being what needs it.

    Args:
        environment: Its folder.
    """
    command = [
        sys.executable, "-m", "cyclonedx_py", "environment", str(environment),
        "--pyproject", str(ROOT / "pyproject.toml"), "--mc-type", "application",
        "--spec-version", VERSION, "--output-format", "JSON", "--output-reproducible",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    listed: dict[str, Any] = json.loads(done.stdout)
    # pyproject.toml leaves the version to fixgate/__init__.py.
    root = listed["metadata"]["component"]
    root |= {"version": __version__, "purl": f"pkg:pypi/{root['name']}@{__version__}"}
    return listed


def check_pure(wheel: Path) -> None:
    """See that a wheel runs nothing of its own when it is installed or when Python starts.

    Raises:
        SystemExit: It is built for one platform, or brings what is run unasked.
    """
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    unasked = [name for name in names if name.endswith(".pth") or ".data/" in name]
    if not wheel.name.endswith("-py3-none-any.whl") or unasked:
        raise SystemExit(f"{wheel.name} is no pure wheel: {', '.join(unasked) or 'of a platform'}")


def locked_environment(folder: Path) -> Path:
    """Return a new environment with the locked packages and fixgate, and nothing else."""
    environment = folder / "environment"
    venv.create(environment, with_pip=False)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    into = ["--python", str(environment), "install", "--no-deps", "--only-binary", ":all:"]
    subprocess.run([*pip, *into, "--require-hashes", "-r", str(LOCK)], check=True)
    subprocess.run([*pip, "wheel", "--no-deps", "-w", str(folder), str(ROOT)], check=True)
    (wheel,) = folder.glob("*.whl")
    check_pure(wheel)
    subprocess.run([*pip, *into, str(wheel)], check=True)
    return environment


def main() -> None:
    """Write the list."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path, help="the file to write")
    output = parser.parse_args().output
    with tempfile.TemporaryDirectory() as folder:
        listed = describe(locked_environment(Path(folder)))
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(listed, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{output}: {len(listed['components'])} packages")


if __name__ == "__main__":
    main()
