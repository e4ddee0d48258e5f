"""Every error kmagic raises, as one tree.

    KubeError
     ├─ ConfigError            kubeconfig, context, in-cluster files: what is wrong before any request
     │   └─ EmptyConfigError   there is none at all: no file, variable or Pod names a server
     ├─ AuthError              credentials could not be had: plugin, token file, refresh
     ├─ TransportError         no answer from the server
     │   ├─ ConnectError       could not connect at all
     │   ├─ ProtocolError      what came is no HTTP, or beyond a limit
     │   └─ TimeoutError       no answer in time
     ├─ StatusError            the server answered with a Status; one class a reason
     │   ├─ BadRequestError  UnauthorizedError  ForbiddenError  NotFoundError  MethodNotAllowedError
     │   ├─ NotAcceptableError  AlreadyExistsError  ConflictError  ExpiredError  InvalidError
     │   ├─ RequestEntityTooLargeError  UnsupportedMediaTypeError  TooManyRequestsError
     │   └─ InternalServerError  ServiceUnavailableError  ServerTimeoutError  GatewayTimeoutError
     ├─ ArgumentError          an argument that cannot be meant; Python's kind of it as well
     ├─ DecodeError            bytes that are not what they should be
     ├─ NoMatchError           no resource or kind of that name on this server
     │   └─ AmbiguousMatchError   several, and nothing says which
     ├─ SyncError              a cache did not fill; carries the last list or watch error
     ├─ StreamError            exec, attach, port-forward or log stream ended wrongly
     ├─ WaitError              a condition was not met in time, or can no longer be met
     ├─ ManifestsError         some of several manifests failed; `.results` has what came of each
     ├─ LoopThreadError        synchronous code was called on the event loop's own thread
     ├─ ForkError              a forked process used what its parent had made
     └─ magics: UsageError (bad input), ProtectedError (not allowed here), GateError (an unapplied plan)

A message says what was tried, on which object, what came back and what to do next. Messages never hold
credentials or Secret data. Lower-level exceptions are chained with ``from`` and do not leak their types.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = (
    "AlreadyExistsError",
    "AmbiguousMatchError",
    "ArgumentError",
    "AuthError",
    "BadRequestError",
    "ConfigError",
    "ConflictError",
    "ConnectError",
    "DecodeError",
    "EmptyConfigError",
    "ExpiredError",
    "ForbiddenError",
    "ForkError",
    "GateError",
    "GatewayTimeoutError",
    "InternalServerError",
    "InvalidError",
    "KubeError",
    "LoopThreadError",
    "ManifestsError",
    "MethodNotAllowedError",
    "NoMatchError",
    "NotAcceptableError",
    "NotFoundError",
    "ProtectedError",
    "ProtocolError",
    "RequestEntityTooLargeError",
    "ServerTimeoutError",
    "ServiceUnavailableError",
    "StatusError",
    "StreamError",
    "SyncError",
    "TimeoutError",
    "TooManyRequestsError",
    "TransportError",
    "UnauthorizedError",
    "UnsupportedMediaTypeError",
    "UsageError",
    "WaitError",
    "status_error",
)

# Longer than anybody waits, in seconds.
_FOREVER = 1e9


class KubeError(Exception):
    """The root: ``except kmagic.KubeError`` catches everything kmagic raises on purpose.

    Cure: read `.hint`, then the class that was raised.

    Attributes:
        hint: Next step, one sentence or command a line, or "" when the message says it all.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    @property
    def message(self) -> str:
        """The error in one sentence, without the hint."""
        return str(self.args[0]) if self.args else ""

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class ConfigError(KubeError):
    """The configuration is missing, unreadable or contradicts itself; no request was made.

    Cure: name a file and a context (``Client(kubeconfig=…, context=…)``, `%kctx`), or mend what the message names.
    """


class EmptyConfigError(ConfigError):
    """There is no configuration at all: no kubeconfig that says anything, and this is no Pod.

    Cure: set KUBECONFIG, write ~/.kube/config, or start a sandbox (`%ksandbox start`).
    """


class ArgumentError(KubeError, ValueError):
    """An argument cannot be meant: a name, a selector, a port, a duration; nothing was sent.

    Cure: correct the argument that the message names.
    """


class AuthError(KubeError):
    """Credentials could not be obtained (exec plugin, token file, OIDC refresh); log in again.

    Cure: run the login command of your cluster again, or look at the plugin's own output in the message.
    """


