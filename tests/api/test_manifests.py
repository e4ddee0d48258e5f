from typing import Any

import pytest

from kmagic.api.gvk import GroupVersionKind
from kmagic.api.manifests import defines, objects_of

POD = {"metadata": {"name": "a"}}


@pytest.mark.parametrize(
    ("document", "objects"),
    [
        pytest.param({"kind": "List", "items": [POD]}, [POD], id="a list of any kinds implies none"),
        pytest.param(
            {"apiVersion": "v1", "kind": "PodList", "items": [POD, {"kind": "Node"}]},
            [{"apiVersion": "v1", "kind": "Pod", **POD}, {"kind": "Node"}],
            id="a typed list",
        ),
        pytest.param({"kind": "Menu", "items": [1]}, [{"kind": "Menu", "items": [1]}], id="items of another kind"),
        pytest.param("text", ["text"], id="no object"),
    ],
)
def test_the_objects_of_a_document(document: Any, objects: Any) -> None:
    assert list(objects_of(document)) == objects


def test_a_definition_defines_its_own_kind_in_every_version() -> None:
    crd = {"kind": "CustomResourceDefinition", "spec": {"group": "g", "names": {"kind": "Foo"}}}
    assert defines(crd, GroupVersionKind("g", "v2", "Foo"))
    assert not defines(crd, GroupVersionKind("g", "v1", "Bar"))
    assert not defines({"kind": "Pod"}, GroupVersionKind("g", "v1", "Foo"))
    assert not defines(None, GroupVersionKind("g", "v1", "Foo"))
    for spec in (None, "text", {}, {"group": "g", "names": "Foo"}):
        assert not defines({**crd, "spec": spec}, GroupVersionKind("g", "v1", "Foo"))
