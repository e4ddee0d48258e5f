"""A shell's signs in a magic's line: there is no shell, so each is refused by its name, with the way out."""

from __future__ import annotations

import re

__all__ = ("shell_sign", "shell_substitution")

_PIPE = (
    "{sign} is a pipe, and a magic has none: keep the result and go on in Python, for example "
    "pods = %kget pods, then [pod for pod in pods if 'web' in pod.name]"
)
_GREP = (
    "{sign} is a pipe, and a magic has none: keep the result and search it in Python, for example "
    "pods = %kget pods, then [pod for pod in pods if {pattern!r} in pod.name]; logs have .grep({pattern!r})"
)
_NEXT = "{sign} joins commands of a shell; a magic is one command: put the next one on a line of its own"
_BACK = "{sign} sends a command of a shell to the background; a magic ends before the next line runs: leave it out"
_OUT = (
    "{sign} is a shell's redirection: keep the result and write it in Python, for example "
    "text = %kget pods -o yaml, then pathlib.Path('pods.yaml').write_text(text)"
)
_IN = "{sign} is a shell's redirection: a manifest goes into the cell below the magic's line, or into a file after -f"
_SUBSTITUTION = "{sign} runs a command in a shell and is not run here: {{{{ python }}}} puts a value in, single quotes keep the text"

_SIGNS = {"|": _PIPE, "|&": _PIPE, "||": _NEXT, "&&": _NEXT, ";": _NEXT, ";;": _NEXT, "&": _BACK}
_REDIRECTION = re.compile(r"^(?:\d*|&)(?P<way>[<>])")
_LEADING = re.compile(r"^(?:\|\||&&|\|&?|;+|&(?!>))")
_TRAILING = re.compile(r"(?:\|\||&&|\||;+|&)$")
# Inside a word that can hold none of them: a type, a name, a namespace, -o yaml.
_INSIDE = re.compile(r"\|\||&&|\||;+|&|(?P<redirection>[<>])")
# A template, a selector or a value of the user's own may hold them.
_OWN_TEXT = re.compile(r"[{\[('\"=]")


def shell_sign(word: str, after: str = "") -> str | None:
    """The sentence about a shell's sign in a word that was not quoted; None where there is none.

    Args:
        word: The word as it was written.
        after: The word that follows, which says whether a pipe leads to grep.
    """
    if found := _REDIRECTION.match(word):
        return (_OUT if found["way"] == ">" else _IN).format(sign=word)
    if found := _LEADING.match(word) or _TRAILING.search(word):
        return _said(found[0], f"{word[found.end() :]} {after}" if found.start() == 0 else after)
    if _OWN_TEXT.search(word):
        return None
    found = _INSIDE.search(word)
    if found is None:
        return None
    if found["redirection"]:
        return (_OUT if found[0] == ">" else _IN).format(sign=found[0])
    return _said(found[0], f"{word[found.end() :]} {after}")


def _said(sign: str, following: str) -> str:
    if sign in ("|", "|&") and (found := re.match(r"\s*[ef]?grep(?:\s+(?P<pattern>[\w.:/]+))?", following)):
        return _GREP.format(sign=sign, pattern=found["pattern"] or "web")
    return _SIGNS.get(sign, _NEXT).format(sign=sign)


def shell_substitution(sign: str) -> str:
    """The sentence about ``$(`` or a backtick, which a shell replaces also inside double quotes."""
    return _SUBSTITUTION.format(sign=sign)
