"""The shapes of objects: the OpenAPI snapshot, and the reading of an object by its schema.

Reading drops what the schema does not know (and says what), refuses values of the wrong type in the words of Go's
JSON decoder, drops nulls and empty optional lists and maps, and fills the structs that Go always writes. It does not
fill values (module defaults) and does not judge them (module validation).
"""

from __future__ import annotations

import copy
import re
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from kmagic.api.patch import PatchError
from kmagic.api.quantity import Quantity
from kmagic.sandbox import status
from kmagic.sandbox.schema import snapshot
from kmagic.sandbox.schema.go_base64 import canonical

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = (
    "PREFIX",
    "Reading",
    "blank",
    "definition_name",
    "definitions",
    "find_definition",
    "merge_schema",
    "read",
    "reference",
    "resolve",
    "skeleton",
)

Schema = dict[str, Any]
T = TypeVar("T")
PREFIX = "#/components/schemas/"
MAX_UNKNOWN = 10
"""Unknown fields named in one answer; the real decoder stops there too."""

GO_TYPES = {
    ("integer", "int32"): "int32",
    ("integer", "int64"): "int64",
    ("integer", ""): "int64",
    ("number", "double"): "float64",
    ("number", ""): "float64",
    ("boolean", ""): "bool",
    ("string", ""): "string",
    ("string", "byte"): "[]uint8",
}
JSON_NAMES: dict[Any, str] = {
    str: "string",
    bool: "bool",
    int: "number",
    float: "number",
    list: "array",
    dict: "object",
    type(None): "null",
}
CUSTOM_NAMES: dict[Any, str] = {**JSON_NAMES, int: "integer", bool: "boolean"}
MISSING = object()
QUANTITY = "Quantity"
NO_QUANTITY = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"  # upstream's words
)
NO_SUFFIX = "unable to parse quantity's suffix"
NUMBER_AND_SUFFIX = re.compile(r"(?!$)[+-]?[0-9]*\.?[0-9]*[eEinumkKMGTP]*[-+]?[0-9]*")


class Reading(msgspec.Struct):
    """The outcome of reading an object.

    Attributes:
        value: The cleaned object.
        unknown: The paths that were dropped as unknown.
        wrong: Of a custom resource: the values of the wrong type, which are in the object still.
    """

    value: dict[str, Any]
    unknown: list[str]
    wrong: list[status.Cause]


@cache
def definitions() -> dict[str, Schema]:
    """Every schema of the snapshot by its OpenAPI name, ``io.k8s.api.apps.v1.Deployment``; to be read only."""
    return snapshot.schemas()


@cache
def _by_kind() -> dict[tuple[str, str, str], str]:
    named: dict[tuple[str, str, str], str] = {}
    for name, schema in definitions().items():
        for kind in schema.get("x-kubernetes-group-version-kind", ()):
            # DeleteOptions and WatchEvent are listed under every group; the first is as good as any
            named.setdefault((kind["group"], kind["version"], kind["kind"]), name)
    return named


def find_definition(group: str, version: str, kind: str) -> Schema | None:
    """The schema of a kind, or None when the snapshot does not have it."""
    name = definition_name(group, version, kind)
    return None if name is None else definitions()[name]


def definition_name(group: str, version: str, kind: str) -> str | None:
    """The OpenAPI name of a kind, or None when the snapshot does not have it."""
    return _by_kind().get((group, version, kind))


def resolve(schema: Schema) -> Schema:
    """Follows a reference to the schema that has the type."""
    target = reference(schema)
    return _definition(target) if target else schema


@cache
def _definition(target: str) -> Schema:
    return resolve(definitions()[target.removeprefix(PREFIX)])


def read(value: dict[str, Any], schema: Schema, *, custom: bool = False) -> Reading:
    """Reads an object by its schema.

    Args:
        value: The object as it came; it is not changed.
        schema: The schema of the whole object.
        custom: Whether it is a structural schema of a custom resource: values are kept even when empty.

    Raises:
        APIError: 400 for a value of the wrong type, unless it is a custom resource.
    """
    reader = _Reader(custom=custom)
    cleaned = reader.read_object(value, schema, "", "")
    return Reading(cleaned, reader.unknown, reader.wrong)


def merge_schema(schema: Schema) -> Callable[[str], str | None]:
    """Returns the merge strategy of the list at a path; see ``kmagic.api.strategic.MergeSchema``."""

    def key_of(path: str) -> str | None:
        target: Schema = schema
        for part in path.split("."):
            target = resolve(target)
            while target.get("type") == "array":
                target = resolve(target["items"])
            found = (target.get("properties") or {}).get(part) or target.get("additionalProperties")
            if not isinstance(found, dict):
                raise PatchError(f'unable to find api field for the json field "{part}"', code=500)
            target = found
        if resolve(target).get("type") != "array":
            raise PatchError(f"expected slice or array type for {path}", code=500)
        if "merge" not in target.get("x-kubernetes-patch-strategy", "").split(","):
            return None
        return str(target.get("x-kubernetes-patch-merge-key", ""))

    return key_of


