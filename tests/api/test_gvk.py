"""Groups, versions, kinds."""

from __future__ import annotations

import pytest

from kmagic.api.gvk import GroupKind, GroupResource, GroupVersion, GroupVersionKind, GroupVersionResource
from kmagic.models.core_v1 import Pod


@pytest.mark.parametrize(("text", "group", "version"), [("v1", "", "v1"), ("apps/v1", "apps", "v1"), ("", "", "")])
def test_an_api_version_is_read_and_written(text: str, group: str, version: str) -> None:
    found = GroupVersion.parse(text)
    assert found == GroupVersion(group, version)
    assert str(found) == found.api_version == text


def test_two_slashes_are_refused() -> None:
    with pytest.raises(ValueError, match='unexpected GroupVersion string: "a/b/c"'):
        GroupVersion.parse("a/b/c")


def test_a_kind_is_read_from_an_object() -> None:
    assert GroupVersionKind.of({"apiVersion": "apps/v1", "kind": "Deployment"}) == GroupVersionKind(
        "apps", "v1", "Deployment"
    )
    assert GroupVersionKind.of(Pod()) == GroupVersionKind("", "v1", "Pod")
    assert GroupVersionKind.of({}) == GroupVersionKind("", "", "")


def test_texts_are_kubectls() -> None:
    gvk = GroupVersionKind("apps", "v1", "Deployment")
    gvr = GroupVersionResource("apps", "v1", "deployments")
    assert (str(gvk), str(gvk.group_kind), gvk.api_version) == (
        "apps/v1, Kind=Deployment",
        "Deployment.apps",
        "apps/v1",
    )
    assert (str(gvr), str(gvr.group_resource), gvr.api_version) == (
        "apps/v1, Resource=deployments",
        "deployments.apps",
        "apps/v1",
    )
    assert (str(GroupKind("", "Pod")), str(GroupResource("", "pods"))) == ("Pod", "pods")
    assert gvk.group_version == gvr.group_version == GroupVersion("apps", "v1")


def test_they_are_keys_and_sort() -> None:
    assert len({GroupVersionKind("", "v1", "Pod"), GroupVersionKind("", "v1", "Pod")}) == 1
    assert sorted([GroupResource("b", "a"), GroupResource("a", "b")])[0] == GroupResource("a", "b")
