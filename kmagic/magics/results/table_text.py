"""The look of a result: the server's table as kubectl prints it, and as static HTML. Masked, escaped, capped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from kmagic.api.types import JSONObject
from kmagic.magics.results.saved import capped
from kmagic.safety.salt import SALT
from kmagic.views import html, text
from kmagic.views.masking import mask_object
from kmagic.views.values import Kind, kind_of, value_reader
from kmagic.views.yaml import neat, to_yaml

if TYPE_CHECKING:
    from kmagic.magics.language.grammar import Command
    from kmagic.views.table import Row, Table

__all__ = ("Looks", "Style", "column_name", "style_of", "yaml_of")


@dataclass(frozen=True)
class Style:
    """The options of a table, from kubectl's flags."""

    wide: bool = False
    namespace: bool = False
    headers: bool = True
    kind: bool = False
    label_columns: tuple[str, ...] = ()
    show_labels: bool = False


def style_of(command: Command) -> Style:
    """The style a command's flags ask for."""
    return Style(
        wide=command.text("output") == "wide",
        namespace=command.on("all-namespaces"),
        headers=not command.on("no-headers"),
        kind=command.on("show-kind"),
        label_columns=tuple(label for each in command.values("label-columns") for label in each.split(",")),
        show_labels=command.on("show-labels"),
    )


@dataclass(frozen=True)
class Looks:
    """A table with its style.

    Attributes:
        empty: Text for a table without rows.
        footer: The target and what else is worth knowing, below the HTML table.
        taken: Time of the server's answer, to which shown ages refer.
    """

    table: Table
    style: Style = field(default_factory=Style)
    empty: str = "No resources found"
    footer: str = ""
    taken: datetime | None = None

    @cached_property
    def text(self) -> str:
        """The table as kubectl prints it."""
        style = self.style
        shown = text.table_text(
            self.table,
            wide=style.wide,
            namespace=style.namespace,
            headers=style.headers,
            kind=style.kind,
            label_columns=style.label_columns,
            show_labels=style.show_labels,
        )
        return shown or self.empty

    def bundle(self) -> dict[str, str]:
        """The output of a cell: plain text and HTML."""
        moment = f"as of {self.taken:%Y-%m-%d %H:%M:%S} UTC" if self.taken else ""
        footer = " · ".join(filter(None, (self.footer, moment)))
        shown = html.table_html(
            self.table,
            wide=self.style.wide,
            namespace=self.style.namespace,
            footer=footer if self.table.rows else self.empty,
        )
        return {"text/plain": capped(self.text, html.MAX_ROWS + self.style.headers), "text/html": shown}

    def cells(self) -> tuple[list[str], list[list[Any]]]:
        """Column names in lower case, and every row's cells in that order, as data; ages are of now."""
        shown = self.table.shown(wide=True)
        readers = [value_reader(self.table.columns, at) for at in shown]
        now = datetime.now(UTC)
        return self.columns(), [[read(row, now) for read in readers] for row in self.table.rows]

    def columns(self) -> list[str]:
        """Returns the column names of `cells`."""
        return [column_name(self.table.columns[at].name) for at in self.table.shown(wide=True)]

    def kinds(self) -> list[Kind]:
        """Returns the kinds of the columns of `cells`."""
        return [kind_of(self.table.columns[at]) for at in self.table.shown(wide=True)]

    def only(self, positions: Iterable[int]) -> Looks:
        """The same looks for some of the rows."""
        return self.with_rows(self.table.rows[at] for at in positions)

    def with_rows(self, rows: Iterable[Row]) -> Looks:
        """The same looks for other rows, of which nothing was kept back."""
        return replace(self, table=msgspec.structs.replace(self.table, rows=tuple(rows), remaining=None))


def column_name(name: str) -> str:
    """A column's name in Python: ``Nominated Node`` is ``nominated_node``."""
    return name.lower().replace(" ", "_").replace("-", "_")


def yaml_of(objects: JSONObject | Sequence[JSONObject]) -> str:
    """One object, or several as a List, as YAML without the server's noise, masked."""
    if isinstance(objects, dict):
        return to_yaml(neat(mask_object(objects, SALT)))
    items = [neat(mask_object(each, SALT)) for each in objects]
    return to_yaml({"apiVersion": "v1", "kind": "List", "items": items, "metadata": {"resourceVersion": ""}})
