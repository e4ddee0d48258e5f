"""The pinned target: which cluster, namespace and user this notebook talks to, and how carefully.

A target is taken from the configuration once and never follows it: another shell's ``kubectl config
use-context`` does not move a notebook. Switching makes a new target.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kmagic.safety.policy import DEFAULT_RULES, Level, Rules, level_of

if TYPE_CHECKING:
    from kmagic.config.client_config import ClientConfig

__all__ = ("Target", "target_of")


@dataclass(frozen=True)
class Target:
    """The destination of requests.

    Attributes:
        user: The kubeconfig's name for the user, never a credential.
        acting_as: Whom the user impersonates, or "".
        authority: Hash of the certificate authority, so that a cluster of the same name is another one.
    """

    context: str
    cluster: str
    server: str
    namespace: str
    user: str
    level: Level
    acting_as: str = ""
    authority: str = ""

    @property
    def badge(self) -> str:
        """The line every magic's output can carry: ``kind-dev ▸ shop · free``."""
        acting = f" · as {self.acting_as}" if self.acting_as else ""
        return f"{self.context or self.server} ▸ {self.namespace}{acting} · {self.level.value}"

    def same_cluster(self, other: Target) -> bool:
        """Returns whether both are the same API server, by address and authority."""
        return (self.server, self.authority) == (other.server, other.authority)

    def at_level(self, level: Level) -> Target:
        """The same target, treated at another level."""
        return replace(self, level=level)


def target_of(config: ClientConfig, rules: Rules = DEFAULT_RULES, namespace: str = "") -> Target:
    """Pins what a configuration says now.

    Args:
        config: As loaded; not kept.
        rules: The user's lists of contexts.
        namespace: Instead of the context's.
    """
    chosen = namespace or config.namespace or "default"
    authority = config.tls.ca_data or str(config.tls.ca_file or "").encode()
    return Target(
        context=config.context_name,
        cluster=config.cluster_name,
        server=config.server,
        namespace=chosen,
        user=config.user_name,
        level=level_of(config.context_name, config.cluster_name, config.server, chosen, rules),
        acting_as=config.impersonate.user if config.impersonate else "",
        authority=hashlib.sha256(authority).hexdigest()[:16] if authority else "",
    )
