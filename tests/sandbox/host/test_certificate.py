"""The certificate is accepted by OpenSSL's strict checks and by a handshake; Go's turn is in test_kubectl."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kmagic.sandbox.host import certificate
from kmagic.sandbox.host.certificate import make_certificate

NOW = datetime.now(UTC)


def serve_once(context: ssl.SSLContext, listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection, context.wrap_socket(connection, server_side=True) as wrapped:
        wrapped.sendall(b"hello")


def contexts(path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    made = make_certificate(NOW - timedelta(hours=1), NOW + timedelta(days=1))
    path.write_text(made.certificate + made.key)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    client = ssl.create_default_context(cadata=made.certificate)
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    return server, client


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_a_strict_client_that_trusts_the_certificate_accepts_the_server(tmp_path, name):
    server, client = contexts(tmp_path / "pem")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve_once, args=(server, listener))
        thread.start()
        with socket.create_connection(listener.getsockname()) as plain:
            with client.wrap_socket(plain, server_hostname=name) as wrapped:
                assert wrapped.recv(5) == b"hello"
        thread.join()


def test_another_name_is_refused(tmp_path):
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


def test_two_certificates_differ_and_the_key_is_not_shown():
    one, two = (make_certificate(NOW, NOW + timedelta(days=1)) for _ in range(2))
    assert one.certificate != two.certificate
    assert "BEGIN EC PRIVATE KEY" in one.key
    assert one.key not in repr(one)
    assert "BEGIN" not in repr(one)


def test_a_year_after_2049_is_written_in_full():
    assert certificate._time(datetime(2051, 1, 2, tzinfo=UTC)) == b"\x18\x0f20510102000000Z"


@pytest.mark.parametrize(("value", "encoded"), [(0, "020100"), (127, "02017f"), (128, "02020080"), (256, "02020100")])
def test_integers_keep_their_sign_bit_free(value, encoded):
    assert certificate._integer(value).hex() == encoded


def test_the_base_point_times_the_order_is_infinity():
    assert certificate._multiply(certificate.N - 1, certificate.G)[0] == certificate.G[0]
    with pytest.raises(ValueError):
        certificate._multiply(certificate.N, certificate.G)
