r"""The patterns of schemas, with Go's meaning: RE2 reads them, so no pattern takes more than linear time.

RE2 and Go's regexp speak one language but for two points: Go has no ``\C``, and says otherwise what is wrong.

Source: regexp/syntax/regexp.go, Go 1.26.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Protocol

import re2

__all__ = ("complaint", "matches")

# Patterns that are kept compiled.
MAX_KEPT = 1_024

ESCAPES = re.compile(r"\\Q.*?(?:\\E|\Z)|\\(.)", re.DOTALL)
# RE2's words and Go's.
WORDS = {
    "bad repetition operator": "invalid nested repetition operator",
    "invalid named capture group": "invalid named capture",
    "invalid perl operator": "invalid or unsupported Perl syntax",
    "invalid repetition size": "invalid repeat count",
    "missing )": "missing closing )",
    "missing ]": "missing closing ]",
    "no argument for repetition operator": "missing argument to repetition operator",
    "trailing \\": "trailing backslash at end of expression",
}
# Go's messages that quote the whole pattern.
ABOUT_ALL = ("missing )", "unexpected )")


class _Compiled(Protocol):
    def search(self, text: str) -> object | None: ...


def matches(pattern: str, text: str) -> bool:
    """Returns whether a pattern is found in a text; one that is no pattern never is."""
    compiled, _ = _compile(pattern)
    return compiled is not None and compiled.search(text) is not None


def complaint(pattern: str) -> str:
    """Go's sentence about what makes a text no pattern, "" when it is one."""
    return _compile(pattern)[1]


@lru_cache(MAX_KEPT)
def _compile(pattern: str) -> tuple[_Compiled | None, str]:
    if any(found[1] == "C" for found in ESCAPES.finditer(pattern)):
        return None, "error parsing regexp: invalid escape sequence: `\\C`"
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options), ""
    except re2.error as error:
        said = error.args[0].decode("utf-8", "replace")
        what, _, where = said.partition(": ")
        where = pattern if what in ABOUT_ALL else where
        return None, f"error parsing regexp: {WORDS.get(what, what)}: `{where}`"
