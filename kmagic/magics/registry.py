"""The table of verbs: what each magic is called, takes and can do. Help, completion and the guard read it.

The order is the order of `%khelp`. A verb's code is `verbs/<module>.py`, imported when it is first used.
"""

from __future__ import annotations

import difflib
from types import MappingProxyType
from typing import TYPE_CHECKING

from kmagic.api.times import format_duration
from kmagic.errors import UsageError
from kmagic.magics.flags import (
    ALL,
    ALL_OR_SELECTED,
    BOOL,
    DRY_RUN,
    DURATION,
    EVERYWHERE,
    FIELDS,
    FILES,
    FILES_OR_NAMES,
    GLOBAL_FLAGS,
    INT,
    LIST,
    OUTPUT,
    SELECTOR,
    SWITCH,
    TO,
)
from kmagic.magics.grammar import Command, parse, tokens_of
from kmagic.magics.tokens import Evaluate, Token
from kmagic.magics.verb import Cell, Effect, Flag, FlagKind, Rule, Verb, action
from kmagic.magics.workloads import WORKLOAD_VERBS

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ("KUBECTL", "VERBS", "help_text", "kubectl_command", "verb_named")

# -o that makes no table.
_NO_TABLE = "output=yaml|json|name|jsonpath|jsonpath-as-json|custom-columns|df"
# What one reading has and a live view has not.
_NOT_LIVE = (
    "filename",
    "sort-by",
    "subresource",
    "show-labels",
    "label-columns",
    "show-kind",
    "show-managed-fields",
    "ignore-not-found",
    "chunk-size",
    "limit",
)

_GET = Verb(
    name="get",
    summary="Lists objects, or reads one, with the columns kubectl shows.",
    usage="TYPE[.GROUP][,TYPE…] [NAME…] | TYPE/NAME…",
    examples=(
        "%kget pods",
        "%kget pods -n shop -o wide",
        "%kget deploy,svc -A -l app=web",
        "bad = %kget pods -A --field-selector status.phase!=Running",
        "%kget deploy/web -o yaml",
        "%kget nodes -o jsonpath={.items[*].metadata.name}",
        "%kget pods --sort-by=.metadata.creationTimestamp",
        "%kget pods -w",
    ),
    flags=(
        EVERYWHERE,
        SELECTOR,
        FIELDS,
        OUTPUT,
        FILES,
        Flag("watch", "w", BOOL, "a live view, like %kwatch"),
        Flag("sort-by", help="jsonpath of the field to sort by"),
        Flag("show-labels", kind=BOOL, help="a LABELS column"),
        Flag("label-columns", "L", LIST, "a column for each of these labels"),
        Flag("show-kind", kind=BOOL, help="names as type/name"),
        Flag("show-managed-fields", kind=BOOL, help="keep metadata.managedFields in yaml and json"),
        Flag("ignore-not-found", kind=BOOL, help="nothing instead of an error for a missing object"),
        Flag("no-headers", kind=BOOL, help="leave the header line out"),
        Flag("chunk-size", kind=INT, help="objects a request; 0 asks for all at once", default=500),
        Flag("limit", kind=INT, help="at most so many objects"),
        Flag("subresource", help="status or scale instead of the object", choices=("status", "scale")),
        *GLOBAL_FLAGS,
    ),
    arguments=("type", "name"),
    rules=(
        FILES_OR_NAMES[0],
        Rule(("filename", "field-selector"), "--field-selector does not choose among files; -l does"),
        Rule(("filename", "all-namespaces"), "-A does not go with files: each manifest says its namespace"),
        *(
            Rule((flag, _NO_TABLE), f"--{flag} is for tables, not for another -o")
            for flag in ("show-labels", "label-columns")
        ),
        *(Rule(("watch", flag), f"a live view cannot take --{flag}") for flag in _NOT_LIVE),
        Rule(("watch", _NO_TABLE), "a live view is a table; -o is for one reading"),
    ),
)

_WATCH = Verb(
    name="watch",
    summary="Shows a live table that follows the cluster; returns a KWatch.",
    usage="TYPE[,TYPE…] [NAME…]",
    examples=(
        "%kwatch pods",
        "%kwatch pods,deploy -n shop",
        "w = %kwatch pods -l app=web",
        "%kwatch pods -A -o wide",
    ),
    flags=(
        EVERYWHERE,
        SELECTOR,
        FIELDS,
        OUTPUT,
        *GLOBAL_FLAGS,
    ),
    arguments=("type", "name"),
)

