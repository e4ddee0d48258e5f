"""The parts of a request that logs may show, and the escaping of text from outside.

Source: k8s.io/client-go/transport/round_trippers.go (maskValue, toCurl), k8s.io/client-go/rest/request.go (truncateBody).
"""

from __future__ import annotations

import re

from kmagic.api.secrecy import SECRET_HEADERS
from kmagic.api.terminal import UNSAFE

__all__ = ("mask_authorization", "mask_header", "truncate_body", "visible")

_SCHEMES = {"basic": "Basic", "negotiate": "Negotiate", "bearer": "Bearer"}
_TOKEN_PROTOCOL = re.compile(r"base64url\.bearer\.authorization\.k8s\.io\.[^,\s]+")

# Bytes of a body at each verbosity; 0 below, everything above.
_BODY_BYTES = {8: 1024, 9: 10240}


def mask_authorization(value: str) -> str:
    """``Bearer abc`` as ``Bearer <masked>``; an unknown scheme shows nothing at all."""
    scheme, space, secret = value.partition(" ")
    known = _SCHEMES.get(scheme.lower())
    if known is None:
        return "<masked>" if value else ""
    return f"{scheme} <masked>" if space and secret else scheme


def mask_header(name: str, value: str) -> str:
    """A header's value as it may be logged."""
    lower = name.lower()
    if lower == "authorization":
        return mask_authorization(value)
    if lower in SECRET_HEADERS:
        return "<masked>" if value else ""
    if lower == "sec-websocket-protocol":
        return _TOKEN_PROTOCOL.sub("<masked>", value)
    return value


def truncate_body(text: str, verbosity: int) -> str:
    """A body cut to what a verbosity shows (kubectl's -v): nothing below 8, all of it from 10 on."""
    if verbosity >= 10:
        return text
    limit = _BODY_BYTES.get(verbosity, 0)
    if len(text) <= limit:
        return text
    return f"{text[:limit]} [truncated {len(text) - limit} chars]"


def visible(text: str) -> str:
    """Writes what a terminal would obey as ``U+001B``, so that a text from outside cannot command it; newlines stay."""
    return text if text.isprintable() else UNSAFE.sub(lambda found: f"U+{ord(found[0]):04X}", text)
