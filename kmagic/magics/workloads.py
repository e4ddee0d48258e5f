"""The verbs that look into objects and change a part of them, one row each; `registry` puts the whole table together."""

from __future__ import annotations

from kmagic.magics.flags import (
    ALL,
    ALL_OR_SELECTED,
    BOOL,
    CHANGING,
    DURATION,
    EVERYWHERE,
    FIELDS,
    GLOBAL_FLAGS,
    INT,
    LIST,
    OUTPUT,
    SELECTOR,
)
from kmagic.magics.verb import Cell, Effect, Flag, Rule, Verb, action

__all__ = ("WORKLOAD_VERBS",)

_SEVERAL = (SELECTOR, EVERYWHERE, ALL, *CHANGING)

_DESCRIBE = Verb(
    name="describe",
    summary="Describes objects for people: what they are, how they are and what happened to them.",
    usage="TYPE [NAME… | PREFIX] | TYPE/NAME…",
    examples=("%kdescribe pod web-0", "%kdescribe deploy/web -n shop", "%kdescribe pods -l app=web"),
    flags=(
        EVERYWHERE,
        SELECTOR,
        Flag("show-events", kind=BOOL, help="the events about each object", default=True),
        *GLOBAL_FLAGS,
    ),
    arguments=("type", "name"),
)

_EXPLAIN = Verb(
    name="explain",
    summary="Explains a type and its fields as the server's own schema says it: types, what is required, defaults.",
    usage="TYPE[.FIELD…]",
    examples=(
        "%kexplain pods",
        "%kexplain deploy.spec.strategy",
        "%kexplain pods.spec --recursive",
        "%kexplain hpa --api-version autoscaling/v1",
        "container = %kexplain pods.spec.containers",
    ),
    flags=(
        Flag("recursive", "R", BOOL, "the names of all fields below, without descriptions"),
        Flag("max-depth", kind=INT, help="with --recursive: levels at most; 0 for all"),
        Flag("api-version", help="of this group and version, for example apps/v1; else the server's preferred one"),
        Flag("output", "o", help="plaintext, as kubectl's", choices=("plaintext",)),
        *GLOBAL_FLAGS,
    ),
    arguments=("path",),
    most=1,
    too_many="one type or field at a time, its path joined by dots: pods.spec",
    rules=(Rule(("max-depth",), "--max-depth goes with --recursive", without=("recursive",)),),
)

_LOGS = Verb(
    name="logs",
    summary="Reads the logs of a Pod, or of all Pods of a workload, merged by time; -f follows them.",
    usage="POD [CONTAINER] | TYPE/NAME | -l SELECTOR",
    examples=(
        "%klogs web-0",
        "%klogs deploy/web --tail 20 --timestamps",
        "%klogs -l app=web --since 10m",
        "%klogs web-0 -c sidecar --previous",
        "live = %klogs deploy/web -f",
    ),
    flags=(
        SELECTOR,
        Flag("container", "c", help="container; else the Pod's default one"),
        Flag("all-containers", kind=BOOL, help="all containers of each Pod"),
        Flag("follow", "f", BOOL, "return a handle that goes on reading"),
        Flag("previous", "p", BOOL, "the container's instance before its last restart"),
        Flag("since", kind=DURATION, help="only lines of this time back, for example 10m"),
        Flag("since-time", help="only lines since this time (RFC 3339)"),
        Flag("tail", kind=INT, help="only so many last lines of each container; -1 for all", default=-1),
        Flag("limit-bytes", kind=INT, help="at most so many bytes of each container"),
        Flag("timestamps", kind=BOOL, help="begin each line with its time"),
        Flag("prefix", kind=BOOL, help="begin each line with its Pod; always so for several Pods"),
        Flag("all-pods", kind=BOOL, help="all Pods of a workload; false for the one that says most", default=True),
        Flag("ignore-errors", kind=BOOL, help="no error when no log can be read; lines say why"),
        Flag("max-log-requests", kind=INT, help="at most so many logs are followed at the same time", default=5),
        *GLOBAL_FLAGS,
    ),
    arguments=("pod",),
    most=2,
    too_many="one Pod or TYPE/NAME, and at most a container",
    rules=(
        Rule(("selector", "ARGUMENT"), "only a selector (-l) or a Pod's name is allowed"),
        Rule(("since", "since-time"), "say --since or --since-time, not both"),
        Rule(("container", "all-containers"), "a container cannot be combined with --all-containers"),
        Rule(("follow", "previous"), "a log of an instance that ended cannot be followed: -f or -p"),
    ),
)

