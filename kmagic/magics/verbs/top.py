"""``%ktop``: the CPU and memory that Pods, containers and nodes use, beside what they ask for and may use.

Source: k8s.io/kubectl/pkg/cmd/top (top_pod.go, top_node.go).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from IPython.display import display

from kmagic.api import meta
from kmagic.api.times import instant
from kmagic.errors import KubeError, NotFoundError
from kmagic.magics.results.cards import keep_result
from kmagic.magics.results.saved import is_notebook
from kmagic.magics.results.usage import Columns, KTop, Usage
from kmagic.magics.work.fetch import scope_of
from kmagic.rest.resource import APIResource
from kmagic.views.usage import Amount, amount_of, container_wish, pod_wish, total

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session
    from kmagic.magics.work.fetched import Scope

__all__ = ("run",)

_GROUP = "metrics.k8s.io"
_VERSIONS = ("v1", "v1beta1")
_NEW_SECONDS = 120.0


@dataclass(frozen=True)
class _Question:
    """One reading.

    Attributes:
        scope: Namespace and selectors.
        name: "" for all.
        with_wishes: Also what Pods ask for, which a page shows.
    """

    command: Command
    client: AsyncClient
    scope: Scope
    name: str
    with_wishes: bool


def run(command: Command, session: Session) -> object:
    """Reads the metrics; in a page also what was asked for and is allowed, which is shown without metrics, too.

    Returns:
        A `KTop`.

    Raises:
        KubeError: The server has no metrics, or not yet.
    """
    place = session.place_for(command)
    nodes = command.row.name == "node"
    _check(command)
    namespace = None if nodes else session.namespace_for(command)
    name = command.objects[0] if command.objects else ""
    question = _Question(command, place.client, scope_of(command, namespace), name, is_notebook())
    columns = Columns(
        namespace=command.on("all-namespaces"),
        containers=command.on("containers"),
        nodes=nodes,
        swap=command.on("show-swap"),
        headers=not command.on("no-headers"),
        sum=command.on("sum"),
    )
    rows, why = session.run(command, _nodes(question) if nodes else _pods(question))
    if command.on("all-namespaces"):
        nothing = "No resources found"
    else:
        nothing = f"No resources found in {place.target.namespace} namespace."
    found = KTop(rows, columns, footer=place.target.badge, nothing="" if rows else nothing)
    if why is None:
        return found
    if question.with_wishes and rows:
        display({"text/plain": "", "text/html": found.html}, raw=True)
    keep_result(why, found)
    raise why


def _check(command: Command) -> None:
    if len(command.objects) > 1:
        raise command.usage_error(f"{command.row.name} [NAME | -l label]: one name", at=command.objects[1])
    if command.text("sort-by") not in ("", "cpu", "memory"):
        raise command.usage_error("--sort-by accepts only cpu or memory", at=command.text("sort-by"))
    if command.objects and (command.text("selector") or command.text("field-selector")):
        other = "--selector" if command.row.name == "node" else "selector"
        raise command.usage_error(f"only one of NAME or {other} can be provided")


async def _metrics(question: _Question, plural: str, kind: str) -> list[JSONObject]:
    """The metrics of one object or all.

    Raises:
        KubeError: The server has none.
    """
    groups = await question.client.discovery.groups()
    found = (each.partition("/")[2] for group in groups if group.name == _GROUP for each in group.api_versions)
    served = [version for version in found if version in _VERSIONS]
    if not served:
        raise KubeError(
            "Metrics API not available", hint="a metrics server gives them: kubernetes-sigs.github.io/metrics-server"
        )
    resource = APIResource(_GROUP, served[0], plural, kind, namespaced=plural == "pods")
    target = question.client.dynamic.resource(resource, question.scope.namespace)
    if question.name:
        return [await target.get(question.name)]
    return list((await target.list(label_selector=question.scope.labels or "")).items)


# -- Pods


async def _pods(question: _Question) -> tuple[list[Usage], KubeError | None]:
    """The rows, and why there are no metrics in them."""
    command, scope = question.command, question.scope
    why: KubeError | None = None
    try:
        metrics = await _metrics(question, "pods", "PodMetrics")
    except KubeError as error:
        if not question.with_wishes or isinstance(error, NotFoundError):
            raise
        metrics, why = [], error
    pods: list[JSONObject] = []
    if question.with_wishes or (metrics and scope.fields):
        pods = await _listed_pods(question)
        known = {_key(pod) for pod in pods}
        if scope.fields:
            metrics = [each for each in metrics if _key(each) in known]
    if not metrics and why is None:
        pods = pods or await _listed_pods(question)
        why = _no_metrics_of(question.client, pods)
    if why is not None:
        return [row for pod in pods for row in _rows(command, None, pod)] if question.with_wishes else [], why
    if command.text("sort-by"):
        metrics = sorted(metrics, key=lambda each: _order(command, _pod_used(each)))
    else:
        metrics = sorted(metrics, key=lambda each: (scope.namespace is None and meta.namespace(each), meta.name(each)))
    wishes = {_key(pod): pod for pod in pods}
    return [row for each in metrics for row in _rows(command, each, wishes.get(_key(each)))], None


def _key(obj: JSONObject) -> tuple[str, str]:
    return meta.namespace(obj), meta.name(obj)


async def _listed_pods(question: _Question) -> list[JSONObject]:
    pods = question.client.resource("pods", question.scope.namespace)
    if question.name:
        return [await pods.get(question.name)]
    listed = await pods.list(label_selector=question.scope.labels or "", field_selector=question.scope.fields or "")
    return list(listed.items)


def _no_metrics_of(client: AsyncClient, pods: Sequence[JSONObject]) -> KubeError | None:
    """The reason why the metrics of Pods are missing; None where there are no Pods."""
    for pod in pods:
        created = instant(meta.creation_timestamp(pod))
        age = (client.rest.clock.wall() - created).total_seconds() if created is not None else 0.0
        if age > _NEW_SECONDS:
            return KubeError(f"Metrics not available for pod {meta.namespace(pod)}/{meta.name(pod)}, age: {age:g}s")
    return KubeError("metrics not available yet") if pods else None


def _pod_used(metrics: JSONObject) -> Amount:
    return total(amount_of(each.get("usage")) for each in metrics.get("containers") or ())


def _order(command: Command, used: Amount) -> int:
    return -((used.cpu if command.text("sort-by") == "cpu" else used.memory) or 0)


def _rows(command: Command, metrics: JSONObject | None, pod: JSONObject | None) -> list[Usage]:
    """The rows of a Pod: one, or one for each of its containers."""
    known = metrics or pod or {}
    name, namespace = meta.name(known), meta.namespace(known)
    if not command.on("containers"):
        used = None if metrics is None else _pod_used(metrics)
        wishes = (None, None) if pod is None else (pod_wish(pod, "requests"), pod_wish(pod, "limits"))
        return [Usage(name, namespace, "", used, *wishes)]
    specs = {each.get("name"): each for each in ((pod or {}).get("spec") or {}).get("containers") or ()}
    used_by = {str(each.get("name")): amount_of(each.get("usage")) for each in (metrics or {}).get("containers") or ()}
    names = list(used_by) if metrics is not None else list(specs)
    by_use = command.text("sort-by")
    names.sort(key=lambda each: _order(command, used_by.get(each, Amount())) if by_use else each)
    return [
        Usage(
            name,
            namespace,
            each,
            used_by.get(each),
            *(
                (container_wish(specs[each], "requests"), container_wish(specs[each], "limits"))
                if each in specs
                else (None, None)
            ),
        )
        for each in names
    ]


# -- nodes


async def _nodes(question: _Question) -> tuple[list[Usage], KubeError | None]:
    """The rows, and why there are no metrics in them."""
    command = question.command
    why: KubeError | None = None
    try:
        metrics = await _metrics(question, "nodes", "NodeMetrics")
        if not metrics:
            why = KubeError("metrics not available yet")
    except KubeError as error:
        metrics, why = [], error
    if why is not None and (not question.with_wishes or isinstance(why, NotFoundError)):
        raise why
    target = question.client.resource("nodes", None)
    if question.name:
        nodes = [await target.get(question.name)]
    else:
        nodes = list((await target.list(label_selector=question.scope.labels or "")).items)
    asked = await _asked_of_nodes(question.client) if question.with_wishes else {}
    used = {meta.name(each): amount_of(each.get("usage")) for each in metrics}
    by_use = command.text("sort-by")
    names = sorted(used, key=lambda each: _order(command, used[each]) if by_use else each)
    known = {meta.name(node): node for node in nodes}
    names += [name for name in known if name not in used]
    return [_node_row(command, name, used.get(name), known.get(name), asked) for name in names], why


def _node_row(
    command: Command, name: str, used: Amount | None, node: JSONObject | None, asked: dict[str, tuple[Amount, Amount]]
) -> Usage:
    status = (node or {}).get("status") or {}
    part = "capacity" if command.on("show-capacity") else "allocatable"
    swap = ((status.get("nodeInfo") or {}).get("swap") or {}).get("capacity")
    there = amount_of({**(status.get(part) or {}), **({"swap": swap} if swap is not None else {})})
    requests, limits = asked.get(name, (None, None))
    return Usage(name, "", "", used, requests, limits, None if node is None else there)


async def _asked_of_nodes(client: AsyncClient) -> dict[str, tuple[Amount, Amount]]:
    """The requests and limits of the Pods on each node, of those that have not ended."""
    ended = "status.phase!=Succeeded,status.phase!=Failed"
    found: dict[str, tuple[Amount, Amount]] = {}
    for pod in (await client.resource("pods", None).list(field_selector=ended)).items:
        node = str((pod.get("spec") or {}).get("nodeName") or "")
        requests, limits = found.get(node, (Amount(0, 0), Amount()))
        found[node] = (requests + pod_wish(pod, "requests"), limits + pod_wish(pod, "limits"))
    return found
