"""The catalog of what is served."""

from typing import Any

import msgspec

from kmagic.rest.resource import APIResource
from kmagic.sandbox.schema.resources import Catalog, Resource
from kmagic.sandbox.schema.snapshot import resources


def thing(version: Any) -> Any:
    kind = APIResource(group="x.io", version=version, resource="things", kind="Thing", namespaced=True, verbs=("list",))
    return Resource(kind, list_kind="ThingList", custom=True)


def test_builtin_resources_are_found_by_place_and_by_kind() -> None:
    catalog = Catalog(resources())
    found = catalog.find("apps", "v1", "deployments")
    assert found is catalog.by_kind("apps/v1", "Deployment")
    assert catalog.has_version("apps", "v1")
    assert not catalog.has_version("apps", "v9")
    assert catalog.find("apps", "v1", "nothings") is None


def test_custom_resources_come_and_go_and_the_revision_says_so() -> None:
    catalog = Catalog(resources())
    before = catalog.revision
    catalog.set_custom("x.io", {"v1beta1": thing("v1beta1"), "v1": thing("v1")}, plural="things")
    assert catalog.revision > before
    assert list(catalog.groups()["x.io"]) == ["v1", "v1beta1"]
    stored = [each.type.version for each in catalog.stored() if each.type.group == "x.io"]
    assert stored == ["v1"]
    catalog.remove_custom("x.io", "things")
    assert not catalog.has_version("x.io", "v1")


def test_every_builtin_resource_survives_its_own_file() -> None:
    for each in resources():
        assert msgspec.json.decode(msgspec.json.encode(each), type=Resource) == each
