"""Bytes in JSON as Go reads and writes them.

Source: encoding/base64/base64.go (decodeQuantum), Go 1.26.
"""

from __future__ import annotations

import base64
import binascii

__all__ = ("canonical", "corrupt_at")

_LETTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_BREAKS = b"\r\n"


def canonical(text: str) -> str:
    """The base64 that Go writes for what it reads: without line breaks, and the unused bits zero.

    Raises:
        ValueError: It is no base64, in Go's words.
    """
    plain = text.replace("\r", "").replace("\n", "")
    try:
        return base64.b64encode(base64.b64decode(plain, validate=True)).decode()
    except (binascii.Error, ValueError):
        raise ValueError(f"illegal base64 data at input byte {corrupt_at(text.encode())}") from None


def corrupt_at(data: bytes) -> int:
    """The place Go names for text that is no base64: of the sign that is wrong, or of the four that lack one."""
    at = count = 0
    while at < len(data):
        sign = data[at]
        at += 1
        if sign in _BREAKS:
            continue
        if sign in _LETTERS:
            count += 1
            continue
        if sign != ord("=") or count % 4 < 2:
            return at - 1
        if count % 4 == 2:
            at = _past_breaks(data, at)
            if at == len(data):
                return at
            if data[at] != ord("="):
                return at - 1
            at += 1
        return _past_breaks(data, at)
    return at - count % 4


def _past_breaks(data: bytes, at: int) -> int:
    while at < len(data) and data[at] in _BREAKS:
        at += 1
    return at
