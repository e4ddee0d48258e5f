"""``%kdrain``: nodes without new Pods, and without those that are there.

Source: k8s.io/kubectl/pkg/cmd/drain/drain.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api import meta
from kmagic.api.selectors import SelectorError, parse_labels
from kmagic.errors import ForbiddenError, NotFoundError, StatusError
from kmagic.magics.language.flags import DryRun
from kmagic.magics.language.warning import warn
from kmagic.magics.results.drained import KDrain
from kmagic.magics.work.changes import Changes, Step, carry_out
from kmagic.magics.work.cordoning import cordoning, nodes_of
from kmagic.magics.work.draining import Drained, Leave, drain_nodes
from kmagic.magics.work.leaving_pods import DrainOptions, Verdict, budgets_words, daemon_of, refusals, verdict, warnings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.results.outcome import Outcome
    from kmagic.magics.session.session import Session
    from kmagic.magics.work.telling import Say

__all__ = ("run",)


def run(command: Command, session: Session) -> object:
    """Cordons the nodes and evicts their Pods, or makes a plan where the target is protected.

    Returns:
        A `KDrain`, or an unapplied `KPlan`.

    Raises:
        KubeError: A node could not be drained; what was done before is told.
    """
    chosen = command.text("pod-selector")
    try:
        parse_labels(chosen)
    except SelectorError as error:
        says = "--pod-selector=<pod_selector> must be a valid label selector"
        raise command.usage_error(says, at=chosen) from error
    place = session.place_for(command)
    planned = command.on("plan") or session.needs_plan(place) or DryRun.of(command) is DryRun.SERVER
    steps = session.run(command, _steps(command, place.client, with_budgets=planned))

    async def settle(outcomes: list[Outcome], say: Say) -> None:
        await drain_nodes(place.client, steps, outcomes, say)

    changes = Changes(
        command,
        place,
        tuple(steps),
        card=KDrain,
        what_failed="nodes and Pods were not drained",
        plan=command.on("plan"),
        settle=settle,
    )
    return carry_out(changes, session)


async def _steps(command: Command, client: AsyncClient, *, with_budgets: bool) -> list[Step]:
    """The cordon of every node, and then each node's Pods and its end."""
    nodes = await nodes_of(command, client)
    options = DrainOptions.of(command)
    steps: list[Step] = [cordoning(resource, node, wanted=True) for resource, node in nodes]
    pods = await client.mapper.resource_for("pods")
    for _, node in nodes:
        found = await _verdicts(client, meta.name(node), command.text("pod-selector"), options)
        refused = refusals(found)
        if not refused and (text := warnings(found)):
            warn(text)
        going = [each.pod for each in found if each.goes]
        waits = await _waits(client, going) if with_budgets and not options.delete else {}
        if not refused:
            steps += [Leave(pods, each, options, waits.get(meta.uid(each.pod), "")) for each in found]
        steps.append(Drained(meta.name(node), tuple(refused)))
    return steps


async def _verdicts(client: AsyncClient, node: str, chosen: str, options: DrainOptions) -> list[Verdict]:
    listed = await client.resource("pods", None).list(field_selector=f"spec.nodeName={node}", label_selector=chosen)
    owners = {(meta.namespace(pod), daemon_of(pod)) for pod in listed.items if daemon_of(pod)}
    missing: dict[str, str] = {}
    for namespace, name in sorted(owners):
        try:
            await client.resource("daemonsets.apps", namespace).get(name)
        except StatusError as error:
            missing[f"{namespace}/{name}"] = error.message
    now = client.rest.clock.wall()
    return [verdict(pod, options, missing, now) for pod in listed.items]


async def _waits(client: AsyncClient, going: Sequence[JSONObject]) -> dict[str, str]:
    """The reason why a Pod may have to wait, by its uid, as far as it may be known."""
    budgets: list[JSONObject] = []
    for namespace in sorted({meta.namespace(pod) for pod in going}):
        try:
            budgets += (await client.resource("poddisruptionbudgets.policy", namespace).list()).items
        except (ForbiddenError, NotFoundError):
            unknown = "may wait: the disruption budgets of its namespace may not be read"
            return {meta.uid(pod): unknown for pod in going} | budgets_words(going, budgets)
    return budgets_words(going, budgets)
