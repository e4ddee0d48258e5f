"""The verbs that open a connection into a Pod, one row each."""

from __future__ import annotations

from kmagic.magics.language.flags import BOOL, CONTAINER, GLOBAL_FLAGS, LIST
from kmagic.magics.language.verb import Effect, Flag, Rule, Verb

__all__ = ("REACHING",)

_EXEC = Verb(
    name="exec",
    summary="Runs a command in a Pod's container; for a workload, in its most active Pod.",
    usage="POD | TYPE/NAME  -- COMMAND…",
    examples=("%kexec web-0 -- id", "done = %kexec deploy/web -c main -- sh -c 'ls /tmp'"),
    flags=(
        CONTAINER,
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

_ATTACH = Verb(
    name="attach",
    summary="Shows what a container's own process writes from now on, until it ends or you interrupt.",
    usage="POD | TYPE/NAME | TYPE NAME",
    examples=("%kattach web-0", "%kattach deploy/web -c main"),
    flags=(CONTAINER, *GLOBAL_FLAGS),
    effect=Effect.WRITE,
    arguments=("pod", "name"),
    most=2,
    too_many="expected POD, TYPE/NAME, or TYPE NAME",
)

_CP = Verb(
    name="cp",
    summary="Copies files and folders into a container or out of it; a folder needs tar there.",
    usage="[[NAMESPACE/]POD:]SOURCE  [[NAMESPACE/]POD:]TARGET",
    examples=("%kcp web-0:/var/log/app.log app.log", "%kcp data/ web-0:/tmp -c main", "%kcp shop/web-0:/etc/app conf"),
    flags=(CONTAINER, *GLOBAL_FLAGS),
    effect=Effect.WRITE,
    arguments=("pod", "file"),
)

_DEBUG = Verb(
    name="debug",
    summary="Makes a container to look around with: in a Pod, in a copy of it (--copy-to) or on a node.",
    usage="POD | TYPE/NAME  --image IMAGE  [-- COMMAND…]",
    examples=(
        "%kdebug web-0 --image busybox --target main -- sleep 1d",
        "%kdebug web-0 --copy-to web-debug --set-image main=nginx:debug",
        "%kdebug node/node-0 --image busybox --profile sysadmin -- sleep 1h",
    ),
    flags=(
        Flag("image", help="its image"),
        Flag("container", "c", help="its name; else one of its own", completes="container"),
        Flag("target", help="container of the Pod whose processes it sees", completes="container"),
        Flag("copy-to", help="make a copy of the Pod with this name, instead of changing the Pod"),
        Flag("replace", kind=BOOL, help="delete the original Pod of a copy"),
        Flag("same-node", kind=BOOL, help="keep a copy on the node of the original"),
        Flag("set-image", kind=LIST, help="CONTAINER=IMAGE,… of a copy; * stands for every one"),
        Flag("share-processes", kind=BOOL, help="containers of a copy see each other's processes", default=True),
        Flag("keep-labels", kind=BOOL, help="of a copy"),
        Flag("keep-annotations", kind=BOOL, help="of a copy"),
        Flag("keep-liveness", kind=BOOL, help="the liveness probes of a copy"),
        Flag("keep-readiness", kind=BOOL, help="the readiness probes of a copy"),
        Flag("keep-startup", kind=BOOL, help="the startup probes of a copy"),
        Flag("keep-init-containers", kind=BOOL, help="the init containers of a copy", default=True),
        Flag("env", kind=LIST, help="KEY=VALUE,…"),
        Flag("image-pull-policy", choices=("Always", "IfNotPresent", "Never"), help="when its image is pulled"),
        Flag("profile", help="general, baseline, restricted, netadmin or sysadmin", default="general"),
        Flag("arguments-only", kind=BOOL, help="the words after -- are arguments of the image's own command"),
        Flag("quiet", "q", BOOL, "say nothing"),
        *GLOBAL_FLAGS,
    ),
    effect=Effect.WRITE,
    arguments=("pod",),
    takes_command=True,
)

REACHING = (
    _DEBUG,
    _EXEC,
    _ATTACH,
    _CP,
    _FORWARD,
)
