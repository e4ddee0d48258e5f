"""The patch verb: JSON, merge, strategic and apply, brought to one new state of the object.

Source: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/patch.go, kubernetes v1.37.2.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from kmagic.api import patch as patches
from kmagic.api.strategic import strategic_merge
from kmagic.api.types import JSONObject
from kmagic.sandbox import status
from kmagic.sandbox.endpoints import bodies
from kmagic.sandbox.registry.applying import apply
from kmagic.sandbox.registry.objects import STALE, Objects, Options, Outcome
from kmagic.sandbox.schema import go_json, schemas

if TYPE_CHECKING:
    from kmagic.sandbox.schema.resources import Resource
    from kmagic.sandbox.storage.store import Stored

__all__ = ("APPLY_TYPES", "patch", "patch_plain")

APPLY_TYPES = ("application/apply-patch+yaml",)
JSON, MERGE, STRATEGIC = (
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
)


_UNMARSHAL = re.compile(
    r"json: cannot unmarshal (?P<found>\w+)(?P<number> [-\d.e+]+)? into Go .* of type (?P<wanted>\S+)$"
)

# The greatest number of operations of a JSON patch.
MAX_OPERATIONS = 10_000
# Bytes that the copy operations of a JSON patch may add.
MAX_COPIED = bodies.MAX_BYTES


def patch(
    objects: Objects,
    resource: Resource,
    place: tuple[str, str],
    content_type: str,
    body: bytes,
    options: Options,
    *,
    subresource: str = "",
) -> Outcome:
    """Patches the object at ``place`` (namespace, name); apply creates it when it is not there.

    Raises:
        APIError: 400, 404, 409, 415 or 422.
    """
    if content_type in APPLY_TYPES:
        configuration = bodies.decode_apply(body)
        return apply(objects, resource, place, configuration, options, subresource=subresource)
    if (content_type == STRATEGIC and resource.custom) or content_type not in (JSON, MERGE, STRATEGIC):
        accepted = (JSON, MERGE, *APPLY_TYPES) if resource.custom else (JSON, MERGE, STRATEGIC, *APPLY_TYPES)
        raise status.unsupported_media_type(accepted)
    current = objects.get(resource, *place)
    changed = _patched(objects, resource, current, content_type, body)
    new, warnings = _reread(objects, resource, changed, content_type, body, options)
    version = new["metadata"].get("resourceVersion")
    if version and version != str(current.revision):
        raise status.conflict(resource.type.group_resource, current.name, STALE)
    if new["metadata"].get("name") != current.name:
        raise status.bad_request(
            f"the name of the object ({new['metadata'].get('name')}) does not match the name on the URL ({current.name})"
        )
    stored = objects.replace(resource, current, new, options, subresource=subresource)
    return Outcome(stored, warnings=warnings)


def _patched(objects: Objects, resource: Resource, current: Stored, content_type: str, body: bytes) -> JSONObject:
    instructions = bodies.decode_patch(body)
    obj = current.decode()
    if content_type == JSON:
        _require_operations(instructions)
        try:
            changed = _object(patches.json_patch(obj, instructions, max_copied=MAX_COPIED))
        except ValueError as error:
            words = "the server rejected our request due to an error in our request"
            raise status.APIError(422, "Invalid", words) from error
        except RecursionError:
            raise status.bad_request(bodies.TOO_DEEP) from None
        bodies.require_shallow(changed)  # copies nest what is not deep into what is
        return changed
    if not isinstance(instructions, dict):
        why = f"json: cannot unmarshal {go_json.type_name(instructions)} into Go value of type {bodies.MAP}"
        raise status.bad_request(why if content_type == STRATEGIC else f"error decoding patch: {why}")
    try:
        if content_type == MERGE:
            return _object(patches.merge_patch(obj, instructions))
        schema = objects.schema(resource) or {}
        return strategic_merge(obj, instructions, schemas.merge_schema(schema))
    except RecursionError:
        raise status.bad_request(bodies.TOO_DEEP) from None
    except patches.PatchError as error:
        if error.code == 400:
            raise status.bad_request(str(error)) from error
        raise status.APIError(error.code, "Invalid" if error.code == 422 else "", str(error)) from error


def _require_operations(instructions: Any) -> None:
    if not isinstance(instructions, list):
        kind = go_json.type_name(instructions)
        why = f"json: cannot unmarshal {kind} into Go value of type []handlers.jsonPatchOp"
        raise status.bad_request(f"error decoding patch: {why}")
    if len(instructions) > MAX_OPERATIONS:
        raise status.too_large(
            f"The allowed maximum operations in a JSON patch is {MAX_OPERATIONS}, got {len(instructions)}"
        )


def _object(value: Any) -> JSONObject:
    if not isinstance(value, dict):
        raise status.bad_request("the patch does not leave an object")
    return value


def _reread(
    objects: Objects, resource: Resource, changed: JSONObject, content_type: str, body: bytes, options: Options
) -> tuple[JSONObject, list[str]]:
    try:
        return objects.read_body(resource, changed, options)
    except status.APIError as error:
        marker = "strict decoding error: "
        text = str(error)
        if marker in text:
            why = marker + text.partition(marker)[2]
        elif content_type == STRATEGIC and error.code == 400:
            why = _unconverted(text)
        else:
            raise
        # A patch is refused as an invalid patch, not as an object that cannot be handled.
        shown = (
            go_json.text_of(bodies.decode_patch(body)) if content_type == STRATEGIC else body.decode("utf-8", "replace")
        )
        value = msgspec.json.encode(shown).decode()
        cause = status.Cause("FieldValueInvalid", "patch", f"Invalid value: {value}: {why}")
        raise status.invalid("", "", "", [cause]) from None


def _unconverted(text: str) -> str:
    """The reason in the words of the converter that reads a strategic patch's result, where the decoder's are known."""
    found = _UNMARSHAL.search(text)
    if found is None:
        return text
    value, number, wanted = found.group("found", "number", "wanted")
    if number and wanted.startswith("int"):
        return f"cannot convert float64 to {wanted}"
    kind = {"array": "slice", "object": "map", "number": "float64" if number else "int64"}.get(value, value)
    if wanted.startswith(("int", "string", "bool", "float")):
        return f"unrecognized type: {wanted}"
    return f"cannot restore {'slice' if kind == 'map' else 'map'} from {kind}"


def patch_plain(obj: JSONObject, content_type: str, body: bytes) -> JSONObject:
    """Patches a value that has no stored object of its own, such as a Scale; lists are replaced.

    Raises:
        APIError: 400 or 415.
    """
    instructions: Any = bodies.decode_apply(body) if content_type in APPLY_TYPES else bodies.decode_patch(body)
    try:
        if content_type == JSON:
            return _object(patches.json_patch(obj, instructions, max_copied=MAX_COPIED))
        return _object(patches.merge_patch(obj, instructions))
    except ValueError as error:
        raise status.bad_request(str(error)) from error
