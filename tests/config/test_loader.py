"""Which files count, and what comes out of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kmagic.config.loader import Overrides, kubeconfig_paths, load_config, load_kubeconfig
from kmagic.errors import ConfigError
from tests.config.conftest import Write


def test_KC_01_an_explicit_path_wins_and_must_exist(write: Write, tmp_path: Path) -> None:
    path = write()
    other = write({"server": "https://other"}, name="other")
    env = {"KUBECONFIG": str(other)}
    assert load_config(path, env=env).server == "https://server:6443"
    with pytest.raises(ConfigError, match=r"^stat .*/none: no such file or directory") as caught:
        load_config(tmp_path / "none", env=env)
    assert "KUBECONFIG" in caught.value.hint


def test_KC_01_the_list_is_cleaned() -> None:
    assert kubeconfig_paths({"KUBECONFIG": "/a::/b:/a"}) == [Path("/a"), Path("/b")]


def test_KC_07_the_home_folder_is_the_default() -> None:
    assert kubeconfig_paths({"HOME": "/home/me"}) == [Path("/home/me/.kube/config")]
    assert kubeconfig_paths({"HOME": "/home/me", "KUBECONFIG": ""}) == [Path("/home/me/.kube/config")]


def test_KC_06_A31_the_file_of_old_is_read_where_there_is_no_other(tmp_path: Path) -> None:
    folder = tmp_path / ".kube"
    folder.mkdir()
    (folder / ".kubeconfig").write_text("current-context: old\n")
    assert kubeconfig_paths({"HOME": str(tmp_path)}) == [folder / ".kubeconfig"]
    (folder / "config").write_text("current-context: new\n")
    assert kubeconfig_paths({"HOME": str(tmp_path)}) == [folder / "config"]


def test_KC_01_A31_missing_members_are_skipped(write: Write, tmp_path: Path) -> None:
    path = write()
    env = {"KUBECONFIG": f"{tmp_path / 'none'}:{path}"}
    assert load_config(env=env).server == "https://server:6443"


def test_KC_01_a_broken_member_is_an_error(write: Write, tmp_path: Path) -> None:
    (tmp_path / "broken").write_text("a: [")
    env = {"KUBECONFIG": f"{write()}:{tmp_path / 'broken'}"}
    with pytest.raises(ConfigError, match=r'error loading config file ".*/broken"'):
        load_kubeconfig(env=env)
    (tmp_path / "broken2").write_text("- a")
    env["KUBECONFIG"] += f":{tmp_path / 'broken2'}"
    with pytest.raises(ConfigError, match=r"^\[error loading .*broken\".*, error loading .*broken2"):
        load_kubeconfig(env=env)


def test_KC_02_a_context_may_refer_to_another_file(write: Write, tmp_path: Path) -> None:
    contexts = tmp_path / "contexts"
    contexts.write_text(
        "contexts: [{name: only, context: {cluster: cl, user: us, namespace: shop}}]\ncurrent-context: only\n"
    )
    config = load_config(env={"KUBECONFIG": f"{contexts}:{write()}"})
    assert (config.server, config.namespace, config.context_name) == ("https://server:6443", "shop", "only")
    assert config.source == str(contexts)


def test_KC_09_nothing_configured_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(env={"HOME": str(tmp_path)})
    assert caught.value.message.startswith("invalid configuration: no configuration has been provided")
    assert str(tmp_path / ".kube" / "config") in caught.value.message
    assert "%ksandbox start" in caught.value.hint
    assert "KUBECONFIG" in caught.value.hint


@pytest.fixture
def account(tmp_path: Path) -> Path:
    """The service account's folder of a Pod."""
    folder = tmp_path / "serviceaccount"
    folder.mkdir()
    (folder / "token").write_text("pod-token")
    (folder / "ca.crt").write_text("pod-ca")
    (folder / "namespace").write_text("pod-ns\n")
    return folder


@pytest.fixture
def pod(tmp_path: Path) -> dict[str, str]:
    """The environment of a Pod."""
    return {"HOME": str(tmp_path), "KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}


def test_KC_19_A33_in_a_pod_without_kubeconfig_the_service_account_is_used(pod: dict[str, str], account: Path) -> None:
    config = load_config(env=pod, service_account=account)
    assert (config.server, config.namespace, config.source) == ("https://10.0.0.1:443", "pod-ns", "in-cluster")
    assert config.auth.token_file is not None
    assert config.auth.token_file.endswith("/token")


def test_KC_19_A33_a_kubeconfig_wins_over_the_pod(pod: dict[str, str], account: Path, write: Write) -> None:
    assert load_config(env={**pod, "KUBECONFIG": str(write())}, service_account=account).server == "https://server:6443"


def test_KC_19_A33_overrides_are_laid_over_the_pod(pod: dict[str, str], account: Path, tmp_path: Path) -> None:
    authority = tmp_path / "other.crt"
    authority.write_text("x")
    overrides = Overrides(server="https://elsewhere", token="mine", ca_file=str(authority), namespace="ns")
    config = load_config(env=pod, overrides=overrides, service_account=account)
    assert (config.server, config.namespace) == ("https://elsewhere", "ns")
    assert (config.auth.token, config.auth.token_file) == ("mine", None)
    assert config.tls.ca_file == str(authority)


def test_KC_19_a_context_is_never_the_pods(pod: dict[str, str], account: Path) -> None:
    with pytest.raises(ConfigError):
        load_config(None, "some", env=pod, service_account=account)
