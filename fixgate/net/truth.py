"""What the stages of a venue have done, as JSON Lines: one object for each message and stage.

The keys are the attributes of `fixgate.net.stages.StagePassed`; docs/stages.md describes them.
"""

from __future__ import annotations

import dataclasses
import json
import logging
from pathlib import Path
from types import TracebackType

from fixgate.net.stages import StagePassed
from fixgate.venue.stages import StageName

__all__ = ["TruthFile", "read_truth", "truth_line"]

_log = logging.getLogger("fixgate.gateway")


class TruthFile:
    """A file to which the truth is appended, each line as it happens.

    A disk that is full ends the file, not the venue.

    Args:
        path: The file; made when it is not there.

    Raises:
        OSError: It cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    def __enter__(self) -> TruthFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def tell(self, passed: StagePassed) -> None:
        """Append a line."""
        if self._file.closed:
            return
        try:
            self._file.write(truth_line(passed).encode())
        except OSError as error:
            _log.error("! no more of the truth is written: %s", error)
            self._file.close()


def truth_line(passed: StagePassed) -> str:
    """Return the line of a message that has passed a stage, its end included."""
    return json.dumps(dataclasses.asdict(passed) | {"stage": passed.stage.value}) + "\n"


def read_truth(line: str) -> StagePassed:
    """Return what a line says.

    Raises:
        ValueError: It is none of `truth_line`.
    """
    try:
        found = json.loads(line)
        return StagePassed(**found | {"stage": StageName(found["stage"])})
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(f"no line about a stage: {line.strip()[:80]!r}") from error
