from __future__ import annotations

import base64
import os
import ssl
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kmagic.config.client_config import TLSConfig
from kmagic.errors import ConfigError
from kmagic.transport.tls import file_stamps, ssl_context


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    folder = tmp_path_factory.mktemp("pki")
    cert, key = folder / "tls.crt", folder / "tls.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=test", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


def test_RE_25_tls_1_2_at_least_and_the_server_is_verified(pair: tuple[Path, ...]) -> None:
    context = ssl_context(TLSConfig(ca_file=str(pair[0])))
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
    # Only this authority, not the machine's.
    assert len(context.get_ca_certs()) == 1


def test_authority_as_data(pair: tuple[Path, ...]) -> None:
    assert len(ssl_context(TLSConfig(ca_data=pair[0].read_bytes())).get_ca_certs()) == 1


def test_RE_25_insecure_verifies_nothing_and_excludes_an_authority(pair: tuple[Path, ...]) -> None:
    context = ssl_context(TLSConfig(insecure=True))
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_NONE, False)
    with pytest.raises(ConfigError, match="specifying a root certificates file with the insecure flag is not allowed"):
        ssl_context(TLSConfig(insecure=True, ca_data=b"x"))


def test_a_key_given_as_data_leaves_no_file_behind(
    pair: tuple[Path, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    seen = []
    opened = os.fdopen

    def spy(handle: Any, *mode: Any) -> Any:
        seen.append(oct(os.fstat(handle).st_mode & 0o777))
        return opened(handle, *mode)

    monkeypatch.setattr(os, "fdopen", spy)
    ssl_context(TLSConfig(cert_data=pair[0].read_bytes(), key_data=pair[1].read_bytes()))
    assert seen == ["0o600"]
    assert list(tmp_path.iterdir()) == []


def test_certificate_files_and_a_plugins_pair(pair: tuple[Path, ...]) -> None:
    ssl_context(TLSConfig(cert_file=str(pair[0]), key_file=str(pair[1])))
    ssl_context(TLSConfig(), certificate=(pair[0].read_bytes(), pair[1].read_bytes()))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda cert, key: TLSConfig(ca_file="/missing"), "unable to read the certificate authority /missing"),
        (lambda cert, key: TLSConfig(ca_data=b"nonsense"), "is not a PEM certificate"),
        (lambda cert, key: TLSConfig(ca_data=b"\xff\xfe"), "is not a PEM certificate"),
        (
            lambda cert, key: TLSConfig(cert_file=str(cert), key_file="/missing"),
            "unable to read the client key /missing",
        ),
        (lambda cert, key: TLSConfig(cert_file=str(cert)), "has no client key"),
        (lambda cert, key: TLSConfig(cert_data=b"no", key_data=b"no"), "cannot be used: they do not fit together"),
    ],
)
def test_EX_08_bad_files_are_named(
    pair: tuple[Path, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[..., Any], message: str
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(ConfigError, match=message):
        ssl_context(make(*pair))
    assert list(tmp_path.iterdir()) == []


def test_an_encrypted_key_is_refused_and_nobody_is_asked(pair: tuple[Path, ...], tmp_path: Path) -> None:
    locked = tmp_path / "locked.key"
    subprocess.run(
        ["openssl", "ec", "-in", pair[1], "-out", locked, "-aes256", "-passout", "pass:geheim"],
        check=True,
        capture_output=True,
    )
    with pytest.raises(ConfigError, match="the key is encrypted"):
        ssl_context(TLSConfig(cert_file=str(pair[0]), key_file=str(locked)))


def test_RE_26_stamps_change_with_the_files(pair: tuple[Path, ...], tmp_path: Path) -> None:
    path = tmp_path / "ca.crt"
    config = TLSConfig(ca_file=str(path))
    assert file_stamps(config) == ()
    path.write_bytes(pair[0].read_bytes())
    first = file_stamps(config)
    path.write_bytes(base64.b64encode(b"other"))
    assert file_stamps(config) != first
