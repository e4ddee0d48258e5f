"""The only package that opens sockets or spawns processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic._lazy import touched

if TYPE_CHECKING:
    from kmagic.transport.agent import user_agent as user_agent
    from kmagic.transport.auth import Authenticator as Authenticator
    from kmagic.transport.cert import KeyPair as KeyPair
    from kmagic.transport.cert import encode_certificates as encode_certificates
    from kmagic.transport.cert import expiry as expiry
    from kmagic.transport.cert import make_key as make_key
    from kmagic.transport.cert import make_signing_request as make_signing_request
    from kmagic.transport.cert import parse_certificates as parse_certificates
    from kmagic.transport.cert import self_signed_authority as self_signed_authority
    from kmagic.transport.cert import self_signed_pair as self_signed_pair
    from kmagic.transport.http import Response as Response
    from kmagic.transport.http import StreamResponse as StreamResponse
    from kmagic.transport.http import Transport as Transport

__all__ = (
    "Authenticator",
    "KeyPair",
    "Response",
    "StreamResponse",
    "Transport",
    "encode_certificates",
    "expiry",
    "make_key",
    "make_signing_request",
    "parse_certificates",
    "self_signed_authority",
    "self_signed_pair",
    "user_agent",
)

_HOMES = {
    "auth": ("Authenticator",),
    "cert": (
        "KeyPair",
        "encode_certificates",
        "expiry",
        "make_key",
        "make_signing_request",
        "parse_certificates",
        "self_signed_authority",
        "self_signed_pair",
    ),
    "http": (
        "Response",
        "StreamResponse",
        "Transport",
    ),
    "agent": ("user_agent",),
}


def __getattr__(name: str) -> object:
    return touched(__name__, _HOMES, name)


def __dir__() -> list[str]:
    return sorted(__all__)