_APPLY = Verb(
    name="apply",
    summary="Applies the manifests of the cell, or of files, by server-side apply; shows what changed.",
    usage="[NAME <<] [-f FILE…]",
    examples=(
        "%%kapply -n shop",
        "%%kapply --dry-run=server",
        "%%kapply result << -n shop",
        "%kapply -f manifests/",
        "%%kapply --force-conflicts --to result",
    ),
    flags=(
        FILES,
        DRY_RUN,
        Flag("force-conflicts", kind=BOOL, help="take fields over from other managers"),
        Flag("field-manager", help="name of this field manager (default kmagic; kubectl for what kubectl applies)"),
        Flag(
            "server-side",
            kind=BOOL,
            help="always so here; accepted for pasted commands",
            default=True,
            refused=((False, "--server-side=false is not done here: the server merges every apply; leave it out"),),
        ),
        Flag(
            "validate",
            kind=SWITCH,
            help="strict, warn or ignore unknown fields",
            implied="strict",
            choices=("strict", "warn", "ignore", "true", "false"),
        ),
        Flag("plan", kind=BOOL, help="show what would change and stop there"),
        OUTPUT,
        *GLOBAL_FLAGS,
    ),
    cell=Cell.BOTH,
    effect=Effect.WRITE,
    most=0,
    too_many="objects are not named here: write their manifests below the line, or give files with -f",
)

