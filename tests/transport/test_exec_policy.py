from __future__ import annotations

from pathlib import Path

import pytest

from kmagic.errors import AuthError, ConfigError
from kmagic.transport.exec_policy import PluginPolicy, load_plugin_policy


def which(entry: str) -> str | None:
    return {"aws": "/usr/bin/aws", "kubelogin": "/opt/kubelogin"}.get(entry)


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param(PluginPolicy(), id="EX-11 A34 no rule"),
        pytest.param(PluginPolicy("AllowAll"), id="EX-11 A34 all"),
        pytest.param(PluginPolicy("Allowlist", ("aws",)), id="EX-11 A34 command as configured"),
        pytest.param(PluginPolicy("Allowlist", ("x", "/usr/bin/aws")), id="EX-11 A34 resolved path"),
    ],
)
def test_allowed(policy: PluginPolicy) -> None:
    assert policy.permitted("aws", "/usr/bin/aws", which=which) == "/usr/bin/aws"


def test_EX_11_an_entry_is_resolved_too() -> None:
    assert PluginPolicy("Allowlist", ("aws",)).permitted("/usr/bin/aws", "/usr/bin/aws", which=which) == "/usr/bin/aws"


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        pytest.param(PluginPolicy("DenyAll"), 'plugin "aws" not allowed: policy set to "DenyAll"', id="EX-11 A34 deny"),
        pytest.param(PluginPolicy("Allowlist", ("kubelogin",)), 'plugin path "/usr/bin/aws" is not permitted', id="EX-11 A34 not listed"),
        pytest.param(PluginPolicy("Allowlist"), "but allowlist is unspecified", id="EX-11 A34 no list"),
        pytest.param(PluginPolicy("Allowlist", ()), 'use "DenyAll" policy instead', id="EX-11 A34 empty list"),
        pytest.param(PluginPolicy("AllowAll", ("aws",)), 'policy is "AllowAll" but allowlist is non-nil', id="EX-11 A34 list without rule"),
        pytest.param(PluginPolicy("Z"), 'unknown plugin policy: "Z"', id="EX-11 A34 unknown"),
        pytest.param(PluginPolicy("Allowlist", ("",)), "an entry is empty", id="EX-11 A34 empty entry"),
        pytest.param(PluginPolicy("Allowlist", ("/a/../b",)), "not a clean path", id="EX-11 A34 unclean path"),
    ],
)  # fmt: skip
def test_refused(policy: PluginPolicy, message: str) -> None:
    with pytest.raises(AuthError, match=message):
        policy.permitted("aws", "/usr/bin/aws", which=which)


def test_EX_11_what_cannot_be_found_cannot_be_checked() -> None:
    with pytest.raises(AuthError, match="cannot be resolved for credential plugin allowlist check"):
        PluginPolicy("Allowlist", ("aws",)).permitted("aws", None, which=which)


def test_EX_11_the_rule_is_read_from_kuberc(tmp_path: Path) -> None:
    path = tmp_path / "kuberc"
    assert load_plugin_policy({"KUBERC": str(path)}) == PluginPolicy()
    path.write_text("apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n")
    assert load_plugin_policy({"KUBERC": str(path)}) == PluginPolicy()
    path.write_text("credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist:\n- command: aws\n- name: x\n- z\n")
    assert load_plugin_policy({"KUBERC": str(path)}) == PluginPolicy("Allowlist", ("aws", "x", "z"))
    path.write_text("credentialPluginPolicy: [DenyAll]\n")
    with pytest.raises(ConfigError, match="unable to read"):
        load_plugin_policy({"KUBERC": str(path)})
    path.write_text("a: [")
    with pytest.raises(ConfigError, match="unable to read"):
        load_plugin_policy({"KUBERC": str(path)})


def test_the_home_folder_is_the_default(tmp_path: Path) -> None:
    (tmp_path / ".kube").mkdir()
    (tmp_path / ".kube" / "kuberc").write_text("credentialPluginPolicy: DenyAll\n")
    assert load_plugin_policy({"HOME": str(tmp_path)}) == PluginPolicy("DenyAll")
