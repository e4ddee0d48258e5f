"""X.509 certificates and keys as PEM: read them, make self-signed ones and signing requests, read their expiry.

Keys that are made here are P-256; given ones may be any that cryptography reads. No function reads or writes a file,
and no error shows a key.

Source: k8s.io/client-go/util/cert (cert.go, csr.go, pem.go), k8s.io/client-go/util/keyutil/key.go.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple, cast

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes, CertificatePublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID

from kmagic.errors import ConfigError

__all__ = (
    "KeyPair",
    "encode_certificates",
    "expiry",
    "make_key",
    "make_signing_request",
    "parse_certificates",
    "self_signed_authority",
    "self_signed_pair",
)

YEAR = timedelta(days=365)
_CLOCK_SKEW = timedelta(hours=1)
# Blocks with headers or other text inside are no base64 and are passed over, as encoding/pem does.
_CERTIFICATE = re.compile(
    rb"^-----BEGIN CERTIFICATE-----[ \t\r]*\n([^-]*)^-----END CERTIFICATE-----[ \t\r]*$", re.MULTILINE
)


class KeyPair(NamedTuple):
    """A server's certificate, the authority that signed it, and the certificate's key; its repr shows none of them.

    Attributes:
        certificate: Certificate as PEM.
        authority: PEM; what clients trust.
        key: Private key as PEM, not encrypted.
    """

    certificate: bytes
    authority: bytes
    key: bytes

    @property
    def chain(self) -> bytes:
        """The certificate, then its authority: what a server presents."""
        return self.certificate + self.authority

    def __repr__(self) -> str:
        return "KeyPair(certificate=..., authority=..., key=<hidden>)"


def parse_certificates(pem: bytes | str) -> list[x509.Certificate]:
    """Returns the certificates of a PEM text in its order; blocks of other types, or with headers, are passed over.

    Raises:
        ConfigError: There is none, or one is no X.509 certificate.
    """
    data = pem.encode() if isinstance(pem, str) else pem
    found = []
    for body in _CERTIFICATE.findall(data):
        try:
            found.append(x509.load_der_x509_certificate(base64.b64decode(b"".join(body.split()), validate=True)))
        except binascii.Error:
            continue
        except ValueError as error:
            raise ConfigError(f"the certificate {len(found) + 1} of the PEM data cannot be read") from error
    if not found:
        raise ConfigError("the data does not contain any PEM certificate")
    return found


def encode_certificates(certificates: Iterable[x509.Certificate]) -> bytes:
    """Returns certificates as one PEM text."""
    return b"".join(each.public_bytes(serialization.Encoding.PEM) for each in certificates)


def expiry(pem: bytes | str) -> datetime:
    """Returns the moment, in UTC, from which a PEM chain is no longer valid: the earliest of its certificates.

    Raises:
        ConfigError: There is no certificate, or one cannot be read.
    """
    return min(each.not_valid_after_utc for each in parse_certificates(pem))


def make_key() -> bytes:
    """Returns a new P-256 key as PEM, not encrypted."""
    return _encode_key(ec.generate_private_key(ec.SECP256R1()))


def make_signing_request(
    key: bytes,
    common_name: str,
    *,
    organizations: Sequence[str] = (),
    names: Sequence[str] = (),
    addresses: Sequence[str] = (),
) -> bytes:
    """Returns a certificate signing request as PEM, for the ``request`` of a CertificateSigningRequest.

    Args:
        key: The requester's key, PEM.
        common_name: The user's name, where the certificate is to authenticate a client.
        organizations: The user's groups.
        names: DNS names a serving certificate is to be valid for.
        addresses: IP addresses it is to be valid for.

    Raises:
        ConfigError: The key cannot be used, or a name or address cannot be written in a request.
    """
    private = _private_key(key)
    try:
        request = x509.CertificateSigningRequestBuilder().subject_name(_subject(common_name, organizations))
        if names or addresses:
            request = request.add_extension(_alternatives(names, addresses), critical=False)
    except (ValueError, TypeError) as error:
        raise ConfigError(f"a signing request cannot be made: {error}") from error
    return request.sign(private, _digest(private)).public_bytes(serialization.Encoding.PEM)


def self_signed_authority(
    key: bytes,
    common_name: str,
    *,
    organizations: Sequence[str] = (),
    valid_for: timedelta = 10 * YEAR,
    now: datetime | None = None,
) -> bytes:
    """Returns the certificate of an authority that signs itself, as PEM.

    Args:
        key: The authority's key, PEM.
        common_name: Its name, and a DNS name it is valid for.
        organizations: Organizations of its subject.
        valid_for: Time of its validity, from now on.
        now: The start of validity, aware; None: the system's clock.

    Raises:
        ConfigError: The key cannot be used, or the name cannot be written in a certificate.
    """
    start = now or datetime.now(UTC)
    private = _private_key(key)
    try:
        subject, alternatives = _subject(common_name, organizations), _alternatives([common_name], [])
    except ValueError as error:
        raise ConfigError(f"a certificate cannot be made: {error}") from error
    template = _template(subject, private.public_key(), start, start + valid_for)
    template = template.add_extension(alternatives, critical=False)
    return encode_certificates([_signed_authority(template, private, subject)])


def self_signed_pair(
    host: str,
    *,
    names: Sequence[str] = (),
    addresses: Sequence[str] = (),
    valid_for: timedelta = YEAR,
    now: datetime | None = None,
) -> KeyPair:
    """Returns a serving certificate for a host, with an authority and a key of its own; the authority's key is not kept.

    Args:
        host: A DNS name or an IP address.
        names: More DNS names.
        addresses: More IP addresses.
        valid_for: Counted from an hour before now, for clocks that differ.
        now: Aware; None: the system's clock.

    Raises:
        ConfigError: A name or an address cannot be written in a certificate.
    """
    moment = now or datetime.now(UTC)
    start, stamp = moment - _CLOCK_SKEW, int(moment.timestamp())
    signer, private = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    try:
        ip_address(host)
        addresses = [host, *addresses]
    except ValueError:
        names = [host, *names]
    try:
        issuer, subject = _subject(f"{host}-ca@{stamp}"), _subject(f"{host}@{stamp}")
        alternatives = _alternatives(names, addresses)
    except ValueError as error:
        raise ConfigError(f"a certificate cannot be made: {error}") from error
    authority = _signed_authority(_template(issuer, signer.public_key(), start, start + valid_for), signer, issuer)
    template = (
        _template(subject, private.public_key(), start, start + valid_for)
        .issuer_name(issuer)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(alternatives, critical=False)
    )
    certificate = template.sign(signer, _digest(signer))
    return KeyPair(encode_certificates([certificate]), encode_certificates([authority]), _encode_key(private))


def _signed_authority(
    template: x509.CertificateBuilder, private: CertificateIssuerPrivateKeyTypes, subject: x509.Name
) -> x509.Certificate:
    # Strict verifiers (Python from 3.13 on) ask an authority for both key identifiers and a critical key usage.
    public = private.public_key()
    return (
        template.issuer_name(subject)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
        .sign(private, _digest(private))
    )


def _template(
    subject: x509.Name, public: CertificatePublicKeyTypes, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    serial = x509.random_serial_number()
    return x509.CertificateBuilder(None, subject, public, serial, start, end)


def _subject(common_name: str, organizations: Sequence[str] = ()) -> x509.Name:
    # All organizations are one relative name and come first, as crypto/x509/pkix writes them.
    parts = []
    if organizations:
        attributes = [x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, each) for each in organizations]
        parts.append(x509.RelativeDistinguishedName(attributes))
    if common_name:
        parts.append(x509.RelativeDistinguishedName([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)]))
    return x509.Name(parts)


def _alternatives(names: Sequence[str], addresses: Sequence[str]) -> x509.SubjectAlternativeName:
    hosts: list[IPv4Address | IPv6Address] = [ip_address(each) for each in addresses]
    return x509.SubjectAlternativeName(
        [*(x509.DNSName(each) for each in names if each), *(x509.IPAddress(each) for each in hosts)]
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=True,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _digest(key: CertificateIssuerPrivateKeyTypes) -> hashes.SHA256 | hashes.SHA384 | hashes.SHA512 | None:
    """The hash that goes with a key's size; None for keys whose signature has its own (Ed25519)."""
    if isinstance(key, rsa.RSAPrivateKey):
        return hashes.SHA512() if key.key_size >= 4096 else hashes.SHA384() if key.key_size >= 3072 else hashes.SHA256()
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return hashes.SHA512() if key.key_size > 384 else hashes.SHA384() if key.key_size > 256 else hashes.SHA256()
    return None


def _private_key(pem: bytes) -> CertificateIssuerPrivateKeyTypes:
    try:
        return cast(CertificateIssuerPrivateKeyTypes, serialization.load_pem_private_key(pem, None))
    except TypeError:
        raise ConfigError("the key cannot be used: it is encrypted") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ConfigError("the key cannot be used: it is not a PEM private key") from None


def _encode_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
