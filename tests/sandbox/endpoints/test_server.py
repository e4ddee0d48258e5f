"""Paths, codes and headers."""

import json
from typing import Any

import pytest

MAPS = "/api/v1/namespaces/default/configmaps"


@pytest.mark.parametrize(
    ("path", "code", "content_type"),
    [
        ("/version", 200, "application/json"),
        ("/healthz", 200, "text/plain; charset=utf-8"),
        ("/healthz/nothing", 404, "text/plain; charset=utf-8"),
        ("/metrics", 501, "application/json"),
        ("/.well-known/openid-configuration", 501, "application/json"),
        ("/nothing", 404, "text/plain; charset=utf-8"),
        ("/api/v1/nothings", 404, "application/json"),
        (MAPS, 200, "application/json"),
    ],
)
async def test_each_path_has_its_code_and_type(ask: Any, path: Any, code: int, content_type: Any) -> None:
    answer = await ask("GET", path)
    assert (answer.status_code, answer.headers["content-type"]) == (code, content_type)
    if code == 501:
        assert answer.json()["message"].startswith("the sandbox does not have /")


async def test_who_is_nobody_may_read_the_version_and_nothing_else(ask: Any) -> None:
    assert (await ask("GET", "/version/", authorization="")).status_code == 200
    assert (await ask("GET", MAPS, authorization="")).status_code == 403
    assert (await ask("GET", "/version", authorization="Bearer x")).status_code == 401


async def test_a_big_answer_is_compressed_for_who_asks(ask: Any) -> None:
    await ask("POST", MAPS, {"metadata": {"name": "big"}, "data": {"a": "x" * 200_000}})
    for encoding in ("gzip", "identity"):
        answer = await ask("GET", MAPS, accept_encoding=encoding)
        assert answer.headers.get("content-encoding", "identity") == encoding
        assert answer.json()["items"][0]["metadata"]["name"] == "big"
        assert answer.content.endswith(b"}\n")


async def test_an_error_inside_is_answered_and_not_hidden(ask: Any) -> None:
    answer = await ask("POST", MAPS, b"\xff{")
    assert answer.status_code == 400
    assert answer.json()["status"] == "Failure"
    assert json.loads(answer.content)["code"] == 400
