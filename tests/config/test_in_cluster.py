"""The files a Pod finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from kmagic.config.in_cluster import in_cluster_config, in_cluster_possible
from kmagic.errors import ConfigError

ENV = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "token").write_text("t")
    (tmp_path / "ca.crt").write_text("c")
    (tmp_path / "namespace").write_text("ns\n")
    return tmp_path


def test_RE_28_a_pod_knows_its_server(folder: Path) -> None:
    config = in_cluster_config(ENV, folder)
    assert (config.server, config.namespace) == ("https://10.0.0.1:443", "ns")
    assert (config.tls.ca_file, config.auth.token_file) == (str(folder / "ca.crt"), str(folder / "token"))


def test_RE_28_an_ipv6_address_has_brackets(folder: Path) -> None:
    assert in_cluster_config({**ENV, "KUBERNETES_SERVICE_HOST": "fd00::1"}, folder).server == "https://[fd00::1]:443"


def test_RE_28_a_missing_authority_is_no_error(folder: Path) -> None:
    (folder / "ca.crt").unlink()
    assert in_cluster_config(ENV, folder).tls.ca_file is None


@pytest.mark.parametrize("missing", list(ENV))
def test_RE_28_without_the_address_there_is_no_pod(missing: str, folder: Path) -> None:
    env = {key: value for key, value in ENV.items() if key != missing}
    with pytest.raises(ConfigError, match="KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined"):
        in_cluster_config(env, folder)
    assert not in_cluster_possible(env, folder)


def test_KC_19_without_a_token_there_is_no_pod(folder: Path) -> None:
    assert in_cluster_possible(ENV, folder)
    (folder / "token").unlink()
    assert not in_cluster_possible(ENV, folder)
    with pytest.raises(ConfigError, match="token is missing"):
        in_cluster_config(ENV, folder)


def test_KC_19_A33_the_namespace_is_the_environments_else_the_files_else_default(folder: Path) -> None:
    assert in_cluster_config({**ENV, "POD_NAMESPACE": "mine"}, folder).namespace == "mine"
    assert in_cluster_config(ENV, folder).namespace == "ns"
    (folder / "namespace").unlink()
    assert in_cluster_config(ENV, folder).namespace == "default"


@pytest.mark.parametrize("port", ["443/x", "https", " 443", "٤٤٣"])
def test_RE_28_a_port_is_digits(port: str, folder: Path) -> None:
    with pytest.raises(ConfigError, match="KUBERNETES_SERVICE_PORT is no port number"):
        in_cluster_config({**ENV, "KUBERNETES_SERVICE_PORT": port}, folder)


def test_RE_28_a_namespace_that_is_no_text_is_an_error(folder: Path) -> None:
    (folder / "namespace").write_bytes(b"\xff\xff")
    with pytest.raises(ConfigError, match="not UTF-8 text"):
        in_cluster_config(ENV, folder)
