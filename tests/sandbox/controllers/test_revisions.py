"""Revisions of DaemonSets and StatefulSets, without a server."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.sandbox.controllers import base
from kmagic.sandbox.controllers.revisions import REVISIONS, keep_revisions, present_revision
from tests.sandbox.conftest import pod_template


def owner(image: str, limit: int = 10) -> dict[str, Any]:
    metadata = {"name": "d", "namespace": "default", "uid": "u"}
    selector = {"matchLabels": {"app": "web"}}
    spec = {"selector": selector, "template": pod_template(image=image), "revisionHistoryLimit": limit}
    return {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": metadata, "spec": spec}


def test_the_template_is_the_newest_revision_and_the_oldest_go_unless_pods_run_at_them(still: Any) -> None:
    def numbers() -> dict[str, int]:
        return {stored.name: stored.decode()["revision"] for stored in still.store.list(REVISIONS)}

    one, two, three = (present_revision(still, owner(image)).name for image in ("a", "b", "c"))
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


@pytest.mark.parametrize("kind", ["DaemonSet", "StatefulSet"])
def test_names_that_others_took_are_passed_over_and_the_revision_that_came_of_it_stays(still: Any, kind: str) -> None:
    mine = owner("a") | {"kind": kind}
    taken = []
    for collisions in range(3):
        present = present_revision(still, mine)
        assert (present.collisions, present.name in taken) == (collisions, False)
        assert present.name == f"d-{present.digest}"
        taken.append(present.name)
        if collisions < 2:
            metadata = {"name": present.name, "namespace": "default"}
            still.create({"apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": metadata, "revision": 1})
    keep_revisions(still, mine, ())
    for name in taken[:2]:
        base.delete(still, still.store.get(REVISIONS, "default", name))
    keep_revisions(still, mine, ())
    assert [stored.name for stored in still.store.list(REVISIONS)] == taken[2:]
    assert present_revision(still, mine | {"status": {"collisionCount": 2}}) == (taken[2], taken[2][2:], 2)
