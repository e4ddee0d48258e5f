"""The verbs that read objects and wait for them, one row each."""

from __future__ import annotations

from kmagic.magics.language.flags import (
    ALL,
    ALL_OR_SELECTED,
    BOOL,
    CONTAINER,
    DURATION,
    EVERYWHERE,
    FIELDS,
    FILES,
    FILES_OR_NAMES,
    GLOBAL_FLAGS,
    INT,
    LIST,
    OUTPUT,
    RECURSIVE,
    SELECTOR,
    TEMPLATES,
)
from kmagic.magics.language.verb import Flag, Rule, Verb

__all__ = ("READING",)

# -o that makes no table.
_NO_TABLE = (
    "output=yaml|kyaml|json|name|jsonpath|jsonpath-file|jsonpath-as-json|custom-columns|custom-columns-file|df"
    "|go-template|go-template-file|template|templatefile"
)

# What one reading has and a live view has not.
_NOT_LIVE = (
    "server-print",
    "cached",
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
    "no-headers",
)
# As `kmagic.views.grouping` has them, which no magic needs to begin.
_GROUPINGS = ("owner", "node", "namespace")
_LIVE_TABLE = Rule(("watch", _NO_TABLE), "a live view is a table; -o is for one reading")

# What a cache does not have: it was filled by a list of whole objects, without managedFields.
_NOT_CACHED = ("filename", "subresource", "show-managed-fields")

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
        "%kget pods --cached",
    ),
    flags=(
        EVERYWHERE,
        SELECTOR,
        FIELDS,
        OUTPUT,
        *TEMPLATES,
        FILES,
        RECURSIVE,
        Flag("watch", "w", BOOL, "a live view, like %kwatch"),
        Flag("sort-by", help="jsonpath of the field to sort by"),
        Flag("show-labels", kind=BOOL, help="a LABELS column"),
        Flag("label-columns", "L", LIST, "a column for each of these labels"),
        Flag("show-kind", kind=BOOL, help="names as type/name"),
        Flag("show-managed-fields", kind=BOOL, help="keep metadata.managedFields in yaml and json"),
        Flag("ignore-not-found", kind=BOOL, help="nothing instead of an error for a missing object"),
        Flag("raw", help="the answer to a GET of this path, as it came; Secrets masked"),
        Flag("no-headers", kind=BOOL, help="leave the header line out"),
        Flag("server-print", kind=BOOL, help="false: name and age instead of the server's columns", default=True),
        Flag("chunk-size", kind=INT, help="objects a request; 0 asks for all at once", default=500),
        Flag("limit", kind=INT, help="at most so many objects"),
        Flag("subresource", help="status or scale instead of the object", choices=("status", "scale")),
        Flag(
            "cached", kind=BOOL, help="answer from a cache of this notebook and send nothing; an error if none has it"
        ),
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
        *(Rule(("cached", flag), f"a cache cannot answer --{flag}") for flag in _NOT_CACHED),
        *(Rule(("watch", flag), f"a live view cannot take --{flag}") for flag in _NOT_LIVE),
        *(
            Rule(("raw", part), "arguments may not be passed when --raw is specified")
            for part in ("ARGUMENT", "filename", "output", "selector", "field-selector", "watch", "all-namespaces")
        ),
        _LIVE_TABLE,
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
        "%kwatch pods -A --group-by node",
    ),
    flags=(
        EVERYWHERE,
        SELECTOR,
        FIELDS,
        Flag("output", "o", help="wide: all columns", choices=("wide",)),
        Flag("group-by", "", help="owner, node or namespace: a head above the rows of each", choices=_GROUPINGS),
        *GLOBAL_FLAGS,
    ),
    arguments=("type", "name"),
)

_DESCRIBE = Verb(
    name="describe",
    summary="Describes objects for people: what they are, how they are and what happened to them.",
    usage="TYPE [NAME… | PREFIX] | TYPE/NAME…",
    examples=("%kdescribe pod web-0", "%kdescribe deploy/web -n shop", "%kdescribe pods -l app=web"),
    flags=(
        EVERYWHERE,
        SELECTOR,
        FILES,
        RECURSIVE,
        Flag("chunk-size", kind=INT, help="objects a request; 0 asks for all at once", default=500),
        Flag("show-events", kind=BOOL, help="the events about it; else only of one object", default=True),
        *GLOBAL_FLAGS,
    ),
    arguments=("type", "name"),
    rules=FILES_OR_NAMES[:1],
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
        Flag("output", "o", help="plaintext, as kubectl's", choices=("plaintext",), default="plaintext"),
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
        CONTAINER,
        Flag("all-containers", kind=BOOL, help="all containers of each Pod"),
        Flag(
            "follow",
            "f",
            BOOL,
            "go on reading: a view on a page, lines in a terminal; Pods that join a page's view are followed too",
        ),
        Flag("previous", "p", BOOL, "the container's instance before its last restart"),
        Flag("since", kind=DURATION, help="only lines of this time back, for example 10m"),
        Flag("since-time", help="only lines since this time (RFC 3339)"),
        Flag("tail", kind=INT, help="only so many last lines of each container; -1 for all", default=-1),
        Flag("limit-bytes", kind=INT, help="at most so many bytes of each container"),
        Flag("timestamps", kind=BOOL, help="begin each line with its time"),
        Flag("prefix", kind=BOOL, help="begin each line with its Pod; always so for several Pods"),
        Flag("all-pods", kind=BOOL, help="all Pods of a workload; false for the one that says most", default=True),
        Flag("ignore-errors", kind=BOOL, help="no error when no log can be read; lines say why"),
        Flag(
            "max-log-requests",
            kind=INT,
            help="at most so many logs are followed at the same time; a page shows up to 50 unless told",
            default=5,
        ),
        *GLOBAL_FLAGS,
    ),
    arguments=("pod", "container"),
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
        Flag("for", help="only events about this TYPE/NAME", completes="object"),
        Flag("types", kind=LIST, help="only events of these types: Normal, Warning"),
        Flag("watch", "w", BOOL, "a live view"),
        Flag("no-headers", kind=BOOL, help="leave the header line out"),
        *GLOBAL_FLAGS,
    ),
    most=0,
    too_many="events are about --for TYPE/NAME",
    rules=(_LIVE_TABLE, Rule(("watch", "no-headers"), "a live view cannot take --no-headers")),
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

READING = (
    _GET,
    _WATCH,
    _DESCRIBE,
    _EXPLAIN,
    _LOGS,
    _EVENTS,
    _WAIT,
)
