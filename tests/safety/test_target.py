"""The pinned target."""

from __future__ import annotations

from kmagic.config.client_config import AuthConfig, ClientConfig, Impersonation, TLSConfig
from kmagic.safety.policy import Level, Rules
from kmagic.safety.target import target_of


def config(**changes: object) -> ClientConfig:
    settings: dict[str, object] = {
        "server": "https://k8s.acme.example:6443",
        "namespace": "shop",
        "context_name": "acme-prod",
        "cluster_name": "acme",
        "user_name": "me",
        "auth": AuthConfig(token="t0ken"),
        "tls": TLSConfig(ca_data=b"authority"),
    }
    return ClientConfig(**{**settings, **changes})


def test_R1_a_target_is_what_the_configuration_says_now() -> None:
    target = target_of(config())
    assert (target.context, target.namespace, target.user, target.level) == ("acme-prod", "shop", "me", Level.PROTECTED)
    assert target.badge == "acme-prod ▸ shop · protected"


def test_R1_another_authority_is_another_cluster() -> None:
    first, second = target_of(config()), target_of(config(tls=TLSConfig(ca_data=b"another")))
    assert first.same_cluster(target_of(config(namespace="test")))
    assert not first.same_cluster(second)


def test_R15_impersonation_is_part_of_the_badge() -> None:
    target = target_of(config(impersonate=Impersonation(user="jane")))
    assert target.acting_as == "jane"
    assert "as jane" in target.badge


def test_the_namespace_and_the_rules_can_be_the_notebooks_own() -> None:
    target = target_of(config(), Rules(free=frozenset({"acme-prod"})), namespace="test")
    assert (target.namespace, target.level) == ("test", Level.FREE)
    assert target.at_level(Level.READONLY).level is Level.READONLY


def test_no_credential_is_in_a_target() -> None:
    assert "t0ken" not in repr(target_of(config()))
    assert "authority'" not in repr(target_of(config()))
