"""From a configuration to the authenticator that serves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.transport.auth import Anonymous, Authenticator, static_authenticator

if TYPE_CHECKING:
    from kmagic.api.clock import Clock
    from kmagic.config.client_config import ClientConfig

__all__ = ("authenticator_for",)


def authenticator_for(config: ClientConfig, clock: Clock) -> Authenticator:
    """Chooses by what the configuration holds: token or password, exec plugin, auth provider, or nothing.

    Raises:
        ConfigError: Two methods at once.
    """
    return static_authenticator(config.auth, clock) or Anonymous()
