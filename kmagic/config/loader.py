"""The kubeconfig files that count and the configuration they give, by kubectl's rules.

An explicit path must exist. Otherwise the files of KUBECONFIG, missing ones skipped, else ``~/.kube/config``. With no
configuration at all, the in-cluster files are used where there are any.

Source: k8s.io/client-go/tools/clientcmd (loader.go, merged_client_builder.go)
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from kmagic.config import in_cluster as pod
from kmagic.config import kubeconfig as files
from kmagic.config import resolve
from kmagic.config.client_config import ClientConfig
from kmagic.config.kubeconfig import Kubeconfig
from kmagic.config.overrides import NO_OVERRIDES, Overrides
from kmagic.errors import ConfigError

__all__ = ("Overrides", "kubeconfig_paths", "load_config", "load_kubeconfig")


def kubeconfig_paths(env: Mapping[str, str]) -> list[Path]:
    """The files to read when none is named: KUBECONFIG's members once each, else ``~/.kube/config``."""
    if listed := env.get("KUBECONFIG"):
        return [Path(path) for path in dict.fromkeys(listed.split(os.pathsep)) if path]
    folder = Path(env.get("HOME") or os.path.expanduser("~")) / ".kube"
    legacy = folder / ".kubeconfig"
    # Where kubectl kept it before 1.0; kubectl moves it, we read it.
    return [legacy if legacy.exists() and not (folder / "config").exists() else folder / "config"]


def load_kubeconfig(path: str | os.PathLike[str] | None = None, *, env: Mapping[str, str] = os.environ) -> Kubeconfig:
    """Reads and merges the files kubectl would; a missing file counts only when it was named.

    Raises:
        ConfigError: The named file is missing, or any file is broken.
    """
    if path is not None:
        try:
            return files.load_file(Path(path).expanduser())
        except FileNotFoundError as error:
            raise ConfigError(
                f"stat {os.fspath(path)}: no such file or directory",
                hint="check the path, or leave it out to use KUBECONFIG or ~/.kube/config",
            ) from error
    found, broken = [], []
    for candidate in kubeconfig_paths(env):
        try:
            found.append(files.load_file(candidate))
        except FileNotFoundError:
            continue
        except ConfigError as error:
            broken.append(error.message)
    if broken:
        raise ConfigError(broken[0] if len(broken) == 1 else f"[{', '.join(broken)}]")
    return files.merge(found)


def load_config(
    kubeconfig: str | os.PathLike[str] | None = None,
    context: str | None = None,
    *,
    env: Mapping[str, str] = os.environ,
    overrides: Overrides = NO_OVERRIDES,
    service_account: Path = pod.SERVICE_ACCOUNT,
) -> ClientConfig:
    """Finds out where the server is and who we are.

    Args:
        kubeconfig: This file only; it must exist.
        context: This context instead of the current one.
        env: The environment: KUBECONFIG, HOME, KUBERNETES_SERVICE_HOST.
        overrides: Settings that take the place of the file's; a cluster or user of it needs a file.
        service_account: Folder of a Pod's token.

    Raises:
        ConfigError: Nothing is configured, or what is configured contradicts itself.
    """
    config = load_kubeconfig(kubeconfig, env=env)
    named = kubeconfig or context or overrides.cluster or overrides.user
    if config.empty and not named and pod.in_cluster_possible(env, service_account):
        return _in_cluster(pod.in_cluster_config(env, service_account), overrides)
    searched = [Path(kubeconfig)] if kubeconfig is not None else kubeconfig_paths(env)
    return resolve.client_config(config, context, overrides=overrides, searched=searched)


def _in_cluster(found: ClientConfig, overrides: Overrides) -> ClientConfig:
    cluster = {"server": found.server, "certificate-authority": found.tls.ca_file}
    base = ClientConfig(
        server="",
        namespace=overrides.namespace or found.namespace,
        timeout=overrides.timeout,
        source=found.source,
    )
    return resolve.from_stanzas(
        overrides.over_cluster(cluster), overrides.over_user({"tokenFile": found.auth.token_file}), base
    )
