"""TLS settings become an SSLContext that belongs to one transport.

Promises: TLS 1.2 at least; a private key given as data never is on disk where the system has files in memory, else
only for the instant OpenSSL reads it, in a file only the user can read. Does not: use a context of another library, or read certificates from the environment.

Source: k8s.io/client-go/transport/transport.go (TLSConfigFor).
"""

from __future__ import annotations

import contextlib
import os
import ssl
import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, NoReturn

from kmagic.api.secrecy import SecretBytes, hidden
from kmagic.errors import ConfigError

if TYPE_CHECKING:
    from kmagic.config.client_config import TLSConfig

__all__ = ("file_stamps", "key_file", "ssl_context")


def ssl_context(tls: TLSConfig, *, certificate: tuple[bytes, bytes] | None = None) -> ssl.SSLContext:
    """Builds the context for a server.

    Args:
        tls: From the kubeconfig; data wins over files.
        certificate: PEM certificate chain and key that replace the configured ones (from an exec plugin).

    Raises:
        ConfigError: A file cannot be read or is not a certificate or key; the message names the file, never its content.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if tls.insecure:
        if tls.ca_data or tls.ca_file:
            raise ConfigError("specifying a root certificates file with the insecure flag is not allowed")
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        _load_authorities(context, tls)
    if certificate is not None:
        _load_pair(context, certificate[0], hidden(certificate[1]), "from the credential plugin")
    elif tls.cert_data or tls.cert_file:
        cert = tls.cert_data or _read(tls.cert_file, "client certificate")
        key = hidden(tls.key_data or _read(tls.key_file, "client key"))
        _load_pair(context, cert, key, tls.cert_file or "in the kubeconfig")
    return context


def file_stamps(tls: TLSConfig) -> tuple[tuple[str, int, int], ...]:
    """Name, size and modification time (ns) of the certificate files in use; a change means: load them again."""
    stamps = []
    for path in (tls.ca_file, tls.cert_file, tls.key_file):
        if not path:
            continue
        try:
            found = os.stat(path)
        except OSError:
            # Between remove and rename of a rotation; the loaded certificates stay good.
            continue
        stamps.append((str(path), found.st_size, found.st_mtime_ns))
    return tuple(stamps)


def _load_authorities(context: ssl.SSLContext, tls: TLSConfig) -> None:
    data = tls.ca_data or (_read(tls.ca_file, "certificate authority") if tls.ca_file else b"")
    if not data:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
        return
    where = tls.ca_file if tls.ca_file and not tls.ca_data else "in the kubeconfig"
    try:
        # PEM is text; bytes would be taken for DER.
        context.load_verify_locations(cadata=data.decode("ascii"))
    except (ssl.SSLError, UnicodeDecodeError) as error:
        raise ConfigError(f"the certificate authority {where} is not a PEM certificate") from error


def _load_pair(context: ssl.SSLContext, cert: bytes, key: SecretBytes, where: str) -> None:
    try:
        with key_file(hidden(cert.rstrip() + b"\n" + key.rstrip() + b"\n")) as path:
            context.load_cert_chain(path, password=_no_password)
    except (ssl.SSLError, _EncryptedKeyError) as error:
        why = "the key is encrypted" if isinstance(error, _EncryptedKeyError) else "they do not fit together"
        raise ConfigError(f"the client certificate and key {where} cannot be used: {why}") from None


@contextlib.contextmanager
def key_file(pem: bytes) -> Iterator[str]:
    """Gives a key as a file, which is the only way the ssl module takes one.

    A file in memory leaves nothing behind when the process is killed while it is open.

    Args:
        pem: A certificate chain and its key.

    Returns:
        The file's path, for as long as the block lasts.
    """
    if hasattr(os, "memfd_create"):
        handle = os.memfd_create("kmagic-key")
        os.fchmod(handle, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
            file.flush()
            yield f"/proc/self/fd/{handle}"
        return
    handle, path = tempfile.mkstemp(prefix="kmagic-", suffix=".pem")  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
        yield path
    finally:
        os.unlink(path)


class _EncryptedKeyError(Exception):
    pass


def _no_password() -> NoReturn:
    # Without this OpenSSL asks on the terminal and a kernel hangs.
    raise _EncryptedKeyError


def _read(path: str | os.PathLike[str] | None, what: str) -> bytes:
    if not path:
        raise ConfigError(f"the configuration has no {what}")
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise ConfigError(f"unable to read the {what} {path}: {error.strerror}") from error
