"""Logs what goes over the wire, like kubectl's ``-v=6`` to ``-v=10``.

``AsyncClient(hooks=wire_log(8))`` logs to ``kmagic.wire`` at DEBUG. Credentials are masked at every level, and so
are the bodies of Secrets and tokens and the secret values in other bodies, which client-go shows at 8 and above.

| level | record |
|---|---|
| 6 | method, URL, code and milliseconds of each attempt |
| 7 | and the request's headers |
| 8 | and the answer's headers, the bodies' first 1024 characters |
| 9 | and the request as a curl command, 10240 characters |
| 10 | and the whole bodies |

Source: k8s.io/client-go/transport/round_trippers.go (debuggingRoundTripper), k8s.io/client-go/rest/request.go.
"""

from __future__ import annotations

import logging
import os
import shlex
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec

from kmagic.api.door import read_json
from kmagic.api.secrecy import sensitive
from kmagic.client.hooks import Hooks
from kmagic.errors import DecodeError
from kmagic.rest.masking import mask_header, truncate_body, visible
from kmagic.views.masking import mask_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kmagic.rest.request import Request

__all__ = ("wire_log",)

_log = logging.getLogger("kmagic.wire")

_MASKED = "<masked>"
# Where in an object values stand that may be secret, of which a patch may say the path alone.
_HOLDERS = frozenset(("data", "stringData", "env", "httpHeaders"))
# Equal values look equal within a process, and cannot be compared with anything outside.
_SALT = os.urandom(16)

_URL, _REQUEST_HEADERS, _ANSWER, _CURL = 6, 7, 8, 9


def wire_log(verbosity: int, hooks: Hooks | None = None, *, server: str = "") -> Hooks:
    """Hooks that log what is sent and answered.

    Args:
        verbosity: kubectl's ``-v``: 6 to 10; below 6 nothing is logged.
        hooks: Other hooks to call; they keep their places.
        server: The server's address, for URLs that can be used as they are.
    """
    hooks = hooks or Hooks()
    if verbosity < _URL:
        return hooks
    log = _WireLog(verbosity, hooks, server.rstrip("/"))
    hooks = msgspec.structs.replace(hooks, on_result=log.result)
    if verbosity >= _REQUEST_HEADERS:
        hooks = msgspec.structs.replace(hooks, on_headers=log.headers)
    if verbosity >= _ANSWER:
        hooks = msgspec.structs.replace(hooks, on_answer=log.answer, on_body=log.body)
    return hooks


class _WireLog:
    def __init__(self, verbosity: int, next_: Hooks, server: str) -> None:
        self._verbosity = verbosity
        self._next = next_
        self._server = server

    def headers(self, request: Request, headers: Sequence[tuple[str, str]]) -> None:
        masked = [(name, mask_header(name, value)) for name, value in headers]
        if self._verbosity >= _CURL:
            words = ["curl", "-v", f"-X{request.method}"]
            for name, value in masked:
                words += ["-H", f"{name}: {value}"]
            _log.debug('"Request" curlCommand=%s', shlex.join([*words, self._url(request)]))
        _log.debug('"Request" verb="%s" url="%s" headers=<\n%s >', request.method, self._url(request), _lines(masked))
        if self._verbosity >= _ANSWER and request.body:
            _log.debug('"Request Body" body=%s', self._body(request, request.body))
        if self._next.on_headers:
            self._next.on_headers(request, headers)

    def answer(self, request: Request, code: int, headers: Mapping[str, str]) -> None:
        masked = [(name, mask_header(name, value)) for name, value in headers.items()]
        _log.debug('"Response" url="%s" status="%s" headers=<\n%s >', self._url(request), _status(code), _lines(masked))
        if self._next.on_answer:
            self._next.on_answer(request, code, headers)

    def result(self, request: Request, code: int, seconds: float, attempt: int) -> None:
        _log.debug(
            '"Response" verb="%s" url="%s" status="%s" milliseconds=%d',
            request.method,
            self._url(request),
            _status(code),
            seconds * 1000,
        )
        if self._next.on_result:
            self._next.on_result(request, code, seconds, attempt)

    def body(self, request: Request, body: bytes) -> None:
        _log.debug('"Response Body" body=%s', self._body(request, body))
        if self._next.on_body:
            self._next.on_body(request, body)

    def _url(self, request: Request) -> str:
        return self._server + request.url

    def _body(self, request: Request, body: bytes) -> str:
        return visible(truncate_body(_shown(request, body), self._verbosity))


def _shown(request: Request, body: bytes) -> str:
    """A body's text without what is secret in it."""
    if request.secret:
        return _MASKED
    text = body.decode(errors="replace")
    try:
        value = read_json(body, "a body")
    except DecodeError:
        # What cannot be looked into is shown only where nothing in it sounds like a secret.
        return _MASKED if sensitive(text, text) else text
    if isinstance(value, dict):
        kind = {} if "kind" in value or request.resource != "configmaps" else {"kind": "ConfigMap"}
        shown: object = mask_object({**kind, **value}, _SALT)
        unchanged = shown == {**kind, **value}
    else:
        shown = [_operation(each) for each in value] if isinstance(value, list) else value
        unchanged = shown == value
    return text if unchanged else msgspec.json.encode(shown).decode()


def _operation(value: object) -> object:
    """One operation of a JSON patch, without a value that may be secret."""
    if not isinstance(value, dict) or "value" not in value:
        return value
    path = str(value.get("path"))
    hides = sensitive(path, value["value"]) or any(part in _HOLDERS for part in path.split("/"))
    return {**value, "value": _MASKED} if hides else mask_object(value, _SALT)


def _lines(headers: Iterable[tuple[str, str]]) -> str:
    return "".join(f"\t{name}: {visible(value)}\n" for name, value in headers)


def _status(code: int) -> str:
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return str(code or "")
