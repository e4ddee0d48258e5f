"""Bytes that stand in text as base64, as Go's encoding/base64 reads them."""

from __future__ import annotations

import base64

__all__ = ("decode_base64",)


def decode_base64(text: str) -> bytes:
    """The bytes behind standard base64; only line breaks may stand between its characters.

    Raises:
        ValueError: It is not base64; the text itself is not in the message.
    """
    return base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True)
