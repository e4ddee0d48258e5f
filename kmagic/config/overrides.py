"""Settings that take the place of the kubeconfig's, laid over its stanzas before anything is checked.

Source: k8s.io/client-go/tools/clientcmd/client_config.go (getCluster, getAuthInfo), overrides.go
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import msgspec

from kmagic.api.secrecy import hidden, redacted_url
from kmagic.config.client_config import Impersonation

__all__ = ("NO_OVERRIDES", "Overrides")


class Overrides(msgspec.Struct, frozen=True, kw_only=True):
    """Settings that take the place of the file's; None keeps the file's value.

    Attributes:
        cluster: Another cluster than the context's.
        user: Another user than the context's.
        namespace: Another namespace than the context's.
        server: Another server; clears the TLS server name unless that is said too.
        tls_server_name: The name to verify and to ask for.
        insecure: True: do not verify the server; clears the certificate authority unless one is said too.
        ca_file: Another certificate authority; clears data and `insecure`.
        ca_data: The same, PEM; clears the file and `insecure`.
        cert_file: Another client certificate; clears data.
        cert_data: The same, PEM; clears the file.
        key_file: Its key; clears data.
        key_data: The same, PEM; clears the file.
        token: A bearer token.
        token_file: The path of one.
        username: Basic authentication.
        password: Basic authentication.
        impersonate: Whom to act as.
        proxy_url: URL of another proxy.
        disable_compression: Do not ask for gzip.
        timeout: Seconds one request may take.
    """

    cluster: str | None = None
    user: str | None = None
    namespace: str | None = None
    server: str | None = None
    tls_server_name: str | None = None
    insecure: bool | None = None
    ca_file: str | None = None
    ca_data: bytes | None = None
    cert_file: str | None = None
    cert_data: bytes | None = None
    key_file: str | None = None
    key_data: bytes | None = None
    token: str | None = None
    token_file: str | None = None
    username: str | None = None
    password: str | None = None
    impersonate: Impersonation | None = None
    proxy_url: str | None = None
    disable_compression: bool | None = None
    timeout: float | None = None

    def __post_init__(self) -> None:
        for name in ("token", "password", "ca_data", "cert_data", "key_data", "proxy_url"):
            msgspec.structs.force_setattr(self, name, hidden(getattr(self, name)))

    def __repr__(self) -> str:
        said = {name: getattr(self, name) for name in self.__struct_fields__ if getattr(self, name) is not None}
        shown = (
            f"{name}={redacted_url(value) if name == 'proxy_url' else repr(value)}" for name, value in said.items()
        )
        return f"Overrides({', '.join(shown)})"

    def over_cluster(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """A cluster stanza with these overrides in it."""
        merged = dict(fields)
        if self.insecure or self.ca_file or self.ca_data:
            # Otherwise the file's authority and this flag would contradict each other.
            _put(merged, "insecure-skip-tls-verify", self.insecure or None)
            _put(merged, "certificate-authority", self.ca_file)
            _put(merged, "certificate-authority-data", _encoded(self.ca_data))
        elif self.insecure is False:
            merged.pop("insecure-skip-tls-verify", None)
        if self.server or self.tls_server_name:
            # The name belonged to the server of the file.
            _put(merged, "tls-server-name", self.tls_server_name)
        for key, value in (
            ("server", self.server),
            ("proxy-url", self.proxy_url),
            ("disable-compression", self.disable_compression),
        ):
            if value is not None:
                merged[key] = value
        return merged

    def over_user(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """A user stanza with these overrides in it."""
        merged = dict(fields)
        for key, file, data in (
            ("client-certificate", self.cert_file, self.cert_data),
            ("client-key", self.key_file, self.key_data),
        ):
            if file or data:
                _put(merged, key, file)
                _put(merged, f"{key}-data", _encoded(data))
        if self.token or self.token_file:
            _put(merged, "token", self.token)
            _put(merged, "tokenFile", self.token_file)
        if self.username is not None:
            merged["username"] = self.username
        if self.password is not None:
            merged["password"] = self.password
        if who := self.impersonate:
            _put(merged, "as", who.user)
            _put(merged, "as-uid", who.uid)
            _put(merged, "as-groups", list(who.groups))
            _put(merged, "as-user-extra", {key: list(values) for key, values in who.extra.items()})
        return merged


NO_OVERRIDES = Overrides()


def _put(fields: dict[str, Any], key: str, value: object) -> None:
    if value:
        fields[key] = value
    else:
        fields.pop(key, None)


def _encoded(data: bytes | None) -> str | None:
    return hidden(base64.b64encode(data).decode("ascii")) if data else None
