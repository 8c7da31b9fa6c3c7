"""The rule table, and the judgement by it. A pure function of a sample and its context.

Theory of operation
-------------------
Every rule looks at the same `Facts` and fires or not, with a confidence of its own. The surest is
the primary verdict, of equals the one that stands first in the table; the others are reported with
it. Two rules that are both sure of different layers contradict each other, and then neither is
sure. When none fires, the sample is unattributed: that is an answer.

High confidence is for evidence that leaves no other layer: stamps of our own kernel, the venue's
own clock, an acknowledgement long before the reply, a TestRequest that overtook the order, TCP's
own count of what it sent again. Everything that is only likely is medium or low.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fixgate.triage.context import Context
from fixgate.triage.facts import Facts
from fixgate.triage.model import Confidence, Layer, Sample, StampSource, Verdict
from fixgate.triage.rule import Found, Rule
from fixgate.triage.rules_host import HOST_RULES, UNUSUAL_RULES
from fixgate.triage.rules_path import PATH_RULES
from fixgate.triage.rules_peer import PEER_RULES
from fixgate.triage.spans import CHAIN, Span
from fixgate.triage.wording import percent, shown

__all__ = ["RULES", "judge"]

_ORDER = (Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW, Confidence.NONE)
_UNATTRIBUTED_STEP = "Keep the sample; measure with kernel stamps and TestRequests beside orders."


def judge(sample: Sample, context: Context) -> Verdict:
    """Say in which layer a sample lost its time.

    Args:
        sample: A slow one; of another the verdict says that it is usual.
        context: What it is judged beside, see `fixgate.triage.context.Surroundings`.

    Returns:
        The verdict; never raises, whatever the sample's instants are.
    """
    facts = Facts(sample, context)
    verdicts = _sobered(_fired(RULES, facts))
    if not verdicts:
        return _unattributed(facts)
    first, *others = sorted(verdicts, key=lambda each: _ORDER.index(each.confidence))
    return replace(first, others=tuple(others))


def _fired(rules: Iterable[Rule[Facts]], facts: Facts) -> list[Verdict]:
    fired = []
    for rule in rules:
        found = rule.finds(facts)
        if found is not None:
            fired.append(_verdict(rule, found, facts))
            if rule.final:
                break
    return fired


def _verdict(rule: Rule[Facts], found: Found, facts: Facts) -> Verdict:
    confidence = found.confidence
    # A log says when something was written down, not when it happened.
    if facts.sample.source is StampSource.LOG and confidence is Confidence.HIGH:
        confidence = Confidence.MEDIUM
    return Verdict(
        found.layer or rule.layer,
        confidence,
        rule.name,
        found.summary,
        found.evidence,
        rule.next_step,
    )


def _queued(facts: Facts) -> Found | None:
    """Judge a request that had to wait for an earlier one of ours by that one."""
    ahead = facts.ahead
    if ahead is None or not facts.is_remote:
        return None
    fired = _sobered(_fired(_OF_ONE, Facts(ahead, facts.context.beside(ahead))))
    first = min(fired, key=lambda each: _ORDER.index(each.confidence), default=None)
    if first is None or first.layer not in _REMOTE:
        return None
    counted = first.rule in _COUNTED and first.confidence is Confidence.MEDIUM
    if first.confidence is not Confidence.HIGH and not counted:
        return None
    text = f"It waited for our own {ahead.name}, sent before it and answered first. {first.summary}"
    evidence = (("waited for", ahead.name), *first.evidence)
    return Found(Confidence.MEDIUM, text, evidence, first.layer)


def _sobered(verdicts: list[Verdict]) -> list[Verdict]:
    """Return the verdicts, none of them sure where two sure ones name different layers."""
    sure = {each.layer for each in verdicts if each.confidence is Confidence.HIGH}
    if len(sure) < 2:
        return verdicts
    return [
        replace(each, confidence=Confidence.MEDIUM) if each.confidence is Confidence.HIGH else each
        for each in verdicts
    ]


def _unattributed(facts: Facts) -> Verdict:
    text = f"Nothing tells where {shown(facts.excess_ns)} more than usual were lost."
    evidence = tuple(
        (span.value, f"{shown(facts.spans[span])}, {percent(facts.share(span))} of the excess")
        for span in (*CHAIN, Span.APP)
        if span in facts.spans and (span in facts.chain)
    )
    return Verdict(
        Layer.UNATTRIBUTED,
        Confidence.NONE,
        "unattributed",
        text,
        evidence,
        _UNATTRIBUTED_STEP,
    )


_COUNTED = ("loss", "loss-toward-us")
"""What TCP itself counted says enough of the request in front, though it is not sure."""

_REMOTE = (Layer.PATH, Layer.GATEWAY, Layer.MATCHING, Layer.PEER_READING)

_QUEUED: Rule[Facts] = Rule(
    "queued",
    Layer.UNATTRIBUTED,
    "an earlier request of ours, open through most of the excess and answered no later",
    "there is one, and a rule is sure of where it lost its time; the layer is that one's",
    "",
    "Look at the request that it waited for.",
    _queued,
)

_OF_ONE = (*UNUSUAL_RULES, *HOST_RULES, *PATH_RULES, *PEER_RULES)

RULES: tuple[Rule[Facts], ...] = (*UNUSUAL_RULES, *HOST_RULES, *PATH_RULES, _QUEUED, *PEER_RULES)
"""In the order in which they are asked."""
