"""Revisions of DaemonSets and StatefulSets, without a server."""

from __future__ import annotations

from typing import Any

from kmagic.sandbox.controllers import base
from kmagic.sandbox.controllers.revisions import REVISIONS, keep_revisions, revision_name
from tests.sandbox.conftest import pod_template


def owner(image: str, limit: int = 10) -> dict[str, Any]:
    metadata = {"name": "d", "namespace": "default", "uid": "u"}
    selector = {"matchLabels": {"app": "web"}}
    spec = {"selector": selector, "template": pod_template(image=image), "revisionHistoryLimit": limit}
    return {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": metadata, "spec": spec}


def test_the_template_is_the_newest_revision_and_the_oldest_go_unless_pods_run_at_them(still: Any) -> None:
    def numbers() -> dict[str, int]:
        return {stored.name: stored.decode()["revision"] for stored in still.store.list(REVISIONS)}

    one, two, three = (revision_name(owner(image)) for image in ("a", "b", "c"))
    for image in ("a", "b", "b"):
        keep_revisions(still, owner(image), ())
    assert numbers() == {one: 1, two: 2}
    keep_revisions(still, owner("a"), ())
    assert numbers() == {one: 3, two: 2}
    keep_revisions(still, owner("c", limit=0), {two})
    assert numbers() == {two: 2, three: 4}
    keep_revisions(still, owner("c", limit=0), ())
    assert numbers() == {three: 4}


def test_a_revision_of_another_name_with_the_same_template_is_the_present_one(still: Any) -> None:
    keep_revisions(still, owner("a"), ())
    [first] = still.store.list(REVISIONS)
    copy = first.decode()
    copy["metadata"] = {"name": "copy", "namespace": "default", "labels": copy["metadata"]["labels"]}
    still.create(copy | {"revision": 2})
    base.delete(still, first)
    keep_revisions(still, owner("a"), ())
    assert [stored.name for stored in still.store.list(REVISIONS)] == ["copy"]
