"""The verbs about the notebook itself: where it works, its sandbox, its help. One row each."""

from __future__ import annotations

from kmagic.magics.language.flags import BOOL, CHANGING, GLOBAL_FLAGS, INT, TO
from kmagic.magics.language.verb import Effect, Flag, Rule, Verb, action

__all__ = ("NOTEBOOK",)

_CTX = Verb(
    name="ctx",
    summary="Lists the contexts, or points this notebook at one; the kubeconfig is never written.",
    usage="[CONTEXT | -]",
    examples=("%kctx", "%kctx staging", "%kctx -", "%kctx staging --kubeconfig other.yaml"),
    flags=(
        Flag("kubeconfig", help="another kubeconfig file", completes="file"),
        Flag("readonly", kind=BOOL, help="refuse every change in this context, until the kernel is restarted"),
        Flag("namespace", "n", help="namespace to go to", completes="namespace"),
        TO,
    ),
    effect=Effect.SESSION,
    arguments=("context",),
    most=1,
    too_many="one context at a time",
)

_NS = Verb(
    name="ns",
    summary="Lists the namespaces, or makes one this notebook's.",
    usage="[NAMESPACE | -]",
    examples=("%kns", "%kns shop", "%kns -"),
    flags=(
        Flag("force", kind=BOOL, help="go there even if the namespace cannot be seen"),
        TO,
    ),
    effect=Effect.SESSION,
    arguments=("namespace",),
    most=1,
    too_many="one namespace at a time",
    rules=(Rule(("force",), "--force goes with a namespace", without=("ARGUMENT",)),),
)

_NODES = Flag("nodes", kind=INT, help="simulated nodes", default=3)

_SANDBOX = Verb(
    name="sandbox",
    summary="Starts or stops a Kubernetes API server of your own, inside this notebook, and plays faults in it.",
    usage="[start | stop | status | break FAULT TYPE/NAME | reset [TYPE/NAME]]",
    examples=(
        "%ksandbox start --nodes 5",
        "%ksandbox break crashloop deploy/web",
        "%ksandbox status",
        "%ksandbox reset",
        "%ksandbox stop",
    ),
    flags=(_NODES, *CHANGING, *GLOBAL_FLAGS),
    effect=Effect.SESSION,
    arguments=("action", "fault", "type", "name"),
    actions=(
        action("start", "%ksandbox start [--nodes N]", (_NODES, TO), Effect.SESSION, most=0),
        action("stop", "%ksandbox stop", (TO,), Effect.SESSION, most=0),
        action("status", "%ksandbox status", (TO,), Effect.SESSION, most=0),
        action(
            "break",
            "%ksandbox break crashloop|imagepull|oom|pending|notready|slowstart TYPE/NAME",
            (*CHANGING, *GLOBAL_FLAGS),
            Effect.WRITE,
        ),
        action("reset", "%ksandbox reset [TYPE/NAME]", (*CHANGING, *GLOBAL_FLAGS), Effect.WRITE),
    ),
    action_optional=True,
)

_HELP = Verb(
    name="help",
    summary="Lists the magics, or explains one.",
    usage="[VERB]",
    examples=("%khelp", "%khelp apply"),
    flags=(TO,),
    effect=Effect.SESSION,
    arguments=("verb",),
    most=1,
    too_many="one verb at a time",
)

_CACHE = Verb(
    name="cache",
    summary="Lists the caches: state, freshness, who reads them; compares one cached object with the live one.",
    usage="[TYPE [NAME] | TYPE/NAME]",
    examples=("%kcache", "%kcache pods", "%kcache pod/web-0"),
    flags=GLOBAL_FLAGS,
    arguments=("type", "name"),
    most=2,
    too_many="one type, or one object of it",
)

NOTEBOOK = (
    _CTX,
    _NS,
    _CACHE,
    _SANDBOX,
    _HELP,
)
