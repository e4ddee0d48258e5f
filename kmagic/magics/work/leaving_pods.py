"""The Pods that leave a node which is drained, and those that stay or may wait, each with the reason. Pure.

Source: k8s.io/kubectl/pkg/drain/filters.go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from kmagic.api import meta
from kmagic.api.selectors import label_selector_of
from kmagic.api.times import instant

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.magics.language.grammar import Command

__all__ = ("DrainOptions", "Verdict", "budgets_words", "daemon_of", "is_overdue", "refusals", "verdict", "warnings")

_MIRROR = "kubernetes.io/config.mirror"
_UNMANAGED = "deleting Pods that declare no controller"
_OF_DAEMONS = "ignoring DaemonSet-managed Pods"


@dataclass(frozen=True)
class DrainOptions:
    """The options of a drain.

    Attributes:
        grace: Seconds that each Pod may take to stop; None for its own.
        timeout: Seconds for the Pods of a node; 0 for as long as it takes.
        overdue: A Pod that should be gone for more than so many seconds is not waited for; 0 for every one is.
        delete: Delete Pods instead of evicting them: disruption budgets do not count.
    """

    force: bool = False
    ignore_daemonsets: bool = False
    delete_emptydir: bool = False
    grace: int | None = None
    timeout: float = 0.0
    overdue: int = 0
    delete: bool = False

    @classmethod
    def of(cls, command: Command) -> DrainOptions:
        """The options that a command's flags say."""
        grace = command.number("grace-period")
        return cls(
            force=command.on("force"),
            ignore_daemonsets=command.on("ignore-daemonsets"),
            delete_emptydir=command.on("delete-emptydir-data"),
            grace=None if grace < 0 else grace,
            timeout=command.seconds("timeout") or 0.0,
            overdue=command.number("skip-wait-for-delete-timeout"),
            delete=command.on("disable-eviction"),
        )


@dataclass(frozen=True, eq=False)
class Verdict:
    """The decision on a Pod.

    Attributes:
        goes: Whether it leaves the node.
        why: The reason why it stays, or what is lost with it; "" for nothing to say.
        warning: kubectl's words for what is done or left out.
        error: kubectl's words for what forbids the drain.
    """

    pod: JSONObject
    goes: bool
    why: str = ""
    warning: str = ""
    error: str = ""

    @property
    def what(self) -> str:
        """``namespace/name``."""
        return f"{meta.namespace(self.pod)}/{meta.name(self.pod)}"


def daemon_of(pod: JSONObject) -> str:
    """The name of the DaemonSet that a Pod belongs to; "" for none, and for a Pod that has ended."""
    owner = meta.controller_of(pod)
    if owner is None or (owner.get("kind"), owner.get("apiVersion")) != ("DaemonSet", "apps/v1") or _ended(pod):
        return ""
    return str(owner.get("name") or "")


def verdict(pod: JSONObject, options: DrainOptions, missing: Mapping[str, str], now: datetime) -> Verdict:
    """Returns the decision on a Pod.

    Args:
        pod: A Pod on the node.
        options: The options of the drain.
        missing: The server's words for each DaemonSet that could not be read, by ``namespace/name``.
        now: The moment.
    """
    if is_overdue(pod, options, now):
        return Verdict(pod, goes=False, why="it should be gone already")
    daemon = daemon_of(pod)
    if daemon:
        trouble = missing.get(f"{meta.namespace(pod)}/{daemon}", "")
        if trouble and not (options.force and trouble.endswith("not found")):
            return Verdict(pod, goes=False, why=trouble, error=trouble)
        if not trouble and not options.ignore_daemonsets:
            says = "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)"
            return Verdict(pod, goes=False, why=f"DaemonSet {daemon} would bring it back", error=says)
        if not trouble:
            return Verdict(pod, goes=False, why=f"DaemonSet {daemon} would bring it back", warning=_OF_DAEMONS)
    if _MIRROR in meta.annotations(pod):
        return Verdict(pod, goes=False, why="a static Pod, which only its node's files remove")
    if _ended(pod):
        return Verdict(pod, goes=True)
    local = any("emptyDir" in volume for volume in pod["spec"].get("volumes") or ())
    if local and not options.delete_emptydir:
        says = "Pods with local storage (use --delete-emptydir-data to override)"
        return Verdict(pod, goes=False, why="the data of its emptyDir would be lost", error=says)
    why = "the data of its emptyDir are lost" if local else ""
    if meta.controller_of(pod) is None:
        if not options.force:
            says = "Pods that declare no controller (use --force to override)"
            return Verdict(pod, goes=False, why="nothing would make it again", error=says)
        return Verdict(pod, goes=True, why=why or "nothing makes it again", warning=_UNMANAGED)
    return Verdict(pod, goes=True, why=why)


def is_overdue(pod: JSONObject, options: DrainOptions, now: datetime) -> bool:
    """Returns whether a Pod should be gone for so long that it is not waited for."""
    until = instant(meta.deletion_timestamp(pod))
    return options.overdue > 0 and until is not None and int((now - until).total_seconds()) > options.overdue


def _ended(pod: JSONObject) -> bool:
    return (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")


def warnings(verdicts: Sequence[Verdict]) -> str:
    """Kubectl's warning about Pods that stay or are lost; "" for none."""
    return "; ".join(_by_words({each: each.warning for each in verdicts if each.warning}))


def refusals(verdicts: Sequence[Verdict]) -> list[str]:
    """Kubectl's errors about Pods that forbid the drain."""
    return [f"cannot delete {words}" for words in _by_words({each: each.error for each in verdicts if each.error})]


def _by_words(said: Mapping[Verdict, str]) -> list[str]:
    """``WORDS: ns/a, ns/b`` for each of the words."""
    return [
        f"{words}: {', '.join(each.what for each, own in said.items() if own == words)}"
        for words in dict.fromkeys(said.values())
    ]


def budgets_words(going: Sequence[JSONObject], budgets: Sequence[JSONObject]) -> dict[str, str]:
    """The reason why a Pod may have to wait for its disruption budget, by the Pod's uid; only of those that may.

    Args:
        going: The Pods that shall leave, in their order.
        budgets: The disruption budgets of their namespaces.
    """
    found: dict[str, str] = {}
    for budget in budgets:
        selector = label_selector_of((budget.get("spec") or {}).get("selector"))
        state = budget.get("status") or {}
        allowed = int(state.get("disruptionsAllowed") or 0)
        namespace = meta.namespace(budget)
        guarded = [pod for pod in going if meta.namespace(pod) == namespace and selector.matches(meta.labels(pod))]
        for pod in guarded[allowed:]:
            needs, has = state.get("desiredHealthy") or 0, state.get("currentHealthy") or 0
            found[meta.uid(pod)] = (
                f"may wait: disruption budget {meta.name(budget)} allows {allowed} at a time (needs {needs} healthy, has {has})"
            )
    return found
