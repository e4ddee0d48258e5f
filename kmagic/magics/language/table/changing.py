"""The verbs that change objects, one row each."""

from __future__ import annotations

from kmagic.magics.language.flags import (
    ALL,
    ALL_OR_SELECTED,
    BOOL,
    CHANGING,
    DRY_RUN,
    DURATION,
    EVERYWHERE,
    FIELDS,
    FILES,
    FILES_OR_NAMES,
    GLOBAL_FLAGS,
    INT,
    LIST,
    PRINTED,
    RECURSIVE,
    SELECTOR,
    SWITCH,
)
from kmagic.magics.language.verb import Cell, Effect, Flag, Rule, Verb, action, flags_of

__all__ = ("CHANGING_VERBS",)

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
        RECURSIVE,
        SELECTOR,
        DRY_RUN,
        Flag("force-conflicts", kind=BOOL, help="take fields over from other managers"),
        Flag("field-manager", help="name of this field manager (default kmagic; kubectl for what kubectl applies)"),
        Flag(
            "server-side",
            kind=BOOL,
            help="always so here; with it the words are those of kubectl apply --server-side",
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
        Flag(
            "output", "o", help="yaml, json, name, jsonpath=…: the objects instead of what changed", completes="output"
        ),
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
        RECURSIVE,
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
        Flag("output", "o", help="name: the names of what was deleted", choices=("name",)),
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

_SEVERAL = (SELECTOR, EVERYWHERE, ALL, FIELDS, FILES, RECURSIVE, *CHANGING, *PRINTED)
_FILES_OR_NAMES = FILES_OR_NAMES[:1]
_LIST = Flag("list", kind=BOOL, help="show them, and change nothing")

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
    rules=(*ALL_OR_SELECTED, *_FILES_OR_NAMES),
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
        _LIST,
        *_SEVERAL,
        *GLOBAL_FLAGS,
    ),
    effect=Effect.WRITE,
    arguments=("type", "name"),
    rules=(*ALL_OR_SELECTED, Rule(("list", "output"), "--list and --output may not be specified together")),
)

_ANNOTATE = Verb(
    name="annotate",
    summary="Sets or removes annotations.",
    usage="TYPE NAME… KEY=VALUE… KEY-…",
    examples=("%kannotate deploy/web note='first try'", "%kannotate deploy web note-"),
    flags=_LABEL.flags,
    effect=Effect.WRITE,
    arguments=("type", "name"),
    rules=_LABEL.rules,
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
        FILES,
        RECURSIVE,
        *CHANGING,
        *PRINTED,
        *GLOBAL_FLAGS,
    ),
    cell=Cell.BOTH,
    effect=Effect.WRITE,
    arguments=("type", "name"),
    rules=_FILES_OR_NAMES,
)

_TO_REVISION = Flag("to-revision", kind=INT, help="the revision to go back to; else the one before")

_FOLLOWING = (
    Flag("watch", "w", BOOL, "wait until the rollout is complete", default=True),
    Flag("timeout", kind=DURATION, help="how long to wait for that; 0 for as long as it takes"),
)

_OF_ROLLOUTS = (SELECTOR, FILES, RECURSIVE)
_CHANGING_ROLLOUTS = (*_OF_ROLLOUTS, *CHANGING, *PRINTED, *GLOBAL_FLAGS)

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
    flags=(_TO_REVISION, *_FOLLOWING, *_OF_ROLLOUTS, *CHANGING, *PRINTED, *GLOBAL_FLAGS),
    arguments=("action", "type", "name"),
    actions=(
        action("status", "%krollout status TYPE/NAME", (*_FOLLOWING, *_OF_ROLLOUTS, *GLOBAL_FLAGS), Effect.READ),
        action("history", "%krollout history TYPE/NAME", (*_OF_ROLLOUTS, *GLOBAL_FLAGS), Effect.READ),
        action("undo", "%krollout undo TYPE/NAME", (_TO_REVISION, *_CHANGING_ROLLOUTS), Effect.WRITE),
        *(
            action(name, f"%krollout {name} TYPE/NAME", _CHANGING_ROLLOUTS, Effect.WRITE)
            for name in ("restart", "pause", "resume")
        ),
    ),
)

_SET_ON = (SELECTOR, ALL, FILES, RECURSIVE, *CHANGING, *PRINTED, *GLOBAL_FLAGS)
_CONTAINERS = Flag("containers", "c", help="only containers of this name; * stands for any letters", default="*")


