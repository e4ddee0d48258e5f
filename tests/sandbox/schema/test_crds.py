"""What definitions add to the server."""

from typing import Any

import pytest

from kmagic.sandbox.schema.crds import CustomSchemas
from kmagic.sandbox.schema.resources import Catalog
from kmagic.sandbox.schema.snapshot import resources

SPEC = {"type": "object", "properties": {"color": {"type": "string", "default": "red"}, "deep": {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "integer", "default": 1}}}}}}  # fmt: skip


def definition(*versions: Any, scope: Any = "Namespaced") -> Any:
    schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": SPEC}}}
    entries = [{"name": name, "served": served, "schema": schema, "subresources": {"status": {}, "scale": {}}, "selectableFields": [{"jsonPath": ".spec.color"}]} for name, served in versions]  # fmt: skip
    names = {"plural": "things", "kind": "Thing", "shortNames": ["th"]}
    return {"spec": {"group": "x.io", "scope": scope, "names": names, "versions": entries}}


@pytest.fixture
def served() -> Any:
    catalog = Catalog(resources())
    custom = CustomSchemas(catalog)
    return catalog, custom


def test_served_versions_come_best_first(served: Any) -> None:
    catalog, custom = served
    custom.install(definition(("v1beta1", True), ("v2", True), ("v1", False)))
    assert list(catalog.groups()["x.io"]) == ["v2", "v1beta1"]
    found = catalog.find("x.io", "v2", "things")
    assert (found.type.short_names, found.list_kind, found.selectable) == (("th",), "ThingList", ("spec.color",))
    assert set(found.parts) == {"status", "scale"}
    custom.remove(definition(("v2", True)))
    assert catalog.find("x.io", "v2", "things") is None


def test_defaults_are_filled_at_every_depth(served: Any) -> None:
    catalog, custom = served
    custom.install(definition(("v1", True)))
    obj = {"spec": {"deep": [{}, {"n": 2}]}}
    custom.default(catalog.find("x.io", "v1", "things"), obj)
    assert obj == {"spec": {"color": "red", "deep": [{"n": 1}, {"n": 2}]}}


def test_a_definition_that_changes_replaces_what_it_was(served: Any) -> None:
    catalog, custom = served
    custom.install(definition(("v1", True)))
    custom.install(definition(("v1", True), scope="Cluster"))
    assert catalog.find("x.io", "v1", "things").type.namespaced is False
