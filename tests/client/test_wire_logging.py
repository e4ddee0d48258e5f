from __future__ import annotations

from typing import Any

import httpx
import pytest
from httpx import Response

from kmagic import errors
from kmagic.client.hooks import Hooks
from kmagic.client.rest import RESTClient
from kmagic.client.wire_logging import wire_log
from kmagic.config.client_config import ClientConfig
from kmagic.rest import verbs
from kmagic.rest.request import Request
from kmagic.rest.resource import APIResource
from kmagic.transport.auth import FixedHeader
from kmagic.transport.http import Transport
from tests.transport.servers import InstantClock, ScriptedServer, status

PODS = APIResource("", "v1", "pods", "Pod", True)
SECRETS = APIResource("", "v1", "secrets", "Secret", True)
ANSWER = {"kind": "Pod", "padding": "x" * 20_000}


async def logged(
    caplog: pytest.LogCaptureFixture,
    verbosity: int,
    request: Request | None = None,
    answer: Response | None = None,
    hooks: Hooks | None = None,
) -> list[str]:
    caplog.set_level("DEBUG", "kmagic.wire")
    server = ScriptedServer(answer or httpx.Response(200, json=ANSWER, headers={"Set-Cookie": "hidden-cookie"}))
    transport = Transport(
        ClientConfig(server="http://server"), http=server, authenticator=FixedHeader("Bearer hidden-token")
    )
    rest = RESTClient(transport, clock=InstantClock(), hooks=wire_log(verbosity, hooks, server="http://server/"))
    await rest.execute(request or verbs.create(PODS, "a", b'{"name": "mine"}', name="p"))
    assert "hidden" not in caplog.text
    return caplog.messages


async def test_RE_29_below_6_nothing(caplog: pytest.LogCaptureFixture) -> None:
    assert await logged(caplog, 5) == []


async def test_RE_29_6_is_one_record_an_answer(caplog: pytest.LogCaptureFixture) -> None:
    assert await logged(caplog, 6) == [
        '"Response" verb="POST" url="http://server/api/v1/namespaces/a/pods" status="200 OK" milliseconds=0'
    ]


async def test_RE_29_7_shows_the_requests_headers_with_masked_credentials(caplog: pytest.LogCaptureFixture) -> None:
    sent, answered = await logged(caplog, 7)
    assert sent.startswith('"Request" verb="POST" url="http://server/api/v1/namespaces/a/pods" headers=<\n\t')
    assert "\tAuthorization: Bearer <masked>\n" in sent
    assert "\tUser-Agent: " in sent
    assert "\tContent-Type: application/json\n" in sent
    assert "milliseconds" in answered


async def test_RE_29_8_shows_the_answers_headers_and_the_bodies_begin(caplog: pytest.LogCaptureFixture) -> None:
    messages = await logged(caplog, 8)
    assert messages[1] == '"Request Body" body={"name": "mine"}'
    assert "\tset-cookie: <masked>\n" in messages[2]
    assert 'status="200 OK" headers=<' in messages[2]
    body = messages[-1]
    assert body.startswith('"Response Body" body={"kind":"Pod"')
    assert body.endswith(" chars]")
    assert len(body) < 1100


async def test_RE_29_9_is_a_command_to_repeat_it(caplog: pytest.LogCaptureFixture) -> None:
    messages = await logged(caplog, 9)
    assert messages[0].startswith('"Request" curlCommand=curl -v -XPOST -H ')
    assert "'Authorization: Bearer <masked>'" in messages[0]
    assert messages[0].endswith(" http://server/api/v1/namespaces/a/pods")
    assert 10_240 < len(messages[-1]) < 10_400


async def test_RE_29_10_shows_whole_bodies(caplog: pytest.LogCaptureFixture) -> None:
    assert "x" * 20_000 in (await logged(caplog, 10))[-1]


async def test_secrets_are_never_shown(caplog: pytest.LogCaptureFixture) -> None:
    request = verbs.create(SECRETS, "a", b'{"data": {"k": "hidden"}}', name="s")
    messages = await logged(caplog, 10, request, httpx.Response(200, json={"data": {"k": "hidden"}}))
    assert '"Request Body" body=<masked>' in messages
    assert messages[-1] == '"Response Body" body=<masked>'


async def test_a_refusal_and_its_body_are_logged_and_the_given_hooks_go_on(caplog: pytest.LogCaptureFixture) -> None:
    results, bodies = [], []
    hooks = Hooks(on_result=lambda request, code, *_: results.append(code), on_body=lambda _, body: bodies.append(body))
    with pytest.raises(errors.ForbiddenError):
        await logged(caplog, 8, answer=status("Forbidden", 403, "\x1b[31mno"), hooks=hooks)
    assert results == [403]
    assert b"Forbidden" in bodies[0]
    assert 'status="403 Forbidden"' in caplog.text


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/api/v1/namespaces/a/secrets/s", {"kind": "Secret", "data": {"k": "aGlkZGVu", "x": "hidden"}}),
        ("/api/v1/%73ecrets", {"kind": "Table", "rows": [{"cells": ["hidden"]}]}),
        ("/api/v1/namespaces/a/serviceaccounts/s/token", {"status": {"token": "hidden"}}),
        ("/anything", {"kind": "List", "items": [{"kind": "Secret", "data": {"k": "hidden"}}]}),
        (
            "/api/v1/namespaces/a/pods/p",
            {
                "kind": "Pod",
                "spec": {"containers": [{"name": "app", "env": [{"name": "PASSWORD", "value": "hidden"}]}]},
            },
        ),
        (
            "/api/v1/namespaces/a/pods/p",
            {"kind": "Pod", "spec": {"containers": [{"env": [{"name": "DB", "value": "pg://me:hidden@db/x"}]}]}},
        ),
    ],
)
async def test_raw_reads_show_no_secret(caplog: pytest.LogCaptureFixture, path: str, answer: dict[str, Any]) -> None:
    messages = await logged(caplog, 10, Request("GET", path), httpx.Response(200, json=answer))
    assert "masked" in messages[-1]


@pytest.mark.parametrize(
    "body",
    [
        b'[{"op": "replace", "path": "/spec/containers/0/env/0/value", "value": "hidden"}]',
        b'[{"op": "add", "path": "/spec/containers/0/env", "value": [{"name": "A", "value": "hidden"}]}]',
        b'{"spec": {"containers": [{"env": [{"name": "API_TOKEN", "value": "hidden"}]}]}}',
        b"spec: {containers: [{env: [{name: API_TOKEN, value: hidden}]}]}",
    ],
)
async def test_patches_show_no_values_of_variables(caplog: pytest.LogCaptureFixture, body: bytes) -> None:
    request = verbs.patch(PODS, "a", "p", body, type="json")
    assert "masked" in (await logged(caplog, 10, request))[1]
