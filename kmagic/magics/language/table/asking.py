"""The verbs that ask about the server, the user and the kubeconfig, one row each."""

from __future__ import annotations

from dataclasses import replace

from kmagic.magics.language.flags import BOOL, EVERYWHERE, FIELDS, GLOBAL_FLAGS, LIST, SELECTOR, TEMPLATES, TIMEOUT
from kmagic.magics.language.verb import Effect, Flag, Rule, Verb, flags_of

__all__ = ("ASKING",)

_NO_REQUEST = (
    Flag("namespace", "n", help="accepted for pasted commands: no namespace is asked"),
    Flag("request-timeout", kind=TIMEOUT, help="accepted for pasted commands: no server is asked"),
    *(flag for flag in GLOBAL_FLAGS if flag.name in ("context", "kubeconfig", "warnings-as-errors", "v", "to")),
    *(
        replace(flag, help="accepted for pasted commands: no server is asked")
        for flag in GLOBAL_FLAGS
        if flag.name in ("cluster", "user", "as", "as-group", "as-uid", "as-user-extra")
    ),
)
_NO_HEADERS = Flag("no-headers", kind=BOOL, help="leave the header line out")

_API_RESOURCES = Verb(
    name="api-resources",
    summary="Lists the types of objects that the server has.",
    usage="[--namespaced=false] [--api-group GROUP]",
    examples=(
        "%kapi-resources",
        "%kapi-resources -o wide",
        "%kapi-resources --namespaced=false --sort-by name",
        "%kapi-resources --api-group apps -o name",
    ),
    flags=(
        Flag("api-group", help="only types of this group; '' for the core group"),
        Flag("namespaced", kind=BOOL, help="true: only types inside namespaces; false: only the others"),
        Flag("verbs", kind=LIST, help="only types that can do all of these: list,delete"),
        Flag("categories", kind=LIST, help="only types of all of these categories"),
        Flag("sort-by", help="name or kind; else by group", choices=("name", "kind")),
        Flag("cached", kind=BOOL, help="what is known already, without asking the server again"),
        Flag("output", "o", help="wide or name", choices=("wide", "name")),
        _NO_HEADERS,
        *GLOBAL_FLAGS,
    ),
    most=0,
)

_API_VERSIONS = Verb(
    name="api-versions",
    summary="Lists the groups and versions that the server has.",
    usage="",
    examples=("%kapi-versions", "versions = %kapi-versions"),
    flags=GLOBAL_FLAGS,
    most=0,
)

_VERSION = Verb(
    name="version",
    summary="Tells the versions of kmagic and of the server.",
    usage="[--client]",
    examples=("%kversion", "%kversion --client", "%kversion -o json"),
    flags=(
        Flag("client", kind=BOOL, help="only kmagic's own version; nothing is sent"),
        Flag("output", "o", help="yaml or json", choices=("yaml", "json")),
        *GLOBAL_FLAGS,
    ),
    most=0,
)

_CLUSTER_INFO = Verb(
    name="cluster-info",
    summary="Tells where the control plane and the cluster's own services are.",
    usage="",
    examples=("%kcluster-info", "%kcluster-info -n kube-system"),
    flags=GLOBAL_FLAGS,
    most=0,
    too_many="there is no cluster-info dump: %kget and %klogs read what it would write to files",
)

_CAN_I = Verb(
    name="can-i",
    magic_name="kauth can-i",
    summary="Asks whether an action is allowed.",
    usage="VERB [TYPE | TYPE/NAME | NONRESOURCEURL]",
    examples=(
        "%kauth can-i create pods -n shop",
        "%kauth can-i get pods --subresource log",
        "%kauth can-i get /healthz",
        "%kauth can-i --list",
    ),
    flags=(
        EVERYWHERE,
        Flag("list", kind=BOOL, help="everything that is allowed in the namespace"),
        Flag("subresource", help="of the type: log, scale"),
        Flag("quiet", "q", BOOL, "show nothing where it is allowed"),
        Flag("no-check", kind=BOOL, help="no is no error; the result is false"),
        _NO_HEADERS,
        *GLOBAL_FLAGS,
    ),
    most=2,
    rules=(
        Rule(("list", "ARGUMENT"), "list option must be specified with no arguments"),
        *(
            Rule(
                ("list", flag),
                "list option can't be specified with neither quiet, all-namespaces nor subresource options",
            )
            for flag in ("quiet", "all-namespaces", "subresource")
        ),
        Rule(("no-headers",), "--no-headers cannot be set without --list specified", without=("list",)),
    ),
)

_WHOAMI = Verb(
    name="whoami",
    magic_name="kauth whoami",
    summary="Asks the server who it takes you for.",
    usage="",
    examples=("%kauth whoami", "%kauth whoami -o json"),
    flags=(
        Flag("output", "o", help="yaml, kyaml, json, name, jsonpath=…, go-template=…", completes="output"),
        *TEMPLATES,
        *GLOBAL_FLAGS,
    ),
    most=0,
)

