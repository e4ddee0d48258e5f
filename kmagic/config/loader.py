"""From files and overrides to one `ClientConfig`, by kubectl's rules.

An explicit path must exist. Otherwise the files of KUBECONFIG, missing ones skipped, else ``~/.kube/config``.
A context is chosen (asked for, else current-context), its cluster and user looked up and checked. With no
configuration at all, the in-cluster files are used where there are any.

Source: k8s.io/client-go/tools/clientcmd (client_config.go, validation.go)
"""

from __future__ import annotations

import base64
import binascii
import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from kmagic.config import in_cluster as pod
from kmagic.config import kubeconfig
from kmagic.config.client_config import (
    AuthConfig,
    AuthProviderConfig,
    ClientConfig,
    ExecConfig,
    Impersonation,
    TLSConfig,
)
from kmagic.config.kubeconfig import Kubeconfig
from kmagic.errors import ConfigError

__all__ = ("Overrides", "client_config", "kubeconfig_paths", "load_config", "load_kubeconfig")

_REMOVED_PROVIDERS = {
    "gcp": 'The gcp auth plugin has been removed. Please use the "gke-gcloud-auth-plugin" credential plugin instead.',
    "azure": 'The azure auth plugin has been removed. Please use the "kubelogin" credential plugin instead.',
}
_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


class Overrides(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller says instead of the file; None leaves the file's word.

    Attributes:
        cluster: Another cluster than the context's.
        user: Another user than the context's.
        namespace: Another namespace than the context's.
        server: Another server; clears the TLS server name.
        insecure: Do not verify the server; clears the certificate authority.
        impersonate: Whom to act as.
        timeout: Seconds one request may take.
    """

    cluster: str | None = None
    user: str | None = None
    namespace: str | None = None
    server: str | None = None
    insecure: bool | None = None
    impersonate: Impersonation | None = None
    timeout: float | None = None


def kubeconfig_paths(env: Mapping[str, str]) -> list[Path]:
    """The files to read when none is named: KUBECONFIG's members once each, else ``~/.kube/config``."""
    if listed := env.get("KUBECONFIG"):
        return [Path(path) for path in dict.fromkeys(listed.split(os.pathsep)) if path]
    home = env.get("HOME") or os.path.expanduser("~")
    return [Path(home) / ".kube" / "config"]


def load_kubeconfig(path: str | os.PathLike[str] | None = None, *, env: Mapping[str, str] = os.environ) -> Kubeconfig:
    """Reads and merges the files kubectl would; a missing file counts only when it was named.

    Raises:
        ConfigError: The named file is missing, or any file is broken.
    """
    if path is not None:
        try:
            return kubeconfig.load_file(Path(path).expanduser())
        except FileNotFoundError as error:
            raise ConfigError(
                f'kubeconfig "{os.fspath(path)}" does not exist',
                hint="check the path, or leave it out to use KUBECONFIG or ~/.kube/config",
            ) from error
    found, broken = [], []
    for candidate in kubeconfig_paths(env):
        try:
            found.append(kubeconfig.load_file(candidate))
        except FileNotFoundError:
            continue
        except ConfigError as error:
            broken.append(error.message)
    if broken:
        raise ConfigError("; ".join(broken))
    return kubeconfig.merge(found)


def load_config(
    kubeconfig_path: str | os.PathLike[str] | None = None,
    context: str | None = None,
    *,
    env: Mapping[str, str] = os.environ,
    overrides: Overrides = Overrides(),
) -> ClientConfig:
    """Finds out where the server is and who we are.

    Args:
        kubeconfig_path: This file only; it must exist.
        context: This context instead of the current one.
        env: The environment: KUBECONFIG, HOME, KUBERNETES_SERVICE_HOST.
        overrides: What the caller says instead of the file.

    Raises:
        ConfigError: Nothing is configured, or what is configured contradicts itself.
    """
    config = load_kubeconfig(kubeconfig_path, env=env)
    if config.empty and kubeconfig_path is None and context is None and pod.in_cluster_possible(env):
        return _overridden(pod.in_cluster(env), overrides)
    return client_config(config, context, overrides=overrides, searched=kubeconfig_paths(env))


def client_config(
    config: Kubeconfig,
    context: str | None = None,
    *,
    overrides: Overrides = Overrides(),
    searched: list[Path] | None = None,
) -> ClientConfig:
    """One context of a kubeconfig as a `ClientConfig`.

    Raises:
        ConfigError: The context, its cluster or its user is missing or invalid.
    """
    if config.empty:
        where = ", ".join(str(path) for path in searched or []) or ", ".join(config.sources)
        raise ConfigError(
            f"invalid configuration: no configuration has been provided (looked in {where or 'nothing'})",
            hint="set KUBECONFIG, write ~/.kube/config, or start a sandbox: %ksandbox start",
        )
    name = context or config.current_context
    if not name and not (overrides.cluster or overrides.server):
        raise ConfigError(
            "invalid configuration: no context chosen",
            hint=f"choose one of: {', '.join(sorted(config.contexts)) or 'none is defined'}",
        )
    fields = _context(config, name)
    cluster_name = overrides.cluster or str(fields.get("cluster") or "")
    user_name = overrides.user or str(fields.get("user") or "")
    cluster = _stanza(config.clusters, cluster_name, "cluster", name, required=not overrides.server)
    user = _stanza(config.users, user_name, "user", name, required=False)
    server = _server(overrides.server or cluster.get("server"), cluster_name)
    tls = _tls(cluster, user, cluster_name, user_name)
    # A client never sends a credential over a connection that anyone can read.
    auth = _auth(user, user_name, cluster) if server.startswith("https://") else AuthConfig()
    base = ClientConfig(
        server=server,
        namespace=_namespace(str(fields.get("namespace") or ""), name),
        tls=tls,
        auth=auth,
        proxy_url=_proxy(cluster.get("proxy-url"), cluster_name),
        disable_compression=bool(cluster.get("disable-compression")),
        impersonate=_impersonation(user, user_name),
        context_name=name,
        cluster_name=cluster_name,
        user_name=user_name,
        source=_origin(config, name) or "kubeconfig",
    )
    return _overridden(base, overrides)


def _origin(config: Kubeconfig, context: str) -> str:
    stanza = config.contexts.get(context)
    return stanza.origin if stanza else ""


def _context(config: Kubeconfig, name: str) -> Mapping[str, Any]:
    if not name:
        return {}
    if name not in config.contexts:
        near = difflib.get_close_matches(name, config.contexts, n=3, cutoff=0.4)
        raise ConfigError(
            f'context "{name}" does not exist',
            hint=f"did you mean {' or '.join(near)}?" if near else f"there is: {', '.join(sorted(config.contexts))}",
        )
    return config.contexts[name].fields


def _stanza(
    stanzas: Mapping[str, kubeconfig.Stanza], name: str, what: str, context: str, *, required: bool
) -> Mapping[str, Any]:
    if not name:
        if required:
            raise ConfigError(f'invalid configuration: {what} was not specified for context "{context}"')
        return {}
    if name not in stanzas:
        raise ConfigError(f'invalid configuration: {what} "{name}" was not found for context "{context}"')
    return stanzas[name].fields


def _server(server: object, cluster: str) -> str:
    if not server:
        raise ConfigError(f'invalid configuration: no server found for cluster "{cluster}"')
    text = str(server)
    if "://" not in text:
        text = f"https://{text}" if text.endswith(":443") else f"http://{text}"
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f'invalid configuration: server "{text}" of cluster "{cluster}" is not an http(s) URL')
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}".rstrip("/")


