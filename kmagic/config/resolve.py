"""One context of a kubeconfig becomes one `ClientConfig`.

A context is chosen (asked for, else current-context), its cluster and user looked up, overrides laid over them, and
the result checked as a whole: all problems are in one error.

Source: k8s.io/client-go/tools/clientcmd/client_config.go
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from kmagic.api.base64_text import decode_base64
from kmagic.api.secrecy import hidden
from kmagic.api.words import did_you_mean
from kmagic.config import fields as kinds
from kmagic.config import validation
from kmagic.config.client_config import (
    AuthConfig,
    AuthProviderConfig,
    ClientConfig,
    ExecConfig,
    Impersonation,
    TLSConfig,
)
from kmagic.config.kubeconfig import Kubeconfig, Stanza
from kmagic.config.overrides import NO_OVERRIDES, Overrides
from kmagic.errors import ConfigError, EmptyConfigError

__all__ = ("client_config", "from_stanzas")

_REMOVED_PROVIDERS = {
    "gcp": (
        "The gcp auth plugin has been removed.",
        'Please use the "gke-gcloud-auth-plugin" kubectl/client-go credential plugin instead.',
    ),
    "azure": (
        "The azure auth plugin has been removed.",
        "Please use the https://github.com/Azure/kubelogin kubectl/client-go credential plugin instead.",
    ),
}
_EXEC_EXTENSION = "client.authentication.k8s.io/exec"
_CLUSTER_INFO = (
    "server",
    "tls-server-name",
    "insecure-skip-tls-verify",
    "certificate-authority-data",
    "proxy-url",
    "disable-compression",
)
_START = "set KUBECONFIG, write ~/.kube/config, or start a cluster of your own: %ksandbox start"


def client_config(
    config: Kubeconfig,
    context: str | None = None,
    *,
    overrides: Overrides = NO_OVERRIDES,
    searched: list[Path] | None = None,
) -> ClientConfig:
    """One context of a kubeconfig as a `ClientConfig`.

    Args:
        config: The kubeconfig, usually of `kmagic.config.loader.load_kubeconfig`.
        context: This context instead of the current one.
        overrides: Settings that take the place of the file's.
        searched: The files that were looked for, for the message when there is nothing.

    Raises:
        ConfigError: The context, its cluster or its user is missing or invalid.
    """
    if config.empty and not overrides.server:
        raise _nothing(config, searched)
    name = context or config.current_context
    fields = _context(config, name, asked_for=bool(context), overrides=overrides)
    cluster_name = overrides.cluster or fields.get("cluster", "")
    user_name = overrides.user or fields.get("user", "")
    found = from_stanzas(
        overrides.over_cluster(_stanza(config.clusters, cluster_name, "cluster", bool(overrides.cluster))),
        overrides.over_user(_stanza(config.users, user_name, "auth info", bool(overrides.user))),
        ClientConfig(
            server="",
            namespace=overrides.namespace or fields.get("namespace", "") or "default",
            timeout=overrides.timeout,
            context_name=name,
            cluster_name=cluster_name,
            user_name=user_name,
            source=config.contexts[name].origin if name in config.contexts else "kubeconfig",
        ),
    )
    if found.auth.auth_provider is None or user_name not in config.users:
        return found
    provider = msgspec.structs.replace(found.auth.auth_provider, origin=config.users[user_name].origin)
    return msgspec.structs.replace(found, auth=msgspec.structs.replace(found.auth, auth_provider=provider))


def from_stanzas(cluster: Mapping[str, Any], user: Mapping[str, Any], base: ClientConfig) -> ClientConfig:
    """Checks a cluster and a user and puts them into `base`, which has the names and the namespace.

    Raises:
        ConfigError: A field has another type, or with everything else that is wrong.
    """
    # What was read from a file is known to fit; a Kubeconfig can also be made in Python.
    cluster = kinds.typed(cluster, kinds.CLUSTER, "clusters.cluster")
    user = kinds.typed(user, kinds.USER, "users.user")
    problems = validation.cluster_problems(base.cluster_name, cluster)
    problems += validation.user_problems(base.user_name, user)
    if problems:
        raise validation.invalid(problems)
    tls = _tls(cluster, user)
    server = _server(_text(cluster, "server"), tls)
    secure = server.startswith("https://")
    if not secure:
        # Neither credentials nor certificates mean anything on a connection that anyone can read.
        tls = TLSConfig()
    return ClientConfig(
        server=server,
        namespace=base.namespace,
        tls=tls,
        auth=_auth(user, base.user_name, cluster) if secure else AuthConfig(),
        proxy_url=_text(cluster, "proxy-url") or None,
        timeout=base.timeout,
        user_agent=base.user_agent,
        disable_compression=bool(cluster.get("disable-compression")),
        impersonate=_impersonation(user),
        context_name=base.context_name,
        cluster_name=base.cluster_name,
        user_name=base.user_name,
        source=base.source or "kubeconfig",
    )


def _nothing(config: Kubeconfig, searched: list[Path] | None) -> EmptyConfigError:
    looked = ", ".join(str(path) for path in searched or ()) or ", ".join(config.sources) or "nothing"
    return EmptyConfigError(
        f"invalid configuration: no configuration has been provided (looked in {looked})", hint=_START
    )


def _context(config: Kubeconfig, name: str, *, asked_for: bool, overrides: Overrides) -> Mapping[str, Any]:
    if not name:
        if overrides.cluster or overrides.server:
            return {}
        raise validation.invalid(["no context chosen"], hint=_known(config))
    if name not in config.contexts:
        if asked_for:
            raise ConfigError(f'context "{name}" does not exist', hint=_near(config, name))
        raise validation.invalid(validation.context_problems(name, config), hint=_near(config, name))
    fields: Mapping[str, Any] = kinds.typed(config.contexts[name].fields, kinds.CONTEXT, "contexts.context")
    problems = validation.context_problems(name, config)
    if overrides.cluster or overrides.server:
        problems = [problem for problem in problems if not problem.startswith("cluster ")]
    if overrides.user:
        problems = [problem for problem in problems if not problem.startswith("user ")]
    if problems:
        raise validation.invalid(problems)
    return fields


def _near(config: Kubeconfig, name: str) -> str:
    return did_you_mean(name, config.contexts) or _known(config)


def _known(config: Kubeconfig) -> str:
    return f"there are: {', '.join(sorted(config.contexts))}" if config.contexts else "no context is defined"


def _stanza(stanzas: Mapping[str, Stanza], name: str, what: str, asked_for: bool) -> Mapping[str, Any]:
    if name in stanzas:
        return stanzas[name].fields
    if asked_for:
        raise ConfigError(f'{what} "{name}" does not exist', hint=did_you_mean(name, stanzas))
    return {}


def _text(fields: Mapping[str, Any], key: str) -> str:
    return fields.get(key) or ""


def _server(server: str, tls: TLSConfig) -> str:
    if "://" not in server:
        wants_tls = tls != TLSConfig() or server.endswith(":443")
        server = f"{'https' if wants_tls else 'http'}://{server}"
    parts = urlsplit(server)
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def _data(fields: Mapping[str, Any], key: str) -> bytes | None:
    return decode_base64(hidden(_text(fields, key))) or None


def _tls(cluster: Mapping[str, Any], user: Mapping[str, Any]) -> TLSConfig:
    has_certificate = bool(user.get("client-certificate") or user.get("client-certificate-data"))
    return TLSConfig(
        ca_data=_data(cluster, "certificate-authority-data"),
        ca_file=_text(cluster, "certificate-authority") or None,
        cert_data=_data(user, "client-certificate-data"),
        cert_file=_text(user, "client-certificate") or None,
        key_data=_data(user, "client-key-data") if has_certificate else None,
        key_file=(_text(user, "client-key") or None) if has_certificate else None,
        server_name=_text(cluster, "tls-server-name") or None,
        insecure=bool(cluster.get("insecure-skip-tls-verify")),
    )


def _auth(user: Mapping[str, Any], name: str, cluster: Mapping[str, Any]) -> AuthConfig:
    return AuthConfig(
        token=_text(user, "token") or None,
        token_file=_text(user, "tokenFile") or None,
        username=_text(user, "username") or None,
        password=_text(user, "password") or None,
        exec=_exec(user["exec"], cluster) if user.get("exec") else None,
        auth_provider=_provider(user["auth-provider"], name) if user.get("auth-provider") else None,
    )


def _provider(fields: Mapping[str, Any], user: str) -> AuthProviderConfig:
    name = _text(fields, "name")
    if name in _REMOVED_PROVIDERS:
        message, hint = _REMOVED_PROVIDERS[name]
        raise ConfigError(message, hint=hint)
    if name != "oidc":
        raise ConfigError(f'no Auth Provider found for name "{name}" (user "{user}")')
    settings = fields.get("config") or {}
    return AuthProviderConfig(name=name, config=settings)


def _exec(fields: Mapping[str, Any], cluster: Mapping[str, Any]) -> ExecConfig:
    wants_cluster = bool(fields.get("provideClusterInfo"))
    return ExecConfig(
        command=_text(fields, "command"),
        args=tuple(fields.get("args") or ()),
        env={_text(entry, "name"): _text(entry, "value") for entry in fields.get("env") or ()},
        api_version=_text(fields, "apiVersion"),
        interactive_mode=_text(fields, "interactiveMode") or "IfAvailable",
        install_hint=_text(fields, "installHint"),
        provide_cluster_info=wants_cluster,
        cluster_info=_cluster_info(cluster) if wants_cluster else None,
    )


def _cluster_info(cluster: Mapping[str, Any]) -> dict[str, Any]:
    info = {key: cluster[key] for key in _CLUSTER_INFO if cluster.get(key)}
    if file := _text(cluster, "certificate-authority"):
        # A plugin has no kubeconfig to resolve the path against, so it gets the content.
        try:
            content = Path(file).read_bytes()
        except OSError as error:
            raise ConfigError(f"unable to read certificate-authority {file}: {error.strerror}") from error
        info["certificate-authority-data"] = base64.b64encode(content).decode("ascii")
    for extension in cluster.get("extensions") or ():
        if extension.get("name") == _EXEC_EXTENSION:
            info["config"] = extension.get("extension")
    return info


def _impersonation(user: Mapping[str, Any]) -> Impersonation | None:
    if not (who := _text(user, "as")):
        return None
    return Impersonation(
        user=who,
        uid=_text(user, "as-uid"),
        groups=tuple(user.get("as-groups") or ()),
        extra={key: tuple(values) for key, values in (user.get("as-user-extra") or {}).items()},
    )
