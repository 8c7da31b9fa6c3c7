"""What several kinds of steps can say."""

from __future__ import annotations

from fixgate.config.fields import JsonSchema
from fixgate.config.scenarios import values
from fixgate.config.scenarios.kind import Option
from fixgate.config.scenarios.node import Node
from fixgate.config.scenarios.story import Story

__all__ = ["AS", "FIELDS", "NOTHING", "ON", "ORDER", "SHOULD", "STEPS", "WITHIN", "itself"]


def itself(node: Node, story: Story) -> Node:
    """Return the node: it is read with the rest of the step."""
    return node


FIELDS: JsonSchema = {"anyOf": [{"type": "object"}], "description": "Fields by name or tag."}
STEPS: JsonSchema = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/step"}}
NOTHING: JsonSchema = {"type": "null"}

ON = Option(
    "on",
    lambda node, story: story.actor_of_ours(node),
    "Which actor of ours; by default the one that plays the other side.",
    values.NAME,
)
WITHIN = Option(
    "within",
    lambda node, story: values.duration(node),
    "How long it may take; by default the scenario's `within`, 5s unless said otherwise.",
    values.DURATION,
)
AS = Option(
    "as",
    lambda node, story: values.name(node),
    "A name for the message, by which expressions after this step refer to its fields.",
    values.NAME,
)
SHOULD = Option(
    "should",
    lambda node, story: values.flag(node),
    "true: the standard says SHOULD here; not to meet it is a deviation, no failure.",
    {"type": "boolean"},
)
ORDER = Option(
    "order", itself, "Fields that must come in this order.",
    {"type": "array", "minItems": 2, "items": {"type": ["string", "integer"]}},
)  # fmt: skip