_AUTH_ACTIONS = (_CAN_I, _WHOAMI)

_AUTH = Verb(
    name="auth",
    summary="Asks what is allowed, and who you are.",
    usage="can-i VERB TYPE | can-i --list | whoami",
    examples=(*_CAN_I.examples, *_WHOAMI.examples),
    flags=flags_of(_AUTH_ACTIONS),
    arguments=("action", "verb", "type"),
    actions=_AUTH_ACTIONS,
)

_CONFIG_ACTIONS = (
    Verb(
        name="view",
        magic_name="kconfig view",
        summary="Shows the kubeconfig as this notebook has it, credentials left out.",
        usage="[--minify]",
        examples=("%kconfig view", "%kconfig view --minify -o jsonpath={.contexts[0].context.namespace}"),
        flags=(
            Flag("minify", kind=BOOL, help="only what the context in use needs"),
            Flag("output", "o", help="yaml, kyaml, json, jsonpath=…, go-template=…", completes="output"),
            *TEMPLATES,
            *_NO_REQUEST,
        ),
        most=0,
    ),
    Verb(
        name="get-contexts",
        magic_name="kconfig get-contexts",
        summary="Lists the contexts of the kubeconfig.",
        usage="[CONTEXT…]",
        examples=("%kconfig get-contexts", "%kconfig get-contexts -o name"),
        flags=(_NO_HEADERS, Flag("output", "o", help="name", choices=("name",)), *_NO_REQUEST),
    ),
    Verb(
        name="current-context",
        magic_name="kconfig current-context",
        summary="Tells which context this notebook works in.",
        usage="",
        examples=("%kconfig current-context", "here = %kconfig current-context"),
        flags=_NO_REQUEST,
        most=0,
    ),
    Verb(
        name="use-context",
        aliases=("use",),
        magic_name="kconfig use-context",
        summary="Goes to another context, in this notebook only; the file is never written.",
        usage="CONTEXT",
        examples=("%kconfig use-context staging", "%kconfig use-context dev"),
        flags=_NO_REQUEST,
        effect=Effect.SESSION,
        most=1,
    ),
)

_CONFIG = Verb(
    name="config",
    summary="Shows the kubeconfig and its contexts as this notebook has them; the file is never written.",
    usage="view | get-contexts | current-context | use-context CONTEXT",
    examples=("%kconfig view", "%kconfig view --minify", "%kconfig get-contexts", "%kconfig use-context staging"),
    flags=flags_of(_CONFIG_ACTIONS),
    arguments=("action", "context"),
    actions=_CONFIG_ACTIONS,
)

_METRICS = (
    SELECTOR,
    Flag("sort-by", help="cpu or memory; else by name"),
    Flag("show-swap", kind=BOOL, help="swap, too"),
    Flag("use-protocol-buffers", kind=BOOL, help="accepted for pasted commands: JSON is asked for", default=True),
    _NO_HEADERS,
    *GLOBAL_FLAGS,
)

_TOPS = (
    Verb(
        name="pod",
        aliases=("pods", "po"),
        magic_name="ktop pod",
        summary="Shows the CPU and memory that Pods or their containers use, in a page beside their requests and limits.",
        usage="[NAME | -l SELECTOR]",
        examples=("%ktop pods", "%ktop pod web-0 --containers", "%ktop pods -A --sort-by memory --sum"),
        flags=(
            EVERYWHERE,
            FIELDS,
            Flag("containers", kind=BOOL, help="a row for each container"),
            Flag("sum", kind=BOOL, help="the sum of all below"),
            *_METRICS,
        ),
    ),
    Verb(
        name="node",
        aliases=("nodes", "no"),
        magic_name="ktop node",
        summary="Shows the CPU and memory that nodes use, in a page beside what their Pods ask for.",
        usage="[NAME | -l SELECTOR]",
        examples=("%ktop nodes", "%ktop node node-0 --show-capacity"),
        flags=(Flag("show-capacity", kind=BOOL, help="parts of the capacity, not of the allocatable"), *_METRICS),
    ),
)

_TOP = Verb(
    name="top",
    summary="Shows the CPU and memory that Pods, containers or nodes use; requests and limits in a page.",
    usage="pod | node  [NAME | -l SELECTOR]",
    examples=("%ktop pods", "%ktop pods --containers --sort-by cpu", "%ktop nodes"),
    flags=flags_of(_TOPS),
    arguments=("action", "name"),
    actions=_TOPS,
)

ASKING = (
    _TOP,
    _API_RESOURCES,
    _API_VERSIONS,
    _VERSION,
    _CLUSTER_INFO,
    _AUTH,
    _CONFIG,
)
