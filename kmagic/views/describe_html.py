"""A description as HTML: the lines of `describe`, with names and values apart, and the events as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from kmagic.api.types import JSONObject
from kmagic.views.describe import described, events_rows
from kmagic.views.describe_sections import Line
from kmagic.views.html import STYLE, page_safe

__all__ = ("describe_html", "lines_html")

_STYLE = """<style>
.kmg .kmg-lines{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:1px 18px;margin:0 0 8px}
.kmg .kmg-lines dt{color:var(--km-dim);font-weight:400;margin:0}.kmg .kmg-lines dd{margin:0;overflow-wrap:anywhere}
.kmg .kmg-lines .kmg-part{grid-column:1/-1;color:var(--km-fg);font-weight:600;padding-top:4px}
.kmg .kmg-lines .kmg-line{grid-column:1/-1;font:12px/1.5 var(--km-code);white-space:pre-wrap}
.kmg h4{font-size:13px;margin:6px 0 2px}
</style>"""
_MAX_VALUE = 2_000
_INDENT = 16  # px a level


def describe_html(
    objects: Sequence[tuple[JSONObject, Iterable[Mapping[str, Any]]]], *, now: datetime, salt: bytes, footer: str = ""
) -> str:
    """Several objects, each with the events about it, described one below the other.

    Args:
        objects: Whole objects, each with its events.
        now: The moment to which ages refer; aware.
        salt: For the masks of what must not be seen.
        footer: The target, in words.
    """
    parts = [
        f"{lines_html(described(obj, now=now, salt=salt))}<h4>Events</h4>{_events_html(events_rows(events, now))}"
        for obj, events in objects
    ]
    foot = f'<div class="kmg-foot">{page_safe(footer)}</div>' if footer else ""
    return f'{STYLE}{_STYLE}<div class="kmg">{"<hr>".join(parts)}{foot}</div>'


def lines_html(lines: Iterable[Line]) -> str:
    """The lines of a description as a list of names and values."""
    return f'<dl class="kmg-lines">{"".join(_line_html(*line) for line in lines)}</dl>'


def _line_html(level: int, name: str, value: str) -> str:
    indent = f' style="padding-left:{level * _INDENT}px"' if level else ""
    cut = str(value) if len(str(value)) <= _MAX_VALUE else f"{str(value)[: _MAX_VALUE - 1]}…"
    if not name:
        return f'<dt hidden></dt><dd class="kmg-line"{indent}>{page_safe(cut)}</dd>'
    if not cut:
        return f'<dt class="kmg-part"{indent}>{page_safe(name)}</dt><dd hidden></dd>'
    return f"<dt{indent}>{page_safe(name)}</dt><dd>{page_safe(cut)}</dd>"


def _events_html(rows: Sequence[Sequence[str]]) -> str:
    if len(rows) < 2:
        return '<div class="kmg-foot">none</div>'
    heads = "".join(f'<th scope="col">{page_safe(cell)}</th>' for cell in rows[0])
    body = "".join(
        f'<tr class="{"warn" if row[0] == "Warning" else ""}">'
        f"{''.join(f'<td>{page_safe(cell)}</td>' for cell in row)}</tr>"
        for row in rows[1:]
    )
    return (
        '<div class="kmg-scroll" tabindex="0" role="region" aria-label="Events">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )
