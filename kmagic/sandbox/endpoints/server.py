"""The HTTP side: paths to handlers, authentication, errors to Status answers.

Source: staging/src/k8s.io/apiserver/pkg/server/config.go (the order of the filters), kubernetes v1.37.2.
"""

from __future__ import annotations

import hashlib
import logging
import zlib
from typing import TYPE_CHECKING, Any

import anyio
import msgspec
from starlette.applications import Starlette
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from kmagic.sandbox import status
from kmagic.sandbox.access.authentication import User
from kmagic.sandbox.access.authorization import Attributes
from kmagic.sandbox.endpoints import bodies, openapi_v2, request_info
from kmagic.sandbox.endpoints.call import Call
from kmagic.sandbox.endpoints.discovery import HEALTH, VERSION
from kmagic.sandbox.endpoints.handlers import handle
from kmagic.sandbox.endpoints.negotiation import negotiate, require_json
from kmagic.sandbox.endpoints.responses import NO_PAGE, Reply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection

    from starlette.requests import Request

    from kmagic.sandbox.endpoints.api import API

__all__ = ("build_app",)

log: logging.Logger = logging.getLogger(__name__)
encode: Callable[[Any], bytes] = msgspec.json.Encoder().encode

VERSION_PATHS = ("/version", "/version/")
HEALTH_PATHS = (*HEALTH, *(f"{path}/ping" for path in HEALTH))
UNPLAYED = ("/metrics", "/debug/pprof", "/.well-known/openid-configuration", "/openid/v1/jwks")
"""Paths of the real server that the sandbox does not have."""
AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
COMPRESSED_FROM = 128 * 1024
"""Bytes that a body must have more than to be compressed, when the client asks for it."""
GZIP_LEVEL, GZIP_FORMAT = 2, 31
BODY_SECONDS = 60
"""What a body may take, as a whole request of the real server."""
MAX_DISCARDED = 16 * bodies.MAX_BYTES
"""Bytes of a body that is too large that are read so that the client sees the refusal; then the connection closes."""
CHUNK = 1 << 20
"""Bytes of a big body sent at a time, so that other requests get a turn."""


def build_app(api: API, lifespan: Callable[[Any], Any] | None = None) -> Starlette:
    """The application of a sandbox.

    Args:
        api: The handlers' dependencies.
        lifespan: Runs beside it: the controllers.
    """

    async def endpoint(request: Request) -> Response:
        return await _answer(api, request)

    return Starlette(routes=[Route("/{path:path}", endpoint, methods=[*METHODS, "HEAD", "OPTIONS"])], lifespan=lifespan)


async def _answer(api: API, request: Request) -> Response:
    try:
        reply = await _dispatch(api, request)
    except status.APIError as error:
        reply = _error_reply(error)
        reply.closes = error.code in (413, 504)  # the rest of the body is not read
    except Exception as error:  # the boundary: an error of the sandbox must reach the client as one
        log.exception("%s %s failed", request.method, request.url.path)
        failed = status.APIError(500, "InternalError", f"Internal error occurred: {type(error).__name__}: {error}")
        reply = _error_reply(failed)
    response = _response(reply, compressed=reply.compressible and _accepts_gzip(request))
    if reply.closes:
        response.headers["connection"] = "close"
    return response


async def _dispatch(api: API, request: Request) -> Reply:
    path = request.url.path
    user = _user(api, request)
    target = request_info.parse(
        request.method, path, watch=request.query_params.get("watch", "") not in ("", "false", "0")
    )
    if target is None:
        api.authorizer.require(user, Attributes(request.method.lower(), path=path))
        return _document(api, request, path)
    api.authorizer.require(user, request_info.attributes(target))
    _require_method(request, METHODS)
    body = await _body(request)
    reply = handle(api, Call(target, request.query_params, request.headers, body, user))
    reply.compressible = len(reply.body) > COMPRESSED_FROM and target.subresource != "log"
    return reply


async def _body(request: Request) -> bytes:
    """The request's body, of which not more is kept than may be sent."""
    parts, size = [], 0
    with anyio.move_on_after(BODY_SECONDS) as scope:
        async for part in request.stream():
            size += len(part)
            if size <= bodies.MAX_BYTES:
                parts.append(part)
            elif size > MAX_DISCARDED:
                break
    if scope.cancelled_caught:
        raise status.timeout()
    if size > bodies.MAX_BYTES:
        raise status.too_large(f"limit is {bodies.MAX_BYTES}")
    return b"".join(parts)


def _require_method(request: Request, methods: Collection[str]) -> None:
    if request.method not in methods:
        raise status.method_not_allowed()


def _health(request: Request, path: str) -> Reply:
    """The answer of a health check: there is one check, that there is an answer."""
    what = path.split("/")[1]
    text = f"[+]ping ok\n{what} check passed\n" if "verbose" in request.query_params else "ok"
    return Reply(text.encode(), content_type="text/plain; charset=utf-8")


