"""The page that describers write: text with tabs, aligned at the end as Go's tabwriter does, and what they share.

Source: k8s.io/kubectl/pkg/describe/describe.go (PrefixWriter, tabbedString, printLabelsMultiline), v0.37.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any, TypeAlias

from kmagic.api import times
from kmagic.api.types import JSONObject
from kmagic.views.text import aligned

__all__ = (
    "Describer",
    "Page",
    "Related",
    "controller",
    "get",
    "head",
    "labels",
    "labels_text",
    "moment",
    "notes",
    "selector_text",
    "since",
    "taint_text",
)

# What else was read for the description, by its name; None where it may not be read.
Related: TypeAlias = Mapping[str, "Sequence[JSONObject] | None"]

_INDENT = "  "
_LONGEST = 140
_HIDDEN = ("kubectl.kubernetes.io/last-applied-configuration",)


class Page:
    """Text in columns, written piece by piece.

    Args:
        now: Moment to which ages refer; aware.
        related: Lists that were read beside the object.
    """

    def __init__(self, now: datetime, related: Related) -> None:
        self.now = now
        self.related = related
        self._parts: list[list[str]] = [[]]

    def write(self, level: int, text: str) -> None:
        """Writes text as it is, behind the indent of a level; tabs end a column's cell."""
        self._parts[-1].append(f"{_INDENT * level}{text}")

    def line(self, level: int, *cells: object) -> None:
        """Writes one line of cells."""
        self.write(level, "\t".join(map(str, cells)) + "\n")

    def several(self, title: str, values: Sequence[str]) -> None:
        """Writes values below each other behind a title; "<none>" without any."""
        for at, value in enumerate(values or ["<none>"]):
            self.write(0, f"{title}:\t{value}\n" if at == 0 else f"\t{value}\n")

    def flush(self) -> None:
        """Ends all columns: what follows is aligned by itself."""
        self._parts.append([])

    @property
    def text(self) -> str:
        """The page, its columns two spaces apart."""
        blocks = ["".join(part) for part in self._parts]
        return "\n".join(
            aligned(
                [line.split("\t") for line in block.removesuffix("\n").split("\n")], padding=2, least=0, remember=False
            )
            for block in blocks
            if block
        )


Describer: TypeAlias = Callable[[Page, JSONObject], None]


def get(value: Any, *path: str) -> Any:
    """The value at a path of fields; None where a field is missing."""
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def head(page: Page, obj: JSONObject, *, namespace: bool = True) -> None:
    """Writes name and namespace."""
    page.line(0, "Name:", get(obj, "metadata", "name") or "")
    if namespace:
        page.line(0, "Namespace:", get(obj, "metadata", "namespace") or "")


def labels(page: Page, title: str, values: Mapping[str, Any] | None) -> None:
    """Writes ``key=value`` below each other, sorted."""
    page.several(title, [f"{key}={value}" for key, value in sorted((values or {}).items())])


def notes(page: Page, values: Mapping[str, Any] | None, title: str = "Annotations") -> None:
    """Writes annotations below each other, long ones on lines of their own; kubectl's own is left out."""
    page.write(0, f"{title}:\t")
    shown = sorted((key, str(value).removesuffix("\n")) for key, value in (values or {}).items() if key not in _HIDDEN)
    if not shown:
        page.write(0, "<none>\n")
    for at, (key, value) in enumerate(shown):
        if at:
            page.write(0, "\t")
        if len(value.encode()) + len(key.encode()) + 2 > _LONGEST or "\n" in value:
            page.write(0, f"{key}:\n")
            for line in value.split("\n"):
                page.write(0, f"\t  {_shortened(line)}\n")
        else:
            page.write(0, f"{key}: {value}\n")


def _shortened(line: str) -> str:
    raw = line.encode()
    return line if len(raw) <= _LONGEST - 2 else raw[: _LONGEST - 2].decode(errors="ignore") + "..."


def labels_text(values: Mapping[str, Any] | None) -> str:
    """Labels on one line; "<none>" without any."""
    return ",".join(f"{key}={value}" for key, value in sorted((values or {}).items())) or "<none>"


def selector_text(selector: JSONObject | None, *, none: str = "<none>") -> str:
    """A selector as Go writes it: ``app=web,tier in (a,b)``, sorted; `none` for an empty one."""
    parts = [(key, f"{key}={value}") for key, value in (get(selector, "matchLabels") or {}).items()]
    for each in get(selector, "matchExpressions") or ():
        key, values = each.get("key"), ",".join(sorted(each.get("values") or ()))
        text = {"In": f"{key} in ({values})", "NotIn": f"{key} notin ({values})", "DoesNotExist": f"!{key}"}
        parts.append((key, text.get(each.get("operator"), key)))
    return ",".join(text for _, text in sorted(parts, key=lambda part: part[0])) or none


def moment(timestamp: str | None) -> str:
    """A time as Go's RFC 1123 with a numeric zone has it, where the notebook is."""
    found = times.instant(timestamp or "")
    return format_datetime(found.astimezone()) if found else "Mon, 01 Jan 0001 00:00:00 +0000"


def since(page: Page, timestamp: str | None) -> str:
    """The time that has passed; "<unknown>" where there is none."""
    return times.age(timestamp, page.now) if timestamp else "<unknown>"


def controller(obj: JSONObject) -> str:
    """``Kind/name`` of what controls an object; "" without one."""
    owners: Iterable[Mapping[str, Any]] = get(obj, "metadata", "ownerReferences") or ()
    return next((f"{each.get('kind')}/{each.get('name')}" for each in owners if each.get("controller")), "")


def taint_text(taint: Mapping[str, Any]) -> str:
    """A taint as ``key=value:effect``."""
    value = f"={taint['value']}" if taint.get("value") else ""
    effect = f":{taint['effect']}" if taint.get("effect") else ""
    return f"{taint.get('key')}{value}{effect}"
