"""Models for custom resources: from the structural schema of a CustomResourceDefinition to a module of classes.

Nested objects become classes named by their path: ``Widget``, ``WidgetSpec``, ``WidgetSpecPort``. The module works
like the generated ones: ``client.of(Widget, namespace="shop")``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from kmagic.codegen import naming
from kmagic.codegen.models import SCALARS, Field, ModelSpec, first_sentence, render_module
from kmagic.rest.resource import APIResource

__all__ = ("CRDError", "model_specs", "render_crds")

_ALWAYS_THERE = {"spec", "status"}
_HEAD = ("apiVersion", "kind", "metadata")


class CRDError(ValueError):
    """A CustomResourceDefinition without what is needed for models."""


def model_specs(crd: Mapping[str, Any], version: str = "") -> list[ModelSpec]:
    """The classes of one CustomResourceDefinition, parts before the kinds that use them.

    Args:
        crd: The object as a plain dict, apiextensions.k8s.io/v1.
        version: The version to read; "" for the one that is stored.

    Raises:
        CRDError: Not a CustomResourceDefinition, or it has no such version or no schema for it.
    """
    if crd.get("kind") != "CustomResourceDefinition":
        raise CRDError(f"a {crd.get('kind') or 'thing without kind'} is not a CustomResourceDefinition")
    spec = crd["spec"]
    chosen = _version(crd, version)
    schema = (chosen.get("schema") or {}).get("openAPIV3Schema")
    if not schema:
        raise CRDError(f"version {chosen['name']} of {crd['metadata']['name']} has no schema")
    names = spec["names"]
    resource = APIResource(
        group=spec["group"],
        version=chosen["name"],
        resource=names["plural"],
        kind=names["kind"],
        namespaced=spec.get("scope") == "Namespaced",
    )
    return _Writer(resource).kind(schema)


def render_crds(crds: Iterable[Mapping[str, Any]], version: str = "") -> str:
    """The source of a module with the classes of all of them.

    Raises:
        CRDError: As `model_specs`, or two of them have classes of the same name.
    """
    specs = [spec for crd in crds for spec in model_specs(crd, version)]
    names = [spec.name for spec in specs]
    if twice := {name for name in names if names.count(name) > 1}:
        raise CRDError(f"more than one class would be called {', '.join(sorted(twice))}; write them to different files")
    return render_module("Models of custom resources", "crd", specs, ("meta_v1",))


def _version(crd: Mapping[str, Any], wanted: str) -> Mapping[str, Any]:
    versions = crd["spec"].get("versions") or []
    for version in versions:
        if version["name"] == wanted if wanted else version.get("storage"):
            found: Mapping[str, Any] = version
            return found
    known = ", ".join(version["name"] for version in versions)
    raise CRDError(f"{crd['metadata']['name']} has no version {wanted or 'that is stored'}; it has: {known or 'none'}")


class _Writer:
    """Collects the classes of one kind."""

    def __init__(self, resource: APIResource) -> None:
        self._resource = resource
        self._specs: list[ModelSpec] = []
        self._names: set[str] = set()

    def kind(self, schema: Mapping[str, Any]) -> list[ModelSpec]:
        resource = self._resource
        head = (
            Field("api_version", "apiVersion", "str", f'factory:lambda: "{resource.api_version}"'),
            Field("kind", "kind", "str", f'factory:lambda: "{resource.kind}"'),
            Field("metadata", "metadata", "meta_v1.ObjectMeta", "factory:lambda: meta_v1.ObjectMeta()"),
        )
        self._names.add(resource.kind)
        fields = self._fields(resource.kind, schema)
        doc = first_sentence(schema.get("description") or "", f"The kind {resource.kind} of {resource.api_version}.")
        self._specs.append(ModelSpec(resource.kind, doc, head + fields, resource))
        return self._specs

    def _fields(self, owner: str, schema: Mapping[str, Any]) -> tuple[Field, ...]:
        required = set(schema.get("required") or ())
        top = owner == self._resource.kind
        fields: list[Field] = []
        taken: set[str] = {"resource_info"}
        for wire, inner in (schema.get("properties") or {}).items():
            if top and wire in _HEAD:
                continue
            annotation, is_class = self._type(owner + _pascal(wire), inner)
            needed = wire in required or (top and wire in _ALWAYS_THERE)
            name = naming.snake(wire) or "field"
            name = f"n{name}" if name[0].isdigit() else name
            while name in taken:
                name += "_"
            taken.add(name)
            fields.append(Field(name, wire, *_with_default(annotation, is_class, needed)))
        return tuple(fields)

    def _type(self, name: str, schema: Mapping[str, Any]) -> tuple[str, bool]:
        """The type of a value, and whether it is a class of this module."""
        if schema.get("x-kubernetes-int-or-string"):
            return "int | str", False
        kind = schema.get("type")
        if kind == "array":
            return f"list[{self._item(name, schema.get('items') or {})}]", False
        if kind == "object":
            if schema.get("properties") and not schema.get("x-kubernetes-embedded-resource"):
                return self._class(name, schema), True
            values = schema.get("additionalProperties")
            return f"dict[str, {self._item(name, values) if isinstance(values, Mapping) else 'Any'}]", False
        return SCALARS.get(kind or "", "Any"), False

    def _item(self, name: str, schema: Mapping[str, Any]) -> str:
        annotation = self._type(_singular(name), schema)[0]
        return f"{annotation} | None" if schema.get("nullable") and annotation != "Any" else annotation

    def _class(self, name: str, schema: Mapping[str, Any]) -> str:
        while name in self._names:
            name += "_"
        self._names.add(name)
        fields = self._fields(name, schema)
        doc = first_sentence(schema.get("description") or "", f"A part of {self._resource.kind}.")
        self._specs.append(ModelSpec(name, doc, fields))
        return name


def _with_default(annotation: str, is_class: bool, needed: bool) -> tuple[str, str]:
    if is_class and needed:
        return annotation, f"factory:lambda: {annotation}()"
    if annotation.startswith(("list[", "dict[")):
        empty = "[]" if annotation.startswith("list[") else "{}"
        # Not the built-in factory: the server wants to see a required list, even an empty one.
        return annotation, f"factory:lambda: {empty}" if needed else empty
    return (annotation if annotation == "Any" else f"{annotation} | None"), "None"


def _pascal(wire: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", wire))


def _singular(name: str) -> str:
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    return name[:-1] if name.endswith("s") and not name.endswith(("ss", "us")) else name