_EVENTS = Verb(
    name="events",
    summary="Lists what happened, newest first; the server keeps events for about an hour.",
    usage="[--for TYPE/NAME] [--types Warning]",
    examples=("%kevents", "%kevents --for pod/web-0", "%kevents -A --types Warning", "%kevents -w"),
    flags=(
        EVERYWHERE,
        SELECTOR,
        FIELDS,
        OUTPUT,
        Flag("for", help="only events about this TYPE/NAME"),
        Flag("types", kind=LIST, help="only events of these types: Normal, Warning"),
        Flag("watch", "w", BOOL, "a live view"),
        Flag("no-headers", kind=BOOL, help="leave the header line out"),
        *GLOBAL_FLAGS,
    ),
    most=0,
    too_many="events are about --for TYPE/NAME",
)

_SCALE = Verb(
    name="scale",
    summary="Sets how many replicas a workload has.",
    usage="TYPE NAME… --replicas N | TYPE/NAME…",
    examples=("%kscale deploy/web --replicas 3", "%kscale sts db --replicas 0 --dry-run=server"),
    flags=(
        Flag("replicas", kind=INT, help="how many"),
        Flag("current-replicas", kind=INT, help="refuse if there are not so many now; -1 for any", default=-1),
        *_SEVERAL,
        *GLOBAL_FLAGS,
    ),
    effect=Effect.WRITE,
    arguments=("type", "name"),
    rules=ALL_OR_SELECTED,
)

_LABEL = Verb(
    name="label",
    summary="Sets or removes labels.",
    usage="TYPE NAME… KEY=VALUE… KEY-…",
    examples=(
        "%klabel pod web-0 tier=front",
        "%klabel deploy/web tier-",
        "%klabel pods -l app=web tier=front --overwrite",
    ),
    flags=(
        Flag("overwrite", kind=BOOL, help="replace a value that is there"),
        *_SEVERAL,
        *GLOBAL_FLAGS,
    ),
    effect=Effect.WRITE,
    arguments=("type", "name"),
    rules=ALL_OR_SELECTED,
)

_ANNOTATE = Verb(
    name="annotate",
    summary="Sets or removes annotations.",
    usage="TYPE NAME… KEY=VALUE… KEY-…",
    examples=("%kannotate deploy/web note='first try'", "%kannotate deploy web note-"),
    flags=_LABEL.flags,
    effect=Effect.WRITE,
    arguments=("type", "name"),
    rules=ALL_OR_SELECTED,
)

_PATCH = Verb(
    name="patch",
    summary="Changes fields of an object by a patch.",
    usage="TYPE NAME -p PATCH | TYPE/NAME",
    examples=(
        """%kpatch deploy/web -p '{"spec": {"replicas": 2}}'""",
        "%%kpatch deploy web --type merge",
        """%kpatch cm/a --type json -p '[{"op": "remove", "path": "/data/b"}]'""",
    ),
    flags=(
        Flag("patch", "p", help="the patch, JSON or YAML"),
        Flag("patch-file", help="a file with the patch", completes="file"),
        Flag("type", help="strategic, merge or json", choices=("strategic", "merge", "json"), default="strategic"),
        Flag("subresource", help="status or scale instead of the object", choices=("status", "scale")),
        *CHANGING,
        *GLOBAL_FLAGS,
    ),
    cell=Cell.BOTH,
    effect=Effect.WRITE,
    arguments=("type", "name"),
)

_TO_REVISION = Flag("to-revision", kind=INT, help="the revision to go back to; else the one before")
_FOLLOWING = (
    Flag("watch", "w", BOOL, "wait until the rollout is complete", default=True),
    Flag("timeout", kind=DURATION, help="how long to wait for that; 0 for as long as it takes"),
)

