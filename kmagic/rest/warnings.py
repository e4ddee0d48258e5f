"""Warnings a server sends beside its answer (``Warning: 299 - "text"``).

Source: k8s.io/client-go/rest/warnings.go, RFC 7234 section 5.5.
"""

from __future__ import annotations

import re

__all__ = ("WarningDeduplicator", "parse_warnings")

# Code, agent, quoted text (with backslash escapes), optional quoted date. Possessive: a peer's blanks and quotes are
# gone through once and not in every way they could be shared out.
_WARNING = re.compile(r'\s*+(\d{3})\s++(\S++)\s++"((?:[^"\\]|\\.)*+)"(?:\s++"[^"]*+")?+\s*+(?:,|$)')
_ESCAPE = re.compile(r"\\(.)")
# Each may make the rest of the header be gone through once.
_MAX_BROKEN = 100


def parse_warnings(header: str) -> list[str]:
    """The texts of code 299 in one Warning header (several headers may be joined by commas)."""
    texts, at, broken = [], 0, 0
    while at < len(header) and broken <= _MAX_BROKEN:
        found = _WARNING.match(header, at)
        if found:
            at = found.end()
            if found[1] == "299":
                texts.append(_ESCAPE.sub(r"\1", found[3]))
        else:
            broken += 1
            at = header.find(",", at) + 1 or len(header)
    return texts


class WarningDeduplicator:
    """Passes each text once; a bounded memory forgets the oldest."""

    def __init__(self, keep: int = 512) -> None:
        self._seen: dict[str, None] = {}
        self._keep = keep

    def new(self, texts: list[str]) -> list[str]:
        """Those of `texts` that were not passed before."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self._seen]
        for text in fresh:
            self._seen[text] = None
        while len(self._seen) > self._keep:
            del self._seen[next(iter(self._seen))]
        return fresh