def _namespace(namespace: str, context: str) -> str:
    if namespace and not _DNS_LABEL.fullmatch(namespace):
        raise ConfigError(
            f'invalid configuration: namespace "{namespace}" for context "{context}" '
            "does not conform to the kubernetes DNS_LABEL rules"
        )
    return namespace or "default"


def _bytes(fields: Mapping[str, Any], key: str, owner: str) -> bytes | None:
    value = fields.get(key)
    if not value:
        return None
    try:
        return base64.b64decode(str(value), validate=True)
    except binascii.Error:
        raise ConfigError(f"invalid configuration: {key} of {owner} is not valid base64") from None


def _path(fields: Mapping[str, Any], key: str, owner: str) -> str | None:
    value = fields.get(key)
    if not value:
        return None
    try:
        with open(str(value), "rb"):
            return str(value)
    except OSError as error:
        raise ConfigError(
            f"invalid configuration: unable to read {key} {value} of {owner}: {error.strerror}"
        ) from error


def _tls(cluster: Mapping[str, Any], user: Mapping[str, Any], cluster_name: str, user_name: str) -> TLSConfig:
    owner, person = f'cluster "{cluster_name}"', f'user "{user_name}"'
    insecure = bool(cluster.get("insecure-skip-tls-verify"))
    ca_data = _bytes(cluster, "certificate-authority-data", owner)
    ca_file = None if ca_data else _path(cluster, "certificate-authority", owner)
    if insecure and (ca_data or ca_file):
        raise ConfigError(
            f"invalid configuration: specifying a root certificates file with the insecure flag is not allowed ({owner})"
        )
    cert_data, key_data = _bytes(user, "client-certificate-data", person), _bytes(user, "client-key-data", person)
    for what in ("client-certificate", "client-key"):
        if user.get(f"{what}-data") and user.get(what):
            raise ConfigError(f"invalid configuration: {what}-data and {what} are both specified for {user_name}")
    cert_file = _path(user, "client-certificate", person)
    key_file = _path(user, "client-key", person)
    if bool(cert_data or cert_file) != bool(key_data or key_file):
        missing = "client-key" if cert_data or cert_file else "client-certificate"
        raise ConfigError(f"invalid configuration: {missing}-data or {missing} must be specified for {user_name}")
    return TLSConfig(
        ca_data=ca_data,
        ca_file=ca_file,
        cert_data=cert_data,
        cert_file=cert_file,
        key_data=key_data,
        key_file=key_file,
        server_name=cluster.get("tls-server-name") or None,
        insecure=insecure,
    )


