"""Static HTML of tables and text: what a saved notebook keeps. Escaped, capped, readable without style or script.

Colours and typefaces are those of `tokens`, which live views have too. A status is an icon, a word and a colour; where styles are stripped, the icon and the word stay.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from kmagic.api.terminal import UNSAFE
from kmagic.views import text as texts
from kmagic.views.status import ICONS, Health, Level, health_of, marked_columns
from kmagic.views.table import Cell, Row, Table
from kmagic.views.tokens import TOKENS

__all__ = ("MAX_ROWS", "STYLE", "page_safe", "pre_html", "table_html")

# A saved notebook grows by at most about 15 kB a table.
MAX_ROWS = 50
_MAX_CELL = 300
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")

STYLE = (
    f"<style>{TOKENS}"
    + """\
.kmg{color:var(--km-fg);font:13px/1.5 var(--km-font);margin:2px 0 6px;max-width:100%}
.kmg .kmg-scroll{overflow-x:auto}
.kmg table{border-collapse:collapse;border:0;margin:0;font-variant-numeric:tabular-nums;font-size:13px}
.kmg tr{background:none!important}
.kmg th,.kmg td{text-align:left!important;padding:3px 20px 3px 0;white-space:nowrap;border:0;max-width:44ch;overflow:hidden;\
text-overflow:ellipsis;background:none!important}
.kmg th{font-size:11px;font-weight:600;letter-spacing:.04em;color:var(--km-dim);\
border-bottom:1px solid var(--km-line)}
.kmg tbody tr+tr td{border-top:1px solid color-mix(in srgb,var(--km-line) 45%,transparent)}
.kmg th.group{font-size:12px;letter-spacing:0;color:var(--km-fg);padding-top:9px;border-bottom:0;max-width:none}
.kmg td.n{text-align:right!important}
.kmg td.name{font-weight:500}
.kmg td.dim,.kmg .kmg-foot{color:var(--km-dim)}
.kmg .ok{color:var(--km-ok)}.kmg .done{color:var(--km-dim)}.kmg .busy{color:var(--km-busy)}
.kmg .warn{color:var(--km-warn)}.kmg .bad{color:var(--km-bad);font-weight:500}
.kmg .kmg-foot{font-size:12px;padding-top:4px}
.kmg pre{margin:0;padding:8px 12px;background:var(--km-soft);border-radius:4px;overflow-x:auto;\
font:12px/1.5 var(--km-code);color:var(--km-fg)}
.kmg pre .add{color:var(--km-ok)}.kmg pre .del{color:var(--km-bad)}.kmg pre .head{color:var(--km-dim)}
.kmg-card{border-left:3px solid var(--km-bad);padding:6px 14px 8px;background:var(--km-soft);border-radius:0 4px 4px 0}
.kmg-card .kmg-card-head{font-weight:600;color:var(--km-bad)}
.kmg-card dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 14px;margin:6px 0 0}
.kmg-card dt{color:var(--km-dim);font-weight:400;margin:0}.kmg-card dd{margin:0}
.kmg-card code{font:12px var(--km-code);background:none;color:inherit;padding:0}
</style>"""
)


def page_safe(value: str) -> str:
    """Text from a cluster as HTML: escaped, without terminal codes and invisible or turning characters."""
    return html.escape(UNSAFE.sub("", _ANSI.sub("", value)))


def table_html(
    table: Table,
    *,
    wide: bool = False,
    namespace: bool = False,
    footer: str = "",
    limit: int = MAX_ROWS,
    heads: Mapping[int, str] | None = None,
) -> str:
    """A table as HTML; what is beyond the cap is counted in the footer.

    Args:
        table: The table that the server sent.
        wide: Also the columns of lower priority.
        namespace: A NAMESPACE column first.
        footer: More words for the footer: source, version, time.
        limit: Greatest number of rows.
        heads: Lines of their own above rows, by the index of the row.
    """
    if not table.rows:
        return f'{STYLE}<div class="kmg"><div class="kmg-foot">{page_safe(footer or "No resources found")}</div></div>'
    shown = table.shown(wide=wide)
    head = ["NAMESPACE"] if namespace else []
    head += [table.columns[i].name.upper() for i in shown]
    numeric = [table.columns[i].type in ("integer", "number") for i in shown]
    titles = "".join(f'<th scope="col">{page_safe(name)}</th>' for name in head)
    health = health_of(table.columns)
    marked = next((i for i in marked_columns(table.columns) if i in shown), None)
    above = {at: _head_html(words, len(head)) for at, words in (heads or {}).items()}
    body = "".join(
        above.get(at, "") + _row_html(row, shown, numeric, marked, health(row), namespace=namespace)
        for at, row in enumerate(table.rows[:limit])
    )
    return (
        f'{STYLE}<div class="kmg"><div class="kmg-scroll"><table><thead><tr>{titles}</tr></thead>'
        f'<tbody>{body}</tbody></table></div><div class="kmg-foot">{_footer(table, limit, footer)}</div></div>'
    )


def pre_html(content: str, *, footer: str = "") -> str:
    """Text in a fixed-width block."""
    foot = f'<div class="kmg-foot">{page_safe(footer)}</div>' if footer else ""
    return f'{STYLE}<div class="kmg"><pre>{chr(10).join(map(page_safe, content.split(chr(10))))}</pre>{foot}</div>'


def _head_html(words: str, columns: int) -> str:
    return f'<tr><th scope="rowgroup" colspan="{columns}" class="group">{page_safe(words)}</th></tr>'


def _row_html(
    row: Row, shown: tuple[int, ...], numeric: list[bool], marked: int | None, health: Health, *, namespace: bool
) -> str:
    cells = [f'<td class="dim">{page_safe(row.namespace)}</td>'] if namespace else []
    for position, index in enumerate(shown):
        cell = row.cells[index] if index < len(row.cells) else None
        cells.append(_cell_html(cell, numeric[position], index == 0, health if index == marked else None))
    return f"<tr>{''.join(cells)}</tr>"


def _cell_html(cell: Cell, numeric: bool, name: bool, health: Health | None) -> str:
    value = texts.escaped(cell)
    cut = value if len(value) <= _MAX_CELL else value[: _MAX_CELL - 1] + "…"
    content = page_safe(cut)
    if health is not None and health.level is not Level.UNKNOWN:
        title = f' title="{page_safe(health.why)}"' if health.why else ""
        content = f'<span aria-hidden="true">{ICONS[health.level]}</span> {content}'
        level = f"n {health.level.value}" if numeric else health.level.value
        return f'<td class="{level}"{title}>{content}</td>'
    kind = "n" if numeric else "name" if name else "dim" if value.startswith("<") and value.endswith(">") else ""
    return f'<td class="{kind}">{content}</td>' if kind else f"<td>{content}</td>"


def _footer(table: Table, limit: int, more: str) -> str:
    total = len(table.rows) + (table.remaining or 0)
    shown = min(len(table.rows), limit)
    words = f"{shown} of {total:,} shown" if shown < total else f"{total:,} row{'s' if total != 1 else ''}"
    return page_safe(f"{words} · {more}" if more else words)