def _indented(document: object) -> Reply:
    return Reply(msgspec.json.format(encode(document)), bare=True)


def _user(api: API, request: Request) -> User:
    user = api.authenticator.authenticate(request.headers.get("authorization", ""))
    name = request.headers.get("impersonate-user")
    if not name:
        return user
    api.authorizer.require(user, Attributes("impersonate", resource="users", name=name))
    groups = tuple(request.headers.getlist("impersonate-group"))
    for group in groups:
        api.authorizer.require(user, Attributes("impersonate", resource="groups", name=group))
    return User(name, (*groups, "system:authenticated"))


def _document(api: API, request: Request, path: str) -> Reply:
    parts = [part for part in path.split("/") if part]
    if not parts:
        return _indented({"paths": api.discovery.paths()})
    if path in VERSION_PATHS:
        _require_method(request, ("GET",))
        require_json(request.headers.get("accept", ""))
        return _indented(VERSION)
    if path in HEALTH_PATHS:
        return _health(request, path)
    if parts[0] in ("api", "apis"):
        accept = request.headers.get("accept", "")
        if len(parts) == 1 and "as=APIGroupDiscoveryList" in accept and "v=v2" in accept:
            body = encode(api.discovery.aggregated(parts[0]))
            return Reply(body + b"\n", content_type=AGGREGATED, etag=_etag(body))
        document = api.discovery.legacy(parts)
        if document is not None:
            _require_method(request, ("GET",))
            negotiate(accept)
            return Reply(encode(document))
    if parts == ["openapi", "v2"]:
        return _openapi_v2(api, request.headers.get("accept", ""))
    if parts == ["openapi", "v3"]:
        return Reply(encode(api.discovery.openapi_paths()), bare=True)
    if parts[:2] == ["openapi", "v3"]:
        found = api.discovery.openapi("/".join(parts[2:]))
        if found is not None:
            return Reply(found, bare=True)
    if any(path == each or path.startswith(f"{each}/") for each in UNPLAYED):
        raise status.not_implemented(f"the sandbox does not have {path}")
    return NO_PAGE


def _openapi_v2(api: API, accept: str) -> Reply:
    asked = [clause.partition(";")[0].strip() for clause in accept.split(",")]
    protobuf = any(media in openapi_v2.MEDIA_TYPES for media in asked)
    if not protobuf:
        require_json(accept)
    media = openapi_v2.MEDIA_TYPES[0] if protobuf else "application/json"
    body = api.discovery.openapi_v2(protobuf=protobuf)
    return Reply(body, content_type=media, etag=_etag(body), compressible=True)


def _etag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest().upper()}"'


def _error_reply(error: status.APIError) -> Reply:
    reply = Reply(encode(error.status), code=error.code)
    seconds = error.details.get("retryAfterSeconds")
    if seconds:
        reply.retry_after = int(seconds)
    return reply


def _accepts_gzip(request: Request) -> bool:
    words = request.headers.get("accept-encoding", "").split(",")
    return any(word.strip() == "gzip" for word in words)


def _response(reply: Reply, *, compressed: bool) -> Response:
    # Go's encoder ends what it writes with a newline; documents that are kept as bytes have none
    end = b"\n" if reply.content_type.startswith("application/json") and not (reply.bare or reply.etag) else b""
    if reply.stream is not None:
        response: Response = StreamingResponse(reply.stream, reply.code)
    elif compressed:
        response = StreamingResponse(_gzip(reply.body, end), reply.code)
        response.headers["content-encoding"] = "gzip"
        response.headers["vary"] = "Accept-Encoding"
    elif len(reply.body) > CHUNK:
        response = StreamingResponse(_chunks(reply.body, end), reply.code)
        response.headers["content-length"] = str(len(reply.body) + len(end))
    else:
        response = Response(reply.body + end, reply.code)
    response.headers["content-type"] = reply.content_type
    response.headers["cache-control"] = "no-cache, private"
    for warning in reply.warnings:
        quoted = warning.replace("\\", "\\\\").replace('"', '\\"')
        response.headers.append("warning", f'299 - "{quoted}"')
    if reply.retry_after:
        response.headers["retry-after"] = str(reply.retry_after)
    if reply.etag:
        response.headers["etag"] = reply.etag
    return response


async def _gzip(body: bytes, end: bytes) -> AsyncIterator[bytes]:
    packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, GZIP_FORMAT)
    for start in range(0, len(body), CHUNK):
        packed = packer.compress(body[start : start + CHUNK])
        if packed:
            yield packed
        await anyio.lowlevel.checkpoint()
    yield packer.compress(end) + packer.flush()


async def _chunks(body: bytes, end: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), CHUNK):
        yield body[start : start + CHUNK]
    yield end
