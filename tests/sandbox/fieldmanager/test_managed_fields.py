from __future__ import annotations

from typing import Any

from kmagic.api.field_paths import path_text
from kmagic.sandbox.fieldmanager.fieldpath import field_set
from kmagic.sandbox.fieldmanager.managed_fields import (
    Tracker,
    compare,
    read_managers,
    track_update,
)
from kmagic.sandbox.schema.schemas import find_definition

SCHEMA = find_definition("apps", "v1", "Deployment")


def deployment(**spec: Any) -> dict[str, Any]:
    containers = [{"name": "c", "image": "nginx", "args": ["a", "b"]}]
    template = {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": containers}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d"},
        "spec": {"template": template, **spec},
    }


def tracker(manager: str = "m", subresource: str = "", time: str = "t1") -> Tracker:
    return Tracker(SCHEMA, "apps/v1", manager, subresource, time)


def test_a_create_owns_what_it_sends_and_new_maps_as_a_whole() -> None:
    obj = deployment(replicas=1, selector={"matchLabels": {"app": "x"}})
    track_update(None, obj, tracker())
    fields = obj["metadata"]["managedFields"][0]["fieldsV1"]
    # selector is atomic; template and its metadata exist in Go's empty object and are nobody's news
    assert fields["f:spec"]["f:selector"] == {}
    assert fields["f:spec"]["f:template"]["f:metadata"]["f:labels"] == {".": {}, "f:app": {}}
    containers = fields["f:spec"]["f:template"]["f:spec"]["f:containers"]
    assert containers == {'k:{"name":"c"}': {".": {}, "f:args": {}, "f:image": {}, "f:name": {}}}


def test_a_change_takes_a_field_over_from_its_owner() -> None:
    first = deployment(replicas=1)
    track_update(None, first, tracker("one"))
    second = deployment(replicas=2)
    track_update(first, second, tracker("two", time="t2"))
    owned = {manager.name: manager.paths for manager in read_managers(second)}
    assert owned["two"] == {("f:spec", "f:replicas")}
    assert ("f:spec", "f:replicas") not in owned["one"]


def test_a_removed_field_belongs_to_nobody() -> None:
    first = deployment(replicas=1)
    track_update(None, first, tracker("one"))
    second = deployment()
    track_update(first, second, tracker("two"))
    assert all(("f:spec", "f:replicas") not in manager.paths for manager in read_managers(second))


def test_an_unchanged_write_keeps_the_time() -> None:
    first = deployment(replicas=1)
    track_update(None, first, tracker(time="t1"))
    second = deployment(replicas=1)
    track_update(first, second, tracker(time="t2"))
    assert [manager.time for manager in read_managers(second)] == ["t1"]


def test_status_writes_are_an_entry_of_their_own() -> None:
    first = {**deployment(replicas=1), "status": {}}
    track_update(None, first, tracker())
    second = {**deployment(replicas=1), "status": {"replicas": 1}}
    track_update(first, second, tracker(subresource="status"))
    entries = {manager.subresource: manager.paths for manager in read_managers(second)}
    assert entries["status"] == {("f:status", "f:replicas")}


def test_items_of_a_list_map_are_compared_by_key() -> None:
    old, new = deployment(), deployment()
    new["spec"]["template"]["spec"]["containers"].insert(0, {"name": "side", "image": "s"})
    difference = compare(old, new, SCHEMA)
    assert {path_text(path) for path in difference.added} == {
        '.spec.template.spec.containers[name="side"]',
        '.spec.template.spec.containers[name="side"].image',
        '.spec.template.spec.containers[name="side"].name',
    }
    assert not difference.modified
    assert not difference.removed


def test_an_applied_empty_map_is_owned_itself() -> None:
    configuration = {
        "metadata": {"name": "d"},
        "spec": {"template": {"spec": {"volumes": [{"name": "v", "emptyDir": {}}]}}},
    }
    texts = {path_text(path) for path in field_set(configuration, SCHEMA)}
    assert '.spec.template.spec.volumes[name="v"].emptyDir' in texts
    assert '.spec.template.spec.volumes[name="v"]' in texts
    assert ".spec.template.spec.volumes" not in texts
