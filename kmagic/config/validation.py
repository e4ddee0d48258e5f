"""The problems of a cluster, a user or a context of a kubeconfig, in client-go's words.

Every check returns all it finds, so that a file can be corrected in one go. Nothing here shows a credential.

Source: k8s.io/client-go/tools/clientcmd/validation.go
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from kmagic.api import names
from kmagic.api.secrecy import hidden, reveal
from kmagic.config.kubeconfig import Kubeconfig
from kmagic.errors import ConfigError

__all__ = ("cluster_problems", "context_problems", "invalid", "user_problems")

_INTERACTIVE_MODES = ("Never", "IfAvailable", "Always")


def invalid(problems: list[str], *, hint: str = "") -> ConfigError:
    """The error for what was found: ``invalid configuration: a``, or ``invalid configuration: [a, b]`` for several."""
    text = problems[0] if len(problems) == 1 else f"[{', '.join(problems)}]"
    return ConfigError(f"invalid configuration: {text}", hint=hint)


def cluster_problems(name: str, fields: Mapping[str, Any]) -> list[str]:
    """Returns the problems of a cluster stanza."""
    return list(_cluster(name, fields))


def user_problems(name: str, fields: Mapping[str, Any]) -> list[str]:
    """Returns the problems of a user stanza."""
    return [*_certificate(name, fields), *_plugin(name, fields), *_methods(name, fields)]


def context_problems(name: str, config: Kubeconfig) -> list[str]:
    """Returns the problems of a context: what it refers to must exist; no user means anonymous, which is fine."""
    if name not in config.contexts:
        return [f"context was not found for specified context: {name}"]
    fields = config.contexts[name].fields
    problems = []
    user, cluster, namespace = (fields.get(key) or "" for key in ("user", "cluster", "namespace"))
    if user and user not in config.users:
        problems.append(f'user "{user}" was not found for context "{name}"')
    if not cluster:
        problems.append(f'cluster was not specified for context "{name}"')
    elif cluster not in config.clusters:
        problems.append(f'cluster "{cluster}" was not found for context "{name}"')
    if namespace and not names.is_dns_label(namespace):
        problems.append(
            f'namespace "{namespace}" for context "{name}" does not conform to the kubernetes DNS_LABEL rules'
        )
    return problems


def _cluster(name: str, fields: Mapping[str, Any]) -> Iterator[str]:
    server = reveal(fields.get("server") or "")
    if not server:
        yield f'no server found for cluster "{name}"' if name else "default cluster has no server defined"
    elif problem := _server_problem(server):
        yield f'server of cluster "{name}" {problem}'
    if (proxy := fields.get("proxy-url")) and (problem := _proxy_problem(hidden(proxy))):
        # Not the URL itself: it may hold a password.
        yield f"invalid 'proxy-url' for cluster \"{name}\": {problem}"
    file, data = fields.get("certificate-authority"), fields.get("certificate-authority-data")
    if file and data:
        yield (
            f"certificate-authority-data and certificate-authority are both specified for {name}. "
            "certificate-authority-data will override."
        )
    if (file or data) and fields.get("insecure-skip-tls-verify"):
        yield f"specifying a root certificates file with the insecure flag is not allowed for {name}"
    yield from _unreadable("certificate-authority", file, name)


def _certificate(name: str, fields: Mapping[str, Any]) -> Iterator[str]:
    file, data = fields.get("client-certificate"), fields.get("client-certificate-data")
    key_file, key_data = fields.get("client-key"), fields.get("client-key-data")
    if not file and not data:
        return
    if file and data:
        yield (f"client-cert-data and client-cert are both specified for {name}. client-cert-data will override.")
    if key_file and key_data:
        yield f"client-key-data and client-key are both specified for {name}; client-key-data will override"
    if not key_file and not key_data:
        yield (
            f"client-key-data or client-key must be specified for {name} to use the clientCert authentication method."
        )
    yield from _unreadable("client-cert", file, name)
    yield from _unreadable("client-key", key_file, name)


def _plugin(name: str, fields: Mapping[str, Any]) -> Iterator[str]:
    plugin = fields.get("exec")
    if not plugin:
        return
    use = f"{name} to use exec authentication plugin"
    if fields.get("auth-provider"):
        yield f"authProvider cannot be provided in combination with an exec plugin for {name}"
    for key in ("command", "apiVersion"):
        if not plugin.get(key):
            yield f"{key} must be specified for {use}"
    if any(not entry.get("name") for entry in plugin.get("env") or ()):
        yield f"env variable name must be specified for {use}"
    mode = plugin.get("interactiveMode")
    # v1beta1 did not have it and means IfAvailable.
    if not mode and not (plugin.get("apiVersion") or "").endswith("/v1beta1"):
        yield f"interactiveMode must be specified for {use}"
    elif mode and mode not in _INTERACTIVE_MODES:
        yield f'invalid interactiveMode for {name}: "{mode}"'


def _methods(name: str, fields: Mapping[str, Any]) -> Iterator[str]:
    methods = ["token"] if fields.get("token") or fields.get("tokenFile") else []
    if fields.get("username") or fields.get("password"):
        methods.append("basicAuth")
    if len(methods) > 1:
        yield (
            f"more than one authentication method found for {name}; found [{' '.join(methods)}], only one is allowed"
        )
    if (fields.get("as-uid") or fields.get("as-groups") or fields.get("as-user-extra")) and not fields.get("as"):
        yield f"requesting uid, groups or user-extra for {name} without impersonating a user"
    if not fields.get("token"):
        yield from _unreadable("tokenFile", fields.get("tokenFile"), name)


def _unreadable(what: str, path: object, name: str) -> Iterator[str]:
    if not path:
        return
    try:
        with open(str(path), "rb"):
            return
    except ValueError:
        yield f"unable to read {what} {path!r} for {name}: a path holds no NUL"
    except OSError as error:
        reason = error.strerror or os.strerror(error.errno or 0)
        yield f"unable to read {what} {path} for {name} due to {reason}"


def _parts(url: str) -> SplitResult | None:
    """The URL's parts; None where it cannot be one."""
    if any(char <= " " or char == "\x7f" for char in url):
        return None
    try:
        parts = urlsplit(url)
        return parts if parts.port is None or parts.hostname else None
    except ValueError:
        return None


def _server_problem(server: str) -> str:
    parts = _parts(server if "://" in server else f"http://{server}")
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        return "is not an http or https URL"
    return ""


def _proxy_problem(url: str) -> str:
    parts = _parts(url)
    if parts is None:
        return "it is no URL"
    if parts.scheme not in ("http", "https", "socks5"):
        return "unsupported scheme, must be http, https, or socks5"
    return "" if parts.hostname else "proxy URL must include a host"
