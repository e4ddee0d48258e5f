"""The configuration as a value: reprs show no credential."""

from __future__ import annotations

import pytest

from kmagic.config.client_config import (
    AuthConfig,
    AuthProviderConfig,
    ClientConfig,
    ExecConfig,
    Impersonation,
    TLSConfig,
)

SECRET = "hunter2-and-more"


def test_RE_30_no_repr_shows_a_credential() -> None:
    config = ClientConfig(
        server="https://example.com",
        tls=TLSConfig(ca_data=SECRET.encode(), cert_data=SECRET.encode(), key_data=SECRET.encode(), cert_file="/c.pem"),
        auth=AuthConfig(
            token=SECRET,
            username="me",
            password=SECRET,
            exec=ExecConfig(command="aws", args=("--token", SECRET), env={"TOKEN": SECRET}),
            auth_provider=AuthProviderConfig(name="oidc", config={"client-secret": SECRET}),
        ),
        impersonate=Impersonation(user="jane"),
    )
    for text in (repr(config), str(config), repr(config.auth), repr(config.tls), f"{config}"):
        assert SECRET not in text
    assert "me" in repr(config)
    assert "/c.pem" in repr(config)
    assert "token=‹hidden›" in repr(config)


def test_what_is_not_set_is_not_shown() -> None:
    assert repr(ClientConfig(server="https://a")) == (
        "ClientConfig(server='https://a', namespace='default', tls=TLSConfig(), auth=AuthConfig(), source='given')"
    )


def test_it_is_immutable_and_equal_by_value() -> None:
    config = ClientConfig(server="https://a")
    assert config == ClientConfig(server="https://a")
    with pytest.raises(AttributeError):
        config.server = "https://b"  # type: ignore[misc]  # the mistake under test
