"""The verbs about nodes: who may be scheduled there, one row each."""

from __future__ import annotations

from kmagic.magics.language.flags import BOOL, DRY_RUN, DURATION, GLOBAL_FLAGS, INT, PRINTED, SELECTOR
from kmagic.magics.language.verb import Effect, Flag, Rule, Verb

__all__ = ("NODES",)

_CORDON = Verb(
    name="cordon",
    summary="Marks nodes as unschedulable: no new Pods come.",
    usage="NODE… | -l SELECTOR",
    examples=("%kcordon node-0", "%kcordon -l pool=old --dry-run=server"),
    flags=(SELECTOR, DRY_RUN, *GLOBAL_FLAGS),
    effect=Effect.WRITE,
    arguments=("node",),
    rules=(
        Rule(("ARGUMENT", "selector"), "cannot specify both a node name and a --selector option"),
        Rule((), "say which node: NODE… or a selector (-l)", without=("ARGUMENT", "selector")),
    ),
)

_UNCORDON = Verb(
    name="uncordon",
    summary="Marks nodes as schedulable again.",
    usage="NODE… | -l SELECTOR",
    examples=("%kuncordon node-0", "%kuncordon -l pool=old"),
    flags=_CORDON.flags,
    effect=Effect.WRITE,
    arguments=("node",),
    rules=_CORDON.rules,
)

_DRAIN = Verb(
    name="drain",
    summary="Cordons nodes and evicts their Pods, as their disruption budgets allow; waits until they are gone.",
    usage="NODE… | -l SELECTOR",
    examples=(
        "%kdrain node-0 --ignore-daemonsets --plan",
        "%kdrain node-0 --ignore-daemonsets --delete-emptydir-data --timeout 5m",
        "%kdrain -l pool=old --pod-selector app!=db --dry-run=server",
    ),
    flags=(
        SELECTOR,
        DRY_RUN,
        Flag("plan", kind=BOOL, help="show which Pods leave, stay or may wait, and stop there"),
        Flag("force", kind=BOOL, help="also Pods that nothing makes again"),
        Flag("ignore-daemonsets", kind=BOOL, help="leave the Pods of DaemonSets, which would come back"),
        Flag("delete-emptydir-data", kind=BOOL, help="also Pods whose emptyDir is lost with them"),
        Flag("grace-period", kind=INT, help="seconds each Pod may take to stop; -1 for its own time", default=-1),
        Flag("timeout", kind=DURATION, help="how long to wait for a node's Pods; 0 for as long as it takes"),
        Flag("pod-selector", help="only Pods with these labels", completes="label"),
        Flag("disable-eviction", kind=BOOL, help="delete Pods: disruption budgets do not count"),
        Flag("skip-wait-for-delete-timeout", kind=INT, help="leave Pods that should be gone for so many seconds"),
        *GLOBAL_FLAGS,
    ),
    effect=Effect.WRITE,
    arguments=("node",),
    rules=_CORDON.rules,
)

_TAINT = Verb(
    name="taint",
    summary="Sets or removes taints of nodes.",
    usage="node NAME… KEY[=VALUE]:EFFECT… KEY[:EFFECT]-…",
    examples=(
        "%ktaint nodes node-0 dedicated=batch:NoSchedule",
        "%ktaint node node-0 dedicated:NoSchedule-",
        "%ktaint node -l pool=old dedicated=batch:PreferNoSchedule",
        "%ktaint nodes --all dedicated-",
    ),
    flags=(
        SELECTOR,
        Flag("all", kind=BOOL, help="every node"),
        Flag("overwrite", kind=BOOL, help="replace a taint that is there"),
        DRY_RUN,
        Flag("field-manager", help="name of this field manager", default="kmagic"),
        *PRINTED,
        *GLOBAL_FLAGS,
    ),
    effect=Effect.WRITE,
    arguments=("type", "name"),
    rules=(Rule(("all", "selector"), "setting 'all' parameter with a non empty selector is prohibited"),),
)

NODES = (
    _CORDON,
    _UNCORDON,
    _DRAIN,
    _TAINT,
)
