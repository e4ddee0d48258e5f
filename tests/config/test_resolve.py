"""One context becomes one configuration."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from kmagic.config.client_config import AuthConfig, ClientConfig, Impersonation, TLSConfig
from kmagic.config.loader import load_config, load_kubeconfig
from kmagic.config.overrides import Overrides
from kmagic.config.resolve import client_config
from kmagic.errors import ConfigError
from tests.config.conftest import Write, encoded


def test_a_context_is_resolved(write: Write) -> None:
    path = write(context={"cluster": "cl", "user": "us", "namespace": "shop"})
    assert load_config(path) == ClientConfig(
        server="https://server:6443",
        namespace="shop",
        auth=AuthConfig(token="t"),
        context_name="ctx",
        cluster_name="cl",
        user_name="us",
        source=str(path),
    )


def test_everything_of_a_cluster_is_taken(write: Write) -> None:
    config = load_config(
        write(
            {
                "server": "https://server:6443/prefix/?q=1#f",
                "certificate-authority-data": encoded("CA"),
                "tls-server-name": "name",
                "proxy-url": "socks5://proxy:1080",
                "disable-compression": True,
            }
        )
    )
    assert config.server == "https://server:6443/prefix", "KC-12: query and fragment are dropped"
    assert config.tls == TLSConfig(ca_data=b"CA", server_name="name")
    assert (config.proxy_url, config.disable_compression) == ("socks5://proxy:1080", True)


def test_KC_16_a_certificate_may_come_with_a_token(write: Write, tmp_path: Path) -> None:
    (tmp_path / "c.pem").write_text("c")
    (tmp_path / "k.pem").write_text("k")
    config = load_config(write(user={"client-certificate": "c.pem", "client-key": "k.pem", "token": "t"}))
    assert (config.tls.cert_file, config.tls.key_file) == (str(tmp_path / "c.pem"), str(tmp_path / "k.pem"))
    assert config.auth.token == "t"


@pytest.mark.parametrize(
    ("user", "auth"),
    [
        pytest.param({}, AuthConfig(), id="anonymous"),
        pytest.param({"username": "a", "password": "1234"}, AuthConfig(username="a", password="1234"), id="basic"),
        pytest.param({"token": "012345"}, AuthConfig(token="012345"), id="a token of digits in quotes"),
    ],
)
def test_users(write: Write, user: dict[str, Any], auth: AuthConfig) -> None:
    assert load_config(write(user=user)).auth == auth


def test_KC_13_A33_token_and_file_are_both_kept(write: Write, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-file")
    auth = load_config(write(user={"token": "first", "tokenFile": "token"})).auth
    assert (auth.token, auth.token_file) == ("first", str(tmp_path / "token"))


def test_KC_15_A33_impersonation(write: Write) -> None:
    user = {"token": "t", "as": "jane", "as-uid": "7", "as-groups": ["a", "b"], "as-user-extra": {"k": ["v", "w"]}}
    assert load_config(write(user=user)).impersonate == Impersonation(
        user="jane", uid="7", groups=("a", "b"), extra={"k": ("v", "w")}
    )


EXEC = {
    "command": "aws",
    "args": ["eks", "get-token"],
    "env": [{"name": "AWS_PROFILE", "value": "dev"}],
    "apiVersion": "client.authentication.k8s.io/v1",
    "interactiveMode": "Never",
    "installHint": "install it",
}


def test_KC_16_a_plugin(write: Write) -> None:
    plugin = load_config(write(user={"exec": EXEC})).auth.exec
    assert plugin is not None
    assert (plugin.command, plugin.args, plugin.env) == ("aws", ("eks", "get-token"), {"AWS_PROFILE": "dev"})
    assert (plugin.interactive_mode, plugin.install_hint, plugin.cluster_info) == ("Never", "install it", None)


def test_KC_16_v1beta1_is_interactive_where_it_can(write: Write) -> None:
    user = {"exec": {"command": "aws", "apiVersion": "client.authentication.k8s.io/v1beta1"}}
    plugin = load_config(write(user=user)).auth.exec
    assert plugin is not None
    assert plugin.interactive_mode == "IfAvailable"


def test_KC_21_a_plugin_is_told_about_the_cluster(write: Write, tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text("CA")
    cluster = {
        "server": "https://s",
        "certificate-authority": "ca.crt",
        "tls-server-name": "name",
        "extensions": [
            {"name": "other", "extension": 1},
            {"name": "client.authentication.k8s.io/exec", "extension": {"audience": "a"}},
        ],
    }
    plugin = load_config(write(cluster, {"exec": {**EXEC, "provideClusterInfo": True}})).auth.exec
    assert plugin is not None
    assert plugin.cluster_info == {
        "server": "https://s",
        "tls-server-name": "name",
        "certificate-authority-data": base64.b64encode(b"CA").decode(),
        "config": {"audience": "a"},
    }


def test_an_oidc_provider_is_kept_with_the_file_it_stands_in(write: Write) -> None:
    path = write(user={"auth-provider": {"name": "oidc", "config": {"client-id": "x"}}})
    provider = load_config(path).auth.auth_provider
    assert provider is not None
    assert (provider.name, provider.config, provider.origin) == ("oidc", {"client-id": "x"}, str(path))


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        pytest.param("gcp", "The gcp auth plugin has been removed.", "gke-gcloud-auth-plugin", id="EX-14 gcp"),
        pytest.param("azure", "The azure auth plugin has been removed.", "kubelogin", id="EX-14 azure"),
        pytest.param("other", 'no Auth Provider found for name "other"', "", id="EX-14 unknown"),
    ],
)
def test_providers_that_are_gone_say_what_to_use(write: Write, name: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        load_config(write(user={"auth-provider": {"name": name}}))
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("cluster", "server"),
    [
        pytest.param({"server": "example.com"}, "http://example.com", id="KC-12 bare host"),
        pytest.param({"server": "example.com:443"}, "https://example.com:443", id="KC-12 port 443"),
        pytest.param(
            {"server": "example.com", "insecure-skip-tls-verify": True}, "https://example.com", id="KC-12 TLS set"
        ),
        pytest.param(
            {"server": "https://user:pass@example.com/"}, "https://example.com", id="no credentials in the URL"
        ),
        pytest.param({"server": "https://[fd00::1]:6443"}, "https://[fd00::1]:6443", id="IPv6"),
    ],
)
def test_server_urls(write: Write, cluster: dict[str, Any], server: str) -> None:
    assert load_config(write(cluster)).server == server


def test_KC_12_credentials_never_go_over_plain_http(write: Write) -> None:
    config = load_config(write({"server": "http://server"}, {"token": "t"}))
    assert config.auth == AuthConfig()
    assert config.tls == TLSConfig()


def test_KC_08_the_asked_for_context_wins_and_must_exist(write: Write) -> None:
    path = write(current="none")
    assert load_config(path, "ctx").context_name == "ctx"
    with pytest.raises(ConfigError) as caught:
        load_config(path, "ctxx")
    assert (caught.value.message, caught.value.hint) == ('context "ctxx" does not exist', "did you mean ctx?")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert caught.value.message == "invalid configuration: context was not found for specified context: none"
    assert caught.value.hint == "there are: ctx"


def test_KC_08_without_a_current_context_the_choice_is_told(write: Write) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(write(current=""))
    assert (caught.value.message, caught.value.hint) == ("invalid configuration: no context chosen", "there are: ctx")


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        pytest.param(Overrides(cluster="x"), 'cluster "x" does not exist', id="KC-08 cluster"),
        pytest.param(Overrides(user="x"), 'auth info "x" does not exist', id="KC-08 user"),
    ],
)
def test_overrides_must_exist(write: Write, overrides: Overrides, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_config(write(), overrides=overrides)


def test_KC_08_what_a_context_lacks_is_told_at_once(write: Write) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(write(context={"cluster": "k", "user": "u"}))
    assert caught.value.message == (
        'invalid configuration: [user "u" was not found for context "ctx", cluster "k" was not found for context "ctx"]'
    )
    good = load_config(write(context={"cluster": "k", "user": "u"}), overrides=Overrides(cluster="cl", user="us"))
    assert (good.cluster_name, good.user_name) == ("cl", "us")


def test_KC_09_problems_of_cluster_and_user_are_one_error(write: Write) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(write({"proxy-url": "x"}, {"token": "t", "username": "u"}))
    assert caught.value.message.startswith('invalid configuration: [no server found for cluster "cl", ')
    assert "found [token basicAuth]" in caught.value.message


@pytest.mark.parametrize(
    ("overrides", "namespace"),
    [
        pytest.param(Overrides(), "shop", id="KC-18 context"),
        pytest.param(Overrides(namespace="other"), "other", id="KC-18 A33 override"),
    ],
)
def test_namespaces(write: Write, overrides: Overrides, namespace: str) -> None:
    path = write(context={"cluster": "cl", "user": "us", "namespace": "shop"})
    assert load_config(path, overrides=overrides).namespace == namespace


def test_KC_18_the_default_namespace(write: Write) -> None:
    assert load_config(write()).namespace == "default"


def test_KC_20_a_server_alone_is_enough() -> None:
    config = client_config(
        load_kubeconfig(env={"HOME": "/nowhere"}), overrides=Overrides(server="http://localhost:8080")
    )
    assert (config.server, config.namespace, config.context_name) == ("http://localhost:8080", "default", "")


def test_A33_insecure_overrides_the_files_authority(write: Write) -> None:
    path = write({"server": "https://s", "certificate-authority-data": encoded("CA")})
    assert load_config(path, overrides=Overrides(insecure=True)).tls == TLSConfig(insecure=True)


def test_errors_show_no_credentials(write: Write) -> None:
    path = write(
        {"server": "https://s", "proxy-url": "ftp://me:hunter2@p"}, {"token": "hunter2", "password": "hunter2"}
    )
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert "hunter2" not in str(caught.value)
