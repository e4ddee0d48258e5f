"""Owner references: what makes them invalid.

Source: staging/src/k8s.io/apimachinery/pkg/api/validation/objectmeta.go, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.sandbox.validation.rules.causes import required, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kmagic.api.types import JSONObject
    from kmagic.sandbox.status import Cause

__all__ = ("causes",)

FIELD = "metadata.ownerReferences"
PARTS = ("apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion")
EMPTY = "must not be empty"
NEEDED = ("kind", "name", "uid")


def causes(metadata: JSONObject) -> Iterator[Cause]:
    """Yields the problems of an object's owner references.

    Args:
        metadata: Metadata of the object.
    """
    references: Sequence[JSONObject] = metadata.get("ownerReferences") or ()
    controller = ""
    for index, reference in enumerate(references):
        yield from _one(f"{FIELD}[{index}]", reference)
        if reference.get("controller"):
            name = f"{reference.get('kind', '')}/{reference.get('name', '')}"
            if controller:
                why = (
                    "Only one reference can have Controller set to true. Found "
                    f'"true" in references for {controller} and {name}'
                )
                yield wrong(FIELD, [_ordered(each) for each in references], why)
            else:
                controller = name


def _one(field: str, reference: JSONObject) -> Iterator[Cause]:
    api_version = reference.get("apiVersion") or ""
    group, _, version = api_version.rpartition("/")
    if not api_version:
        yield required(f"{field}.apiVersion", EMPTY)
    elif not version or "/" in group:
        yield wrong(f"{field}.apiVersion", api_version, "must be <group>/<version> or <version>")
    for part in NEEDED:
        if not reference.get(part):
            yield required(f"{field}.{part}", EMPTY)
    if (api_version, reference.get("kind")) == ("v1", "Event"):
        yield wrong(field, _ordered(reference), "/v1, Kind=Event is disallowed from being an owner")


def _ordered(reference: JSONObject) -> JSONObject:
    """The reference as Go writes it, in the order of its fields."""
    return {part: reference[part] for part in PARTS if part in reference}
