"""Usage of CPU and memory: kubectl's table to look at, with what was asked for and allowed beside it in a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

from kmagic.magics.results.saved import capped
from kmagic.magics.results.values import data_frame
from kmagic.views.html import MAX_ROWS, STYLE, page_safe
from kmagic.views.text import aligned
from kmagic.views.usage import Amount, cpu_cell, memory_cell, percent, total

if TYPE_CHECKING:
    import pandas

__all__ = ("Columns", "KTop", "Usage")

_UNKNOWN = "<unknown>"
# A part of what is allowed that is worth a look, and one that is close to the end.
_MUCH, _TOO_MUCH = 75, 90


@dataclass(frozen=True)
class Usage:
    """The use of a Pod, a container or a node.

    Attributes:
        name: Name of the Pod or node.
        namespace: "" for a node.
        container: "" for a whole Pod.
        used: None where the server has no metrics of it.
        requests: Requested by it; of a node by all of its Pods. None where it was not read.
        limits: Its limits; of a node those of all of its Pods. None where they were not read.
        available: Allocatable on a node, or its capacity.
    """

    name: str
    namespace: str = ""
    container: str = ""
    used: Amount | None = None
    requests: Amount | None = None
    limits: Amount | None = None
    available: Amount | None = None


@dataclass(frozen=True)
class Columns:
    """The columns that a table of usage has."""

    namespace: bool = False
    containers: bool = False
    nodes: bool = False
    swap: bool = False
    headers: bool = True
    sum: bool = False


class KTop(Sequence[Usage]):
    """The use of each Pod, container or node: ``top[0].used.cpu`` in thousandths of a core, ``.used.memory`` in bytes."""

    def __init__(self, rows: Sequence[Usage], columns: Columns, *, footer: str = "", nothing: str = "") -> None:
        self._rows = tuple(rows)
        self._columns = columns
        self._footer = footer
        self._nothing = nothing

    @overload
    def __getitem__(self, index: int) -> Usage: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Usage]: ...
    def __getitem__(self, index: int | slice) -> Usage | Sequence[Usage]:
        return self._rows[index]

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def df(self) -> pandas.DataFrame:
        """A pandas DataFrame: thousandths of a core, and bytes.

        Raises:
            KubeError: pandas is not installed.
        """
        names = ["namespace", "name", "container", "cpu", "memory", "cpu_request", "memory_request"]
        return data_frame([*names, "cpu_limit", "memory_limit"], [_numbers(each) for each in self._rows])

    @property
    def text(self) -> str:
        """Kubectl's table."""
        if not self._rows:
            return self._nothing
        columns = self._columns
        lines = [self._heads()] if columns.headers else []
        lines += [[*self._names(each), *self._cells(each)] for each in self._rows]
        if columns.sum:
            width = len(self._names(self._rows[0]))
            whole = total(each.used or Amount() for each in self._rows)
            # The third line is kubectl's: it leaves the last two columns to rules.
            places = width + 2 + columns.swap - 2
            lines.append([*[""] * places, "________", "________"])
            lines.append([*[""] * width, *self._used(whole)])
        # Each of kubectl's cells ends with a tab.
        return "\n".join(line.rstrip() for line in aligned([[*line, ""] for line in lines]).split("\n"))

    def _heads(self) -> list[str]:
        columns = self._columns
        if columns.nodes:
            swap = ["SWAP(bytes)", "SWAP(%)"] if columns.swap else []
            return ["NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)", *swap]
        heads = ["NAMESPACE"] if columns.namespace else []
        heads += ["POD"] if columns.containers else []
        return [*heads, "NAME", "CPU(cores)", "MEMORY(bytes)", *(["SWAP(bytes)"] if columns.swap else [])]

    def _names(self, row: Usage) -> list[str]:
        names = [row.namespace] if self._columns.namespace else []
        return [*names, row.name, *([row.container] if self._columns.containers else [])]

    def _cells(self, row: Usage) -> list[str]:
        if not self._columns.nodes:
            return self._used(row.used or Amount())
        cells: list[str] = []
        free = row.available or Amount()
        has_no_swap = row.available is not None and row.available.swap is None
        for name in ("cpu", "memory", *(["swap"] if self._columns.swap else [])):
            used, of = getattr(row.used, name, None), getattr(free, name)
            if row.used is None or (name == "swap" and has_no_swap):
                cells += [_UNKNOWN, _UNKNOWN]
                continue
            part = percent(used or 0, of)
            cells.append(cpu_cell(used) if name == "cpu" else memory_cell(used))
            cells += [] if part is None else [f"{part}%"]
        return cells

    def _used(self, used: Amount) -> list[str]:
        swap = [memory_cell(used.swap)] if self._columns.swap else []
        return [cpu_cell(used.cpu), memory_cell(used.memory), *swap]

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": capped(self.text), "text/html": self.html}

    @property
    def html(self) -> str:
        """The table with requests and limits, and how much of them is used."""
        more = ["ALLOCATABLE"] if self._columns.nodes else []
        heads = [name for name in self._heads() if "(" not in name]
        heads += [f"{kind} {what}".strip() for kind in ("CPU", "MEMORY") for what in ("", "REQUEST", "LIMIT", *more)]
        shown = "".join(f'<th scope="col">{page_safe(name)}</th>' for name in heads)
        body = "".join(self._row_html(row) for row in self._rows[:MAX_ROWS])
        rest = len(self._rows) - MAX_ROWS
        foot = " · ".join(
            filter(None, (self._nothing, f"{rest} more rows; the value has them all" if rest > 0 else "", self._footer))
        )
        table = f"<table><thead><tr>{shown}</tr></thead><tbody>{body}</tbody></table>"
        return (
            f'{STYLE}<div class="kmg">{f"""<div class="kmg-scroll">{table}</div>""" if self._rows else ""}'
            f'<div class="kmg-foot">{page_safe(foot)}</div></div>'
        )

    def _row_html(self, row: Usage) -> str:
        cells = [f'<td class="name">{page_safe(name)}</td>' for name in self._names(row)]
        for name, cell in (("cpu", cpu_cell), ("memory", memory_cell)):
            used, request, limit, free = (
                getattr(amount, name, None) for amount in (row.used, row.requests, row.limits, row.available)
            )
            part = percent(used, free if self._columns.nodes else limit)
            cells.append(_used_html("" if used is None else cell(used), part))
            cells += [_wish_html(amount, cell, used) for amount in (request, limit)]
            if self._columns.nodes:
                cells.append(_wish_html(free, cell, None))
        return f"<tr>{''.join(cells)}</tr>"


def _used_html(text: str, part: int | None) -> str:
    if not text:
        return '<td class="n dim">–</td>'
    if part is None:
        return f'<td class="n">{text}</td>'
    colour, sign = ("bad", "▲ ") if part >= _TOO_MUCH else ("warn", "▲ ") if part >= _MUCH else ("", "")
    return f'<td class="n {colour}"><span aria-hidden="true">{sign}</span>{text} ({part}%)</td>'


def _wish_html(amount: int | None, cell: Any, used: int | None) -> str:
    if amount is None:
        return '<td class="n dim">none</td>'
    part = percent(used, amount)
    return f'<td class="n">{cell(amount)}{"" if part is None else f" ({part}%)"}</td>'


def _numbers(row: Usage) -> list[Any]:
    wishes = [getattr(part, name, None) for part in (row.used, row.requests, row.limits) for name in ("cpu", "memory")]
    return [row.namespace, row.name, row.container, *wishes]
