"""Tables as kubectl prints them, character for character.

kubectl writes through Go's tabwriter: a column is as wide as its widest cell and three spaces, at least six; the last
column has no padding; text counts in code points.

Source: k8s.io/cli-runtime/pkg/printers/tableprinter.go, v0.37.2 (printTable, decorateTable, printRows).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence

from kmagic.api.terminal import escape_terminal
from kmagic.views.table import Cell, Row, Table, cell_text

__all__ = ("aligned", "escaped", "format_labels", "several", "table_text")

_PADDING, _MIN_WIDTH = 3, 6
_BREAK = re.compile("[\f\n\r]")
_NONE = "<none>"


def table_text(
    table: Table,
    *,
    wide: bool = False,
    namespace: bool = False,
    headers: bool = True,
    kind: bool = False,
    label_columns: Sequence[str] = (),
    show_labels: bool = False,
    heads: Mapping[int, str] | None = None,
) -> str:
    """A table as ``kubectl get`` prints it, without the newline at the end; "" for no rows.

    Args:
        table: The table that the server sent.
        wide: Also the columns of lower priority.
        namespace: A NAMESPACE column first, as with -A.
        headers: False for --no-headers.
        kind: Names as ``deployment.apps/web``, as with several types.
        label_columns: A column for each of these labels.
        show_labels: A LABELS column at the end.
        heads: Lines of their own above rows, by the index of the row.
    """
    if not table.rows:
        return ""
    shown = table.shown(wide=wide)
    lines: list[list[str]] = []
    if headers:
        first = ["NAMESPACE"] if namespace else []
        labels = [label.rpartition("/")[2].upper() for label in label_columns]
        names = [table.columns[i].name.upper() for i in shown]
        lines.append([*first, *names, *labels, *(["LABELS"] if show_labels else [])])
    for row in table.rows:
        cells = [_cell(row, i, table, kind) for i in shown]
        if namespace:
            cells.insert(0, row.namespace)
        cells.extend(escaped(row.labels.get(label, "")) for label in label_columns)
        if show_labels:
            cells.append(format_labels(row.labels))
        lines.append(cells)
    text = aligned(lines)
    return _with_heads(text, heads, bool(headers)) if heads else text


def _with_heads(text: str, heads: Mapping[int, str], headers: bool) -> str:
    lines = text.split("\n")
    begin = int(headers)
    below = (
        line
        for at, row in enumerate(lines[begin:])
        for line in ([escape_terminal(heads[at])] if at in heads else []) + [row]
    )
    return "\n".join((*lines[:begin], *below))


def several(tables: Iterable[Table], *, wide: bool = False, namespace: bool = False, headers: bool = True) -> str:
    """Tables of several types, each with its own header, with an empty line between, names with their type."""
    texts = (table_text(table, wide=wide, namespace=namespace, headers=headers, kind=True) for table in tables)
    return "\n\n".join(text for text in texts if text)


def aligned(
    lines: Sequence[Sequence[str]], *, padding: int = _PADDING, least: int = _MIN_WIDTH, remember: bool = True
) -> str:
    """Lines of cells in columns, as Go's tabwriter aligns them; nothing a terminal obeys.

    Args:
        lines: Their cells.
        padding: Spaces between columns.
        least: The width of a column at least.
        remember: A column never gets narrower further down, as in tables; not so in descriptions.
    """
    if not lines:
        return ""
    if all("".join(line).isprintable() for line in lines):
        rows = [list(line) for line in lines]
    else:
        # The tabwriter sees one text: what breaks it inside of a cell breaks it as well.
        text = "\n".join("\t".join(map(escape_terminal, line)) for line in lines)
        rows = [line.split("\t") for line in text.split("\n")]
    for column in range(max(map(len, rows)) - 1):
        # A column is as wide as in the lines around that have it too, and not as their last.
        width = least
        for has, group in itertools.groupby(rows, lambda row: column < len(row) - 1):  # noqa: B023  # used at once
            if has:
                block = list(group)
                before = width if remember else least
                width = max(before, max(len(row[column]) for row in block) + padding)
                for row in block:
                    row[column] = row[column].ljust(width)
    return "\n".join(map("".join, rows))


def escaped(cell: Cell) -> str:
    """A cell on one line, with nothing in it that a terminal would obey."""
    text = cell_text(cell)
    found = _BREAK.search(text)
    if found:
        text = text[: found.start()] + "..."
    return escape_terminal(text)


def format_labels(labels: Mapping[str, str]) -> str:
    """Labels on one line, sorted; "<none>" without any."""
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items())) or _NONE


def _cell(row: Row, index: int, table: Table, kind: bool) -> str:
    text = escaped(row.cells[index]) if index < len(row.cells) else ""
    if kind and table.kind and _names_object(table, index):
        return f"{table.kind.lower()}/{text}"
    return text


def _names_object(table: Table, index: int) -> bool:
    return table.columns[index].format == "name" and table.columns[index].name.casefold() == "name"