def _kept(made: Callable[[Schema], T]) -> Callable[[Schema], T]:
    """Makes a value of a built-in schema once; these schemas stay for ever and as they are."""
    known: dict[int, tuple[Schema, T]] = {}

    @wraps(made)
    def kept(schema: Schema) -> T:
        found = known.get(id(schema))
        if found is None:
            found = known[id(schema)] = (schema, made(schema))
        return found[1]

    return kept


def skeleton(schema: Schema) -> dict[str, Any]:
    """Returns Go's output for the empty object: the structs that are not pointers, empty, all the way down."""
    made: dict[str, Any] = {}
    for name, child in schema.get("properties", {}).items():
        if _always_written(child):
            made[name] = skeleton(resolve(child))
    return made


@_kept
def blank(schema: Schema) -> dict[str, Any]:
    """The empty object of a built-in kind as Go writes it in full: the skeleton, and null for required lists and maps.

    It is made once, and to be read only.
    """
    made: dict[str, Any] = {}
    for name, child in schema.get("properties", {}).items():
        target = resolve(child)
        if _always_written(child):
            made[name] = blank(target)
        elif name in schema.get("required", ()) and (target.get("type") == "array" or "additionalProperties" in target):
            made[name] = None
    return made


@_kept
def _written(schema: Schema) -> dict[str, Schema]:
    """The fields of a built-in schema that Go always writes, and their schemas."""
    properties = schema.get("properties") or {}
    return {name: resolve(child) for name, child in properties.items() if _always_written(child)}


def _always_written(schema: Schema) -> bool:
    return schema.get("default") == {} and bool(resolve(schema).get("properties"))


_ZEROS: dict[str, Any] = {"string": "", "integer": 0, "number": 0, "boolean": False}