_ROLLOUT = Verb(
    name="rollout",
    summary="Tells how far a rollout is, its history; restarts, undoes, pauses or resumes it.",
    usage="status | history | undo | restart | pause | resume  TYPE/NAME",
    examples=(
        "%krollout status deploy/web --timeout 60s",
        "%krollout history deploy web",
        "%krollout restart deploy/web",
        "%krollout undo deploy/web --to-revision 2",
    ),
    flags=(_TO_REVISION, *_FOLLOWING, *CHANGING, *GLOBAL_FLAGS),
    arguments=("action", "type", "name"),
    actions=(
        action("status", "%krollout status TYPE/NAME", (*_FOLLOWING, *GLOBAL_FLAGS), Effect.READ),
        action("history", "%krollout history TYPE/NAME", GLOBAL_FLAGS, Effect.READ),
        action("undo", "%krollout undo TYPE/NAME", (_TO_REVISION, *CHANGING, *GLOBAL_FLAGS), Effect.WRITE),
        *(
            action(name, f"%krollout {name} TYPE/NAME", (*CHANGING, *GLOBAL_FLAGS), Effect.WRITE)
            for name in ("restart", "pause", "resume")
        ),
    ),
)

_WAIT = Verb(
    name="wait",
    summary="Waits until objects exist, are gone, have a condition or a value.",
    usage="TYPE NAME… --for CONDITION | TYPE/NAME…",
    examples=(
        "%kwait pod/web-0 --for condition=Ready",
        "%kwait deploy web --for condition=Available --timeout 2m",
        "%kwait pods -l app=web --for delete",
        "%kwait pod web-0 --for jsonpath={.status.phase}=Running",
    ),
    flags=(
        Flag(
            "for", kind=LIST, help="condition=NAME[=VALUE], jsonpath={PATH}[=VALUE], create or delete; all must be met"
        ),
        Flag(
            "timeout",
            kind=DURATION,
            help="how long, for example 2m; 0 looks once, a negative time waits for a week",
            default=30.0,
        ),
        SELECTOR,
        EVERYWHERE,
        ALL,
        *GLOBAL_FLAGS,
    ),
    arguments=("type", "name"),
    rules=ALL_OR_SELECTED,
)

_EXEC = Verb(
    name="exec",
    summary="Runs a command in a Pod's container; for a workload, in its most active Pod.",
    usage="POD | TYPE/NAME  -- COMMAND…",
    examples=("%kexec web-0 -- id", "done = %kexec deploy/web -c main -- sh -c 'ls /tmp'"),
    flags=(
        Flag("container", "c", help="container; else the Pod's default one"),
        Flag("no-check", kind=BOOL, help="a command that fails is no error; its code is in the result"),
        *GLOBAL_FLAGS,
    ),
    effect=Effect.WRITE,
    arguments=("pod",),
    most=1,
    too_many="one Pod or TYPE/NAME, then -- and the command",
    takes_command=True,
    rules=(Rule((), "say which Pod and, after --, which command", without=("COMMAND",)),),
)

_FORWARD = Verb(
    name="forward",
    summary="Opens local ports that lead into a Pod, or a ready one of a Service or workload; returns a handle.",
    usage="POD | TYPE/NAME  [LOCAL:]REMOTE…",
    examples=(
        "%kforward web-0 8080:80",
        "forward = %kforward svc/web :http",
        "%kforward deploy/web :80 :9090 -n shop",
    ),
    flags=(
        Flag("address", kind=LIST, help="local addresses to listen on (default 127.0.0.1); localhost is ::1, too"),
        Flag("allow-remote", kind=BOOL, help="also addresses that other machines can reach"),
        *GLOBAL_FLAGS,
    ),
    effect=Effect.WRITE,
    arguments=("pod", "port"),
)

WORKLOAD_VERBS = (
    _DESCRIBE,
    _EXPLAIN,
    _LOGS,
    _EVENTS,
    _SCALE,
    _LABEL,
    _ANNOTATE,
    _PATCH,
    _ROLLOUT,
    _WAIT,
    _EXEC,
    _FORWARD,
)
