"""Making stories, and changing them."""

from __future__ import annotations

import random

from fuzz.cast import OURS, THEIRS, any_options
from fuzz.damage import damage
from fuzz.fields import mutate
from fuzz.grammar import any_message
from fuzz.seeds import ADMIN, APPLICATION, Field
from fuzz.story import Step, Story

__all__ = ["any_fields", "any_story", "changed_story"]

_MESSAGES = 60
"""In one story: enough to go wrong in ways that take a while, and a fresh session soon."""
_MOST_STEPS = 400
_TIMES = ("jump", "step", "slip")
_CALM = 0.25
"""Messages that are not mutated: what is mutated has to meet a session that is in order."""


def any_story(dice: random.Random) -> bytes:
    """Return a story about a session that meets `_MESSAGES` messages, most of them mutated."""
    story = Story(any_options(dice))
    version = story.options["version"]
    for _ in range(_MESSAGES):
        if dice.random() < 0.25:
            story.steps.append(_event(dice))
        if dice.random() < 0.0007:
            story.steps += _backlog(dice)
        story.steps.append(_message(dice, version))
    return story.text()


def changed_story(dice: random.Random, data: bytes) -> bytes:
    """Return a story changed in a place or two; for whoever knows which changes are worth it."""
    story = Story.parse(data)
    version = story.options.get("version", "FIX.4.4")
    for _ in range(dice.choice((1, 1, 2, 4))):
        at = dice.randrange(len(story.steps) + 1)
        match dice.randrange(8):
            case 0:
                story.options = any_options(dice)
            case 1:
                story.steps.insert(at, _event(dice))
            case 2 | 3:
                story.steps.insert(at, _message(dice, version))
            case 4:
                del story.steps[at : at + dice.choice((1, 1, 5))]
            case 5:
                story.steps[at:at] = story.steps[at : at + 3]
            case _ if at < len(story.steps):
                _change(dice, story.steps[at])
    del story.steps[_MOST_STEPS:]
    return story.text()


def _change(dice: random.Random, step: Step) -> None:
    if step.verb == "raw":
        step.data = damage(dice, step.data)
    elif step.verb == "rx":
        pieces = [piece.partition(b"=") for piece in step.data.removesuffix(b"\x01").split(b"\x01")]
        fields = [(tag, value) for tag, _, value in pieces]
        mutate(dice, fields, 1)
        step.data = _joined(fields)
    elif step.number:
        step.number = abs(_number(dice, step.verb))


def _message(dice: random.Random, version: str) -> Step:
    if dice.random() < 0.02:
        return Step("raw", damage(dice, damage(dice, _joined(list(dice.choice(APPLICATION))))))
    return Step("rx", any_fields(dice, version))


def any_fields(dice: random.Random, version: str) -> bytes:
    """Return the fields of a message, mutated more often than not, as they stand in a story."""
    roll = dice.random()
    if roll < 0.35:
        body = list(dice.choice(ADMIN))
    elif roll < 0.8:
        body = list(dice.choice(APPLICATION))
    else:
        body = any_message(dice, version)
    fields = _with_header(body)
    if dice.random() > _CALM:
        mutate(dice, fields, dice.choice((1, 1, 1, 2, 3)))
    return _joined(fields)


def _with_header(body: list[Field], number: bytes = b"{n}") -> list[Field]:
    """Return a body with a right header; what of it stands in the body is left there."""
    sent = [
        (b"34", number),
        (b"49", THEIRS.encode()),
        (b"52", b"{t}"),
        (b"56", OURS.encode()),
    ]
    given = {tag for tag, _ in body}
    moved = [field for field in body[1:] if field[0] in (b"43", b"97", b"122")]
    rest = [field for field in body[1:] if field[0] not in (b"43", b"97", b"122")]
    return [body[0], *(field for field in sent if field[0] not in given), *moved, *rest]


def _joined(fields: list[Field]) -> bytes:
    return b"".join([b"%b=%b\x01" % field for field in fields])


def _backlog(dice: random.Random) -> list[Step]:
    """Many messages that come too early, and the one that they waited for."""
    first, more, last = (
        Step(
            "rx",
            _joined(_with_header(list(dice.choice(dice.choice((ADMIN, APPLICATION)))), number)),
        )
        for number in (b"{n+1}", b"{n+i}", b"{n}")
    )
    return [first, more, Step("again", number=dice.choice((200, 500, 2200))), last]


def _event(dice: random.Random) -> Step:
    verb = dice.choices(
        (*_TIMES, "noise", "cut", "again", "wait", "wake", "drop", "send", "test", "logout"),
        (1, 1, 1, 6, 4, 3, 6, 1, 1, 6, 1, 1),
    )[0]
    return Step(verb, number=_number(dice, verb))


def _number(dice: random.Random, verb: str) -> float:
    match verb:
        case "noise":
            return dice.randrange(1 << 32)
        case "cut":
            return dice.choice((1, 7, 30, 100, 1460))
        case "again":
            return dice.choices((1, 3, 70, 300, 2500), (80, 80, 16, 4, 0.6))[0]
        case "wait":
            return dice.choice((0.001, 0.5, 2, 31, 40, 100, 4000, 90_000))
        case "jump" | "step" | "slip":
            return dice.choice((-400, -100, -1, 0.5, 100, 400, 1e5))
    return 0
