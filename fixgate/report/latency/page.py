"""What the HTML report of a measurement shows, as plain values: the template only places them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fixgate.health.model import CheckReport
from fixgate.latency.model import LatencyReport
from fixgate.report.host.page import AccountView, account_view
from fixgate.report.latency.about import about
from fixgate.report.latency.figures import FIGURE_WORDS, format_latency, many
from fixgate.report.latency.incidents import primary_of, shown_slow
from fixgate.report.latency.series_view import ExchangeView, exchange_view
from fixgate.report.latency.slow_view import SlowView, layer_look, slow_view
from fixgate.report.latency.verdict import (
    Totals,
    exit_code,
    judged,
    totals,
    troubled,
    unmeasured,
)
from fixgate.report.text import format_duration, format_instant, printable
from fixgate.report.tile import Tile
from fixgate.report.verdict import primary, verdict_of
from fixgate.triage.model import Exchange, Layer

__all__ = ["Page", "page_of"]

_SLOW_AT_MOST = 60
"""Slow samples with their whole context: some 4 KB each; JSON has all of them."""

_TONES = {0: "go", 1: "no-go", 3: "unknown"}


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """What became of a budget on one session."""

    text: str
    exchange: str
    session: str
    figure: str
    actual: str
    kept: bool
    anchor: str


@dataclass(frozen=True, slots=True)
class SickView:
    """A session that did not come up, and its first finding."""

    name: str
    verdict: str
    layer: str
    cause: str
    summary: str
    next_step: str


@dataclass(frozen=True, slots=True)
class LayerView:
    """How many of the slow samples lie with a layer."""

    name: str
    look: str
    count: int


@dataclass(frozen=True, slots=True)
class Page:
    """The whole report."""

    title: str
    short_title: str
    tone: str
    started: str
    took: str
    host: str
    version: str
    tiles: tuple[Tile, ...]
    about: tuple[tuple[str, str], ...]
    sick: tuple[SickView, ...]
    missed: tuple[BudgetRow, ...]
    kept: tuple[BudgetRow, ...]
    open_budgets: tuple[str, ...]
    exchanges: tuple[ExchangeView, ...]
    slow: tuple[SlowView, ...]
    slow_count: int
    layers: tuple[LayerView, ...]
    next_step: str
    next_layer: str
    remarks: tuple[str, ...]
    account: AccountView | None


def page_of(report: LatencyReport) -> Page:
    """Turn a measurement into the values of its page."""
    counted = totals(report)
    title = _title(report, counted)
    exchanges = tuple(
        exchange_view(kind, of_kind, report.mode, report.precision_ns)
        for kind in Exchange
        if (of_kind := [series for series in report.series if series.kind is kind])
    )
    budgets = _budget_rows(report, exchanges)
    first = primary_of(report)
    closed = [c for c in report.checks if c.closure is not None]
    return Page(
        title=title,
        short_title=title,
        tone=_TONES[exit_code(report)],
        started=format_instant(report.started_ns, digits=0).replace("T", " ").replace("Z", " UTC"),
        took=format_duration(report.duration_ns, micro="µs"),
        host=printable(report.host),
        version=printable(report.version),
        tiles=_tiles(counted),
        about=tuple((label, printable(text)) for label, text in about(report, micro="µs")),
        sick=tuple(_sick(check) for check in troubled(report)),
        missed=tuple(row for row in budgets if not row.kept),
        kept=tuple(row for row in budgets if row.kept),
        open_budgets=tuple(printable(budget.text) for budget in unmeasured(report)),
        exchanges=exchanges,
        slow=tuple(
            slow_view(slow, number, report.precision_ns)
            for number, slow in enumerate(shown_slow(report, _SLOW_AT_MOST), start=1)
        ),
        slow_count=len(report.slow),
        layers=_layers(report),
        next_step=printable(first.next_step) if first else "",
        next_layer=first.layer.value if first else "",
        remarks=tuple(
            printable(text)
            for text in (
                *report.remarks,
                *(f"{c.plan.name} was left out: {c.closure.text}" for c in closed if c.closure),
            )
        ),
        account=account_view(report.host_account) if report.host_account else None,
    )


def _title(report: LatencyReport, counted: Totals) -> str:
    if counted.failed:
        whole = counted.failed + counted.measured + counted.unknown
        failed = "The session was not measured"
        if whole > 1:
            failed = f"{counted.failed} of {whole} sessions failed"
        return f"{failed}, {_missed(counted)}" if counted.missed else failed
    if counted.missed:
        return _missed(counted).capitalize()
    if counted.open or counted.unknown or not counted.measured:
        return "Not everything could be measured" if counted.measured else "Nothing was measured"
    if counted.kept:
        return "The budget is kept" if counted.kept == 1 else f"All {counted.kept} budgets are kept"
    on = many(counted.measured, "session")
    return f"{many(counted.answered, 'request')} measured on {on}"


def _missed(counted: Totals) -> str:
    whole = counted.missed + counted.kept + counted.open
    if whole == 1:
        return "the budget is missed"
    return f"{counted.missed} of {whole} budgets missed"


def _tiles(counted: Totals) -> tuple[Tile, ...]:
    tiles = [Tile(counted.answered, "requests answered", "plain")]
    tiles.append(Tile(counted.unanswered, "not answered", "no-go"))
    tiles.append(Tile(counted.marked, "marked", "warn"))
    if counted.kept + counted.missed + counted.open:
        tiles.append(Tile(counted.kept, "budgets kept", "go"))
        tiles.append(Tile(counted.missed, "budgets missed", "no-go"))
    if counted.open:
        tiles.append(Tile(counted.open, "budgets not measured", "unknown"))
    if counted.failed:
        tiles.append(Tile(counted.failed, "sessions failed", "no-go"))
    if counted.unknown:
        tiles.append(Tile(counted.unknown, "sessions unknown", "unknown"))
    return tuple(tiles)


def _budget_rows(report: LatencyReport, exchanges: Sequence[ExchangeView]) -> list[BudgetRow]:
    anchors = {
        (exchange.name, row.session): row.anchor for exchange in exchanges for row in exchange.rows
    }
    rows = []
    for each in judged(report):
        outcome, series = each.outcome, each.series
        session = printable(series.session)
        actual = format_latency(
            outcome.actual_ns, report.precision_ns, micro="µs", nothing="not answered"
        )
        rows.append(
            BudgetRow(
                printable(outcome.budget.text),
                series.kind.value,
                session,
                FIGURE_WORDS[outcome.figure],
                actual,
                outcome.kept,
                anchors[series.kind.value, session],
            )
        )
    return rows


def _sick(check: CheckReport) -> SickView:
    finding = primary(check)
    return SickView(
        printable(check.plan.name),
        verdict_of(check).value,
        finding.layer.value if finding else "",
        finding.cause if finding else "",
        printable(finding.summary) if finding else "",
        printable(finding.next_step) if finding else "",
    )


def _layers(report: LatencyReport) -> tuple[LayerView, ...]:
    """Return every layer that is blamed or has a part in a bar: the bars' legend."""
    blamed = dict(report.layers)
    in_bars = {part.layer for slow in report.slow for part in slow.parts if part.duration_ns > 0}
    return tuple(
        LayerView(layer.value, layer_look(layer), blamed.get(layer, 0))
        for layer in sorted(Layer, key=lambda each: -blamed.get(each, 0))
        if layer in in_bars or blamed.get(layer)
    )