class TransportError(KubeError):
    """The request got no usable answer; the server may or may not have seen it.

    Cure: look at the subclass: only some may be repeated without a look at the object first.

    Attributes:
        request: The request that failed, or None where none had been made yet.
    """

    def __init__(self, message: str, *, request: object | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.request = request


class ConnectError(TransportError):
    """The connection could not be made, so the server did not see the request: safe to repeat.

    Cure: check the server's address, the VPN or the proxy; then repeat it.
    """


class ProtocolError(TransportError):
    """The peer broke the rules of HTTP or a limit of what one answer may hold; the same request would end the same way.

    Cure: check that the address is an API server's, and no proxy or login page answers in its place.
    """


class TimeoutError(TransportError):  # noqa: A001  # the field's word; callers write kmagic.errors.TimeoutError
    """No answer within the timeout.

    Cure: read the object before you repeat a change: the first one may have been done.
    """


class StatusError(KubeError):
    """The server refused the request. Subclasses are chosen by the Status' reason, else by its HTTP code.

    Cure: read `.status` and `.causes`.

    Attributes:
        status: The Status object as a dict: ``{"reason": "NotFound", "code": 404, "message": ..., "details": {...}}``.
        request: The request that was refused, or None for an error event inside a watch.
    """

    reason: ClassVar[str] = ""
    code: ClassVar[int] = 0

    def __init__(
        self, message: str, *, status: Mapping[str, Any] | None = None, request: object | None = None, hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.status: dict[str, Any] = dict(status or {})
        self.request = request

    @property
    def causes(self) -> Sequence[Mapping[str, Any]]:
        """The Status' causes: ``[{"reason": "FieldValueRequired", "field": "spec.x", "message": ...}]``."""
        found = self.details.get("causes")
        return [each for each in found if isinstance(each, dict)] if isinstance(found, list | tuple) else ()

    @property
    def retry_after(self) -> float | None:
        """Seconds the server asked to wait, or None."""
        seconds = self.details.get("retryAfterSeconds")
        if not isinstance(seconds, int | float) or isinstance(seconds, bool) or seconds <= 0:
            return None
        return float(min(seconds, _FOREVER))

    @property
    def details(self) -> dict[str, Any]:
        """The Status' details, about the object: ``{"kind": "pods", "name": "web", "group": ""}``; {} without any."""
        found = self.status.get("details")
        return found if isinstance(found, dict) else {}


class BadRequestError(StatusError):
    """The request itself is malformed; correct it, do not repeat it.

    Cure: correct what the message names.
    """

    reason: ClassVar[str] = "BadRequest"
    code: ClassVar[int] = 400


class UnauthorizedError(StatusError):
    """The server does not know who you are: the credentials are missing, wrong or expired.

    Cure: log in again; for a ServiceAccount, check its token's age and audience.
    """

    reason: ClassVar[str] = "Unauthorized"
    code: ClassVar[int] = 401


class ForbiddenError(StatusError):
    """You are known and not allowed; ask for the verb on the resource that the message names.

    Cure: `%kauth can-i VERB RESOURCE` asks the same question; a Role and its RoleBinding give the right.
    """

    reason: ClassVar[str] = "Forbidden"
    code: ClassVar[int] = 403


class NotFoundError(StatusError):
    """No such object, or no such resource type on this server.

    Cure: check name, namespace and context; `get_or_none` returns None instead.
    """

    reason: ClassVar[str] = "NotFound"
    code: ClassVar[int] = 404


class MethodNotAllowedError(StatusError):
    """The resource does not have this verb.

    Cure: `%kapi-resources -o wide` lists the verbs of each resource.
    """

    reason: ClassVar[str] = "MethodNotAllowed"
    code: ClassVar[int] = 405


class NotAcceptableError(StatusError):
    """The server cannot answer in the form that was asked for.

    Cure: ask for JSON, or for no Table.
    """

    reason: ClassVar[str] = "NotAcceptable"
    code: ClassVar[int] = 406


class AlreadyExistsError(StatusError):
    """An object of this name exists; apply or update it instead of creating it.

    Cure: `apply` makes or changes; or choose another name.
    """

    reason: ClassVar[str] = "AlreadyExists"
    code: ClassVar[int] = 409


class ConflictError(StatusError):
    """Someone else changed the object, or owns the field; read again and retry.

    Cure: `edit` and `retry_on_conflict` read and try again; for a field of another manager, ``force=True`` takes
    it.
    """

    reason: ClassVar[str] = "Conflict"
    code: ClassVar[int] = 409


class ExpiredError(StatusError):
    """The resource version or continue token is too old; list again.

    Cure: list again without a resource version; informers and `pages` do so by themselves.
    """

    reason: ClassVar[str] = "Expired"
    code: ClassVar[int] = 410


class InvalidError(StatusError):
    """The object does not pass validation; ``.causes`` names the fields.

    Cure: correct each field of `.causes`; `%kexplain` says what a field means.
    """

    reason: ClassVar[str] = "Invalid"
    code: ClassVar[int] = 422


class RequestEntityTooLargeError(StatusError):
    """The object is bigger than the server accepts.

    Cure: split the object, or keep the data elsewhere.
    """

    reason: ClassVar[str] = "RequestEntityTooLarge"
    code: ClassVar[int] = 413


class UnsupportedMediaTypeError(StatusError):
    """The server does not take this content type, for example a strategic patch of a custom resource.

    Cure: use a merge patch or `apply`.
    """

    reason: ClassVar[str] = "UnsupportedMediaType"
    code: ClassVar[int] = 415


class TooManyRequestsError(StatusError):
    """The server, or a disruption budget, says not now; retry after ``.retry_after`` seconds.

    Cure: wait `.retry_after` seconds; for an eviction, until the disruption budget allows one.
    """

    reason: ClassVar[str] = "TooManyRequests"
    code: ClassVar[int] = 429


class InternalServerError(StatusError):
    """The server failed; repeating an idempotent request may help.

    Cure: look at the server's log; a webhook that fails is named in the message.
    """

    reason: ClassVar[str] = "InternalError"
    code: ClassVar[int] = 500


class ServiceUnavailableError(StatusError):
    """The server, or the aggregated API behind it, is not there now.

    Cure: wait and repeat; for an aggregated API, look at its APIService.
    """

    reason: ClassVar[str] = "ServiceUnavailable"
    code: ClassVar[int] = 503


class ServerTimeoutError(StatusError):
    """The server could not do it in time and did not start; safe to repeat.

    Cure: repeat it.
    """

    reason: ClassVar[str] = "ServerTimeout"
    code: ClassVar[int] = 504


class GatewayTimeoutError(StatusError):
    """The request ran out of time on the server; it may have been done.

    Cure: read the object before you repeat a change.
    """

    reason: ClassVar[str] = "Timeout"
    code: ClassVar[int] = 504


class DecodeError(KubeError):
    """Bytes from the server or a file are not what they should be.

    Cure: look at the place that the message names: a file of another kind, or a proxy's page.
    """


class NoMatchError(KubeError):
    """The server has no resource or kind of that name.

    Cure: `.suggestions`, `%kapi-resources`; for a custom resource, check that its definition is installed.

    Attributes:
        suggestions: Names the user may have meant, best first.
    """

    def __init__(self, message: str, *, suggestions: Sequence[str] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.suggestions: tuple[str, ...] = tuple(suggestions)


class AmbiguousMatchError(NoMatchError):
    """Several resources answer to that name and none is preferred; say the group.

    Cure: write ``NAME.GROUP``.
    """


class SyncError(KubeError):
    """A cache did not fill in time; ``__cause__`` is the last list or watch error where there was one.

    Cure: mend the cause, mostly a missing right to list and watch, or give it more time.
    """


class StreamError(KubeError):
    """An exec, attach, port-forward, copy or log stream broke or ended in an error.

    Cure: look at `.stdout` and `.stderr`, and whether the container still runs.

    Attributes:
        stdout: The command's standard output so far.
        stderr: Likewise to standard error.
    """

    stdout: bytes = b""
    stderr: bytes = b""


class WaitError(KubeError):
    """The awaited condition was not met in time, or can no longer be met; the message says the last state.

    Cure: the last state in the message says what is missing; events and logs say why.
    """


class ManifestsError(KubeError):
    """Some of several manifests could not be carried out, each for a reason of its own.

    Cure: look at the `.error` of each of `.results`; apply what failed again.

    Attributes:
        results: The outcomes of all of them, each a `kmagic.client.manifests.Result`.
    """

    def __init__(self, message: str, *, results: Sequence[Any] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.results: Sequence[Any] = results


class LoopThreadError(KubeError):
    """Synchronous code ran on the event loop's own thread, where it would wait for itself for ever.

    Cure: use `AsyncClient` there, or a thread.
    """


class ForkError(KubeError):
    """Something that has connections or a thread was used in a forked process; it stays with the one that made it.

    Cure: make a client in the forked process.
    """


class UsageError(KubeError):
    """A magic was given something it cannot take; the message ends with the nearest example.

    Cure: take the example in the message; `%khelp VERB` lists the flags.
    """


class ProtectedError(KubeError):
    """The target is protected or read-only and the change was not sent.

    Cure: plan the change, then confirm it, or choose another context; notebook 15 shows how.
    """


class GateError(KubeError):
    """A plan waits for approval, so later changes do not run.

    Cure: apply the plan or drop it, then run the cell again.
    """


# Reasons that are another class's twin on the wire.
_ALIASES = {"Gone": ExpiredError}
_STATUS_ERRORS: tuple[type[StatusError], ...] = tuple(StatusError.__subclasses__())
# Reasons of the API that have no class here.
_WITHOUT_CLASS = frozenset({"StorageReadError"})
_BY_REASON: dict[str, type[StatusError]] = {cls.reason: cls for cls in _STATUS_ERRORS} | _ALIASES
# 409 is Conflict and 504 Timeout unless the reason says otherwise.
_BY_CODE: dict[int, type[StatusError]] = {cls.code: cls for cls in _STATUS_ERRORS} | {
    409: ConflictError,
    504: GatewayTimeoutError,
}


def status_error(reason: str, code: int) -> type[StatusError]:
    """Returns the class for a Status: by its reason, else by its code, else `StatusError` itself.

    A code counts only where the reason is none of the API's: a read error of the store is no internal error, though
    its code is 500.

    Source: k8s.io/apimachinery/pkg/api/errors (StatusReason).
    """
    if reason in _WITHOUT_CLASS:
        return StatusError
    return _BY_REASON.get(reason) or _BY_CODE.get(code) or StatusError
