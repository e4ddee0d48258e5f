"""The page that sets every verb and flag of kubectl's beside ours: ``make kubectl-page`` writes docs/kubectl.md."""

from __future__ import annotations

import sys
from pathlib import Path

from kmagic.magics.language.left_out import reason_for_flag, reason_for_verb
from kmagic.magics.language.registry import KUBECTL_WORDS, VERBS
from kmagic.magics.language.verb import Verb
from tests.parity import help as kubectl_help

PAGE = Path(__file__).parents[2] / "docs" / "kubectl.md"
_HEAD = """# kubectl beside the magics

Every verb and flag of kubectl 1.37, read from its own help. `%kubectl LINE` takes a pasted line; each verb is a magic of
its own, too. What is not here is refused with the reason below, never ignored. Written by `make kubectl-page`.

| kubectl | magic | flags that are taken | flags that are not, and why |
|---|---|---|---|
"""


def ours(words: tuple[str, ...]) -> Verb | None:
    """The row of the table of verbs that a verb of kubectl's is, or None."""
    verb = VERBS.get(KUBECTL_WORDS.get(words[0], words[0]))
    if verb is None or len(words) == 1:
        return verb.action() or verb if verb else None
    return verb.action(*words[1:])


def is_group(kubectl: str, words: tuple[str, ...]) -> bool:
    """True if a verb only stands for the verbs below it."""
    return any(each[: len(words)] == words and each != words for each in kubectl_help.verbs(kubectl)) and not (
        kubectl_help.flags(kubectl, *words)
    )


def missing(kubectl: str, words: tuple[str, ...]) -> dict[str, str]:
    """The flags that ours does not take, with the reasons; "" where none is given."""
    row = ours(words)
    if row is None:
        return {}
    name = " ".join((VERBS[KUBECTL_WORDS.get(words[0], words[0])].name, *words[1:]))
    return {flag: reason_for_flag(name, flag) for flag in kubectl_help.flags(kubectl, *words) if row.flag(flag) is None}


def page(kubectl: str) -> str:
    """The text of the page."""
    lines = []
    for words in kubectl_help.verbs(kubectl):
        if is_group(kubectl, words):
            continue
        row, name = ours(words), " ".join(words)
        if row is None:
            lines.append(f"| {name} | | | not here: {reason_for_verb(*words)} |")
            continue
        gone = missing(kubectl, words)
        taken = [f"`--{flag}`" for flag in kubectl_help.flags(kubectl, *words) if flag not in gone]
        why = "; ".join(f"`--{flag}`: {reason}" for flag, reason in gone.items())
        magic = row.magic if row.name else VERBS[words[0]].magic
        lines.append(f"| {name} | `%{magic}` | {' '.join(taken)} | {why} |")
    row = VERBS["get"]
    known = kubectl_help.global_flags(kubectl)
    taken = [f"`--{flag}`" for flag in known if row.flag(flag)]
    why = "; ".join(f"`--{flag}`: {reason_for_flag('', flag)}" for flag in known if not row.flag(flag))
    lines.append(f"| (every verb) | | {' '.join(taken)} | {why} |")
    return _HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    from tests.cluster.controlplane import ensure

    PAGE.write_text(page(str(ensure().part("kubectl"))))
    sys.stdout.write(f"wrote {PAGE.name}\n")
