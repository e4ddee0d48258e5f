"""The verbs about manifests that are not applied yet, one row each."""

from __future__ import annotations

from kmagic.magics.language.flags import BOOL, FILES, FILES_OR_NAMES, GLOBAL_FLAGS, SAVE_CONFIG, SELECTOR, VALIDATE
from kmagic.magics.language.verb import Cell, Flag, Rule, Verb

__all__ = ("MANIFESTS",)

_DIFF = Verb(
    name="diff",
    summary="Shows what applying manifests would change; or the difference of two objects, or of one in two contexts.",
    usage="-f FILE… | TYPE/A TYPE/B | TYPE/NAME --against CONTEXT",
    examples=(
        "%kdiff -f manifests/",
        "%%kdiff -n shop",
        "%kdiff deploy/web deploy/web-old",
        "%kdiff deploy/web --against staging",
    ),
    flags=(
        FILES,
        SELECTOR,
        Flag("server-side", kind=BOOL, help="a field of another manager's is an error, as it is when applying"),
        Flag("force-conflicts", kind=BOOL, help="take fields over from other managers"),
        Flag("field-manager", help="name of the field manager that would apply (default kmagic; kubectl for its own)"),
        Flag("show-managed-fields", kind=BOOL, help="compare metadata.managedFields, too"),
        Flag("against", help="context whose object is the other side", completes="context"),
        *GLOBAL_FLAGS,
    ),
    cell=Cell.BOTH,
    arguments=("type", "name"),
    rules=(
        *FILES_OR_NAMES,
        Rule(("force-conflicts",), "--force-conflicts only works with --server-side", without=("server-side",)),
        Rule((), "must specify --filename, or name two objects", without=("filename", "BODY", "ARGUMENT")),
        Rule(("against", "filename"), "--against compares objects: name one"),
        Rule(("against", "BODY"), "--against compares objects: name one"),
    ),
)

_EDIT = Verb(
    name="edit",
    summary="Puts a cell with objects as they are below this one, to edit and to run.",
    usage="TYPE NAME… | TYPE/NAME… | -f FILE",
    examples=("%kedit deploy/web", "%kedit svc web -n shop -o json"),
    flags=(
        FILES,
        Flag("output", "o", help="yaml or json", choices=("yaml", "json"), default="yaml"),
        Flag("field-manager", help="name of the field manager that the cell changes them as (default kmagic)"),
        VALIDATE,
        SAVE_CONFIG,
        *GLOBAL_FLAGS,
    ),
    arguments=("type", "name"),
    rules=(
        *FILES_OR_NAMES[:1],
        Rule((), "must specify one or more resources by argument or filename", without=("filename", "ARGUMENT")),
    ),
)

MANIFESTS = (_DIFF, _EDIT)
