"""Which requests change something, and which of them a protection level lets through. Pure.

The guard sits where requests leave (`GuardedTransport`), not in the magics, so object methods and
clientset calls made through a guarded client fall under the same rule. A request is judged by its HTTP
method and subresource: ``exec``, ``attach``, ``portforward`` and ``proxy`` count as changes because they reach
into the workload; access reviews and dry runs do not, because nothing stays.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmagic.rest.request import Request

__all__ = ("DEFAULT_RULES", "Access", "Level", "Rules", "access_of", "level_of", "refusal")


class Level(Enum):
    """How carefully a target is treated, from least to most."""

    FREE = "free"  # sandboxes and clusters on this machine: changes run at once
    CAUTIOUS = "cautious"  # an unknown cluster: changes run and show what they changed
    PROTECTED = "protected"  # production: a change is first a plan
    READONLY = "readonly"  # nothing is changed


class Access(Enum):
    """What a request does."""

    READ = "read"
    CHANGE = "change"
    REACH = "reach"  # into a running workload: exec, attach, port-forward, proxy


@dataclass(frozen=True)
class Rules:
    """What decides a target's level; the first that matches wins, in the order of the fields.

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
    host = urlsplit(server).hostname or ""
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


def access_of(request: Request) -> Access:
    """Whether a request reads, changes, or reaches into a workload."""
    segments = _subresource_segments(request)
    if _REACHING.intersection(segments):
        return Access.REACH
    if request.method in ("GET", "HEAD", "OPTIONS") or ("dryRun", "All") in request.query:
        return Access.READ
    if request.method == "POST" and _posted_resource(request) in _QUESTIONS:
        return Access.READ
    return Access.CHANGE


def refusal(level: Level, access: Access, approved: bool = False) -> str:
    """Why a request may not be sent, or "".

    Args:
        level: The target's level.
        access: What the request does.
        approved: The request belongs to a plan the user approved.
    """
    if access is Access.READ or level in (Level.FREE, Level.CAUTIOUS):
        return ""
    if level is Level.READONLY:
        return "this target is read-only"
    return "" if approved else "this target is protected: a change is first a plan, then applied"


def _subresource_segments(request: Request) -> Sequence[str]:
    """What follows the object's name in the path; raw requests have only their path to tell."""
    if request.subresource:
        return request.subresource.split("/")[:1]
    return _split_path(request.path)[2]


def _posted_resource(request: Request) -> str:
    if request.resource:
        return request.resource
    group, resource, _ = _split_path(request.path)
    return f"{resource}.{group}" if group else resource


def _split_path(path: str) -> tuple[str, str, Sequence[str]]:
    """Group, resource and the subresource's segments of an API path; empty parts where it is none.

    ``/api/v1/namespaces/shop/pods/web-0/exec`` is ("", "pods", ["exec"]).
    """
    parts = path.split("?")[0].strip("/").split("/")
    match parts:
        case ["api", _, *rest]:
            group = ""
        case ["apis", group, _, *rest]:
            pass
        case _:
            return "", "", ()
    # A namespace's own subresources (status, finalize) are no objects inside of it.
    if len(rest) > 2 and rest[0] == "namespaces" and rest[2] not in ("status", "finalize"):
        rest = rest[2:]
    return group, rest[0] if rest else "", rest[2:3]
