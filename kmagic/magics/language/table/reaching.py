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

REACHING = (
    _EXEC,
    _FORWARD,
)
