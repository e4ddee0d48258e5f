"""The verbs that look into objects and change a part of them, one row each; `registry` puts the whole table together."""

from __future__ import annotations

from kmagic.magics.flags import BOOL, EVERYWHERE, FIELDS, GLOBAL_FLAGS, INT, LIST, OUTPUT, SELECTOR
from kmagic.magics.grammar import Flag, Verb

__all__ = ("WORKLOAD_VERBS",)

_DESCRIBE = Verb(
    name="describe",
    summary="Describes objects for people: what they are, how they are and what happened to them.",
    usage="TYPE [NAME… | PREFIX] | TYPE/NAME…",
    examples=("%kdescribe pod web-0", "%kdescribe deploy/web -n shop", "%kdescribe pods -l app=web"),
    flags=(
        EVERYWHERE,
        SELECTOR,
        Flag("show-events", kind=BOOL, help="the events about each object (default true)"),
        *GLOBAL_FLAGS,
    ),
    arguments=("type", "name"),
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
        Flag("since", help="only lines of this time back, for example 10m"),
        Flag("since-time", help="only lines since this time (RFC 3339)"),
        Flag("tail", kind=INT, help="only so many last lines of each container; -1 for all"),
        Flag("limit-bytes", kind=INT, help="at most so many bytes of each container"),
        Flag("timestamps", kind=BOOL, help="begin each line with its time"),
        Flag("prefix", kind=BOOL, help="begin each line with its Pod; always so for several Pods"),
        Flag("max-log-requests", kind=INT, help="at most so many Pods (default 50)"),
        *GLOBAL_FLAGS,
    ),
    arguments=("pod",),
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
)

WORKLOAD_VERBS = (_DESCRIBE, _EVENTS)
