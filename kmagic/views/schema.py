"""Reading schemas: the fields of a kind, from the OpenAPI v3 document of its group and version.

A schema may be a reference, or hold one in ``allOf`` beside its own description and default. Lists and maps are
looked through, as kubectl explain does: the fields of ``containers`` are those of one container.

Source: k8s.io/kubectl/pkg/explain/v2 (templates/plaintext.tmpl, funcs.go), v0.37.2.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kmagic.api.gvk import GroupVersionKind
    from kmagic.api.types import JSONObject

__all__ = ("Field", "Schema", "field_paths", "kind_field", "walk")


@dataclass(frozen=True, eq=False)
class Schema:
    """A schema in its document.

    Attributes:
        raw: As the document has it, references unresolved. To be read only.
        document: The document that references lead into.
    """

    raw: JSONObject
    document: JSONObject = field(repr=False)

    @property
    def reference(self) -> str:
        """``"#/components/schemas/io.k8s.api.core.v1.PodSpec"``, or ""."""
        found = self.raw.get("$ref")
        return found if isinstance(found, str) else ""

    @cached_property
    def resolved(self) -> JSONObject:
        """The schema behind the reference; the schema itself when it is none, or leads nowhere."""
        return _target(self.reference, self.document) or self.raw

    @cached_property
    def parts(self) -> tuple[Schema, ...]:
        """The schemas that are looked through: alternatives, a list's items, a map's values."""
        found = [*self.resolved.get("allOf", ())]
        found += [each for key in ("items", "additionalProperties") if (each := self.resolved.get(key))]
        return tuple(self._at(each) for each in found if isinstance(each, dict))

    @cached_property
    def own(self) -> dict[str, Field]:
        """The fields that stand in this schema itself, in the order of their names."""
        properties, required = self.resolved.get("properties") or {}, self.resolved.get("required") or ()
        return {name: Field(name, self._at(properties[name]), name in required) for name in sorted(properties)}

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The fields, those of the looked-through schemas too."""
        found = dict(self.own)
        for schema in self._through():
            for name, each in schema.own.items():
                found.setdefault(name, each)
        return found

    @cached_property
    def references(self) -> frozenset[str]:
        """The references from here to the fields: what a schema inside itself is known by."""
        return frozenset(filter(None, (self.reference, *(each.reference for each in self._through()))))

    @property
    def type(self) -> str:
        """The type as kubectl words it: ``string``, ``[]Container``, ``map[string]string``, ``Object``."""
        raw = self.raw
        if isinstance(raw.get("items"), dict) and raw["items"]:
            return f"[]{self._at(raw['items']).type}"
        if isinstance(raw.get("additionalProperties"), dict) and raw["additionalProperties"]:
            return f"map[string]{self._at(raw['additionalProperties']).type}"
        alternatives = raw.get("allOf") or []
        if len(alternatives) == 1 and not raw.get("properties"):
            return self._at(alternatives[0]).type
        if not self.reference:
            kind, name = raw.get("type"), "Object"
        else:
            kind = (_target(self.reference, self.document) or {}).get("type")
            name = self.reference.rpartition("/")[2].rpartition(".")[2] or "Object"
        return name if kind in (None, "", "object") else str(kind)

    @property
    def description(self) -> str:
        """The descriptions of this schema and of those looked through, one after the other, each with a newline."""
        every = (self, *self._through())
        return "".join(f"{text}\n" for each in every if (text := each.resolved.get("description")))

    @property
    def merged(self) -> JSONObject:
        """The schema as one dict: the reference, or the only alternative, resolved into it. A copy of its top level."""
        found = dict(self.resolved)
        alternatives = found.get("allOf") or []
        if len(alternatives) != 1:
            return found
        del found["allOf"]
        return {**self._at(alternatives[0]).merged, **found}

    def _at(self, raw: JSONObject) -> Schema:
        return Schema(raw, self.document)

    def _through(self, seen: frozenset[str] = frozenset()) -> Iterator[Schema]:
        """The parts and their parts, in depth; a schema that contains itself ends."""
        for part in self.parts:
            if part.reference not in seen:
                yield part
                yield from part._through(seen | {part.reference} if part.reference else seen)


@dataclass(frozen=True, eq=False)
class Field:
    """A field by name; the kind itself has the name ""."""

    name: str
    schema: Schema
    required: bool = False

    @property
    def enum(self) -> tuple[Any, ...]:
        """The values it may have; empty for any."""
        return tuple(self.schema.raw.get("enum") or ())

    @property
    def default(self) -> Any:
        """The value it has when it is left out; None without one."""
        return self.schema.merged.get("default")


def kind_field(document: JSONObject, gvk: GroupVersionKind) -> Field | None:
    """The kind itself, as the field that everything is below; None if the document does not have it."""
    wanted = {"group": gvk.group, "version": gvk.version, "kind": gvk.kind}
    schemas = (document.get("components") or {}).get("schemas") or {}
    for name in sorted(schemas):
        if wanted in (schemas[name].get("x-kubernetes-group-version-kind") or ()):
            return Field("", Schema(schemas[name], document))
    return None


def walk(start: Field, path: Iterable[str]) -> list[Field]:
    """The fields along a path, `start` first, as far as they exist."""
    trail = [start]
    for name in path:
        found = trail[-1].schema.fields.get(name)
        if found is None:
            break
        trail.append(found)
    return trail


def field_paths(start: Field, limit: int) -> list[str]:
    """The paths of the fields below, ``spec``, ``spec.containers``, …, level by level, at most `limit`."""
    found: list[str] = []
    queue: deque[tuple[str, Schema, frozenset[str]]] = deque([("", start.schema, frozenset())])
    while queue and len(found) < limit:
        prefix, schema, above = queue.popleft()
        if schema.references & above:
            continue
        for name, each in schema.fields.items():
            found.append(f"{prefix}{name}")
            queue.append((f"{prefix}{name}.", each.schema, above | schema.references))
    return found[:limit]


def _target(reference: str, document: JSONObject) -> JSONObject | None:
    """Returns the schema behind a reference inside the document; other documents are not fetched."""
    if not reference.startswith("#/"):
        return None
    found: Any = document
    for key in reference[2:].split("/"):
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else None