class _Reader:
    def __init__(self, *, custom: bool) -> None:
        self.unknown: list[str] = []
        self.wrong: list[status.Cause] = []
        self._custom = custom

    def read_object(self, value: dict[str, Any], schema: Schema, path: str, owner: str) -> dict[str, Any]:
        properties: dict[str, Schema] = schema.get("properties") or {}
        if self._custom and (not properties or schema.get("x-kubernetes-preserve-unknown-fields")):
            return self._read_map(value, properties, path, owner)
        cleaned: dict[str, Any] = {}
        for name, item in value.items():
            child = properties.get(name)
            if child is None:
                self._note(f"{path}.{name}")
                continue
            if item is None:
                item = self._instead_of_null(child)
                if item is MISSING:
                    continue
            read = self._read(item, child, f"{path}.{name}", owner)
            if read in ({}, []) and self._drops_empty(child, schema, name):
                continue
            cleaned[name] = read
        if not self._custom:
            for name, child in _written(schema).items():
                if name not in cleaned:
                    cleaned[name] = skeleton(child)
        return cleaned

    def _drops_empty(self, child: Schema, parent: Schema, name: str) -> bool:
        """Returns whether Go leaves an empty value of this field out: optional slices and maps, not structs."""
        if self._custom or name in parent.get("required", ()):
            return False
        kind = resolve(child)
        return kind.get("type") == "array" or "additionalProperties" in kind

    def _read(self, value: Any, schema: Schema, path: str, owner: str) -> Any:
        target = resolve(schema)
        owner = _type_name(schema) or owner
        kind = target.get("type")
        if value is None and self._custom and target.get("nullable"):
            return None
        if value is None and not self._custom and owner != QUANTITY:
            return self._zero(target, path, owner)
        if owner == QUANTITY and not self._custom:
            return _quantity(value)
        if self._custom and target.get("x-kubernetes-int-or-string") and not _is_int_or_string(value):
            self._refuse(value, path, owner, {"type": "integer,string"})
            return value
        if target.get("oneOf") or target.get("x-kubernetes-int-or-string") or kind is None:
            return value
        if not _fits(value, kind) or (kind == "integer" and not self._custom and not _in_range(value, target)):
            self._refuse(value, path, owner, schema if kind in ("object", "array") else target)
            return value
        if target.get("format") == "byte" and not self._custom:
            return _bytes(value)
        if kind == "object":
            return self._read_object_or_map(value, target, path, owner)
        if kind == "array":
            items = target.get("items") or {}
            return [self._read_item(item, items, f"{path}[{index}]", owner) for index, item in enumerate(value)]
        return value

    def _zero(self, target: Schema, path: str, owner: str) -> Any:
        """The value that Go makes of null in a list or a map: the type's empty value."""
        if target.get("properties"):
            return self.read_object({}, target, path, owner)
        return _ZEROS.get(target.get("type", "")) if target.get("format") != "date-time" else None

    def _read_item(self, value: Any, schema: Schema, path: str, owner: str) -> Any:
        if value is None and self._custom and schema.get("default") is not None:
            value = self._instead_of_null(schema)
        return self._read(value, schema, path, owner)

    def _read_object_or_map(self, value: dict[str, Any], target: Schema, path: str, owner: str) -> dict[str, Any]:
        if target.get("x-kubernetes-embedded-resource"):
            return value
        if target.get("properties"):
            return self.read_object(value, target, path, owner)
        of_values = target.get("additionalProperties")
        if isinstance(of_values, dict):
            return self._read_map(value, dict.fromkeys(value, of_values), path, owner)
        # metadata is Go's struct in all objects: what managedFields hold is no object of the schema's
        structural = self._custom and not _in_metadata(path)
        if structural and not of_values and not target.get("x-kubernetes-preserve-unknown-fields"):
            for name in value:
                self._note(f"{path}.{name}")
            return {}
        return value

    def _read_map(self, value: dict[str, Any], known: dict[str, Schema], path: str, owner: str) -> dict[str, Any]:
        """The values of known schema are read, all others kept."""
        cleaned: dict[str, Any] = {}
        for name, item in value.items():
            child = known.get(name)
            if child is not None and item is None and self._custom:
                item = self._instead_of_null(child)
                if item is MISSING:
                    continue
            cleaned[name] = item if child is None else self._read(item, child, f"{path}.{name}", owner)
        return cleaned

    def _instead_of_null(self, schema: Schema) -> Any:
        """Returns the value in place of a null: the null where it may stay, else the default, else nothing."""
        if schema.get("nullable"):
            return None
        default = schema.get("default") if self._custom else None
        return MISSING if default is None else copy.deepcopy(default)

    def _note(self, path: str) -> None:
        if len(self.unknown) < MAX_UNKNOWN:
            self.unknown.append(path.removeprefix("."))

    def _refuse(self, value: Any, path: str, owner: str, schema: Schema) -> None:
        """Keeps the problem of a value of the wrong type, or raises it: of built-in kinds Go's decoder stops there."""
        if self._custom and not _in_metadata(path):
            found = CUSTOM_NAMES[type(value)]
            where = path.removeprefix(".")
            wanted = schema.get("type", "object")
            message = f'Invalid value: "{found}": {where} in body must be of type {wanted}: "{found}"'
            self.wrong.append(status.Cause("FieldValueTypeInvalid", where, message))
            return
        wanted = GO_TYPES.get((schema.get("type", ""), schema.get("format", "")), _type_name(schema) or "object")
        found = JSON_NAMES[type(value)]
        if type(value) in (int, float) and wanted.startswith("int"):
            found = f"number {value}"
        plain = ".".join(part.partition("[")[0] for part in path.removeprefix(".").split("."))
        where = f"Go struct field {owner}.{plain} of type {wanted}"
        raise status.bad_request(f"json: cannot unmarshal {found} into {where}")


def _in_metadata(path: str) -> bool:
    return path == ".metadata" or path.startswith(".metadata.")


def _quantity(value: Any) -> str:
    """A quantity in its canonical text, as Go reads and writes it; null is its zero."""
    if value is None:
        return "0"
    if isinstance(value, bool | dict | list):
        raise status.bad_request(NO_QUANTITY)
    try:
        return str(Quantity(value))
    except (ValueError, ArithmeticError):
        why = NO_SUFFIX if NUMBER_AND_SUFFIX.fullmatch(str(value).strip()) else NO_QUANTITY
        raise status.bad_request(why) from None


def _bytes(value: str) -> str:
    try:
        return canonical(value)
    except ValueError as error:
        raise status.bad_request(str(error)) from None


def _fits(value: Any, kind: str) -> bool:
    match kind:
        case "object":
            return isinstance(value, dict)
        case "array":
            return isinstance(value, list)
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
    return True


def _is_int_or_string(value: Any) -> bool:
    return _fits(value, "integer") or _fits(value, "string")


def _in_range(value: int, schema: Schema) -> bool:
    """Returns whether Go's integer of the schema's format can hold a number."""
    bits = 31 if schema.get("format") == "int32" else 63
    return -(1 << bits) <= value < 1 << bits


def _type_name(schema: Schema) -> str:
    return reference(schema).rpartition(".")[2]


def reference(schema: Schema) -> str:
    """Returns the target of a schema's reference, or ""; one with a description is an allOf with one member."""
    target = schema.get("$ref")
    if target is None and (every := schema.get("allOf")):
        target = every[0].get("$ref")
    return target or ""
