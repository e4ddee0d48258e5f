"""Static HTML and text of followed logs: what a saved notebook keeps of them. Escaped and capped. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from kmagic.api.terminal import escape_terminal
from kmagic.views.html import STYLE, page_safe
from kmagic.views.log_line import LogLine, Source

__all__ = ("MAX_LINES", "log_html", "prefixes")

MAX_LINES = 100
"""The lines that a saved notebook keeps at most."""

# With the text beside it and the page's outputs a view stays below 30 kB.
_MOST_HTML = 14_000
_MOST_TEXT = 6_000
_LONGEST = 600
_STYLES = (
    "<style>.kmg .kml-fatal,.kmg .kml-error{color:var(--km-bad)}.kmg .kml-warn{color:var(--km-warn)}"
    ".kmg .kml-debug,.kmg .kml-who,.kmg .kml-mark{color:var(--km-dim)}</style>"
)


def prefixes(sources: Sequence[Source]) -> list[str]:
    """Returns what is written before the lines of each source: as much of its name as tells it from the others."""
    if len(sources) < 2:
        return [""] * len(sources)
    containers = {source.container for source in sources}
    return [source.pod if len(containers) == 1 else source.name for source in sources]


def log_html(lines: Sequence[LogLine], *, total: int, sources: Sequence[Source], footer: str) -> tuple[str, str]:
    """The last lines as HTML and as plain text; how many are left out stands before them.

    Args:
        lines: The last lines, oldest first.
        total: Number of all lines.
        sources: The containers they are from.
        footer: Words for below: title, target, time.
    """
    names = prefixes(sources)
    html, kept_html = _from_the_end([_html(line, names) for line in lines], _MOST_HTML)
    text, kept_text = _from_the_end([_text(line, names) for line in lines], _MOST_TEXT)
    body = f"<pre>{_left_out(total - kept_html)}{html}</pre>" if lines else ""
    foot = page_safe(footer if lines else f"No lines yet · {footer}")
    plain = f"{_left_out(total - kept_text)}{text}" if lines else "No lines yet"
    return f'{STYLE}{_STYLES}<div class="kmg">{body}<div class="kmg-foot">{foot}</div></div>', plain


def _from_the_end(shown: list[str], most: int) -> tuple[str, int]:
    kept = size = 0
    for each in reversed(shown):
        size += len(each.encode()) + 1
        if size > most:
            break
        kept += 1
    return "\n".join(shown[len(shown) - kept :]), kept


def _left_out(count: int) -> str:
    return f"… {count:,} lines before; .lines has them\n" if count > 0 else ""


def _name(line: LogLine, names: Sequence[str]) -> str:
    return names[line.source] if 0 <= line.source < len(names) else ""


def _text(line: LogLine, names: Sequence[str]) -> str:
    name, text = _name(line, names), _cut(escape_terminal(line.text))
    if line.mark:
        return f"── {text} ──"
    return f"{name} │ {text}" if name else text


def _html(line: LogLine, names: Sequence[str]) -> str:
    text = page_safe(_cut(line.text))
    if line.mark:
        return f'<span class="kml-mark">── {text} ──</span>'
    name = _name(line, names)
    who = f'<span class="kml-who">{page_safe(name)} │ </span>' if name else ""
    return f'{who}<span class="kml-{line.level}">{text}</span>' if line.level else f"{who}{text}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
