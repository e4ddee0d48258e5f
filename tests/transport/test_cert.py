"""Certificates as OpenSSL's strict checks, a handshake and a real server take them; Go's turn is in test_kubectl."""

from __future__ import annotations

import base64
import contextlib
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from kmagic.client.client import AsyncClient
from kmagic.config.client_config import ClientConfig, TLSConfig
from kmagic.errors import ConfigError
from kmagic.models.authentication_v1 import SelfSubjectReview
from kmagic.models.certificates_v1 import CertificateSigningRequest
from kmagic.transport import cert
from tests.cluster.fixture import ExternalCluster

NOW = datetime.now(UTC).replace(microsecond=0)
PAIR = cert.self_signed_pair("localhost", addresses=["127.0.0.1"], now=NOW)
BLOCK = PAIR.certificate


def serve_once(context: ssl.SSLContext, listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection, context.wrap_socket(connection, server_side=True) as wrapped:
        wrapped.sendall(b"hello")


def contexts(path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    path.write_bytes(PAIR.chain + PAIR.key)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    client = ssl.create_default_context(cadata=PAIR.authority.decode())
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    return server, client


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_a_strict_client_that_trusts_the_authority_accepts_the_server(tmp_path: Path, name: str) -> None:
    server, client = contexts(tmp_path / "pem")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve_once, args=(server, listener))
        thread.start()
        with socket.create_connection(listener.getsockname()) as plain:
            with client.wrap_socket(plain, server_hostname=name) as wrapped:
                assert wrapped.recv(5) == b"hello"
        thread.join()


def test_another_name_is_refused(tmp_path: Path) -> None:
    server, client = contexts(tmp_path / "pem")
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    to_server, from_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    there = client.wrap_bio(incoming, outgoing, server_hostname="example.com")
    here = server.wrap_bio(to_server, from_server, server_side=True)
    with pytest.raises(ssl.SSLCertVerificationError):
        for _ in range(5):
            for side, out, into in ((there, outgoing, to_server), (here, from_server, incoming)):
                with contextlib.suppress(ssl.SSLWantReadError):
                    side.do_handshake()
                into.write(out.read())


def test_two_pairs_differ_and_nothing_shows_a_key() -> None:
    other = cert.self_signed_pair("localhost", now=NOW)
    assert other.certificate != PAIR.certificate
    assert b"BEGIN EC PRIVATE KEY" in other.key
    assert repr(other) == "KeyPair(certificate=..., authority=..., key=<hidden>)"


def test_a_host_that_is_an_address_is_no_dns_name() -> None:
    (leaf,) = cert.parse_certificates(cert.self_signed_pair("::1", names=["a.example"]).certificate)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == ["::1"]
    assert names.get_values_for_type(x509.DNSName) == ["a.example"]


def test_the_validity_begins_an_hour_ago_and_a_chain_expires_with_its_first() -> None:
    leaf, authority = cert.parse_certificates(PAIR.chain)
    assert leaf.not_valid_before_utc == authority.not_valid_before_utc == NOW - timedelta(hours=1)
    assert cert.expiry(PAIR.chain) == NOW - timedelta(hours=1) + timedelta(days=365)
    short = cert.self_signed_pair("localhost", now=NOW, valid_for=timedelta(days=1)).authority
    assert cert.expiry(PAIR.chain + short) == NOW + timedelta(hours=23)
    late = cert.self_signed_authority(cert.make_key(), "late", now=datetime(2049, 7, 1, tzinfo=UTC))
    assert cert.expiry(late).year == 2059


def test_an_authority_names_itself_and_has_an_alternative_name() -> None:
    (made,) = cert.parse_certificates(cert.self_signed_authority(cert.make_key(), "ca.example", organizations=["a"]))
    assert made.subject.rfc4514_string() == made.issuer.rfc4514_string() == "CN=ca.example,O=a"
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["ca.example"]
    assert made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    made.verify_directly_issued_by(made)


# What encoding/pem (Go) finds in the same texts, asked once with `pem.Decode`.
@pytest.mark.parametrize(
    ("pem", "found"),
    [
        pytest.param(BLOCK + BLOCK, 2, id="two"),
        pytest.param(BLOCK.replace(b"\n", b"\r\n"), 1, id="carriage-returns"),
        pytest.param(BLOCK.rstrip(), 1, id="no-newline-at-the-end"),
        pytest.param(b"a line\n" + BLOCK + b"more\n", 1, id="text-around"),
        pytest.param(BLOCK.replace(b"-----\n", b"-----  \n"), 1, id="blanks-after"),
        pytest.param(PAIR.key + BLOCK, 1, id="a-key-before"),
        pytest.param(
            BLOCK.replace(b"CERTIFICATE-----\nMII", b"CERTIFICATE-----\nA: b\n\nMII") + BLOCK, 1, id="headers"
        ),
        pytest.param(b"-----BEGIN CERTIFICATE-----\nabc\n" + BLOCK, 1, id="unfinished-before"),
        pytest.param(BLOCK.replace(b"MII", b"M*I", 1) + BLOCK, 1, id="no-base64-before"),
        pytest.param(BLOCK.rstrip() + b"xx\n" + BLOCK, 1, id="text-after-the-end"),
    ],
)
def test_certificates_are_found_where_go_finds_them(pem: bytes, found: int) -> None:
    assert len(cert.parse_certificates(pem)) == found
    assert cert.parse_certificates(pem.decode()) == cert.parse_certificates(BLOCK) * found
    assert cert.encode_certificates(cert.parse_certificates(pem)) == BLOCK * found


@pytest.mark.parametrize(
    "pem", ["", "nothing", "  " + BLOCK.decode(), "text " + BLOCK.decode(), PAIR.key, "-----BEGIN CERTIFICATE-----"]
)
def test_data_without_a_certificate_is_an_error(pem: bytes | str) -> None:
    with pytest.raises(ConfigError, match="does not contain any PEM certificate"):
        cert.parse_certificates(pem)


def test_a_block_that_is_no_certificate_is_an_error_and_named_by_its_place() -> None:
    wrong = b"-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n"
    with pytest.raises(ConfigError, match="certificate 2 of the PEM data cannot be read"):
        cert.parse_certificates(BLOCK + wrong)


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (ec.generate_private_key(ec.SECP256R1()), "ecdsa-with-SHA256"),
        (ec.generate_private_key(ec.SECP384R1()), "ecdsa-with-SHA384"),
        (ec.generate_private_key(ec.SECP521R1()), "ecdsa-with-SHA512"),
        (rsa.generate_private_key(65537, 2048), "sha256WithRSAEncryption"),
        (rsa.generate_private_key(65537, 3072), "sha384WithRSAEncryption"),
        (ed25519.Ed25519PrivateKey.generate(), "ed25519"),
    ],
    ids=["P-256", "P-384", "P-521", "RSA-2048", "RSA-3072", "Ed25519"],
)
def test_a_request_is_signed_with_the_hash_that_fits_its_key(key: Any, algorithm: str) -> None:
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    made = x509.load_pem_x509_csr(
        cert.make_signing_request(pem, "a", organizations=["x", "y"], names=["a.example"], addresses=["10.0.0.1"])
    )
    assert made.is_signature_valid
    assert made.signature_algorithm_oid._name == algorithm
    assert made.subject.rfc4514_string() == "CN=a,O=x+O=y"
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["a.example"]


