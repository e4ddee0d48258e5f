"""Texts from outside, made harmless: nothing in them that a terminal obeys, or that makes a reader see another text.

Source: k8s.io/cli-runtime/pkg/printers/terminal.go (EscapeTerminal), which knows ESC and CR; C1 controls, of which
U+009B begins a command as ESC does, and marks that turn or hide text are shown by their numbers.
"""

from __future__ import annotations

import json
import re

__all__ = ("UNSAFE", "escape_json", "escape_terminal")

UNSAFE = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\U000e0000-\\U000e007f]"
)
_WORDS = {"\x1b": "^[", "\r": "\\r"}


def escape_terminal(text: str) -> str:
    r"""The text with ``^[`` for ESC, ``\r`` for CR and ``\u202e`` for the like; line breaks and tabs stay."""
    return text if text.isprintable() else UNSAFE.sub(_word, text)


def escape_json(text: str) -> str:
    """JSON that means the same, with the same signs as JSON's own escapes."""
    if text.isascii() and "\x7f" not in text:
        return text  # JSON itself escapes the others
    return text if text.isprintable() else UNSAFE.sub(lambda found: json.dumps(found[0])[1:-1], text)


def _word(found: re.Match[str]) -> str:
    sign = found[0]
    if sign in _WORDS:
        return _WORDS[sign]
    return f"\\u{ord(sign):04x}" if sign <= "\uffff" else f"\\U{ord(sign):08x}"
