"""The Status answers of the server: every refusal is an ``APIError`` made here, worded as the real server words it.

Source: staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kmagic.api.gvk import GroupKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kmagic.api.gvk import GroupResource

__all__ = (
    "APIError",
    "Cause",
    "already_exists",
    "bad_request",
    "conflict",
    "expired",
    "forbidden",
    "internal",
    "invalid",
    "method_not_allowed",
    "no_kind",
    "not_acceptable",
    "not_found",
    "not_implemented",
    "not_representable",
    "other_uid",
    "path_not_found",
    "success",
    "timeout",
    "too_large",
    "too_large_resource_version",
    "too_many_requests",
    "unauthorized",
    "unsupported_media_type",
)


class Cause(NamedTuple):
    """One reason of an Invalid answer: ``Cause("FieldValueRequired", "spec.x", "Required value")``."""

    reason: str
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


class APIError(Exception):
    """The request is refused; ``status`` is the answer's body and ``code`` its HTTP status."""

    def __init__(self, code: int, reason: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.metadata: dict[str, Any] = {}
        self.writes_empty_details = False  # whether empty details are written all the same
        self.details: dict[str, Any] = {key: value for key, value in details.items() if value not in (None, "", [])}

    @property
    def status(self) -> dict[str, Any]:
        """The Status object: ``{"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", ...}``."""
        body: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": self.metadata,
            "status": "Failure",
            "message": str(self),
        }
        if self.reason:
            body["reason"] = self.reason
        if self.details or self.reason == "Invalid" or self.writes_empty_details:
            body["details"] = self.details
        return body | {"code": self.code}


def success(*, name: str = "", group: str = "", kind: str = "", uid: str = "") -> dict[str, Any]:
    """The Status that answers a delete: details name the object."""
    details = {"name": name, "group": group, "kind": kind, "uid": uid}
    body: dict[str, Any] = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
    return body | {"details": {key: value for key, value in details.items() if value}}


def not_found(what: GroupResource, name: str) -> APIError:
    """404: there is no object of this name."""
    message = f'{what} "{name}" not found'
    return APIError(404, "NotFound", message, name=name, group=what.group, kind=what.resource)


def path_not_found() -> APIError:
    """404: the server has no such path; the real one answers the same words."""
    error = APIError(404, "NotFound", "the server could not find the requested resource")
    error.writes_empty_details = True
    return error


def already_exists(what: GroupResource, name: str) -> APIError:
    """409: there is an object of this name."""
    message = f'{what} "{name}" already exists'
    return APIError(409, "AlreadyExists", message, name=name, group=what.group, kind=what.resource)


def conflict(what: GroupResource, name: str, why: str) -> APIError:
    """409: the object is not in the state the request supposes."""
    message = f'Operation cannot be fulfilled on {what} "{name}": {why}'
    return APIError(409, "Conflict", message, name=name, group=what.group, kind=what.resource)


def other_uid(what: GroupResource, name: str, *, wanted: str, found: str) -> APIError:
    """409: the request is for another object, which had this name before or has it now."""
    return conflict(what, name, f"Precondition failed: UID in precondition: {wanted}, UID in object meta: {found}")


def invalid(kind: str, group: str, name: str, causes: Sequence[Cause]) -> APIError:
    """422: fields do not pass validation. One cause is written out, several are put in brackets."""
    words = str(causes[0]) if len(causes) == 1 else "[" + ", ".join(_unique(map(str, causes))) + "]"
    message = f'{GroupKind(group, kind)} "{name}" is invalid: {words}'
    listed = [{"reason": cause.reason, "message": cause.message, "field": cause.field} for cause in causes]
    return APIError(422, "Invalid", message, name=name, group=group, kind=kind, causes=listed)


def _unique(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))


def bad_request(message: str) -> APIError:
    """400: the request itself is malformed."""
    return APIError(400, "BadRequest", message)


def no_kind(kind: str, api_version: str) -> str:
    """Returns the server's message for a kind that it does not know."""
    return f'no kind "{kind}" is registered for version "{api_version}" in scheme "pkg/runtime/scheme.go:111"'


def unauthorized() -> APIError:
    """401: no token, or one that is not known."""
    return APIError(401, "Unauthorized", "Unauthorized")


def forbidden(what: GroupResource, name: str, why: str) -> APIError:
    """403: known and not allowed."""
    target = f'{what} "{name}"' if name else str(what)
    return APIError(403, "Forbidden", f"{target} is forbidden: {why}", name=name, group=what.group, kind=what.resource)


def method_not_allowed() -> APIError:
    """405: the path does not have this method."""
    error = APIError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
    error.writes_empty_details = True
    return error


def not_representable(available: Sequence[str]) -> APIError:
    """406: none of the client's media types is one the path answers in."""
    error = APIError(406, "NotAcceptable", f"406: Not Acceptable\n\nAvailable representations: {', '.join(available)}")
    error.writes_empty_details = True
    return error


def not_acceptable(accepted: Sequence[str]) -> APIError:
    """406: the media type would do, but not the form that its parameters ask for."""
    message = f"only the following media types are accepted: {', '.join(accepted)}"
    return APIError(406, "NotAcceptable", message)


def too_large(why: str) -> APIError:
    """413: more than the server reads."""
    return APIError(413, "RequestEntityTooLarge", f"Request entity too large: {why}")


def unsupported_media_type(accepted: Sequence[str]) -> APIError:
    """415: the body comes in a form this resource does not take."""
    message = f"the body of the request was in an unknown format - accepted media types include: {', '.join(accepted)}"
    return APIError(415, "UnsupportedMediaType", message)


def expired(message: str) -> APIError:
    """410: the resource version or continue token is too old."""
    return APIError(410, "Expired", message)


def timeout() -> APIError:
    """504: a request takes longer than requests may."""
    return APIError(504, "Timeout", "Timeout: request did not complete within the allotted timeout")


def too_large_resource_version(asked: int, current: int) -> APIError:
    """504: the version has not been reached yet."""
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    message = f"Too large resource version: {asked}, current: {current}"
    return APIError(504, "Timeout", f"Timeout: {message}", causes=[cause], retryAfterSeconds=1)


def too_many_requests(message: str, *, retry_after: int = 0, cause: dict[str, str] | None = None) -> APIError:
    """429: not now; an eviction that a disruption budget stops is one."""
    causes = [cause] if cause else None
    return APIError(429, "TooManyRequests", message, causes=causes, retryAfterSeconds=retry_after or None)


def not_implemented(message: str) -> APIError:
    """501: a real server has it, the sandbox does not; so that no empty answer is taken for one."""
    return APIError(501, "NotImplemented", message)


def internal(message: str) -> APIError:
    """500: the server could not make sense of it; the real server gives such errors no reason."""
    return APIError(500, "", message)
