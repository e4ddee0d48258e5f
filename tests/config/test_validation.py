"""What can be wrong with a stanza: client-go's validation tests, as a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kmagic.config.kubeconfig import Kubeconfig, Stanza
from kmagic.config.validation import cluster_problems, context_problems, invalid, user_problems

CONFIG = Kubeconfig(
    clusters={"cl": Stanza("cl", {"server": "https://s"})},
    users={"us": Stanza("us", {})},
    contexts={
        "good": Stanza("good", {"cluster": "cl", "user": "us", "namespace": "shop"}),
        "anonymous": Stanza("anonymous", {"cluster": "cl"}),
        "no cluster": Stanza("no cluster", {"user": "us"}),
        "lost": Stanza("lost", {"cluster": "k", "user": "u"}),
        "namespace": Stanza("namespace", {"cluster": "cl", "user": "us", "namespace": "Not_OK"}),
    },
)


@pytest.mark.parametrize(
    ("name", "problems"),
    [
        pytest.param("good", [], id="A32 good"),
        pytest.param("anonymous", [], id="A32 no user"),
        pytest.param("x", ["context was not found for specified context: x"], id="A32 KC-08 missing"),
        pytest.param("no cluster", ['cluster was not specified for context "no cluster"'], id="A32 KC-08 no cluster"),
        pytest.param(
            "lost",
            ['user "u" was not found for context "lost"', 'cluster "k" was not found for context "lost"'],
            id="A32 KC-08 dangling",
        ),
        pytest.param(
            "namespace",
            ['namespace "Not_OK" for context "namespace" does not conform to the kubernetes DNS_LABEL rules'],
            id="A32 KC-08 namespace",
        ),
    ],
)
def test_contexts(name: str, problems: list[str]) -> None:
    assert context_problems(name, CONFIG) == problems


@pytest.mark.parametrize(
    ("name", "fields", "problems"),
    [
        pytest.param("cl", {"server": "https://s"}, [], id="A32 good"),
        pytest.param("cl", {"server": "s:6443"}, [], id="A32 without scheme"),
        pytest.param(
            "cl", {"server": "ftp://s"}, ['server of cluster "cl" is not an http or https URL'], id="A32 scheme"
        ),
        pytest.param(
            "cl", {"insecure-skip-tls-verify": True}, ['no server found for cluster "cl"'], id="A32 KC-08 server"
        ),
        pytest.param("", {"namespace": "a"}, ["default cluster has no server defined"], id="A32 KC-08 default"),
        pytest.param(
            "cl",
            {"server": "https://s", "certificate-authority": "/none"},
            ["unable to read certificate-authority /none for cl due to No such file or directory"],
            id="A32 KC-17 authority",
        ),
        pytest.param(
            "cl",
            {"server": "https://s", "certificate-authority-data": "eA==", "insecure-skip-tls-verify": True},
            ["specifying a root certificates file with the insecure flag is not allowed for cl"],
            id="A32 RE-25 insecure with authority",
        ),
        pytest.param("cl", {"server": "https://s", "proxy-url": "http://p:1"}, [], id="A32 KC-14 http proxy"),
        pytest.param("cl", {"server": "https://s", "proxy-url": "socks5://p"}, [], id="A32 KC-14 socks5 proxy"),
        pytest.param(
            "cl",
            {"server": "https://s", "proxy-url": "example.com"},
            ["invalid 'proxy-url' for cluster \"cl\": unsupported scheme, must be http, https, or socks5"],
            id="A32 KC-14 no scheme",
        ),
        pytest.param(
            "cl",
            {"server": "https://s", "proxy-url": "chewbacca@example.com"},
            ["invalid 'proxy-url' for cluster \"cl\": unsupported scheme, must be http, https, or socks5"],
            id="A32 KC-14 user and no scheme",
        ),
        pytest.param(
            "cl",
            {"server": "https://s", "proxy-url": "http://"},
            ["invalid 'proxy-url' for cluster \"cl\": proxy URL must include a host"],
            id="A32 KC-14 no host",
        ),
    ],
)
def test_clusters(name: str, fields: dict[str, Any], problems: list[str]) -> None:
    assert cluster_problems(name, fields) == problems


EXEC = {"command": "aws", "apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never"}
PLUGIN = "us to use exec authentication plugin"


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        pytest.param({}, [], id="A32 nothing"),
        pytest.param({"token": "t"}, [], id="A32 token"),
        pytest.param({"username": "a", "password": "b"}, [], id="A32 basic"),
        pytest.param({"token": "t", "client-certificate-data": "eA==", "client-key-data": "eA=="}, [], id="A32 KC-16 cert and token"),
        pytest.param(
            {"token": "t", "username": "a"},
            ["more than one authentication method found for us; found [token basicAuth], only one is allowed"],
            id="A32 KC-16 two methods",
        ),
        pytest.param(
            {"client-certificate-data": "eA=="},
            ["client-key-data or client-key must be specified for us to use the clientCert authentication method."],
            id="A32 KC-16 no key",
        ),
        pytest.param(
            {"client-certificate": "/none", "client-key": "/none"},
            [
                "unable to read client-cert /none for us due to No such file or directory",
                "unable to read client-key /none for us due to No such file or directory",
            ],
            id="A32 KC-17 files",
        ),
        pytest.param({"exec": EXEC}, [], id="A32 plugin"),
        pytest.param({"exec": {**EXEC, "interactiveMode": "Always"}}, [], id="A32 plugin always"),
        pytest.param(
            {"exec": {"command": "aws", "apiVersion": "client.authentication.k8s.io/v1beta1"}}, [], id="A32 KC-16 v1beta1 mode"
        ),
        pytest.param({"exec": {**EXEC, "command": ""}}, [f"command must be specified for {PLUGIN}"], id="A32 KC-16 command"),
        pytest.param({"exec": {**EXEC, "apiVersion": ""}}, [f"apiVersion must be specified for {PLUGIN}"], id="A32 KC-16 version"),
        pytest.param(
            {"exec": {**EXEC, "interactiveMode": ""}}, [f"interactiveMode must be specified for {PLUGIN}"], id="A32 KC-16 mode"
        ),
        pytest.param({"exec": {**EXEC, "interactiveMode": "Maybe"}}, ['invalid interactiveMode for us: "Maybe"'], id="A32 bad mode"),
        pytest.param(
            {"exec": {**EXEC, "env": [{"value": "x"}]}}, [f"env variable name must be specified for {PLUGIN}"], id="A32 KC-16 env"
        ),
        pytest.param(
            {"exec": EXEC, "auth-provider": {"name": "oidc"}},
            ["authProvider cannot be provided in combination with an exec plugin for us"],
            id="A32 KC-16 plugin and provider",
        ),
        pytest.param({"as": "jane", "as-uid": "1", "as-groups": ["g"]}, [], id="A32 KC-15 impersonation"),
        *(
            pytest.param(
                fields,
                ["requesting uid, groups or user-extra for us without impersonating a user"],
                id=f"A32 KC-15 {next(iter(fields))}",
            )
            for fields in ({"as-uid": "1"}, {"as-groups": ["g"]}, {"as-user-extra": {"k": ["v"]}})
        ),
        pytest.param(
            {"tokenFile": "/none"}, ["unable to read tokenFile /none for us due to No such file or directory"], id="A32 KC-13 file"
        ),
        pytest.param({"token": "t", "tokenFile": "/none"}, [], id="A32 KC-13 token and file"),
    ],
)  # fmt: skip
def test_users(fields: dict[str, Any], problems: list[str]) -> None:
    assert user_problems("us", fields) == problems


def test_KC_16_data_and_file_contradict_each_other(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("x")
    found = user_problems(
        "us",
        {
            "client-certificate": str(file),
            "client-certificate-data": "eA==",
            "client-key": str(file),
            "client-key-data": "eA==",
        },
    )
    assert found == [
        "client-cert-data and client-cert are both specified for us. client-cert-data will override.",
        "client-key-data and client-key are both specified for us; client-key-data will override",
    ]
    assert cluster_problems(
        "cl", {"server": "https://s", "certificate-authority": str(file), "certificate-authority-data": "eA=="}
    ) == [
        "certificate-authority-data and certificate-authority are both specified for cl. "
        "certificate-authority-data will override."
    ]


def test_KC_09_several_problems_are_one_error() -> None:
    assert str(invalid(["a"])) == "invalid configuration: a"
    assert str(invalid(["a", "b"], hint="do c")) == "invalid configuration: [a, b]\ndo c"
