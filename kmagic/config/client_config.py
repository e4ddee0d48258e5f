"""The settings of a client before its first request, as one immutable value.

The reprs never show a credential: a token, password, key or certificate appears as its presence only. They are kept as
`kmagic.api.secrecy` has them, however they were given, so that no variable shows them either.

Source: k8s.io/client-go/rest/config.go
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import msgspec

from kmagic.api.secrecy import HIDDEN, KUBECONFIG_FIELDS, SecretText, hidden, redacted_url, reveal

__all__ = ("AuthConfig", "AuthProviderConfig", "ClientConfig", "ExecConfig", "Impersonation", "TLSConfig")

_ADDRESSES = ("server", "proxy_url")


def _repr(value: msgspec.Struct) -> str:
    shown = []
    for name in value.__struct_fields__:
        field = getattr(value, name)
        if field in (None, "", b"", (), {}, False):
            continue
        shown.append(f"{name}={redacted_url(field) if name in _ADDRESSES else field!r}")
    return f"{type(value).__name__}({', '.join(shown)})"


def _hide(struct: msgspec.Struct, *names: str) -> None:
    for name in names:
        if value := getattr(struct, name):
            msgspec.structs.force_setattr(struct, name, hidden(value))


class TLSConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The trust in the server's certificate, and the client's own certificate if it has one.

    Attributes:
        ca_data: Certificate authority, PEM; wins over `ca_file`.
        ca_file: Path of the same.
        cert_data: Our certificate, PEM; wins over `cert_file`.
        cert_file: Path of the same; read again when it changes.
        key_data: Its key, PEM; wins over `key_file`.
        key_file: Path of the same.
        server_name: The name to verify and to ask for (SNI), if not the server URL's host.
        insecure: Do not verify the server.
    """

    ca_data: bytes | None = None
    ca_file: str | None = None
    cert_data: bytes | None = None
    cert_file: str | None = None
    key_data: bytes | None = None
    key_file: str | None = None
    server_name: str | None = None
    insecure: bool = False

    def __post_init__(self) -> None:
        _hide(self, "ca_data", "cert_data", "key_data")

    def __repr__(self) -> str:
        return _repr(self)


class ExecConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A credential plugin to run.

    Attributes:
        command: Program to run; relative to the kubeconfig's folder only if it has a path separator.
        args: Arguments of the command.
        env: Its environment on top of the process's.
        api_version: ``client.authentication.k8s.io/v1`` or ``.../v1beta1``.
        interactive_mode: ``Never``, ``IfAvailable`` or ``Always``.
        install_hint: Text for a user who has not installed it.
        provide_cluster_info: Whether the plugin receives the cluster.
        cluster_info: The cluster as the plugin receives it, in the ExecCredential's ``spec.cluster``.
    """

    command: str
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = {}
    api_version: str = ""
    interactive_mode: str = ""
    install_hint: str = ""
    provide_cluster_info: bool = False
    cluster_info: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "args", tuple(map(SecretText, map(reveal, self.args))))
        msgspec.structs.force_setattr(self, "env", {name: hidden(value) for name, value in self.env.items()})

    def __repr__(self) -> str:
        return f"ExecConfig(command={self.command!r}, args={HIDDEN}, env={HIDDEN})"


class AuthProviderConfig(msgspec.Struct, frozen=True, kw_only=True):
    """An auth provider of the kubeconfig: ``oidc`` works; ``gcp`` and ``azure`` were removed upstream.

    Attributes:
        name: ``oidc``.
        config: Its settings, tokens among them.
        origin: The kubeconfig file it stands in, where renewed tokens go; "" for none.
    """

    name: str
    config: Mapping[str, str] = {}
    origin: str = ""

    def __post_init__(self) -> None:
        config = {key: hidden(value) if key in KUBECONFIG_FIELDS else value for key, value in self.config.items()}
        msgspec.structs.force_setattr(self, "config", config)

    def __repr__(self) -> str:
        return _repr(self)


class AuthConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The credentials of requests, beside a client certificate.

    Attributes:
        token: Bearer token.
        token_file: Path of one that is read again as it changes; wins over `token` at run time.
        username: Basic authentication.
        password: Basic authentication.
        exec: A credential plugin.
        auth_provider: A legacy auth provider.
    """

    token: str | None = None
    token_file: str | None = None
    username: str | None = None
    password: str | None = None
    exec: ExecConfig | None = None
    auth_provider: AuthProviderConfig | None = None

    def __post_init__(self) -> None:
        _hide(self, "token", "password")

    def __repr__(self) -> str:
        return _repr(self)


class Impersonation(msgspec.Struct, frozen=True, kw_only=True):
    """The identity that requests act as; the server checks the right to do so."""

    user: str
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: Mapping[str, tuple[str, ...]] = {}


class ClientConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The server and the identity of a client.

    Attributes:
        server: ``https://host:port[/prefix]``; ``user:password@`` before the host goes to `auth`.
        namespace: The context's namespace, or ``default``.
        tls: Trust and client certificate.
        auth: Other credentials.
        proxy_url: ``http``, ``https`` or ``socks5`` proxy for this cluster; None: HTTPS_PROXY and NO_PROXY decide.
        timeout: Seconds one request may take, None for the client's default; watches have none.
        user_agent: Replaces the default User-Agent when not "".
        disable_compression: Do not ask for gzip.
        impersonate: Whom to act as.
        context_name: The kubeconfig's context, "" when there is none.
        cluster_name: Name of the context's cluster.
        user_name: Name of the context's user.
        source: Origin of the configuration, for messages: a path, ``in-cluster`` or ``given``.
    """

    server: str
    namespace: str = "default"
    tls: TLSConfig = TLSConfig()
    auth: AuthConfig = AuthConfig()
    proxy_url: str | None = None
    timeout: float | None = None
    user_agent: str = ""
    disable_compression: bool = False
    impersonate: Impersonation | None = None
    context_name: str = ""
    cluster_name: str = ""
    user_name: str = ""
    source: str = "given"

    def __post_init__(self) -> None:
        if self.proxy_url and "@" in self.proxy_url:
            _hide(self, "proxy_url")
        if "@" in self.server:
            self._move_credentials()

    def _move_credentials(self) -> None:
        """A name and a password in the server's URL become the credentials where there are no others, as Go has it."""
        start, slashes, rest = hidden(self.server).partition("://")
        place, slash, path = rest.partition("/")
        userinfo, at, host = place.rpartition("@")
        if not at:
            return
        msgspec.structs.force_setattr(self, "server", f"{start}{slashes}{host}{slash}{path}")
        if self.auth == AuthConfig():
            user, _, password = (unquote(part) for part in userinfo.partition(":"))
            msgspec.structs.force_setattr(self, "auth", AuthConfig(username=user, password=password))

    def __repr__(self) -> str:
        return _repr(self)
