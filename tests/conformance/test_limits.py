"""What the server takes no more of: bytes of a body and of headers, levels of JSON, bytes copied by a patch."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic import errors
from kmagic.client.client import AsyncClient
from kmagic.client.resource import AsyncResource
from kmagic.transport.http import Response
from tests.conformance.objects import configmap
from tests.conformance.test_protocol import raw

MEBI = 1 << 20


async def send(
    client: AsyncClient, method: str, path: str, body: bytes, content_type: str = "application/json"
) -> Response:
    return await raw(client, method, path, body=body, headers=[("content-type", content_type)])


@pytest.mark.parametrize("size", [3 * MEBI + 1, 5 * MEBI])
@pytest.mark.parametrize(
    ("method", "content_type"), [("POST", "application/json"), ("PATCH", "application/merge-patch+json")]
)
async def test_a_body_has_three_mebibytes(
    client: AsyncClient, ns: str, size: Any, method: str, content_type: str
) -> None:
    path = f"/api/v1/namespaces/{ns}/configmaps" + ("/x" if method == "PATCH" else "")
    with pytest.raises(errors.StatusError, match="limit is 3145728") as caught:
        await send(client, method, path, b'{"x":"' + b"x" * (size - 8) + b'"}', content_type)
    assert (caught.value.code, caught.value.reason) == (413, "RequestEntityTooLarge")
    assert (await raw(client, "GET", "/readyz", accept="*/*")).body == b"ok"


async def test_headers_have_one_mebibyte(client: AsyncClient) -> None:
    with pytest.raises(errors.KubeError, match=r"431|too large|Too Large|broke"):
        await raw(client, "GET", "/api", headers=[("x-big", "x" * (2 * MEBI))])
    assert (await raw(client, "GET", "/readyz", accept="*/*")).body == b"ok"


def nested(levels: int) -> bytes:
    return b'{"a":' * (levels // 2) + b"[" * (levels // 2) + b"]" * (levels // 2) + b"}" * (levels // 2)


DEEP = [
    ("POST", "", "application/json", b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"d"},"x":%s}'),
    ("PUT", "/m", "application/json", b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"x":%s}'),
    ("PATCH", "/m", "application/merge-patch+json", b'{"x":%s}'),
    ("PATCH", "/m", "application/strategic-merge-patch+json", b'{"x":%s}'),
    ("PATCH", "/m", "application/json-patch+json", b'[{"op":"add","path":"/x","value":%s}]'),
]


@pytest.mark.parametrize(("method", "name", "content_type", "body"), DEEP, ids=[f"{d[0]}-{d[2]}" for d in DEEP])
async def test_json_has_a_depth(
    client: AsyncClient, maps: AsyncResource[Any], method: Any, name: Any, content_type: Any, body: Any
) -> None:
    await maps.create(configmap("m"))
    path = f"/api/v1/namespaces/{maps.namespace}/configmaps{name}"
    await send(client, method, path, body % nested(240), content_type)
    with pytest.raises(errors.BadRequestError, match=r"exceeded max depth|invalid JSON patch"):
        await send(client, method, path, body % nested(20_000), content_type)


async def test_copies_of_a_patch_have_three_mebibytes_together(client: AsyncClient, maps: AsyncResource[Any]) -> None:
    await maps.create(configmap("m", {"a": "x" * 300_000}))
    copies = [{"op": "copy", "from": "/data/a", "path": f"/data/{index}"} for index in range(11)]
    with pytest.raises(errors.StatusError) as caught:
        await maps.patch("m", copies, type="json")
    assert caught.value.code == 422
    into_itself = [{"op": "copy", "from": "/data/a", "path": f"/data/{index % 2}"} for index in range(3)]
    assert set((await maps.patch("m", into_itself, type="json"))["data"]) == {"a", "0", "1"}


async def test_copies_that_double_the_object_are_refused(client: AsyncClient, widgets: AsyncResource[Any]) -> None:
    made = {"apiVersion": (await widgets.resolve()).api_version, "kind": "Widget", "metadata": {"name": "w"}}
    await widgets.create(made | {"spec": {"size": 3, "free": {"a": {}}}})
    doubles = [{"op": "copy", "from": "/spec/free", "path": "/spec/free/" + "b" * (index + 1)} for index in range(40)]
    with pytest.raises(errors.StatusError) as caught:
        await widgets.patch("w", doubles, type="json")
    assert caught.value.code == 422