_DELETE = Verb(
    name="delete",
    summary="Deletes objects by name, selector or file.",
    usage="TYPE NAME… | TYPE/NAME… | TYPE -l SELECTOR | -f FILE",
    examples=(
        "%kdelete deploy web",
        "%kdelete pod/web-0 svc/web -n shop",
        "%kdelete pods -l app=web",
        "%kdelete -f manifests/",
        "%%kdelete",
    ),
    flags=(
        EVERYWHERE,
        SELECTOR,
        FIELDS,
        FILES,
        DRY_RUN,
        ALL,
        Flag(
            "cascade",
            kind=SWITCH,
            help="background, foreground or orphan the dependents",
            implied="background",
            choices=("background", "foreground", "orphan"),
            default="background",
        ),
        Flag("grace-period", kind=INT, help="seconds the object may take to stop; -1 for its own time", default=-1),
        Flag("now", kind=BOOL, help="a grace period of one second"),
        Flag("force", kind=BOOL, help="do not wait for the object to stop: data may be lost"),
        Flag("ignore-not-found", kind=BOOL, help="a missing object is no error"),
        Flag("wait", kind=BOOL, help="return when the objects are gone", default=True),
        Flag("timeout", kind=DURATION, help="how long to wait for that, for example 30s"),
        Flag("output", "o", help="name: only what was deleted", choices=("name",)),
        *GLOBAL_FLAGS,
    ),
    cell=Cell.BOTH,
    effect=Effect.WRITE,
    arguments=("type", "name"),
    rules=(
        *FILES_OR_NAMES,
        *ALL_OR_SELECTED,
        Rule(("force", "grace-period>0"), "--force and --grace-period greater than 0 cannot be specified together"),
        Rule(("now", "grace-period>-1"), "--now and --grace-period cannot be specified together"),
        *(
            Rule((part, flag), f"--{flag} does not choose among manifests; -l does")
            for part in ("filename", "BODY")
            for flag in ("all", "field-selector", "all-namespaces")
        ),
    ),
)

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
    summary="Starts or stops a Kubernetes API server of your own, inside this notebook; no cluster needed.",
    usage="[start | stop | status]",
    examples=("%ksandbox start", "%ksandbox start --nodes 5", "%ksandbox status", "%ksandbox stop"),
    flags=(_NODES, TO),
    effect=Effect.SESSION,
    arguments=("action",),
    actions=(
        action("start", "%ksandbox start [--nodes N]", (_NODES, TO), Effect.SESSION, most=0),
        action("stop", "%ksandbox stop", (TO,), Effect.SESSION, most=0),
        action("status", "%ksandbox status", (TO,), Effect.SESSION, most=0),
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

VERBS = MappingProxyType(
    {verb.name: verb for verb in (_GET, _WATCH, _APPLY, _DELETE, *WORKLOAD_VERBS, _CTX, _NS, _SANDBOX, _HELP)}
)

# kubectl's words for verbs that are called otherwise here.
_KUBECTL_WORDS = {"port-forward": "forward"}

KUBECTL = Verb(
    name="ubectl",  # its magic is %kubectl
    summary="Takes a pasted kubectl command and runs it as the magic of that verb.",
    usage="VERB …",
    examples=("%kubectl get pods -n shop", "%kubectl delete deploy web"),
    flags=GLOBAL_FLAGS,
    cell=Cell.BOTH,
    arguments=("verb",),
)


def verb_named(name: str) -> Verb:
    """The verb of that name.

    Raises:
        UsageError: There is none; the message suggests the nearest.
    """
    found = VERBS.get(_KUBECTL_WORDS.get(name, name))
    if found is not None:
        return found
    close = difflib.get_close_matches(name, VERBS, 1)
    suggestion = f"did you mean {close[0]}?" if close else "%khelp lists them"
    raise UsageError(f"no magic for the verb {name!r}; {suggestion}", hint="example: %kubectl get pods")


def kubectl_command(line: str, cell: str | None, evaluate: Evaluate) -> Command:
    """Reads a pasted ``kubectl`` line: ``get po -n x`` or, with flags first, ``-n x get po``."""
    words = tokens_of(KUBECTL, line)
    at = _verb_position(words)
    if at is None:
        raise UsageError("a kubectl command begins with its verb", hint="example: %kubectl get pods -n shop")
    verb, last = _paste_alias(words, at)
    before, after = line[: words[at].start], line[words[last].end :]
    return parse(verb, f"{before.strip()} {after.strip()}".strip(), cell, evaluate)


def _verb_position(words: Sequence[Token]) -> int | None:
    """Where the verb stands; flags that every verb has may come first."""
    takes = {f"--{flag.name}" for flag in GLOBAL_FLAGS} | {f"-{flag.short}" for flag in GLOBAL_FLAGS if flag.short}
    skip = False
    for at, word in enumerate(words):
        if skip:
            skip = False
        elif word.text in takes:
            skip = True
        elif not word.text.startswith("-"):
            return at
    return None


def _paste_alias(words: Sequence[Token], at: int) -> tuple[Verb, int]:
    """The verb for the words at `at`, and the position of the last word it used up."""
    if words[at].text != "config":
        return verb_named(words[at].text), at
    what = words[at + 1].text if len(words) > at + 1 else ""
    if what in ("use-context", "get-contexts", "current-context"):
        return _CTX, at + 1
    raise UsageError(
        f"kubectl config {what}".rstrip() + " would change or show the kubeconfig, which magics never write",
        hint="%kctx NAME changes this notebook's context, %kns NAME its namespace",
    )


def help_text(verb: Verb) -> str:
    """What ``%kget?`` and ``%kget -h`` show: summary, usage, examples, flags."""
    lines = [verb.summary, "", f"{verb.prompt} {verb.usage}"]
    if verb.cell is Cell.BOTH:
        lines.append(f"%{verb.prompt} …   with manifests in the cell")
    lines += ["", "Examples:", *(f"  {example}" for example in verb.examples)]
    if verb.flags:
        names = [_flag_names(flag) for flag in verb.flags]
        width = max(map(len, names))
        rows = zip(names, verb.flags, strict=True)
        lines += ["", "Flags:", *(f"  {name.ljust(width)}  {flag.help}{_details(verb, flag)}" for name, flag in rows)]
    return "\n".join(lines)


def _details(verb: Verb, flag: Flag) -> str:
    """What counts where the flag is not given, and which actions take it where not all do."""
    default = flag.default
    text = str(default).lower() if isinstance(default, bool) else default
    text = format_duration(default) if isinstance(default, float) else text
    shown = f" (default {text})" if text is not None else ""
    takes = [each.name for each in verb.actions if each.flag(flag.name)]
    return f"{shown} [{', '.join(takes)}]" if len(takes) < len(verb.actions) else shown


def _flag_names(flag: Flag) -> str:
    short = f"-{flag.short}, " if flag.short else "    "
    value = {
        FlagKind.BOOL: "",
        FlagKind.SWITCH: f"[={flag.implied}]",
        FlagKind.INT: "=N",
        FlagKind.DURATION: "=TIME",
        FlagKind.TIMEOUT: "=TIME",
    }.get(flag.kind, "=VALUE")
    return f"{short}--{flag.name}{value}"
