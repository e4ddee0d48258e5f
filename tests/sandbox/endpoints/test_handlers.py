"""The verbs over HTTP."""

from typing import Any

import pytest

MAPS = "/api/v1/namespaces/default/configmaps"


def config_map(name: Any, **data: Any) -> Any:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


async def test_an_object_lives_through_all_verbs(ask: Any) -> None:
    made = await ask("POST", MAPS, config_map("a", k="1"))
    assert made.status_code == 201
    body = made.json() | {"data": {"k": "2"}}
    assert (await ask("PUT", f"{MAPS}/a", body)).json()["data"] == {"k": "2"}
    patched = await ask("PATCH", f"{MAPS}/a", {"data": {"n": "3"}}, content_type="application/merge-patch+json")
    assert patched.json()["data"] == {"k": "2", "n": "3"}
    assert [item["metadata"]["name"] for item in (await ask("GET", MAPS)).json()["items"]] == ["a"]
    gone = (await ask("DELETE", f"{MAPS}/a")).json()
    assert (gone["kind"], gone["status"], gone["details"]["name"]) == ("Status", "Success", "a")
    assert (await ask("GET", f"{MAPS}/a")).status_code == 404


async def test_a_collection_is_deleted_by_a_selector(ask: Any) -> None:
    for name in "ab":
        await ask("POST", MAPS, config_map(name) | {"metadata": {"name": name, "labels": {"n": name}}})
    await ask("DELETE", f"{MAPS}?labelSelector=n=a")
    assert [item["metadata"]["name"] for item in (await ask("GET", MAPS)).json()["items"]] == ["b"]


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("POST", f"{MAPS}/a", 405),
        ("PUT", MAPS, 405),
        ("GET", "/api/v1/namespaces/default/nodes", 404),
        ("GET", "/apis/no.such.group/v1/things", 404),
        ("DELETE", f"{MAPS}/nothing", 404),
    ],
)
async def test_what_a_path_does_not_have(ask: Any, method: Any, path: Any, code: int) -> None:
    assert (await ask(method, path, {})).status_code == code


async def test_an_answer_may_be_yaml(ask: Any) -> None:
    await ask("POST", MAPS, config_map("a", k="1"))
    answer = await ask("GET", f"{MAPS}/a", accept="application/yaml")
    assert answer.headers["content-type"] == "application/yaml"
    assert 'k: "1"' in answer.text or "k: '1'" in answer.text
