"""A self-signed TLS certificate for the loopback address, in plain Python.

kubectl and every client built on client-go send a bearer token over TLS only, so the sandbox must speak TLS, and
the standard library can use a certificate but not make one. This module makes exactly one kind: an EC P-256 key
and a certificate for ``localhost``, ``127.0.0.1`` and ``::1`` that is its own authority, signed with ECDSA and
SHA-256. It is not a general X.509 library: the arithmetic is not constant-time, which is fine for a key that lives
as long as one sandbox on one machine and is not fine for anything else.

Source: SEC 1 (keys and signatures), FIPS 186-4 (the curve), RFC 5280 (the certificate), X.690 (DER).
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import secrets
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

__all__ = ("ServerCertificate", "make_certificate")

# The curve P-256: y^2 = x^3 - 3x + B over the field of P elements; G generates N points.
P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)

EC_PUBLIC_KEY = "1.2.840.10045.2.1"
PRIME256V1 = "1.2.840.10045.3.1.7"
ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2"
COMMON_NAME = "2.5.4.3"
SUBJECT_KEY_IDENTIFIER = "2.5.29.14"
KEY_USAGE = "2.5.29.15"
SUBJECT_ALTERNATIVE_NAME = "2.5.29.17"
BASIC_CONSTRAINTS = "2.5.29.19"
AUTHORITY_KEY_IDENTIFIER = "2.5.29.35"
EXTENDED_KEY_USAGE = "2.5.29.37"
SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1"

# bits 0 (digitalSignature) and 5 (keyCertSign); the first byte counts the unused bits at the end
DIGITAL_SIGNATURE_AND_CERT_SIGN = bytes([2, 0b10000100])

Point = tuple[int, int] | None  # None is the point at infinity


class ServerCertificate(NamedTuple):
    """A certificate and its key, both PEM text; the certificate is its own authority (``certificate-authority-data``)."""

    certificate: str
    key: str

    def __repr__(self) -> str:
        return "ServerCertificate(certificate=..., key=<hidden>)"


def make_certificate(not_before: datetime, not_after: datetime, *, name: str = "kmagic-sandbox") -> ServerCertificate:
    """Make a new key and a certificate for the loopback names.

    Args:
        not_before: Start of validity, UTC; clients refuse the certificate earlier.
        not_after: End of validity, UTC.
        name: The common name of subject and issuer.
    """
    private = secrets.randbelow(N - 1) + 1
    public = _public_bytes(_multiply(private, G))
    body = _certificate_body(public, not_before, not_after, name)
    signature = _sequence(*(_integer(part) for part in _sign(private, body)))
    certificate = _sequence(body, _sequence(_object_id(ECDSA_WITH_SHA256)), _bit_string(signature))
    key = _sequence(
        _integer(1),
        _tagged(0x04, private.to_bytes(32, "big")),
        _tagged(0xA0, _object_id(PRIME256V1)),
        _tagged(0xA1, _bit_string(public)),
    )
    return ServerCertificate(_pem("CERTIFICATE", certificate), _pem("EC PRIVATE KEY", key))


def _add(left: Point, right: Point) -> Point:
    if left is None:
        return right
    if right is None:
        return left
    if left[0] == right[0]:
        if (left[1] + right[1]) % P == 0:
            return None
        slope = 3 * (left[0] * left[0] - 1) * pow(2 * left[1], -1, P)
    else:
        slope = (right[1] - left[1]) * pow(right[0] - left[0], -1, P)
    x = (slope * slope - left[0] - right[0]) % P
    return x, (slope * (left[0] - x) - left[1]) % P


def _multiply(scalar: int, point: Point) -> tuple[int, int]:
    result: Point = None
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point = _add(point, point)
        scalar >>= 1
    if result is None:
        raise ValueError("the scalar is a multiple of the curve's order")
    return result


def _sign(private: int, message: bytes) -> tuple[int, int]:
    digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
    while True:
        nonce = secrets.randbelow(N - 1) + 1
        r = _multiply(nonce, G)[0] % N
        s = pow(nonce, -1, N) * (digest + r * private) % N
        if r and s:
            return r, s


def _public_bytes(point: tuple[int, int]) -> bytes:
    return b"\x04" + point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")


def _certificate_body(public: bytes, not_before: datetime, not_after: datetime, name: str) -> bytes:
    common_name = _sequence(_tagged(0x31, _sequence(_object_id(COMMON_NAME), _tagged(0x0C, name.encode()))))
    return _sequence(
        _tagged(0xA0, _integer(2)),  # X.509 version 3
        _integer(secrets.randbits(127) + 1),
        _sequence(_object_id(ECDSA_WITH_SHA256)),
        common_name,
        _sequence(_time(not_before), _time(not_after)),
        common_name,
        _sequence(_sequence(_object_id(EC_PUBLIC_KEY), _object_id(PRIME256V1)), _bit_string(public)),
        _tagged(0xA3, _sequence(*_extensions(public))),
    )


def _extensions(public: bytes) -> Iterable[bytes]:
    key_identifier = hashlib.sha1(public, usedforsecurity=False).digest()
    addresses = b"".join(_tagged(0x87, ipaddress.ip_address(ip).packed) for ip in ("127.0.0.1", "::1"))
    # Python >= 3.13 verifies strictly: a CA needs both key identifiers and a critical key usage.
    yield _extension(BASIC_CONSTRAINTS, _sequence(b"\x01\x01\xff"), critical=True)
    yield _extension(KEY_USAGE, _tagged(0x03, DIGITAL_SIGNATURE_AND_CERT_SIGN), critical=True)
    yield _extension(EXTENDED_KEY_USAGE, _sequence(_object_id(SERVER_AUTHENTICATION)))
    yield _extension(SUBJECT_KEY_IDENTIFIER, _tagged(0x04, key_identifier))
    yield _extension(AUTHORITY_KEY_IDENTIFIER, _sequence(_tagged(0x80, key_identifier)))
    yield _extension(SUBJECT_ALTERNATIVE_NAME, _tagged(0x30, _tagged(0x82, b"localhost") + addresses))


def _extension(identifier: str, value: bytes, *, critical: bool = False) -> bytes:
    flag = b"\x01\x01\xff" if critical else b""
    return _sequence(_object_id(identifier), flag, _tagged(0x04, value))


def _tagged(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def _sequence(*parts: bytes) -> bytes:
    return _tagged(0x30, b"".join(parts))


def _integer(value: int) -> bytes:
    # one bit more than the value needs, so that a set top bit does not read as a sign
    return _tagged(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _bit_string(content: bytes) -> bytes:
    return _tagged(0x03, b"\x00" + content)


def _object_id(dotted: str) -> bytes:
    first, second, *rest = (int(part) for part in dotted.split("."))
    content = bytearray([first * 40 + second])
    for arc in rest:
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(arc & 0x7F | 0x80)
        content += bytes(reversed(groups))
    return _tagged(0x06, bytes(content))


def _time(moment: datetime) -> bytes:
    return _tagged(0x18, moment.strftime("%Y%m%d%H%M%SZ").encode()) if moment.year >= 2050 else _utc_time(moment)


def _utc_time(moment: datetime) -> bytes:
    return _tagged(0x17, moment.strftime("%y%m%d%H%M%SZ").encode())


def _pem(label: str, content: bytes) -> str:
    text = base64.b64encode(content).decode()
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])
