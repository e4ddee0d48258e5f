"""A request as a value: everything the transport needs, and what messages, safety and metrics ask about it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlencode

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ("APPLY_PATCH", "JSON_PATCH", "MERGE_PATCH", "STRATEGIC_PATCH", "Query", "Request")

Query = tuple[tuple[str, str], ...]

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
# Of a raw path.
_SECRET_PARTS = frozenset(("secrets", "tokenreviews"))

APPLY_PATCH = "application/apply-patch+yaml"


class Request(msgspec.Struct, frozen=True, repr_omit_defaults=True):
    """One HTTP request to a Kubernetes server, not sent yet.

    Attributes:
        path: Below the server's address, already percent-escaped: ``/api/v1/namespaces/shop/pods``.
        query: In order; a key may repeat.
        verb: kmagic's word: get list watch create update patch apply delete delete_collection, or "" for raw paths.
        resource: ``"deployments.apps"``; "" for raw paths.
        timeout: Seconds for the whole request over all attempts; None for the client's own.
        idle_timeout: Seconds a stream may be silent before it counts as dead; None for no limit.
    """

    method: str
    path: str
    query: Query = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    verb: str = ""
    resource: str = ""
    namespace: str | None = None
    name: str = ""
    subresource: str = ""
    timeout: float | None = None
    idle_timeout: float | None = None

    def with_query(self, pairs: Iterable[tuple[str, str]]) -> Request:
        """A copy with more query parameters; nothing is replaced."""
        return msgspec.structs.replace(self, query=(*self.query, *pairs))

    def with_headers(self, pairs: Iterable[tuple[str, str]]) -> Request:
        """A copy with these headers set; a header of the same name is replaced."""
        added = tuple(pairs)
        names = {name.lower() for name, _ in added}
        kept = tuple(pair for pair in self.headers if pair[0].lower() not in names)
        return msgspec.structs.replace(self, headers=kept + added)

    def header(self, name: str) -> str:
        """The value of a header, or ""."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")

    @property
    def url(self) -> str:
        """Path and query as they go on the request line."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path

    @property
    def url_template(self) -> str:
        """The URL without what is one object's own, for metrics: ``/api/v1/namespaces/{namespace}/pods/{name}``."""
        return _template(self.path) + (
            "?" + "&".join(f"{key}={{value}}" for key, _ in self.query) if self.query else ""
        )

    @property
    def idempotent(self) -> bool:
        """True if sending it twice leaves the same state as sending it once."""
        return self.method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE") or self.header("content-type") == APPLY_PATCH

    @property
    def changes(self) -> bool:
        """True if something may change because of it: a write that is no dry run, or a command in a container."""
        if self.subresource in ("exec", "attach"):
            return True
        return self.method not in ("GET", "HEAD", "OPTIONS") and ("dryRun", "All") not in self.query

    @property
    def secret(self) -> bool:
        """True if the request's and the answer's bodies are secret and must not be logged."""
        if self.resource == "secrets" or self.subresource == "token" or self.resource.startswith("tokenreviews."):
            return True
        parts = unquote(self.path).strip("/").split("/")
        return parts[-1] == "token" or not _SECRET_PARTS.isdisjoint(parts)

    def describe(self) -> str:
        """Describes the request for messages: ``get pods/web-0 in namespace "shop"``."""
        if not self.resource:
            return f"{self.method} {self.path}"
        what = f"{self.resource}/{self.name}" if self.name else self.resource
        if self.subresource:
            what += f" ({self.subresource})"
        where = f' in namespace "{self.namespace}"' if self.namespace else ""
        return f"{self.verb.replace('_', ' ')} {what}{where}"

    def __repr__(self) -> str:
        # Never the body or the headers: they may hold Secret data and credentials.
        body = f" ({len(self.body)} bytes)" if self.body is not None else ""
        return f"<Request {self.method} {self.url}{body}>"


def _template(path: str) -> str:
    parts = path.strip("/").split("/")
    if parts[0] not in ("api", "apis"):
        return "/{prefix}"
    start = 2 if parts[0] == "api" else 3
    resource = parts[start:]
    if len(resource) >= 3 and resource[0] == "namespaces" and resource[2] not in ("finalize", "status"):
        resource[1] = "{namespace}"
        resource[3:4] = ["{name}"] * len(resource[3:4])
    elif len(resource) >= 2:
        resource[1] = "{name}"
    return "/" + "/".join(parts[:start] + resource)
