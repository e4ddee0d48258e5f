"""The credentials of requests: tokens, passwords, token files, impersonation.

An authenticator gives the value of the Authorization header and learns when the server refused it.
"""

from __future__ import annotations

import base64
import logging
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from kmagic.api.secrecy import SecretText, hidden
from kmagic.errors import AuthError, ConfigError

if TYPE_CHECKING:
    import os

    from kmagic.api.clock import Clock
    from kmagic.config.client_config import AuthConfig, Impersonation

__all__ = (
    "Anonymous",
    "Authenticator",
    "FixedHeader",
    "TokenFile",
    "basic_header",
    "bearer",
    "impersonation_headers",
    "static_authenticator",
)

_log = logging.getLogger("kmagic.auth")

# Kubelets renew projected tokens long before they expire; a minute keeps the reads rare (client-go's figure).
_TOKEN_FILE_SECONDS = 60.0

# Legal bytes of an HTTP header name (RFC 7230 token), without %.
_HEADER_SAFE = "!#$&'*+-.^_`|~"


class Authenticator(Protocol):
    """Gives credentials, one request at a time."""

    async def authorization(self) -> str:
        """The Authorization header's value, or "" for none.

        Raises:
            AuthError: The credentials could not be had.
        """

    async def certificate(self) -> tuple[bytes, bytes] | None:
        """A client certificate and key (PEM) to use instead of the configured ones."""

    async def renew(self, refused: str) -> bool:
        """Renews the credential after the server answered 401 to this header; returns whether there is a new one."""


class Anonymous:
    """No header: a client certificate or nothing says who it is."""

    async def authorization(self) -> str:
        """Always ""."""
        return ""

    async def certificate(self) -> tuple[bytes, bytes] | None:
        """Always None."""
        return None

    async def renew(self, refused: str) -> bool:
        """Never renews: returns False."""
        return False


class FixedHeader(Anonymous):
    """A bearer token or a password that never changes."""

    def __init__(self, value: str) -> None:
        self._value = hidden(value)

    async def authorization(self) -> str:
        """The header as given."""
        return self._value


class TokenFile(Anonymous):
    """A bearer token in a file that something else renews.

    A file that cannot be read keeps the token that was read before.

    Source: k8s.io/client-go/transport/token_source.go.
    """

    def __init__(self, path: str | os.PathLike[str], clock: Clock, *, first: str = "") -> None:
        self._path = path
        self._clock = clock
        self._token = hidden(first)
        self._read_at: float | None = None

    async def authorization(self) -> str:
        """``Bearer <token>``, read again after a minute."""
        now = self._clock.now()
        if self._read_at is None or now - self._read_at >= _TOKEN_FILE_SECONDS:
            self._read(now)
        return bearer(self._token)

    async def renew(self, refused: str) -> bool:
        """Reads the file now; a token that changed is worth another try."""
        self._read(self._clock.now())
        return bearer(self._token) != refused

    def _read(self, now: float) -> None:
        try:
            with open(self._path, encoding="ascii") as file:
                token = hidden(file.read().strip())
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it holds no token"
            if not self._token:
                raise AuthError(f"unable to read the token file {self._path}: {reason}") from None
            _log.warning("unable to read the token file %s: %s; the old token stays", self._path, reason)
        else:
            if not token and not self._token:
                raise AuthError(f"the token file {self._path} is empty")
            self._token = token or self._token
        self._read_at = now


def static_authenticator(auth: AuthConfig, clock: Clock) -> Authenticator | None:
    """The authenticator for tokens and passwords, or None where the configuration has neither.

    Raises:
        ConfigError: Token and password at once.
    """
    has_token = bool(auth.token or auth.token_file)
    if has_token and (auth.username or auth.password):
        raise ConfigError("username/password or bearer token may be set, but not both")
    if auth.token_file:
        return TokenFile(auth.token_file, clock, first=auth.token or "")
    if auth.token:
        return FixedHeader(bearer(auth.token))
    if auth.username or auth.password:
        return FixedHeader(basic_header(auth.username or "", auth.password or ""))
    return None


def bearer(token: str) -> SecretText:
    """The Authorization value for a token."""
    return SecretText("Bearer " + token)


def basic_header(username: str, password: str) -> SecretText:
    """The Authorization value for a password."""
    return SecretText("Basic " + base64.b64encode((username + ":" + password).encode()).decode("ascii"))


def impersonation_headers(who: Impersonation | None) -> list[tuple[str, str]]:
    """The headers that ask the server to act as someone else.

    Source: k8s.io/client-go/transport/round_trippers.go (impersonatingRoundTripper).
    """
    if who is None or not who.user:
        return []
    headers = [("Impersonate-User", who.user)]
    if who.uid:
        headers.append(("Impersonate-Uid", who.uid))
    headers += [("Impersonate-Group", group) for group in who.groups]
    for key, values in who.extra.items():
        name = "Impersonate-Extra-" + quote(key.lower(), safe=_HEADER_SAFE)
        headers += [(name, value) for value in values]
    return headers