def _setter(name: str, what: str, usage: str, *flags: Flag, aliases: tuple[str, ...] = ()) -> Verb:
    """The action that sets one thing."""
    return Verb(
        name=name,
        aliases=aliases,
        magic_name=f"kset {name}",
        summary=f"Sets {what}.",
        usage=usage,
        examples=(f"%kset {name} {usage}",),
        flags=(*flags, *_SET_ON),
        effect=Effect.WRITE,
        rules=ALL_OR_SELECTED[:1],
    )


_SETTERS = (
    _setter("image", "the images of containers", "deploy/web CONTAINER=IMAGE…", aliases=()),
    _setter(
        "env",
        "variables of containers",
        "deploy/web KEY=VALUE… KEY-…",
        _CONTAINERS,
        Flag("env", "e", LIST, "KEY=VALUE; may be repeated"),
        Flag("from", help="configmap/NAME or secret/NAME: a variable for each of its keys"),
        Flag("keys", kind=LIST, help="only these keys of it"),
        Flag("prefix", help="before the names of the variables"),
        Flag("overwrite", kind=BOOL, help="replace a value that is there", default=True),
        Flag("list", kind=BOOL, help="show the variables, and change nothing"),
        Flag(
            "resolve",
            kind=BOOL,
            help="not here; false is taken",
            refused=((True, "--resolve would show what Secrets hold: %kget the Secret, whose values are masked"),),
        ),
    ),
    _setter(
        "resources",
        "what containers ask for and may use",
        "deploy/web --limits cpu=1,memory=512Mi --requests cpu=200m",
        _CONTAINERS,
        Flag("limits", help="RESOURCE=QUANTITY,…"),
        Flag("requests", help="RESOURCE=QUANTITY,…"),
    ),
    _setter("selector", "the selector of a Service", "service/web app=web,tier=front"),
    _setter("serviceaccount", "the ServiceAccount of Pods", "deploy/web ACCOUNT", aliases=("sa",)),
    _setter(
        "subject",
        "whom a RoleBinding or ClusterRoleBinding is for, too",
        "rolebinding/reader --user jane",
        Flag("user", kind=LIST, help="a user; may be repeated"),
        Flag("group", kind=LIST, help="a group; may be repeated"),
        Flag("serviceaccount", kind=LIST, help="NAMESPACE:NAME; may be repeated"),
    ),
)

_SET = Verb(
    name="set",
    summary="Sets one thing of objects: image, env, resources, selector, serviceaccount or subject.",
    usage="image | env | resources | selector | serviceaccount | subject  TYPE/NAME …",
    examples=(
        "%kset image deploy/web web=nginx:1.27",
        "%kset env deploy/web MODE=dark DEBUG-",
        "%kset env deploy/web --from configmap/settings --prefix APP_",
        "%kset env deploy/web --list",
        "%kset resources deploy/web -c web --limits cpu=1,memory=512Mi",
        "%kset selector service/web app=web",
        "%kset serviceaccount deploy/web robot",
        "%kset subject rolebinding/reader --user jane",
    ),
    flags=flags_of(_SETTERS),
    effect=Effect.WRITE,
    arguments=("action", "type", "name"),
    actions=_SETTERS,
)

_DECISION = (
    FILES,
    RECURSIVE,
    Flag("force", kind=BOOL, help="decide again what was decided so"),
    *PRINTED,
    *GLOBAL_FLAGS,
)

_DECISIONS = tuple(
    Verb(
        name=name,
        magic_name=f"kcertificate {name}",
        summary=summary,
        usage="NAME…",
        examples=(f"%kcertificate {name} csr-sqgzp",),
        flags=(DRY_RUN, *_DECISION),
        effect=Effect.WRITE,
    )
    for name, summary in (
        ("approve", "Lets the signer issue the certificate that a request asks for."),
        ("deny", "Refuses a certificate signing request for good."),
    )
)

_CERTIFICATE = Verb(
    name="certificate",
    summary="Approves or denies certificate signing requests.",
    usage="approve | deny  NAME…",
    examples=("%kcertificate approve csr-sqgzp", "%kcertificate deny csr-sqgzp --dry-run=server"),
    flags=flags_of(_DECISIONS),
    effect=Effect.WRITE,
    arguments=("action", "csr"),
    actions=_DECISIONS,
)

CHANGING_VERBS = (
    _APPLY,
    _DELETE,
    _SCALE,
    _LABEL,
    _ANNOTATE,
    _PATCH,
    _ROLLOUT,
    _SET,
    _CERTIFICATE,
)
