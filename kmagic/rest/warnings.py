"""Warnings a server sends beside its answer (``Warning: 299 - "text"``).

Source: k8s.io/client-go/rest/warnings.go, RFC 7234 section 5.5.
"""

from __future__ import annotations

import re

__all__ = ("WarningDeduplicator", "parse_warnings")

# code, agent, quoted text (with backslash escapes), optional quoted date.
_WARNING = re.compile(r'\s*(\d{3})\s+(\S+)\s+"((?:[^"\\]|\\.)*)"(?:\s+"[^"]*")?\s*(?:,|$)')
_ESCAPE = re.compile(r"\\(.)")


def parse_warnings(header: str) -> list[str]:
    """The texts of code 299 in one Warning header (several headers may be joined by commas)."""
    return [_ESCAPE.sub(r"\1", text) for code, _, text in _WARNING.findall(header) if code == "299"]


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
