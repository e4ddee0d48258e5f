"""Pages of a list."""

from typing import Any

import pytest

from kmagic.sandbox.status import APIError
from kmagic.sandbox.storage.lists import ListRequest, list_page

MAPS = "configmaps"


@pytest.fixture
def store(still: Any) -> Any:
    for name in "abcde":
        still.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "x"}})
    return still.store


@pytest.fixture(autouse=True)
def _namespace(still: Any) -> None:
    still.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}})


def page(store: Any, **asked: Any) -> Any:
    found = list_page(store, ListRequest(MAPS, lambda stored: stored.namespace == "x", "x", **asked))
    return "".join(stored.name for stored in found.items), found.metadata


def test_pages_follow_each_other_and_show_one_moment(store: Any, still: Any) -> None:
    names, first = page(store, limit=2)
    assert (names, first["remainingItemCount"]) == ("ab", 3)
    still.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "b2", "namespace": "x"}})
    names, second = page(store, limit=2, continue_token=first["continue"])
    assert (names, second["resourceVersion"]) == ("cd", first["resourceVersion"])
    names, last = page(store, limit=2, continue_token=second["continue"])
    assert (names, "continue" in last) == ("e", False)


def test_with_selectors_nobody_counts_and_the_cache_knows_no_limit(store: Any) -> None:
    names, metadata = page(store, limit=2, selective=True)
    assert (names, "remainingItemCount" in metadata, "continue" in metadata) == ("ab", False, True)
    assert page(store, limit=2, version="0")[0] == "abcde"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"continue_token": "!"}, 400),
        ({"version": "x"}, 422),
        ({"version": "999999"}, 504),
        ({"version_match": "Exact"}, 422),
        ({"version_match": "Exact", "version": "0"}, 422),
        ({"version_match": "Newest", "version": "1"}, 422),
    ],
)
def test_what_cannot_be_answered_is_refused(store: Any, asked: Any, code: int) -> None:
    with pytest.raises(APIError) as caught:
        page(store, **asked)
    assert caught.value.code == code