def _auth(user: Mapping[str, Any], name: str, cluster: Mapping[str, Any]) -> AuthConfig:
    has_token = bool(user.get("token") or user.get("tokenFile"))
    has_basic = bool(user.get("username") or user.get("password"))
    if has_token and has_basic:
        raise ConfigError(
            f"invalid configuration: more than one authentication method found for {name}; "
            "found [token basicAuth], only one is allowed"
        )
    if user.get("exec") and user.get("auth-provider"):
        raise ConfigError(
            f"invalid configuration: authProvider cannot be provided in combination with an exec plugin for {name}"
        )
    token_file = user.get("tokenFile") or None
    if token_file and not user.get("token"):
        _path(user, "tokenFile", f'user "{name}"')
    return AuthConfig(
        token=user.get("token") or None,
        token_file=token_file,
        username=user.get("username") or None,
        password=user.get("password") or None,
        exec=_exec(user["exec"], name, cluster) if user.get("exec") else None,
        auth_provider=_provider(user["auth-provider"], name) if user.get("auth-provider") else None,
    )


def _provider(fields: Mapping[str, Any], user: str) -> AuthProviderConfig:
    name = str(fields.get("name") or "")
    if name in _REMOVED_PROVIDERS:
        raise ConfigError(_REMOVED_PROVIDERS[name])
    if name != "oidc":
        raise ConfigError(f'no Auth Provider found for name "{name}" (user "{user}")')
    return AuthProviderConfig(name=name, config={str(k): str(v) for k, v in (fields.get("config") or {}).items()})


def _exec(fields: Mapping[str, Any], user: str, cluster: Mapping[str, Any]) -> ExecConfig:
    api_version = str(fields.get("apiVersion") or "")
    mode = str(fields.get("interactiveMode") or "")
    if not fields.get("command"):
        raise ConfigError(
            f"invalid configuration: command must be specified for {user} to use exec authentication plugin"
        )
    if not api_version:
        raise ConfigError(
            f"invalid configuration: apiVersion must be specified for {user} to use exec authentication plugin"
        )
    if not mode:
        if not api_version.endswith("/v1beta1"):
            raise ConfigError(
                f"invalid configuration: interactiveMode must be specified for {user} to use exec authentication plugin"
            )
        mode = "IfAvailable"
    env = {}
    for entry in fields.get("env") or []:
        if not entry.get("name"):
            raise ConfigError(f"invalid configuration: env variable name must be specified for {user}")
        env[str(entry["name"])] = str(entry.get("value") or "")
    return ExecConfig(
        command=str(fields["command"]),
        args=tuple(str(argument) for argument in fields.get("args") or ()),
        env=env,
        api_version=api_version,
        interactive_mode=mode,
        install_hint=str(fields.get("installHint") or ""),
        provide_cluster_info=bool(fields.get("provideClusterInfo")),
        cluster_info=_cluster_info(cluster) if fields.get("provideClusterInfo") else None,
    )


def _cluster_info(cluster: Mapping[str, Any]) -> dict[str, Any]:
    kept = (
        "server",
        "tls-server-name",
        "insecure-skip-tls-verify",
        "certificate-authority-data",
        "proxy-url",
        "disable-compression",
    )
    info = {key: cluster[key] for key in kept if cluster.get(key)}
    for extension in cluster.get("extensions") or []:
        if extension.get("name") == "client.authentication.k8s.io/exec":
            info["config"] = extension.get("extension")
    return info


def _proxy(url: object, cluster: str) -> str | None:
    if not url:
        return None
    parts = urlsplit(str(url))
    if parts.scheme not in ("http", "https", "socks5") or not parts.hostname:
        raise ConfigError(
            f'invalid configuration: proxy-url of cluster "{cluster}" is not an http, https or socks5 URL with a host'
        )
    return str(url)


def _impersonation(user: Mapping[str, Any], name: str) -> Impersonation | None:
    who, uid = str(user.get("as") or ""), str(user.get("as-uid") or "")
    groups, extra = user.get("as-groups") or (), user.get("as-user-extra") or {}
    if not who:
        if uid or groups or extra:
            raise ConfigError(
                f"invalid configuration: requesting uid, groups or user-extra for {name} without impersonating a user"
            )
        return None
    return Impersonation(
        user=who, uid=uid, groups=tuple(groups), extra={key: tuple(values) for key, values in extra.items()}
    )


def _overridden(config: ClientConfig, overrides: Overrides) -> ClientConfig:
    changes: dict[str, Any] = {}
    tls = config.tls
    if overrides.server:
        tls = msgspec.structs.replace(tls, server_name=None)
        changes["server"] = _server(overrides.server, config.cluster_name)
    if overrides.insecure is not None:
        tls = msgspec.structs.replace(tls, insecure=overrides.insecure)
        if overrides.insecure:
            tls = msgspec.structs.replace(tls, ca_data=None, ca_file=None)
    if overrides.namespace:
        changes["namespace"] = _namespace(overrides.namespace, config.context_name)
    if overrides.impersonate:
        changes["impersonate"] = overrides.impersonate
    if overrides.timeout is not None:
        changes["timeout"] = overrides.timeout
    return msgspec.structs.replace(config, tls=tls, **changes)
