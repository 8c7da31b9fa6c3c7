"""``pack.yaml`` and the scenario files beside it into a pack."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from fixgate.certify.pack import Case, Pack
from fixgate.config.fields import closest
from fixgate.config.scenarios import load_scenarios
from fixgate.config.scenarios.node import Desk, Node, UnusableError, known_keys, read_all
from fixgate.config.scenarios.values import option
from fixgate.config.source import Source, shown
from fixgate.config.yaml import compose
from fixgate.dictionary.version import FixVersion
from fixgate.errors import ConfigError, Mistake
from fixgate.scenario.model import Identity, Scenario

__all__ = ["LIST", "PACK_KEYS", "load_pack"]

LIST = "pack.yaml"
"""The file of a pack's folder that lists its cases."""

PACK_KEYS = {
    "title": "One line.",
    "description": "What the pack is for, and how the system under test has to be set up.",
    "source": "The documents that the cases are from.",
    "versions": "Versions of FIX that the cases are played in.",
    "cases": "In order: `case`, an address, with `scenarios` or `not_testable`.",
}
CASE_KEYS = {
    "case": "Its address in the specification.",
    "title": "One line, where no scenario says it.",
    "scenarios": "Names of files beside this one, without `.yaml`.",
    "versions": "Those of the pack in which the case exists; all when not said.",
    "not_testable": "Why no scenario can show it.",
}


@dataclass(slots=True)
class _Reader:
    """Reads one pack.

    Attributes:
        folder: Its.
        identity: Who the two sides are; of any version.
        versions: Only these; ``None`` for all of the pack.
        environ: Where ``${env:NAME}`` looks.
        desk: Where mistakes go.
        listed: Files that are among the cases, with where.
    """

    folder: Path
    identity: Identity
    versions: tuple[str, ...] | None
    environ: Mapping[str, str] | None
    desk: Desk = field(default_factory=Desk)
    listed: dict[str, Node] = field(default_factory=dict)
    cases: dict[str, Node] = field(default_factory=dict)

    def read(self) -> Pack:
        """Return the pack; nothing useful when there are mistakes."""
        path = self.folder / LIST
        document = compose(Source.read(path))
        self.desk.mistakes.extend(document.mistakes)
        whole = Node.root(document, self.desk)
        top = whole.entries()
        known_keys(top, PACK_KEYS, "a pack")
        missing = [key for key in ("title", "source", "versions", "cases") if key not in top]
        for key in missing:
            whole.report(f"'{key}' is missing", PACK_KEYS[key])
        if missing:
            raise UnusableError
        known = _versions(top["versions"], {each.value for each in FixVersion})
        played = tuple(each for each in known if self.versions is None or each in self.versions)
        if not played:
            wanted = " and ".join(self.versions or ())
            raise top["versions"].report(f"the pack is not for {wanted}")
        cases = tuple(
            case for node in top["cases"].items() if (case := self._case(node, known, played))
        )
        self._all_listed(top["cases"])
        described = top["description"].text().strip() if "description" in top else ""
        return Pack(
            self.folder.name, str(path), top["title"].text().strip(), described,
            top["source"].text().strip(), played, cases,
        )  # fmt: skip

    def _case(self, node: Node, known: tuple[str, ...], played: tuple[str, ...]) -> Case | None:
        try:
            entries = node.entries()
            known_keys(entries, CASE_KEYS, "a case")
            if "case" not in entries:
                raise node.report("'case' is missing", CASE_KEYS["case"])
            address = entries["case"].text()
            first = self.cases.setdefault(address, node)
            if first is not node:
                raise entries["case"].report(f"the case is there twice, first at {first.place}")
            if ("scenarios" in entries) == ("not_testable" in entries):
                raise node.report("expected either 'scenarios' or 'not_testable'")
            title = entries["title"].text().strip() if "title" in entries else ""
            if "not_testable" in entries:
                return Case(address, title, not_testable=entries["not_testable"].text().strip())
            versions = (
                _versions(entries["versions"], set(known)) if "versions" in entries else known
            )
            wanted = tuple(version for version in played if version in versions)
            items = entries["scenarios"].items()
            found = read_all(items, lambda each: self._scenarios(each, wanted))
        except UnusableError:
            return None
        scenarios = tuple(scenario for each in found for scenario in each)
        return Case(address, title or (scenarios[0].title if scenarios else ""), scenarios)

    def _scenarios(self, node: Node, versions: tuple[str, ...]) -> tuple[Scenario, ...]:
        name = node.text()
        file = self.folder / f"{name}.yaml"
        self.listed.setdefault(name, node)
        if not file.is_file():
            there = [each.stem for each in self.folder.glob("*.yaml")]
            raise node.report(f"there is no file {shown(file.name)}", closest(name, there))
        found: list[Scenario] = []
        for version in versions:
            identity = replace(self.identity, version=FixVersion(version))
            try:
                read = load_scenarios(
                    file, root=self.folder, identity=identity, environ=self.environ
                )
            except ConfigError as error:
                self.desk.mistakes.extend(error.mistakes)
                raise UnusableError from None
            # A scenario that names a version of its own is played in no other.
            found.extend(
                replace(each, id=f"{version}/{each.id}")
                for each in read if _version_of(each) is identity.version
            )  # fmt: skip
        return tuple(found)

    def _all_listed(self, node: Node) -> None:
        for file in sorted(self.folder.glob("*.yaml")):
            if file.name != LIST and file.stem not in self.listed:
                node.report(f"{shown(file.name)} is of no case", "list it, or take it out")


def _version_of(scenario: Scenario) -> FixVersion | None:
    session = next(actor.session for actor in scenario.actors if actor.session is not None)
    return FixVersion.of_session(session.id.begin_string, session.default_appl_ver_id)


def _versions(node: Node, known: set[str]) -> tuple[str, ...]:
    found = tuple(option(each, {name: name for name in sorted(known)}) for each in node.items())
    if not found or len(set(found)) < len(found):
        raise node.report("expected versions of FIX, each once")
    return found


def load_pack(
    folder: str | Path,
    *,
    identity: Identity | None = None,
    versions: tuple[str, ...] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Pack:
    """Read a pack.

    Args:
        folder: With a ``pack.yaml`` and the scenario files that it lists.
        identity: Who the two sides are when somebody's engine is under test.
        versions: Only these of the pack's; ``None`` for all.
        environ: Where ``${env:NAME}`` looks; ``None`` for the process's environment.

    Raises:
        ConfigError: Every mistake in the list and in the files.
    """
    reader = _Reader(Path(folder), identity or Identity(), versions, environ)
    pack = None
    with suppress(UnusableError):
        pack = reader.read()
    mistakes: list[Mistake] = list(dict.fromkeys(reader.desk.mistakes))
    if mistakes or pack is None:
        raise ConfigError(mistakes)
    return pack
