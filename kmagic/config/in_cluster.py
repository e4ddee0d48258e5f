"""The configuration a Pod finds in its own filesystem.

Source: k8s.io/client-go/rest/config.go (InClusterConfig)
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kmagic.api.yaml_reader import YAMLError, decode_text
from kmagic.config.client_config import AuthConfig, ClientConfig, TLSConfig
from kmagic.errors import ConfigError

__all__ = ("SERVICE_ACCOUNT", "in_cluster_config", "in_cluster_possible")

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


def in_cluster_possible(env: Mapping[str, str], folder: Path = SERVICE_ACCOUNT) -> bool:
    """Returns whether this process looks like it runs in a Pod with a service account."""
    has_address = bool(env.get("KUBERNETES_SERVICE_HOST") and env.get("KUBERNETES_SERVICE_PORT"))
    return has_address and (folder / "token").is_file()


def in_cluster_config(env: Mapping[str, str], folder: Path = SERVICE_ACCOUNT) -> ClientConfig:
    """Reads the service account's files.

    Raises:
        ConfigError: Not in a Pod, or without a service account token.
    """
    host, port = env.get("KUBERNETES_SERVICE_HOST"), env.get("KUBERNETES_SERVICE_PORT")
    if not host or not port:
        raise ConfigError(
            "unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined"
        )
    if not port.isascii() or not port.isdigit():
        raise ConfigError("unable to load in-cluster configuration: KUBERNETES_SERVICE_PORT is no port number")
    token_file, authority = folder / "token", folder / "ca.crt"
    if not token_file.is_file():
        raise ConfigError(f"unable to load in-cluster configuration: {token_file} is missing")
    address = f"[{host}]" if ":" in host else host
    return ClientConfig(
        server=f"https://{address}:{port}",
        namespace=_namespace(env, folder),
        tls=TLSConfig(ca_file=str(authority) if authority.is_file() else None),
        auth=AuthConfig(token_file=str(token_file)),
        source="in-cluster",
    )


def _namespace(env: Mapping[str, str], folder: Path) -> str:
    if name := env.get("POD_NAMESPACE"):
        return name
    try:
        return decode_text((folder / "namespace").read_bytes()).strip() or "default"
    except OSError:
        return "default"
    except YAMLError as error:
        raise ConfigError(f"unable to read {folder / 'namespace'}: {error.reason}") from None
