"""The server's refusals as exceptions, each with a hint.

Source: k8s.io/client-go/rest/request.go (transformResponse), k8s.io/apimachinery/pkg/api/errors (NewGenericServerResponse).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from kmagic.api.door import UNREADABLE, read_json
from kmagic.errors import DecodeError, StatusError, status_error
from kmagic.rest.request import STRATEGIC_PATCH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kmagic.rest.request import Request

__all__ = ("error_from_response", "error_from_status", "failure_in", "is_status", "retry_after_seconds")

# Above this a text body is a page, not a message.
_MAX_TEXT = 2048

# A Retry-After of more digits is one for ever: Python refuses to read numbers of any length.
_MAX_DIGITS, _FOREVER = 10, 10**9

_DEFAULT_TEXT = {
    400: "the server rejected our request for an unknown reason",
    401: "the server has asked for the client to provide credentials",
    403: "the server does not allow access to the requested resource",
    404: "the server could not find the requested resource",
    405: "the server does not allow this method on the requested resource",
    406: "the server was unable to respond with a content type that the client supports",
    409: "the server reported a conflict",
    410: "the server no longer has the requested version",
    413: "the object is larger than the server accepts",
    415: "the server does not support the content type of the request",
    422: "the server rejected our request due to an error in our request",
    429: "the server has received too many requests and has asked us to try again later",
    503: "the server is currently unable to handle the request",
    504: "the server was unable to return a response in the time allotted, but may still be processing the request",
}

_REASON_BY_CODE = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    406: "NotAcceptable",
    410: "Expired",
    413: "RequestEntityTooLarge",
    415: "UnsupportedMediaType",
    422: "Invalid",
    429: "TooManyRequests",
    503: "ServiceUnavailable",
    504: "Timeout",
}

_FORBIDDEN = re.compile(
    r'User "(?P<user>[^"]*)" cannot (?P<verb>\S+) (?:resource "(?P<resource>[^"]*)"(?: in API group "(?P<group>[^"]*)")?'
    r'|path "(?P<path>[^"]*)")(?: (?:in the namespace "(?P<namespace>[^"]*)"|at the (?P<cluster>cluster) scope))?'
)


class _Status(msgspec.Struct):
    kind: str = ""
    apiVersion: str = ""  # noqa: N815  # the wire's name
    status: str | None = None


# Each field's type; of another type it says nothing.
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "message": str,
    "reason": str,
    "code": int,
    "details": dict,
    "metadata": dict,
    "status": str,
}
_DETAIL_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "name": str,
    "group": str,
    "kind": str,
    "uid": str,
    "causes": list,
    "retryAfterSeconds": int,
}


def is_status(body: bytes) -> bool:
    """Returns whether a body is a Status object; a missing apiVersion is tolerated, a missing kind is not."""
    try:
        head = msgspec.json.decode(body, type=_Status)
    except UNREADABLE:
        return False
    return head.kind == "Status" and head.apiVersion in ("v1", "")


def failure_in(body: bytes) -> StatusError | None:
    """The error of a Status that came where an object or a list was expected; None for anything else.

    A proxy, or a server that failed after it had begun, may send one with the code 200.
    """
    found = _read(body)
    return None if found is None or found.get("status") == "Success" else error_from_status(None, found)


def error_from_response(request: Request, code: int, headers: Mapping[str, str], body: bytes) -> StatusError:
    """The error for a refused request.

    Args:
        request: The request that was refused.
        code: The HTTP status code.
        headers: With lower-case names.
        body: The whole answer; only a Status or a short text becomes part of the message.
    """
    # A Status that says Success inside a refusal says nothing about the refusal.
    if (found := _read(body)) is not None and found.get("status") != "Success":
        status = _readable(found)
        # A missing code in the body leaves HTTP's to decide the class.
        if not status.get("code"):
            status["code"] = code
        return error_from_status(request, _with_retry_after(status, headers))
    return error_from_status(request, _with_retry_after(_generic_status(request, code, headers, body), headers))


def error_from_status(request: Request | None, status: Mapping[str, Any]) -> StatusError:
    """The error for a Status object, also one that came as an ERROR event of a watch (then `request` is the watch)."""
    status = _readable(status)
    reason, code = status.get("reason") or "", status.get("code") or 0
    message = status.get("message") or _DEFAULT_TEXT.get(code, f"the server answered {code} without a message")
    error = status_error(reason, code)
    return error(message, status=status, request=request, hint=_hint(error.reason or reason, message, request, status))


def retry_after_seconds(headers: Mapping[str, str]) -> int | None:
    """The integer Retry-After header; a date there is ignored, as client-go does."""
    value = headers.get("retry-after", "").strip()
    if not (value.isascii() and value.isdecimal()):
        return None
    return min(int(value[:_MAX_DIGITS]), _FOREVER)


def _read(body: bytes) -> dict[str, Any] | None:
    try:
        return read_json(body, "the server's Status", dict[str, Any]) if is_status(body) else None
    except DecodeError:
        return None


def _readable(status: Mapping[str, Any]) -> dict[str, Any]:
    """A Status without fields of another type, which a decoder of Go would not have read."""
    found = _of_types(status, _TYPES)
    if "details" in found:
        details = found["details"] = _of_types(found["details"], _DETAIL_TYPES)
        if "causes" in details:
            details["causes"] = [each for each in details["causes"] if isinstance(each, dict)]
    return found


def _of_types(fields: Mapping[str, Any], types: Mapping[str, type | tuple[type, ...]]) -> dict[str, Any]:
    return {
        key: value
        for key, value in fields.items()
        if key not in types or (isinstance(value, types[key]) and not isinstance(value, bool))
    }


def _with_retry_after(status: dict[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
    seconds = retry_after_seconds(headers)
    if seconds is None:
        return status
    details = dict(status.get("details") or {})
    details.setdefault("retryAfterSeconds", seconds)
    return {**status, "details": details}


def _generic_status(request: Request, code: int, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    reason = _REASON_BY_CODE.get(code, "InternalError" if code >= 500 else "")
    message = _DEFAULT_TEXT.get(code, "")
    if code == 409:
        created = request.method == "POST"
        reason = "AlreadyExists" if created else "Conflict"
        message = "the object already exists" if created else message
    if code == 500:
        message = "an error on the server made it impossible to answer"
    text = _short_text(headers, body)
    if not message:
        message = f"the server responded with the status code {code} but did not return more information"
    if text and code in (400, 403, 405, 406, 410, 413, 415, 429, 500, 503):
        message = text if code in (403, 405, 406, 410, 413, 415, 429) else f'{message}: "{text}"'
    details: dict[str, Any] = {"name": request.name, "kind": request.resource.partition(".")[0]}
    details["group"] = request.resource.partition(".")[2]
    details["causes"] = [{"reason": "UnexpectedServerResponse", "message": text or "unknown"}]
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "code": code,
        "reason": reason,
        "message": f"{message} ({request.describe()})",
        "details": {key: value for key, value in details.items() if value},
    }


def _short_text(headers: Mapping[str, str], body: bytes) -> str:
    # Without a type it counts as text: that is how Go answers plain HTTP on a TLS port.
    if not headers.get("content-type", "text/plain").startswith("text/") or len(body) > _MAX_TEXT:
        return ""
    text = body.decode(errors="replace").strip()
    # A web page in front of the server (login form, proxy error) is no message for people.
    return "" if text[:1] == "<" else text


def _hint(reason: str, message: str, request: Request | None, status: Mapping[str, Any]) -> str:
    if reason == "Unauthorized":
        return "your credentials are missing, wrong or expired: log in again and repeat"
    if reason == "Forbidden":
        return _forbidden_hint(message)
    if reason == "Conflict":
        if "managed by" in message or "conflict with" in message:
            return "another manager owns these fields: apply without them, or with force=True to take them over"
        return "read the object again and repeat the change, or use edit(), which does"
    if reason == "AlreadyExists":
        return "apply or update it instead, or delete it first"
    if reason in ("Expired", "Gone"):
        return "list again and watch from the new resource version"
    if reason in ("TooManyRequests", "ServerTimeout", "ServiceUnavailable"):
        seconds = (status.get("details") or {}).get("retryAfterSeconds")
        return f"repeat after {seconds} s" if seconds else "repeat in a moment"
    if reason == "UnsupportedMediaType" and request is not None and request.header("Content-Type") == STRATEGIC_PATCH:
        return 'custom resources take no strategic patch: use type="merge", "json", or apply'
    return ""


def _forbidden_hint(message: str) -> str:
    found = _FORBIDDEN.search(message)
    if not found:
        return ""
    what = found["path"] or found["resource"] + (f".{found['group']}" if found["group"] else "")
    where = f' in namespace "{found["namespace"]}"' if found["namespace"] else " in the whole cluster"
    return f'you are "{found["user"]}"; missing: the right to {found["verb"]} {what}{where}'
