"""``%khelp``: every magic in one line each, or one in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.magics.language.registry import VERBS, help_text, verb_named
from kmagic.magics.results.values import KText
from kmagic.views.text import aligned

if TYPE_CHECKING:
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session

__all__ = ("run",)


def run(command: Command, session: Session) -> object:
    """Returns the help as text."""
    if command.arguments:
        return KText(help_text(verb_named(command.arguments[0].lstrip("%").removeprefix("k"))))
    rows = [[verb.prompt, verb.summary] for verb in VERBS.values()]
    return KText(f"{aligned(rows)}\n\n%khelp VERB or %kget? explains one; %kubectl … takes a pasted command.")
