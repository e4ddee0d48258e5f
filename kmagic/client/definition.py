"""The CustomResourceDefinition of a model: its schema, printer columns and validation, from the class alone.

```python
class FooSpec(Model, kw_only=True):
    replicas: Annotated[int, msgspec.Meta(ge=1, le=10)] = 1


class Foo(Model, kw_only=True):
    resource_info = ("samplecontroller.k8s.io", "v1alpha1", "foos", True)
    api_version: str = msgspec.field(default_factory=lambda: "samplecontroller.k8s.io/v1alpha1")
    kind: str = msgspec.field(default_factory=lambda: "Foo")
    metadata: ObjectMeta = msgspec.field(default_factory=ObjectMeta)
    spec: FooSpec = msgspec.field(default_factory=FooSpec)


client.apply(definition_of(Foo, columns={"Replicas": ".spec.replicas"}))
```

The other way, `python -m kmagic.codegen crd` writes the classes of a definition.

Source: k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1 (types_jsonschema.go), pkg/apiserver/schema (structural.go).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from kmagic.client.clientset import resource_of
from kmagic.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kmagic.api.model import Model
    from kmagic.api.types import JSONObject
    from kmagic.rest.resource import APIResource

__all__ = ("definition_of",)

_HEAD = ("apiVersion", "kind", "metadata")
_ANY: JSONObject = {"x-kubernetes-preserve-unknown-fields": True}
# What is the same in both kinds of schema.
_SAME = (
    "type", "description", "pattern", "minimum", "maximum", "multipleOf", "minLength", "maxLength", "minItems",
    "maxItems", "minProperties", "maxProperties", "format",
)  # fmt: skip
_TYPE_OF = {str: "string", bool: "boolean", int: "integer", float: "number"}


def definition_of(
    model: type[Model],
    *,
    columns: Mapping[str, str] = {},
    short_names: Sequence[str] = (),
    categories: Sequence[str] = (),
    scale: tuple[str, str] | None = None,
) -> JSONObject:
    """The CustomResourceDefinition of a model, as a manifest for `AsyncClient.apply`.

    Types, defaults and `msgspec.Meta` of the fields become the schema that the server validates by; what else a schema
    may say (``x-kubernetes-validations``, ``x-kubernetes-list-type``) is given as ``Meta(extra_json_schema=...)``.
    A model with a field ``status`` has it as a subresource.

    Args:
        model: The kind, with ``resource_info`` (group, version, plural, namespaced).
        columns: Paths of the values that ``kubectl get`` shows, by their titles: ``{"Replicas": ".spec.replicas"}``.
        short_names: Shorter names of the resource: ``("fo",)``.
        categories: Categories that contain it: ``("all",)``.
        scale: Paths of the replicas that are wanted and that are there; None: it has no scale.

    Raises:
        ArgumentError: A field's type has no schema that a server takes, for example one that contains itself; or kind
            and apiVersion would be left out of what is sent.
        TypeError: The model is a part of an object, not a kind.
    """
    resource = resource_of(model)
    schema = _schema_of(model, resource)
    version: JSONObject = {"name": resource.version, "served": True, "storage": True}
    version["schema"] = {"openAPIV3Schema": schema}
    subresources: JSONObject = {"status": {}} if "status" in schema["properties"] else {}
    if scale is not None:
        subresources["scale"] = {"specReplicasPath": scale[0], "statusReplicasPath": scale[1]}
    if subresources:
        version["subresources"] = subresources
    if columns:
        version["additionalPrinterColumns"] = [
            {"name": title, "type": _column_type(schema, path), "jsonPath": path} for title, path in columns.items()
        ]
    names: JSONObject = {
        "plural": resource.resource,
        "singular": resource.kind.lower(),
        "kind": resource.kind,
        "listKind": f"{resource.kind}List",
    }
    names |= {key: [*more] for key, more in (("shortNames", short_names), ("categories", categories)) if more}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{resource.resource}.{resource.group}"},
        "spec": {
            "group": resource.group,
            "names": names,
            "scope": "Namespaced" if resource.namespaced else "Cluster",
            "versions": [version],
        },
    }


def _schema_of(model: type[Model], resource: APIResource) -> JSONObject:
    """The structural schema of a kind, without what every object has."""
    try:
        every = {each.encode_name: each for each in msgspec.structs.fields(model)}
    except NameError as error:
        raise ArgumentError(
            f"the types of {model.__name__} are not known: {error}", hint="define its classes at the top of a module"
        ) from error
    for name, value in (("apiVersion", resource.api_version), ("kind", resource.kind)):
        if name not in every or every[name].default is not msgspec.NODEFAULT:
            field = "api_version" if name == "apiVersion" else name
            raise ArgumentError(
                f"{model.__name__} would be sent without its {name}, which is a default",
                hint=f'{field}: str = msgspec.field(default_factory=lambda: "{value}")',
            )
    fields = [each for name, each in every.items() if name not in _HEAD]
    again: Callable[..., Any] = msgspec.field  # a field as another has it: one of its defaults is none
    own = msgspec.defstruct(
        model.__name__,
        [
            (
                each.name,
                each.type,
                again(name=each.encode_name, default=each.default, default_factory=each.default_factory),
            )
            for each in fields
        ],
        kw_only=True,
        namespace={"__doc__": model.__doc__},
    )
    try:
        [schema], parts = msgspec.json.schema_components([own], ref_template="{name}")
    except TypeError as error:
        raise ArgumentError(f"{model.__name__} has a field whose type has no schema: {error}") from error
    return _Reader(parts).read(schema, model.__name__, ())


class _Reader:
    """Makes structural schemas of JSON schemas: no references, one type a value."""

    def __init__(self, parts: Mapping[str, JSONObject]) -> None:
        self._parts = parts

    def read(self, schema: Mapping[str, Any], at: str, inside: tuple[str, ...]) -> JSONObject:
        """The structural schema of the value at a place, inside some classes."""
        if "$ref" in schema:
            name = schema["$ref"]
            if name in inside:
                raise ArgumentError(f"{at}: {name} contains itself, which a definition's schema cannot say")
            found = self.read(self._parts[name], at, (*inside, name))
            return {**found, **self._own({key: value for key, value in schema.items() if key != "$ref"})}
        if "anyOf" in schema:
            return self._one_of(schema, at, inside)
        if "enum" in schema or "const" in schema:
            return self._enum(schema, at)
        if "type" not in schema:
            return {**_ANY, **self._own(schema)}
        found = self._own(schema)
        if schema["type"] == "object":
            found |= self._object(schema, at, inside)
        elif schema["type"] == "array":
            if "prefixItems" in schema:
                raise ArgumentError(f"{at}: a list has items of one type in a definition's schema")
            found["items"] = self.read(schema.get("items") or {}, f"{at}[]", inside)
            if schema.get("uniqueItems"):
                found["x-kubernetes-list-type"] = "set"
        return found

    def _object(self, schema: Mapping[str, Any], at: str, inside: tuple[str, ...]) -> JSONObject:
        if "properties" in schema:
            properties = {key: self.read(value, f"{at}.{key}", inside) for key, value in schema["properties"].items()}
            required = list(schema.get("required") or ())
            return {"properties": properties, **({"required": required} if required else {})}
        values = schema.get("additionalProperties")
        if not isinstance(values, dict) or not values:
            return dict(_ANY)
        return {"additionalProperties": self.read(values, f"{at}.*", inside)}

    def _one_of(self, schema: Mapping[str, Any], at: str, inside: tuple[str, ...]) -> JSONObject:
        kinds = [each for each in schema["anyOf"] if each.get("type") != "null"]
        own = self._own({key: value for key, value in schema.items() if key != "anyOf"})
        if len(kinds) < len(schema["anyOf"]):
            own["nullable"] = True
        if len(kinds) == 1:
            return {**self.read(kinds[0], at, inside), **own}
        if sorted(str(each.get("type")) for each in kinds) == ["integer", "string"]:
            return {"x-kubernetes-int-or-string": True, **own}
        raise ArgumentError(f"{at}: a value of several types, which a definition's schema cannot say")

    def _enum(self, schema: Mapping[str, Any], at: str) -> JSONObject:
        values = schema.get("enum") or [schema["const"]]
        given = [each for each in values if each is not None]
        types = {_TYPE_OF.get(type(each), "") for each in given}
        if len(types) != 1 or "" in types:
            raise ArgumentError(f"{at}: the values of an enumeration are of one type in a definition's schema")
        found = {"type": types.pop(), "enum": given, **self._own(schema)}
        return {**found, "nullable": True} if len(given) < len(values) else found

    def _own(self, schema: Mapping[str, Any]) -> JSONObject:
        """The words of a schema about the value itself, as OpenAPI 3.0 writes them."""
        found = {key: schema[key] for key in _SAME if key in schema}
        found |= {key: value for key, value in schema.items() if key.startswith("x-kubernetes-")}
        for limit, word in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
            if word in schema:
                found |= {limit: schema[word], word: True}
        if schema.get("contentEncoding") == "base64":
            found["format"] = "byte"
        # What is empty is as good as not there, and the class fills it in.
        if schema.get("default") not in (None, [], {}):
            found["default"] = schema["default"]
        return found


def _column_type(schema: JSONObject, path: str) -> str:
    """The type of a printer column: that of the value at its path, ``string`` where the path is no plain one."""
    for name in path.strip(".").split("."):
        schema = (schema.get("properties") or {}).get(name) or {}
    if schema.get("format") == "date-time" or path == ".metadata.creationTimestamp":
        return "date"
    kind = str(schema.get("type"))
    return kind if kind in ("integer", "number", "boolean") else "string"
