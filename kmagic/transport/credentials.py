"""Makes the authenticator that serves a configuration."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from kmagic.config import writer
from kmagic.errors import AuthError, ConfigError
from kmagic.transport.auth import Anonymous, Authenticator, static_authenticator
from kmagic.transport.exec_plugin import exec_plugin_for
from kmagic.transport.exec_policy import load_plugin_policy
from kmagic.transport.oidc import OIDC

if TYPE_CHECKING:
    from kmagic.api.clock import Clock
    from kmagic.config.client_config import AuthProviderConfig, ClientConfig

__all__ = ("authenticator_for",)

_REMOVED = {
    "gcp": 'The gcp auth plugin has been removed. Please use the "gke-gcloud-auth-plugin" credential plugin instead.',
    "azure": "The azure auth plugin has been removed. Please use the kubelogin credential plugin instead.",
}


def authenticator_for(config: ClientConfig, clock: Clock) -> Authenticator:
    """Chooses by what the configuration holds: token or password, exec plugin, auth provider, or nothing.

    A plugin is not run where a token, a password or a client certificate already says who it is.

    Raises:
        ConfigError: Two methods at once.
        AuthError: A plugin or provider that cannot work here.
    """
    auth = config.auth
    if auth.exec is not None and auth.auth_provider is not None:
        raise ConfigError("execProvider and authProvider cannot be used in combination")
    if (fixed := static_authenticator(auth, clock)) is not None:
        return fixed
    if config.tls.cert_data or config.tls.cert_file:
        return Anonymous()
    if auth.exec is not None:
        return exec_plugin_for(config, clock, load_plugin_policy())
    if auth.auth_provider is not None:
        return _provider(auth.auth_provider, config.user_name, clock)
    return Anonymous()


def _provider(provider: AuthProviderConfig, user: str, clock: Clock) -> Authenticator:
    if provider.name != "oidc":
        raise AuthError(_REMOVED.get(provider.name, f'no Auth Provider found for name "{provider.name}"'))
    save = functools.partial(writer.save_provider_settings, provider.origin, user) if provider.origin else None
    return OIDC(provider.config, clock, save=save)
