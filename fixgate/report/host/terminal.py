"""The host's account on a terminal: what is good, what could be better, and how."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from rich.console import Console
from rich.text import Text

from fixgate.host.account import Account
from fixgate.host.comparison import Comparison
from fixgate.host.judging.topic import Grade, Group, Line
from fixgate.report.host.wording import (
    growth_text,
    heading_of,
    label_of,
    since_text,
    watched_text,
    when,
)
from fixgate.report.layout import Glyphs
from fixgate.report.text import printable, shorten

__all__ = [
    "account_lines",
    "comparison_lines",
    "print_account",
    "print_comparison",
    "summary_lines",
]

_WIDEST = 120
"""Lines of text are no easier to read when they are longer."""
_LABEL_AT_MOST = 22
_UNREAD_AT_MOST = 8
_STYLES = {
    Grade.GOOD: "green",
    Grade.BETTER: "yellow",
    Grade.BAD: "bold red",
    Grade.UNKNOWN: "magenta",
    Grade.NOTED: "dim",
}


def print_account(account: Account, console: Console) -> None:
    """Print every fact, by group, with advice where there is some."""
    glyphs = Glyphs.for_encoding(console.encoding)
    _print(account_lines(account, min(console.width, _WIDEST), glyphs), console)


def print_comparison(found: Comparison, console: Console) -> None:
    """Print what is different."""
    glyphs = Glyphs.for_encoding(console.encoding)
    _print(comparison_lines(found, min(console.width, _WIDEST), glyphs), console)


def _print(lines: Iterator[Text], console: Console) -> None:
    for text in lines:
        text.rstrip()
        console.print(text, no_wrap=True, overflow="ignore", crop=False)


def account_lines(account: Account, width: int, glyphs: Glyphs) -> Iterator[Text]:
    """Yield the lines of the page."""
    yield from _header("fixgate host", _counts(account), _about(account, glyphs), width, glyphs)
    labels = [len(label_of(line, ascii_only=glyphs.ascii_only)) for line in account.lines]
    column = min(max(labels, default=0), _LABEL_AT_MOST, width // 3)
    for group in Group:
        yield Text("")
        yield Text(group.value, "bold")
        for line in account.lines:
            if line.group is group:
                yield from _line(line, column, width, glyphs)
    yield from _unread(account, width, glyphs)


def summary_lines(account: Account, width: int, glyphs: Glyphs) -> Iterator[Text]:
    """Yield what another board says of the host: bad lines, and one line of counts."""
    title = Text("this host", "bold")
    title.append("   ")
    title.append_text(_counts(account))
    title.append(f" {glyphs.dot} fixgate host says how to do better", "dim")
    yield Text("")
    yield _cut(title, width, glyphs)
    for line in account.graded(Grade.BAD):
        text = Text(f"  {glyphs.bad} ", _STYLES[Grade.BAD])
        text.append(f"{label_of(line, ascii_only=glyphs.ascii_only)}: ", "bold not red")
        text.append(printable(line.found, ascii_only=glyphs.ascii_only), "red not bold")
        yield _cut(text, width, glyphs)


def comparison_lines(found: Comparison, width: int, glyphs: Glyphs) -> Iterator[Text]:
    """Yield what is different between two snapshots."""
    counts = Text(f"{len(found.changed)} changed", "yellow" if found.changed else "dim")
    counts.append(", ", "not dim")
    noun = "count" if len(found.counted) == 1 else "counts"
    counts.append(f"{len(found.counted)} {noun} grew", "not dim")
    about = [printable(since_text(found), ascii_only=glyphs.ascii_only)]
    yield from _header("fixgate host", counts, about, width, glyphs)
    if found.changed:
        yield Text("")
        yield Text("changed", "bold")
    for change in found.changed:
        label = label_of(change.either, ascii_only=glyphs.ascii_only)
        yield _cut(Text(f"  {label} ({change.either.group.value})", "bold"), width, glyphs)
        for word, line in (("then", change.before), ("now", change.after)):
            text = line.found if line is not None else "not looked at"
            yield from _folded(f"    {word:<5} ", text, width, glyphs, "")
    if found.counted:
        yield Text("")
        yield Text("counted", "bold")
    column = max((len(growth.label) for growth in found.counted), default=0)
    for growth in found.counted:
        label = printable(growth.label, ascii_only=glyphs.ascii_only)
        style = "yellow" if growth.went_back else ""
        yield from _folded(f"  {label:<{column}}  ", growth_text(growth), width, glyphs, style)
    if not found.changed and not found.counted:
        yield Text("")
        yield Text("nothing is different", "green")


def _about(account: Account, glyphs: Glyphs) -> list[str]:
    snapshot = account.snapshot
    facts = (
        when(snapshot.taken_ns),
        snapshot.host,
        watched_text(account),
        f"fixgate {snapshot.fixgate_version}",
    )
    return [printable(fact, ascii_only=glyphs.ascii_only) for fact in facts if fact]


def _header(
    name: str, counts: Text, about: list[str], width: int, glyphs: Glyphs
) -> Iterator[Text]:
    title = Text(f"{name}   ", "bold") + counts
    facts = f" {glyphs.dot} ".join(about)
    if title.cell_len + 3 + len(facts) <= width:
        yield title + Text(" " * (width - title.cell_len - len(facts)) + facts, "dim")
    else:
        yield _cut(title, width, glyphs)
        yield Text(shorten(facts, width, mark=glyphs.mark), "dim")
    yield Text(glyphs.rule * width, "dim")


def _counts(account: Account) -> Text:
    parts = [
        Text(text, _STYLES[grade] if not text.startswith("0 ") else "dim")
        for grade, text in heading_of(account)
    ]
    return Text(", ").join(parts)


def _line(line: Line, column: int, width: int, glyphs: Glyphs) -> Iterator[Text]:
    signs = {
        Grade.GOOD: glyphs.good,
        Grade.BETTER: glyphs.warned,
        Grade.BAD: glyphs.bad,
        Grade.UNKNOWN: glyphs.unknown,
        Grade.NOTED: glyphs.waiting,
    }
    label = shorten(label_of(line, ascii_only=glyphs.ascii_only), column, mark=glyphs.mark)
    lead = f"  {signs[line.grade]} {label:<{column}}  "
    advised = line.grade in (Grade.BETTER, Grade.BAD)
    style = _STYLES[line.grade] if advised else "dim" if line.grade is Grade.UNKNOWN else ""
    yield from _folded(lead, line.found, width, glyphs, style, sign=_STYLES[line.grade])
    if advised:
        indent = " " * len(lead)
        yield from _folded(f"{indent}good  ", line.good, width, glyphs, "dim")
        yield from _folded(f"{indent}how   ", line.how, width, glyphs, "cyan")


def _folded(
    lead: str, text: str, width: int, glyphs: Glyphs, style: str, *, sign: str = ""
) -> Iterator[Text]:
    visible = printable(text, ascii_only=glyphs.ascii_only)
    room = max(width - len(lead), 20)
    for index, part in enumerate(wrap(visible, room, break_on_hyphens=False) or [""]):
        row = Text(lead if index == 0 else " " * len(lead), "dim")
        if sign and index == 0:
            row.stylize(f"not dim {sign}", 2, 3)
            row.stylize("not dim", 3)
        row.append(part, f"not dim {style}" if style != "dim" else "dim")
        yield row


def _cut(text: Text, width: int, glyphs: Glyphs) -> Text:
    if text.cell_len > width:
        text.truncate(width - len(glyphs.mark), overflow="crop")
        text.append(glyphs.mark)
    return text


def _unread(account: Account, width: int, glyphs: Glyphs) -> Iterator[Text]:
    unread = account.snapshot.unread
    if not unread:
        return
    yield Text("")
    yield Text("could not be read", "bold")
    for path, reason in unread[:_UNREAD_AT_MOST]:
        yield from _folded("  ", f"{path}: {reason}", width, glyphs, "dim")
    if len(unread) > _UNREAD_AT_MOST:
        yield Text(f"  and {len(unread) - _UNREAD_AT_MOST} more: --json names all", "dim")
