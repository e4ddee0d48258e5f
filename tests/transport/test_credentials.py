from __future__ import annotations

import pytest

from kmagic.config.client_config import AuthConfig, AuthProviderConfig, ClientConfig, ExecConfig, TLSConfig
from kmagic.errors import AuthError, ConfigError
from kmagic.transport.auth import Anonymous, FixedHeader
from kmagic.transport.credentials import authenticator_for
from kmagic.transport.exec_plugin import ExecPlugin
from kmagic.transport.oidc import OIDC
from tests.transport.servers import InstantClock

EXEC = ExecConfig(command="x", api_version="client.authentication.k8s.io/v1", interactive_mode="Never")
OIDC_CONFIG = AuthProviderConfig(name="oidc", config={"idp-issuer-url": "https://i", "client-id": "c"})


@pytest.mark.parametrize(
    ("auth", "tls", "kind"),
    [
        pytest.param(AuthConfig(), TLSConfig(), Anonymous, id="nothing"),
        pytest.param(AuthConfig(token="t"), TLSConfig(), FixedHeader, id="token"),
        pytest.param(AuthConfig(exec=EXEC), TLSConfig(), ExecPlugin, id="EX-05 plugin"),
        pytest.param(AuthConfig(exec=EXEC, token="t"), TLSConfig(), FixedHeader, id="EX-05 a token is enough"),
        pytest.param(AuthConfig(exec=EXEC), TLSConfig(cert_data=b"c", key_data=b"k"), Anonymous, id="EX-05 a certificate is enough"),
        pytest.param(AuthConfig(auth_provider=OIDC_CONFIG), TLSConfig(), OIDC, id="EX-13 oidc"),
    ],
)  # fmt: skip
def test_what_serves_a_configuration(
    auth: AuthConfig, tls: TLSConfig, kind: type[Anonymous] | type[ExecPlugin] | type[FixedHeader] | type[OIDC]
) -> None:
    assert type(authenticator_for(ClientConfig(server="https://s", auth=auth, tls=tls), InstantClock())) is kind


def test_RE_22_plugin_and_provider_exclude_each_other() -> None:
    auth = AuthConfig(exec=EXEC, auth_provider=OIDC_CONFIG)
    with pytest.raises(ConfigError, match="cannot be used in combination"):
        authenticator_for(ClientConfig(server="https://s", auth=auth), InstantClock())


@pytest.mark.parametrize(
    ("name", "message"),
    [("gcp", "gke-gcloud-auth-plugin"), ("azure", "kubelogin"), ("foo", 'no Auth Provider found for name "foo"')],
)
def test_EX_14_providers_that_are_gone(name: str, message: str) -> None:
    auth = AuthConfig(auth_provider=AuthProviderConfig(name=name))
    with pytest.raises(AuthError, match=message):
        authenticator_for(ClientConfig(server="https://s", auth=auth), InstantClock())
