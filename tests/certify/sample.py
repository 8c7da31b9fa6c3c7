"""A small pack in a folder, and packs made of it."""

from __future__ import annotations

from pathlib import Path

from fixgate.certify import Pack
from fixgate.config.packs import load_pack

GOOD = """\
title: A TestRequest is answered
reaction: A Heartbeat with the same TestReqID(112).
under_test: [client, venue]
spec: Rules of engagement, 2.1
steps:
  - connect
  - send: TestRequest
    with: {TestReqID: HELLO}
  - expect: Heartbeat
    with: {TestReqID: HELLO}
    within: 2s
"""
WRONG = GOOD.replace("HELLO}\n    within", "HALLO}\n    within").replace("is answered", "fails")
SHOULD = WRONG.replace("steps:", "requirement: SHOULD\nsteps:").replace("fails", "should fail")
ONLY_50 = GOOD.replace("steps:", "session: {version: FIX.5.0SP2}\nsteps:")
LIST = """\
title: A pack for tests
description: Nothing is to be set up.
source: Rules of engagement, edition 3
versions: [FIX.4.2, FIX.4.4]
cases:
  - {case: 2.a, scenarios: [2a-good]}
  - {case: 2.b, scenarios: [2b-wrong, 2b-other]}
  - {case: "3", title: Keys are right, not_testable: Nobody has the keys.}
  - {case: "10", scenarios: [10-should], versions: [FIX.4.4]}
"""


def write_pack(folder: Path, **files: str) -> Path:
    """Write the pack; ``**files`` replaces or adds by name, ``_`` for ``-``."""
    texts = {
        "pack": LIST, "2a-good": GOOD, "2b-wrong": WRONG, "2b-other": GOOD, "10-should": SHOULD,
        **{name.strip("_").replace("_", "-"): text for name, text in files.items()},
    }  # fmt: skip
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder


def sample_pack(folder: Path, **options) -> Pack:
    """Write the pack, and read it."""
    return load_pack(write_pack(folder), **options)