def test_what_cannot_be_written_or_used_is_our_error_and_shows_no_key() -> None:
    key = cert.make_key()
    for wrong in (
        lambda: cert.make_signing_request(key, "a" * 65),
        lambda: cert.make_signing_request(key, "a", addresses=["10.0.0"]),
        lambda: cert.make_signing_request(key, "a", names=["ä.example"]),
        lambda: cert.self_signed_pair("ä.example"),
        lambda: cert.self_signed_authority(key, "ä"),
        lambda: cert.make_signing_request(PAIR.certificate, "a"),
        lambda: cert.make_signing_request(b"", "a"),
    ):
        with pytest.raises(ConfigError) as caught:
            wrong()
        assert "BEGIN" not in str(caught.value)
    locked = serialization.load_pem_private_key(key, None).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"x")
    )
    with pytest.raises(ConfigError, match="it is encrypted"):
        cert.make_signing_request(locked, "a")


async def test_a_real_server_signs_a_request_and_knows_its_user(cluster: ExternalCluster) -> None:
    key, name = cert.make_key(), f"kmagic-{uuid4().hex[:8]}"
    request = cert.make_signing_request(key, "ada", organizations=["kmagic:mathematicians", "kmagic:poets"])
    body = {
        "metadata": {"name": name},
        "spec": {
            "request": base64.b64encode(request).decode(),
            "signerName": "kubernetes.io/kube-apiserver-client",
            "usages": ["client auth"],
            "expirationSeconds": 3600,
        },
    }
    async with AsyncClient(cluster.kubeconfig) as client:
        requests = client.certificates_v1.certificatesigningrequests
        made = await requests.create(CertificateSigningRequest.from_dict(body))
        await requests.approve(name)
        certificate = base64.b64decode(await requests.wait_for_certificate(name, uid=made.metadata.uid))
        await requests.delete(name)
        assert timedelta(0) < cert.expiry(certificate) - datetime.now(UTC) <= timedelta(hours=1, minutes=5)
        tls = client.config.tls
        own = TLSConfig(ca_data=tls.ca_data, ca_file=tls.ca_file, cert_data=certificate, key_data=key)
        async with AsyncClient(config=ClientConfig(server=client.config.server, tls=own)) as other:
            review = await other.authentication_v1.selfsubjectreviews.create(SelfSubjectReview())
    assert review.status.user_info.username == "ada"
    assert set(review.status.user_info.groups) >= {"kmagic:mathematicians", "kmagic:poets"}
