"""An object described for people: what it is, how it is, what happened to it. Good for any kind.

The most important kinds have sections of their own (`describe_sections`); every other kind is described from its
fields. Secrets are never shown, only their sizes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from kmagic.api import times
from kmagic.api.door import reads_objects
from kmagic.api.gvk import GroupVersionKind
from kmagic.api.meta import LAST_APPLIED
from kmagic.api.terminal import escape_terminal
from kmagic.api.types import JSONObject
from kmagic.views import describe_sections
from kmagic.views.describe_sections import Line, labels_lines
from kmagic.views.masking import mask_object
from kmagic.views.text import aligned, escaped

__all__ = ("describe", "events_text")

_INDENT = "  "


@reads_objects
def describe(obj: JSONObject, *, now: datetime, salt: bytes, events: Iterable[Mapping[str, Any]] = ()) -> str:
    """Describes one object.

    Args:
        obj: A whole object.
        now: The moment to which ages refer; aware.
        salt: For the masks of what must not be seen.
        events: The events about it, core/v1 or events.k8s.io/v1, in any order.
    """
    shown = mask_object(obj, salt)
    lines = _head(shown, now)
    # A Service of a custom group is another thing; the groups of the types known here have no dot.
    gvk = GroupVersionKind.of(obj)
    section = describe_sections.SECTIONS.get(gvk.kind) if "." not in gvk.group else None
    if section is not None:
        # Secrets: from the object itself, since a section shows sizes and never values.
        lines += section(obj if obj.get("kind") == "Secret" else shown, now)
    else:
        lines += _generic(shown)
    lines += _conditions(shown, now)
    found = events_text(events, now)
    lines.append((0, "Events", "" if found else "<none>"))
    return escape_terminal(_rendered(lines) + (f"\n{_indented(found)}" if found else ""))


def _head(obj: JSONObject, now: datetime) -> list[Line]:
    meta = obj.get("metadata") or {}
    notes = {k: v for k, v in (meta.get("annotations") or {}).items() if k != LAST_APPLIED}
    lines: list[Line] = [(0, "Name", meta.get("name") or "")]
    if meta.get("namespace"):
        lines.append((0, "Namespace", meta["namespace"]))
    lines += labels_lines("Labels", meta.get("labels") or {})
    lines += labels_lines("Annotations", notes)
    lines.append((0, "Kind", f"{obj.get('kind') or ''} ({obj.get('apiVersion') or ''})"))
    if meta.get("creationTimestamp"):
        created = meta["creationTimestamp"]
        lines.append((0, "Created", f"{created} ({times.age(created, now)} ago)"))
    if meta.get("deletionTimestamp"):
        deleted = meta["deletionTimestamp"]
        lines.append((0, "Deleted", f"{deleted} ({times.age(deleted, now)} ago), waits for its end"))
    if meta.get("finalizers"):
        lines.append((0, "Finalizers", ", ".join(meta["finalizers"])))
    for owner in meta.get("ownerReferences") or ():
        word = "Controlled By" if owner.get("controller") else "Owned By"
        lines.append((0, word, f"{owner.get('kind')}/{owner.get('name')}"))
    return lines


def _generic(obj: JSONObject) -> list[Line]:
    lines: list[Line] = []
    for key, value in obj.items():
        if key in ("apiVersion", "kind", "metadata"):
            continue
        if key == "status" and isinstance(value, Mapping) and isinstance(value.get("conditions"), list):
            value = {k: v for k, v in value.items() if k != "conditions"}
        lines += _tree(0, _title(key), value)
    return lines


def _tree(level: int, name: str, value: Any) -> list[Line]:
    if isinstance(value, Mapping):
        if not value:
            return [(level, name, "<none>")]
        inner = [line for key, item in value.items() for line in _tree(level + 1, _title(str(key)), item)]
        return [(level, name, ""), *inner]
    if isinstance(value, list):
        return _list(level, name, value)
    return [(level, name, escaped(value))]


def _list(level: int, name: str, values: list[Any]) -> list[Line]:
    if not any(isinstance(item, Mapping | list) for item in values):
        return [(level, name, ", ".join(map(escaped, values)) or "<none>")]
    lines: list[Line] = [(level, name, "")]
    for index, item in enumerate(values):
        label = item.get("name") if isinstance(item, Mapping) else None
        lines += _tree(level + 1, str(label or index), _without(item, "name") if label else item)
    return lines


def _without(item: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {k: v for k, v in item.items() if k != key}


def _title(key: str) -> str:
    """``replicaCount`` -> ``Replica Count``; what is no field name (a label key, a file name) stays."""
    if not key.isalnum() or not key[0].islower():
        return key
    spaced = "".join(
        f" {c}" if i and c.isupper() and (not key[i - 1].isupper() or key[i + 1 : i + 2].islower()) else c
        for i, c in enumerate(key)
    )
    return spaced[:1].upper() + spaced[1:]


def _conditions(obj: JSONObject, now: datetime) -> list[Line]:
    conditions = (obj.get("status") or {}).get("conditions") if isinstance(obj.get("status"), Mapping) else None
    if not isinstance(conditions, list) or not conditions:
        return []
    rows = [("TYPE", "STATUS", "SINCE", "REASON", "MESSAGE")]
    rows += [
        (
            str(c.get("type") or ""),
            str(c.get("status") or ""),
            times.age(c["lastTransitionTime"], now) if c.get("lastTransitionTime") else "",
            str(c.get("reason") or ""),
            escaped(c.get("message") or ""),
        )
        for c in conditions
        if isinstance(c, Mapping)
    ]
    return [(0, "Conditions", ""), *((1, "", line.rstrip()) for line in aligned(rows).split("\n"))]


@reads_objects
def events_text(events: Iterable[Mapping[str, Any]], now: datetime) -> str:
    """Events as lines, oldest first, those that repeat with their count; "" without any."""
    ordered = sorted(events, key=_last_seen)
    rows: list[Sequence[str]] = [("TYPE", "REASON", "AGE", "FROM", "MESSAGE")]
    for event in ordered:
        series = event.get("series") or {}
        count = event.get("count") or series.get("count") or event.get("deprecatedCount") or 1
        age = times.age(_last_seen(event), now) if _last_seen(event) else "<unknown>"
        source = event.get("source") or event.get("deprecatedSource") or {}
        rows.append(
            (
                str(event.get("type") or ""),
                str(event.get("reason") or ""),
                f"{age} (x{count})" if count > 1 else age,
                str(
                    event.get("reportingComponent") or event.get("reportingController") or source.get("component") or ""
                ),
                escaped((event.get("message") or event.get("note") or "").strip()),
            )
        )
    return "\n".join(line.rstrip() for line in aligned(rows).split("\n")) if ordered else ""


def _last_seen(event: Mapping[str, Any]) -> str:
    series = event.get("series") or {}
    return str(
        series.get("lastObservedTime")
        or event.get("lastTimestamp")
        or event.get("deprecatedLastTimestamp")
        or event.get("eventTime")
        or event.get("firstTimestamp")
        or ""
    )


def _rendered(lines: Sequence[Line]) -> str:
    """Lines with their values in a column; each level has its own."""
    width = max((len(name) + len(_INDENT) * level for level, name, value in lines if name and value), default=0)
    width = min(width, 34) + 3
    rendered = []
    for level, name, value in lines:
        indent = _INDENT * level
        if not name:
            rendered.append(f"{indent}{value}")
        elif not value:
            rendered.append(f"{indent}{name}:")
        else:
            rendered.append(f"{indent + name + ':':<{width}}{value}" if value else f"{indent}{name}:")
    return "\n".join(rendered)


def _indented(text: str) -> str:
    return "\n".join(_INDENT + line for line in text.split("\n"))
