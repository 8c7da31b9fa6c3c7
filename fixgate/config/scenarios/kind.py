"""How kinds of steps are described: the table that drives reader, schema, explanations and docs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from fixgate.config.fields import JsonSchema
from fixgate.config.scenarios.node import Node
from fixgate.config.scenarios.story import Story
from fixgate.scenario.steps import Place, Step

if TYPE_CHECKING:
    from fixgate.config.scenarios.flow import Flow

__all__ = ["Given", "Option", "StepKind", "StepsReader"]

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")
D = TypeVar("D")

StepsReader = Callable[[Node, Story, "frozenset[str] | None"], tuple[Step, ...]]
"""Reads a list of steps; of some kinds only, when they are named."""


@dataclass(frozen=True, slots=True)
class Option(Generic[T_co]):
    """Something that can be said in a step.

    Attributes:
        name: Its key.
        read: Makes the value, or tells the mistake.
        doc: What it says, one sentence.
        schema: What an editor may accept.
        required: It must be said.
    """

    name: str
    read: Callable[[Node, Story], T_co]
    doc: str
    schema: JsonSchema
    required: bool = False


@dataclass(frozen=True, slots=True)
class StepKind:
    """A kind of step.

    Attributes:
        action: Its key, and what stands behind it.
        options: What else can be said.
        doc: What it means, a few sentences.
        example: A step of this kind, YAML.
        build: Makes the step, or several; tells what is wrong between its options.
        bare: The action's word may stand alone.
    """

    action: Option[Any]
    options: tuple[Option[Any], ...]
    doc: str
    example: str
    build: Callable[[Given], tuple[Step, ...]]
    bare: bool = False

    @property
    def name(self) -> str:
        """Its key."""
        return self.action.name


@dataclass(frozen=True, slots=True)
class Given:
    """What is said in one step.

    Attributes:
        node: The step.
        story: The scenario so far.
        entries: The nodes of action and options.
        values: What they were read to.
        steps: Reads steps inside this one.
    """

    node: Node
    story: Story
    entries: Mapping[str, Node]
    values: Mapping[str, object]
    steps: StepsReader

    def get(self, option: Option[T]) -> T | None:
        """Return what was said, or ``None``."""
        # The table's own reader made the value.
        return cast("T | None", self.values.get(option.name))

    def take(self, option: Option[T], otherwise: D) -> T | D:
        """Return what was said, or something else."""
        found = self.get(option)
        return otherwise if found is None else found

    def at(self, option: Option[Any]) -> Node:
        """Return where an option is said, or the step."""
        return self.entries.get(option.name, self.node)

    @property
    def flow(self) -> Flow:
        """What the steps before have come to."""
        return self.story.flow

    @property
    def on(self) -> str:
        """The actor of the step."""
        found = self.values.get("on")
        return found if isinstance(found, str) else self.story.ours

    def place(self, text: str, *, should: bool = False) -> Place:
        """Return where the step is and how it reads; whose it is, where that is not plain."""
        if self.on != self.story.under_test.other.value:
            text = f"{self.on}: {text}"
        return Place(self.node.document.source.path, self.node.line, text, should)
