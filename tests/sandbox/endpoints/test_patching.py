"""The patch types over HTTP."""

from typing import Any

import pytest

MAPS = "/api/v1/namespaces/default/configmaps/a"


@pytest.fixture
async def ask_patch(ask: Any) -> Any:
    await ask("POST", MAPS.removesuffix("/a"), {"metadata": {"name": "a"}, "data": {"x": "1", "y": "2"}})

    async def patch(kind: Any, body: Any, query: Any = "") -> Any:
        return await ask("PATCH", MAPS + query, body, content_type=f"application/{kind}")

    return patch


@pytest.mark.parametrize(
    ("kind", "body", "data"),
    [
        ("merge-patch+json", {"data": {"x": None, "z": "3"}}, {"y": "2", "z": "3"}),
        ("strategic-merge-patch+json", {"data": {"x": "9"}}, {"x": "9", "y": "2"}),
        ("json-patch+json", [{"op": "remove", "path": "/data/x"}], {"y": "2"}),
    ],
)
async def test_a_patch_changes_what_it_says(ask_patch: Any, kind: Any, body: Any, data: Any) -> None:
    assert (await ask_patch(kind, body)).json()["data"] == data


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        ("json-patch+json", [{"op": "remove", "path": "/data/none"}], 422),
        ("json-patch+json", b"{", 400),
        ("merge-patch+json", {"data": 5}, 400),
        ("unknown", {}, 415),
        ("apply-patch+yaml", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}, 422),
    ],
)
async def test_what_cannot_be_patched_changes_nothing(ask_patch: Any, kind: Any, body: Any, code: int) -> None:
    assert (await ask_patch(kind, body)).status_code == code


async def test_an_apply_makes_what_is_not_there(ask: Any) -> None:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "new"}, "data": {"k": "v"}}
    path = f"{MAPS.removesuffix('/a')}/new?fieldManager=me"
    made = await ask("PATCH", path, body, content_type="application/apply-patch+yaml")
    assert made.status_code == 201
    assert made.json()["metadata"]["managedFields"][0]["operation"] == "Apply"
