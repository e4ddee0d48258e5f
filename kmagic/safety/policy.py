"""The requests that change something, and those that a protection level lets through. Pure.

The guard sits where requests leave (`GuardedTransport`), not in the magics, so object methods and
clientset calls made through a guarded client fall under the same rule. A request is judged by the bytes that go
out, as kube-apiserver reads them (method, path without its escapes, query, and the body of a deletion), never by what
it says of itself: ``exec``, ``attach``, ``portforward`` and ``proxy`` count as changes because they reach into the
workload; access reviews and dry runs do not, because nothing stays.

Source: k8s.io/apiserver/pkg/endpoints/request/requestinfo.go, .../endpoints/handlers/delete.go.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from kmagic.api.door import read_object
from kmagic.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kmagic.rest.request import Request

__all__ = ("DEFAULT_RULES", "Access", "Level", "Rules", "access_of", "level_of", "refusal", "strictest")


class Level(Enum):
    """The protection of a target, from least to most."""

    FREE = "free"  # sandboxes and clusters on this machine: changes run at once
    CAUTIOUS = "cautious"  # an unknown cluster: changes run and show what they changed
    PROTECTED = "protected"  # production: a change is first a plan
    READONLY = "readonly"  # nothing is changed


class Access(Enum):
    """The effect of a request."""

    READ = "read"
    CHANGE = "change"
    REACH = "reach"  # into a running workload: exec, attach, port-forward, proxy
    UNCLEAR = "unclear"  # a path that others may read otherwise than it is written


@dataclass(frozen=True)
class Rules:
    """The rules of a target's level; the first that matches wins, in the order of the fields.

    Attributes:
        readonly: Contexts that may only be read.
        free: Contexts the user declared harmless although their name looks otherwise.
        protected: Contexts, namespaces and clusters that are protected whatever they are called.
    """

    readonly: frozenset[str] = frozenset()
    free: frozenset[str] = frozenset()
    protected: frozenset[str] = frozenset({"kube-system", "kube-public", "kube-node-lease"})


DEFAULT_RULES = Rules()

# Matches EKS ARNs, gke_acme-prod_eu and prd1; not reproduction, delivery, olive or preprod.
_PRODUCTION = re.compile(r"(?i)(^|[-_./:@])(prod|prd|live|production)([-_./:@0-9]|$)")
_LOCAL_CONTEXT = re.compile(
    r"(?i)^(kind-.*|minikube.*|k3d-.*|docker-desktop|rancher-desktop|orbstack|kmagic-sandbox|sandbox)$"
)
_LOOPBACK = re.compile(r"^(localhost|127(\.\d{1,3}){3}|::1)$")
_REACHING = frozenset({"exec", "attach", "portforward", "proxy"})
# Created to be answered: the server keeps nothing.
_QUESTIONS = frozenset(
    {
        "selfsubjectaccessreviews.authorization.k8s.io",
        "selfsubjectrulesreviews.authorization.k8s.io",
        "subjectaccessreviews.authorization.k8s.io",
        "localsubjectaccessreviews.authorization.k8s.io",
        "selfsubjectreviews.authentication.k8s.io",
    }
)


def level_of(context: str, cluster: str, server: str, namespace: str, rules: Rules = DEFAULT_RULES) -> Level:
    """The protection level of a target.

    Args:
        context: Name of the context; "" where there is none (in a cluster).
        cluster: Name of the cluster in the kubeconfig.
        server: URL of the API server.
        namespace: The namespace worked in; some are protected wherever they are, except on this machine.
        rules: The user's own lists.
    """
    host = _host(server)
    names = (context, cluster, host)
    if context in rules.readonly:
        return Level.READONLY
    if context in rules.free:
        return Level.FREE
    if any(name in rules.protected or _PRODUCTION.search(name) for name in names if name):
        return Level.PROTECTED
    if _LOCAL_CONTEXT.match(context) or _LOOPBACK.match(host):
        return Level.FREE
    if namespace in rules.protected:
        return Level.PROTECTED
    return Level.CAUTIOUS


def strictest(levels: Iterable[Level]) -> Level:
    """The most careful of some levels."""
    return max(levels, key=list(Level).index)


def _host(server: str) -> str:
    try:
        return urlsplit(server).hostname or ""
    except ValueError:
        return server  # no address; nothing in it shall be less than what its letters say


def access_of(request: Request) -> Access:
    """Returns whether a request reads, changes, or reaches into a workload."""
    if "?" in request.path or "#" in request.path:
        return Access.UNCLEAR
    # The server may or may not clean a path (//, .., .) before it reads it: the more careful reading counts.
    as_written = unquote(request.path).strip("/").split("/")
    readings = [_Path.read(parts) for parts in (as_written, _cleaned(as_written))]
    if any(path.reaches for path in readings):
        return Access.REACH
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return Access.READ
    if all(path.resource and _keeps_nothing(request, path) for path in readings):
        return Access.READ
    return Access.CHANGE


def refusal(level: Level, access: Access, approved: bool = False) -> str:
    """Returns the reason why a request may not be sent, or "".

    Args:
        level: The target's level.
        access: The effect of the request.
        approved: The request belongs to a plan the user approved.
    """
    if access is Access.READ or level in (Level.FREE, Level.CAUTIOUS):
        return ""
    if access is Access.UNCLEAR:
        return "its path holds ? or #, so it cannot be judged: give the query as query="
    if level is Level.READONLY:
        return "this target is read-only"
    return "" if approved else "this target is protected: a change is first a plan, then applied"


@dataclass(frozen=True)
class _Path:
    """An API path as the server takes it apart; ``/api/v1/namespaces/shop/pods/web-0/exec`` is pods, web-0, exec."""

    resource: str = ""  # "" where it is no path of an API
    name: str = ""
    subresource: str = ""

    @classmethod
    def read(cls, parts: Sequence[str]) -> _Path:
        match parts:
            case ["api", _, *rest]:
                group = ""
            case ["apis", group, _, *rest]:
                pass
            case _:
                return cls()
        if rest[:1] == ["proxy"]:
            return cls("proxy", subresource="proxy")
        if rest[:1] == ["watch"]:
            rest = rest[1:]
        # A namespace's own subresources (status, finalize) are no objects inside of it.
        if len(rest) > 2 and rest[0] == "namespaces" and rest[2] not in ("status", "finalize"):
            rest = rest[2:]
        resource, name, subresource, *_ = [*rest, "", "", ""]
        return cls(f"{resource}.{group}" if group else resource, name, subresource)

    @property
    def reaches(self) -> bool:
        """True if it leads into a workload."""
        return self.subresource in _REACHING


def _cleaned(parts: Sequence[str]) -> list[str]:
    found: list[str] = []
    for part in parts:
        if part == "..":
            del found[-1:]
        elif part not in ("", "."):
            found.append(part)
    return found


def _keeps_nothing(request: Request, path: _Path) -> bool:
    """Returns whether a write is a question, or a dry run where the server looks for it."""
    if request.method == "POST" and path.resource in _QUESTIONS and not path.name:
        return True
    if path.subresource == "token":
        return False  # a dry run hands out a token all the same
    if request.method == "DELETE" and request.body:
        return _says_dry_run(request.body)  # the server reads options from the query only where there is no body
    asked = {value for key, value in request.query if key == "dryRun"}
    return asked == {"All"}


def _says_dry_run(body: bytes) -> bool:
    # An escape, or the word twice, could be read in two ways.
    if b"\\" in body or body.count(b"dryRun") != 1:
        return False
    try:
        options = read_object(body, "the options")
    except DecodeError:
        return False
    return bool(options.get("dryRun") == ["All"])
