"""One scenario file into scenarios: one for each row of its table and each side under test."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePath

from fixgate.config import units
from fixgate.config.scenarios import values
from fixgate.config.scenarios.actors import read_actors
from fixgate.config.scenarios.flow import Flow
from fixgate.config.scenarios.length import longest_ns, played
from fixgate.config.scenarios.messages import message_type
from fixgate.config.scenarios.node import Desk, Node, UnusableError, known_keys
from fixgate.config.scenarios.parameters import Row, always_there, read_rows, unused
from fixgate.config.scenarios.skipping import read_skip
from fixgate.config.scenarios.steps import read_steps
from fixgate.config.scenarios.story import Story
from fixgate.config.scenarios.top import REQUIRED_KEYS, TOP_KEYS
from fixgate.config.source import Source, shown
from fixgate.config.yaml import Document, compose
from fixgate.dictionary.version import FixVersion
from fixgate.errors import ConfigError, Mistake
from fixgate.scenario.model import Actor, Need, Requirement, Scenario, Side
from fixgate.scenario.steps import ArmFault, Clear, Never, SetSeqNum, Step
from fixgate.scenario.vocabulary import vocabulary_of
from fixgate.session.settings import SessionSettings

__all__ = ["ScenarioReader"]

_WITHIN_NS = 5_000_000_000
_SPARE_NS = 60_000_000_000
_MAX_PLAYED = 1_000_000


class ScenarioReader:
    """Reads one file, with those that it includes.

    Args:
        root: The folder that ids are relative to, and that included files lie below.
        desk: Where mistakes go.
    """

    def __init__(self, root: Path, desk: Desk) -> None:
        self.desk = desk
        self._root = root
        self._documents: dict[str, Document] = {}

    def read(self, document: Document) -> tuple[Scenario, ...]:
        """Return the scenarios of a file; nothing useful when there are mistakes."""
        self.desk.mistakes.extend(document.mistakes)
        whole = Node.root(document, self.desk)
        try:
            top = whole.entries()
            known_keys(top, TOP_KEYS, "a scenario")
            missing = [key for key in REQUIRED_KEYS if key not in top]
            if missing:
                names = " and ".join(f"'{key}'" for key in missing)
                whole.report(f"{names} {'is' if len(missing) == 1 else 'are'} missing")
            rows = read_rows(top.get("parameters"), top.get("table"))
            sides = _sides(top["under_test"]) if "under_test" in top else []
        except UnusableError:
            return ()
        variants = [(row, side) for row in rows for side in sides]
        found, told = [], []
        for row, side in variants:
            desk = replace(self.desk, mistakes=[])
            node = Node.root(document, desk).with_parameters(row.parameters)
            with suppress(UnusableError):
                found.append(self._scenario(node, row, side, several=len(sides) > 1))
            told.append(dict.fromkeys(desk.mistakes))
        self._merge(variants, told)
        if "parameters" in top:
            unused(top["parameters"].entries(), top)
        return tuple(found)

    def _merge(self, variants: list[tuple[Row, Side]], told: list[dict[Mistake, None]]) -> None:
        """Take over mistakes; of one that not every row or side has, tell which."""
        for mistake in dict.fromkeys(m for each in told for m in each):
            having = [v for v, each in zip(variants, told, strict=True) if mistake in each]
            rows = dict.fromkeys(row.name for row, _ in having)
            sides = dict.fromkeys(side.value for _, side in having)
            where = []
            if len(rows) < len({row.name for row, _ in variants}):
                where.append(f"in row {' and '.join(map(repr, rows))}")
            if len(sides) < len({side for _, side in variants}):
                where.append(f"with the {next(iter(sides))} under test")
            message = ", ".join((mistake.message, *where))
            self.desk.mistakes.append(replace(mistake, message=message))

    def _scenario(self, whole: Node, row: Row, side: Side, *, several: bool) -> Scenario:
        top = whole.entries()
        usable = True
        try:
            actors = read_actors(top, whole, self._session(top.get("session")))
        except UnusableError:
            actors, usable = read_actors({}, whole, None), False
        story = self._story(top, actors, side, whole.document.source.path)
        try:
            head = _head(top, story)
        except UnusableError:
            usable = False
        if not usable and _says_version(top):
            raise UnusableError  # names of messages and fields depend on it
        skip = read_skip(top.get("skip_when"), _version(story.session), side)
        if skip.why:
            return replace(
                head, id=self._id(whole, row, side, several=several),
                path=whole.document.source.path, actors=actors, skip=skip.why,
            )  # fmt: skip
        known = {**row.parameters, **always_there(whole, story.session.id, side)}
        top = whole.with_parameters(known).entries()
        if "steps" not in top:
            raise UnusableError
        steps = read_steps(top["steps"], story)
        _judge(steps, story, top["steps"])
        if not usable:
            raise UnusableError
        scenario = replace(
            head,
            id=self._id(whole, row, side, several=several),
            path=whole.document.source.path,
            actors=actors,
            steps=steps,
            needs=head.needs | story.needs,
            skip_world=skip.world,
        )
        return replace(scenario, limit_ns=_limit(top.get("limit"), steps))

    def _id(self, whole: Node, row: Row, side: Side, *, several: bool) -> str:
        path = os.path.realpath(whole.document.source.path)
        relative = PurePath(os.path.relpath(path, os.path.realpath(self._root)))
        found = relative.with_suffix("").as_posix()
        if row.name:
            found += f"[{row.name}]"
        return f"{found}@{side.value}" if several else found

    def _story(
        self, top: Mapping[str, Node], actors: tuple[Actor, ...], side: Side, path: str
    ) -> Story:
        session = actors[0].session
        assert session is not None, "the first actor is the client"
        vocabulary = vocabulary_of(session.id.begin_string, session.default_appl_ver_id)
        within = _WITHIN_NS
        if "within" in top:
            with suppress(UnusableError):
                within = values.duration(top["within"])
        return Story(
            actors={actor.name: actor for actor in actors},
            under_test=side,
            vocabulary=vocabulary,
            within_ns=within,
            root=self._root,
            open=self._open,
            flow=Flow(vocabulary),
            including=(os.path.realpath(path),),
        )

    def _session(self, node: Node | None) -> Node | None:
        """Return the mapping of ``session``, or that of the file which it names."""
        if node is None or not isinstance(node.value, str):
            return node
        path = node.document.source.folder / node.text()
        if not _is_below(path, self._root):
            raise node.report(f"{shown(node.text())} is outside of the folder of the scenarios")
        return Node.root(self._open(path, node), node.desk)

    def _open(self, path: Path, node: Node) -> Document:
        """Return a file that another one names."""
        real = os.path.realpath(path)
        if real not in self._documents:
            try:
                document = compose(Source.read(path))
            except ConfigError as error:
                for mistake in error.mistakes:
                    if mistake.line:
                        node.desk.mistakes.append(mistake)
                    else:
                        node.report(f"{shown(node.value)} {mistake.message}")
                raise UnusableError from None
            node.desk.mistakes.extend(document.mistakes)
            self._documents[real] = document
        return self._documents[real]


def _is_below(path: Path, root: Path) -> bool:
    return os.path.realpath(path).startswith(os.path.join(os.path.realpath(root), ""))


def _sides(node: Node) -> list[Side]:
    found = values.words(node, lambda item: values.one_of(item, Side))
    if not found or len(set(found)) < len(found):
        raise node.report("expected client, venue, or both")
    return found


def _says_version(top: Mapping[str, Node]) -> bool:
    session = top.get("session")
    return session is not None and (
        not isinstance(session.value, dict) or "version" in session.value
    )


def _version(session: SessionSettings) -> FixVersion:
    found = FixVersion.of_session(session.id.begin_string, session.default_appl_ver_id)
    assert found is not None, "the session's settings are sound"
    return found


def _head(top: Mapping[str, Node], story: Story) -> Scenario:
    """Return a scenario that has everything but its steps."""
    usable = True
    said: dict[str, object] = {}
    readers: dict[str, Callable[[Node], object]] = {
        "title": _title,
        "story": lambda node: node.text().strip(),
        "reaction": lambda node: node.text().strip(),
        "spec": lambda node: node.text().strip(),
        "requirement": lambda node: values.one_of(node, Requirement),
        "tags": lambda node: tuple(values.words(node, _tag)),
        "needs": lambda node: frozenset(values.words(node, lambda n: values.one_of(n, Need))),
        "seed": lambda node: values.count(node, 0, 2**63 - 1),
        "ignore": lambda node: frozenset(
            values.words(node, lambda n: message_type(n, story.vocabulary))
        ),
        "leftovers": lambda node: values.option(node, {"fail": False, "allowed": True}),
        "within": values.duration,
        "limit": values.duration,
    }
    for key, reader in readers.items():
        if key in top:
            try:
                said[key] = reader(top[key])
            except UnusableError:
                usable = False
    said.pop("within", None)
    said.pop("limit", None)
    if not usable:
        raise UnusableError
    nothing = Scenario(
        id="", path="", title="", story="", reaction="", under_test=story.under_test,
        requirement=Requirement.MUST, spec="", tags=(), needs=frozenset(), seed=None,
        ignore=frozenset(), leftovers=False, actors=(), steps=(), limit_ns=0,
    )  # fmt: skip
    # Every value was made by the reader of its key.
    return replace(nothing, **said)  # type: ignore[arg-type]


def _title(node: Node) -> str:
    text = node.text().strip()
    if "\n" in text or not 1 <= len(text) <= 120:
        raise node.report("expected a title of one line, 1 to 120 characters")
    return text


def _tag(node: Node) -> str:
    def read(text: str) -> str:
        if not text or len(text) > 40 or not all(c.isalnum() or c in "-_." for c in text):
            raise ValueError("expected a word of letters, digits, '-', '_' and '.'")
        return text

    return node.read(read)


def _judge(steps: tuple[Step, ...], story: Story, node: Node) -> None:
    """Tell what is wrong with the steps as a whole."""
    if not story.expectations:
        node.report(
            "nothing is expected: a scenario that cannot fail proves nothing",
            "add a step 'expect' or 'never'",
            at_key=True,
        )
    if played(steps) > _MAX_PLAYED:
        node.report(f"more than {_MAX_PLAYED} steps are played", at_key=True)
    for never, where in story.nevers:
        if never in steps and not _matters(never, steps[steps.index(never) + 1 :]):
            where.report("nothing happens after this 'never': it cannot be broken")


def _matters(never: Never, rest: tuple[Step, ...]) -> bool:
    for step in rest:
        if isinstance(step, Clear) and never.name and step.name == never.name:
            return False
        if not isinstance(step, Never | ArmFault | Clear | SetSeqNum):
            return True
    return False


def _limit(node: Node | None, steps: tuple[Step, ...]) -> int:
    longest = longest_ns(steps)
    if node is None:
        return longest + _SPARE_NS
    limit = values.duration(node)
    waits = longest
    if limit < waits:
        message = f"limit is shorter than its steps can take, {units.format_duration(waits)}"
        raise node.expected(message)
    return limit
