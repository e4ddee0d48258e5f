"""Keys of objects."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.api.key import ObjectKey, meta_namespace_key
from kmagic.models.core_v1 import Node, Pod
from kmagic.models.meta_v1 import ObjectMeta


class Entry:
    """What a cache holds: metadata as attributes of its own."""

    key = "shop/web-0"
    namespace = "shop"
    name = "web-0"


@pytest.mark.parametrize(
    ("obj", "key"),
    [
        pytest.param({"metadata": {"namespace": "shop", "name": "web-0"}}, "shop/web-0", id="ST-01 dict"),
        pytest.param({"metadata": {"name": "n1"}}, "n1", id="ST-01 cluster-scoped"),
        pytest.param(Pod(metadata=ObjectMeta(namespace="shop", name="web-0")), "shop/web-0", id="ST-01 model"),
        pytest.param(Node(metadata=ObjectMeta(name="n1")), "n1", id="ST-01 cluster-scoped model"),
        pytest.param(Entry(), "shop/web-0", id="ST-01 cache entry"),
        pytest.param("shop/web-0", "shop/web-0", id="ST-01 explicit key"),
    ],
)
def test_the_key_of_an_object(obj: object, key: str) -> None:
    assert meta_namespace_key(obj) == key


@pytest.mark.parametrize(
    ("text", "namespace", "name"),
    [
        pytest.param("web-0", "", "web-0", id="ST-02 name"),
        pytest.param("shop/web-0", "shop", "web-0", id="ST-02 namespace and name"),
    ],
)
def test_a_key_is_split(text: str, namespace: str, name: str) -> None:
    assert ObjectKey.parse(text) == ObjectKey(namespace, name)


def test_ST_02_three_parts_are_refused() -> None:
    with pytest.raises(ValueError, match='unexpected key format: "a/b/c"'):
        ObjectKey.parse("a/b/c")


names = st.text(st.characters(exclude_characters="/"), min_size=1, max_size=5)


@given(names | st.just(""), names)
def test_ST_02_parsing_undoes_writing(namespace: str, name: str) -> None:
    key = ObjectKey(namespace, name)
    assert ObjectKey.parse(str(key)) == key
