"""The Pods behind an object, in the order in which kubectl prefers them.

What goes into one Pod (exec, attach, port-forward, copy) wants the most active: running, ready, ready for longest.
A reader of logs needs the Pod with the most to show. A Pod that has ended accepts no connection.

Source: k8s.io/kubectl/pkg/polymorphichelpers (helpers.go, attachablepodforobject.go, logsforobject.go),
k8s.io/kubectl/pkg/util/podutils/podutils.go (ActivePods, ByLogging).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kmagic.api import meta
from kmagic.api.door import reads_objects
from kmagic.api.selectors import label_selector_of
from kmagic.api.trouble import ENDED, is_ready, trouble_of
from kmagic.client.codec import DictCodec
from kmagic.client.resource import AsyncResource
from kmagic.errors import ArgumentError, BadRequestError, NotFoundError
from kmagic.rest.resource import APIResource

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kmagic.api.types import JSONObject
    from kmagic.client.rest import RESTClient

__all__ = (
    "PODS",
    "by_activity",
    "by_logging",
    "most_active",
    "pod_named",
    "pod_selector",
    "pods_of",
    "require_some",
    "selecting",
    "state_of",
)

PODS = APIResource("", "v1", "pods", "Pod", True)
# What selects Pods, by the names kubectl takes; it saves a look at discovery.
_SELECTING = {
    alias: APIResource(group, "v1", plural, kind, True)
    for group, plural, kind, short in (
        ("", "services", "Service", "svc"),
        ("", "replicationcontrollers", "ReplicationController", "rc"),
        ("apps", "deployments", "Deployment", "deploy"),
        ("apps", "replicasets", "ReplicaSet", "rs"),
        ("apps", "statefulsets", "StatefulSet", "sts"),
        ("apps", "daemonsets", "DaemonSet", "ds"),
        ("batch", "jobs", "Job", "job"),
    )
    for alias in (short, plural, kind.lower())
}
_SELECTING_KINDS = frozenset(each.kind for each in _SELECTING.values())
# The kinds whose selector is a plain map of labels.
_PLAIN = ("Service", "ReplicationController")
# Later than every time the API writes.
_NEVER = "~"


def selecting(name: str) -> tuple[APIResource, str]:
    """Resolves ``TYPE/NAME`` or a Pod's bare name.

    Raises:
        ArgumentError: Neither a Pod nor a type that selects Pods.
    """
    kind, slash, rest = name.rpartition("/")
    if not slash or (rest and kind in ("pod", "pods", "po")):
        return PODS, rest
    if not rest or kind not in _SELECTING:
        known = ", ".join(sorted({item.kind.lower() for item in _SELECTING.values()}))
        raise ArgumentError(f'"{name}" is neither a Pod nor <type>/<name> with a type of: {known}')
    return _SELECTING[kind], rest


async def pod_named(rest: RESTClient, namespace: str | None, name: str, doing: str) -> str:
    """The name of the Pod to go into for a Pod's name, which is not looked at, or for ``deploy/web``.

    Args:
        rest: Client that sends the requests.
        namespace: Namespace of the Pod.
        name: As `selecting` takes it.
        doing: Purpose, for the error: ``exec into a container in``.

    Raises:
        ArgumentError: As `selecting`.
        NotFoundError: No such object, or no Pod behind it.
        BadRequestError: The Pods behind it have ended.
    """
    resource, own = selecting(name)
    if resource is PODS:
        return own
    owner = await AsyncResource(rest, resource, DictCodec(), namespace).get(own)
    found = await pods_of(AsyncResource(rest, PODS, DictCodec(), namespace), owner)
    return meta.name(most_active(found, doing))


async def pods_of(pods: AsyncResource[JSONObject], owner: JSONObject) -> list[JSONObject]:
    """The Pods that an object stands for: itself, or those it selects, at least one, in no order.

    Args:
        pods: The Pods of its namespace.
        owner: A Pod, or what selects Pods.

    Raises:
        ArgumentError: It is nothing that selects Pods.
        NotFoundError: There are none behind it.
    """
    if owner.get("kind") == "Pod":
        return [owner]
    labels = pod_selector(owner)
    return require_some((await pods.list(label_selector=labels)).items, labels, pods.namespace)


@reads_objects
def pod_selector(owner: JSONObject) -> str:
    """The label selector of the Pods behind an object.

    Raises:
        ArgumentError: It selects no Pods.
    """
    kind = str(owner.get("kind"))
    spec: JSONObject = owner.get("spec") or {}
    selector: Any = spec.get("selector")
    # Others that select (claims select volumes, policies what they limit) do not stand for Pods.
    if not selector or (kind not in _SELECTING_KINDS and "template" not in spec):
        raise ArgumentError(f'{kind} "{meta.name(owner)}" selects no Pods')
    return str(label_selector_of({"matchLabels": selector} if kind in _PLAIN else selector))


@reads_objects
def most_active(pods: Iterable[JSONObject], doing: str) -> JSONObject:
    """The Pod to go into.

    Args:
        pods: The candidates, at least one.
        doing: Purpose, for the error: ``exec into a container in``.

    Raises:
        BadRequestError: Every one of them has ended.
    """
    first = by_activity(pods)[0]
    phase = _phase(first)
    if phase in ENDED:
        reason = (first.get("status") or {}).get("reason")
        raise BadRequestError(
            f"cannot {doing} a completed pod; current phase is {phase}"
            + (f" ({reason})" if reason else "")
            + f": {meta.name(first)}",
            status={"reason": "BadRequest", "code": 400},
            hint="%kget pods shows which Pods run",
        )
    return first


@reads_objects
def by_activity(pods: Iterable[JSONObject]) -> list[JSONObject]:
    """The most active Pod first: on a node, running, ready, staying, ready for longest, least restarted, oldest."""

    def rank(pod: JSONObject) -> tuple[Any, ...]:
        return (
            not _node(pod),
            {"Running": 0, "Unknown": 1}.get(_phase(pod), 2),
            not is_ready(pod, deleted_too=True),
            bool(meta.deletion_timestamp(pod)),
            # Of those that go, the one that goes last.
            tuple(-ord(digit) for digit in meta.deletion_timestamp(pod)),
            _ready_since(pod),
            _restarts(pod),
            meta.creation_timestamp(pod) or _NEVER,
            meta.name(pod),
        )

    return sorted(pods, key=rank)


@reads_objects
def by_logging(pods: Iterable[JSONObject]) -> list[JSONObject]:
    """The Pod whose log says most first: on a node, run (or still running), ready, most restarted, oldest."""

    def rank(pod: JSONObject) -> tuple[Any, ...]:
        regular, sidecars = _restarts(pod)
        return (
            not _node(pod),
            {"Unknown": 1, "Pending": 2}.get(_phase(pod), 0),
            not is_ready(pod, deleted_too=True),
            _ready_since(pod),
            (-regular, -sidecars),
            meta.creation_timestamp(pod) or _NEVER,
            meta.name(pod),
        )

    return sorted(pods, key=rank)


@reads_objects
def state_of(pod: JSONObject) -> str:
    """Returns the state of a Pod in a word: ``ImagePullBackOff``, ``Unschedulable``, else its phase."""
    if meta.deletion_timestamp(pod):
        return "Terminating"
    trouble = trouble_of({**pod, "kind": "Pod"})
    return trouble.reason if trouble else f"{_phase(pod) or 'Unknown'}, not ready"


def require_some(pods: list[JSONObject], labels: str, namespace: str | None) -> list[JSONObject]:
    """The same Pods, which are some.

    Raises:
        NotFoundError: There are none.
    """
    if pods:
        return pods
    where = f" in namespace {namespace}" if namespace else ""
    raise NotFoundError(
        f"no Pods match {labels}{where}",
        status={"reason": "NotFound", "code": 404},
        hint="%kget pods --show-labels shows the labels",
    )


def _conditions(pod: JSONObject) -> list[JSONObject]:
    return (pod.get("status") or {}).get("conditions") or []


def _node(pod: JSONObject) -> str:
    return str((pod.get("spec") or {}).get("nodeName") or "")


def _phase(pod: JSONObject) -> str:
    return str((pod.get("status") or {}).get("phase") or "")


def _ready_since(pod: JSONObject) -> str:
    ready = (item for item in _conditions(pod) if item.get("type") == "Ready" and item.get("status") == "True")
    return next((str(item.get("lastTransitionTime") or _NEVER) for item in ready), _NEVER)


def _restarts(pod: JSONObject) -> tuple[int, int]:
    """The most restarts of a container, and of a sidecar."""
    status: JSONObject = pod.get("status") or {}
    sidecars = {
        each.get("name")
        for each in (pod.get("spec") or {}).get("initContainers") or ()
        if each.get("restartPolicy") == "Always"
    }
    inits = [each for each in status.get("initContainerStatuses") or () if each.get("name") in sidecars]
    return _most(status.get("containerStatuses") or ()), _most(inits)


def _most(statuses: Iterable[JSONObject]) -> int:
    return max((int(each.get("restartCount") or 0) for each in statuses), default=0)
