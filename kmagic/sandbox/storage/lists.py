"""Lists: which version of the state is answered, pages, and continue tokens.

Source: staging/src/k8s.io/apiserver/pkg/storage/etcd3/store.go and storage/continue.go, kubernetes v1.37.2.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

import msgspec

from kmagic.sandbox import status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kmagic.sandbox.storage.store import Store, Stored

__all__ = ("ListRequest", "Page", "list_page")

TOO_OLD = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)


class ListRequest(msgspec.Struct, frozen=True):
    """The options of a list; ``version`` and ``version_match`` are the query's resourceVersion and its match rule.

    Attributes:
        selective: Whether selectors choose: then what is left is not counted.
    """

    resource: str
    matches: Callable[[Stored], bool]
    namespace: str = ""
    limit: int = 0
    continue_token: str = ""
    version: str = ""
    version_match: str = ""
    selective: bool = False


class Page(msgspec.Struct):
    """A page of a list and its ListMeta."""

    items: Sequence[Stored]
    metadata: dict[str, Any]


class _Token(msgspec.Struct, omit_defaults=True):
    v: str = "meta.k8s.io/v1"
    rv: int = 0
    start: str = ""


def list_page(store: Store, request: ListRequest) -> Page:
    """Answers a list.

    Raises:
        APIError: 400 for a broken token or contradicting parameters, 410 when the state is gone, 504 for a version
            that has not been reached.
    """
    start = ""
    if request.continue_token:
        objects, revision, start = _continued(store, request)
    else:
        objects, revision = _state(store, request)
    if start:
        objects = [stored for stored in objects if _key(stored) >= start]
    matching = [stored for stored in objects if request.matches(stored)]
    metadata: dict[str, Any] = {"resourceVersion": str(revision)}
    limit = 0 if _from_cache(request) else request.limit
    if limit and len(matching) > limit:
        items, rest = matching[:limit], len(matching) - limit
        # The exact form of the real token: the key after the last one, and the version of the first page.
        metadata["continue"] = _encode(_Token(rv=revision, start=_key(items[-1]) + "\0"))
        if not request.selective:
            metadata["remainingItemCount"] = rest
        if revision == store.revision:
            store.keep(request.resource)
        return Page(items, metadata)
    return Page(matching, metadata)


def _from_cache(request: ListRequest) -> bool:
    """Returns whether upstream's watch cache answers, which knows no limit."""
    return request.version == "0" and not request.continue_token and request.version_match in ("", "NotOlderThan")


def _state(store: Store, request: ListRequest) -> tuple[Sequence[Stored], int]:
    if request.version_match and not request.version:
        raise _invalid_match("Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided")
    match request.version_match:
        case "Exact":
            revision = _number(request.version)
            if revision <= 0:
                raise _invalid_match('Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
            return store.at(request.resource, revision), revision
        case "" | "NotOlderThan":
            if request.version and (revision := _number(request.version)) > store.revision:
                raise status.too_large_resource_version(revision, store.revision)
            return store.list(request.resource, request.namespace), store.revision
    words = f'Unsupported value: "{request.version_match}": supported values: "Exact", "NotOlderThan", ""'
    raise _invalid_match(words, reason="FieldValueNotSupported")


def _invalid_match(message: str, *, reason: str = "FieldValueForbidden") -> status.APIError:
    cause = status.Cause(reason, "resourceVersionMatch", message)
    return status.invalid("ListOptions", "meta.k8s.io", "", [cause])


def _continued(store: Store, request: ListRequest) -> tuple[Sequence[Stored], int, str]:
    token = _decode(request.continue_token)
    if request.version and request.version != "0":
        raise status.bad_request("specifying resource version is not allowed when using continue")
    if token.rv < 0:  # the inconsistent continuation offered by an earlier 410
        return store.list(request.resource), store.revision, token.start
    try:
        return store.at(request.resource, token.rv), token.rv, token.start
    except status.APIError:
        error = status.expired(TOO_OLD)
        error.metadata = {"continue": _encode(_Token(rv=-1, start=token.start))}
        raise error from None


def _key(stored: Stored) -> str:
    return f"{stored.namespace}/{stored.name}" if stored.namespace else stored.name


def _number(version: str) -> int:
    try:
        number = int(version)
    except ValueError:
        number = -1
    if number < 0:
        cause = status.Cause("FieldValueInvalid", "resourceVersion", f'Invalid value: "{version}": invalid syntax')
        raise status.invalid("ListOptions", "meta.k8s.io", "", [cause])
    return number


def _encode(token: _Token) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(token)).decode().rstrip("=")


def _decode(text: str) -> _Token:
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=_Token)
    except (binascii.Error, ValueError):
        raise status.bad_request("continue key is not valid: illegal base64 data or JSON") from None
