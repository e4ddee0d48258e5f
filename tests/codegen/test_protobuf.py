"""Field numbers of messages."""

from __future__ import annotations

from pathlib import Path

import pytest

from kmagic.codegen.protobuf import messages_of, modules_of
from kmagic.sandbox.schema import snapshot

PROTO = """\
package k8s.io.api.apps.v1;

// A comment.
message DeploymentSpec {
  // How many.
  optional int32 replicas = 1;

  optional .k8s.io.api.core.v1.PodTemplateSpec template = 3;

  optional DeploymentStrategy strategy = 4;

  optional int32 minReadySeconds = 5;

  repeated string names = 6;

  map<string, string> labels = 7;
}
"""
GO = """\
type DeploymentSpec struct {
\tReplicas *int32 `json:"replicas,omitempty" protobuf:"varint,1,opt,name=replicas"`
\tMinReadySeconds int32 `json:"minReadySeconds,omitempty"`
}
"""


def write(folder: Path, proto: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "generated.proto").write_text(proto)
    (folder / "types.go").write_text(GO)
    return folder


def test_a_field_has_its_number_its_rule_and_its_type(tmp_path: Path) -> None:
    write(tmp_path / "apps" / "v1", PROTO)
    assert messages_of([tmp_path]) == {
        "k8s.io.api.apps.v1.DeploymentSpec": {
            "1": ("replicas", "pointer", "int32"),
            "3": ("template", "", "k8s.io.api.core.v1.PodTemplateSpec"),
            "4": ("strategy", "", "k8s.io.api.apps.v1.DeploymentStrategy"),
            "5": ("minReadySeconds", "", "int32"),
            "6": ("names", "repeated", "string"),
            "7": ("labels", "string", "string"),
        }
    }


def test_of_unstable_packages_only_what_stable_messages_hold_is_taken(tmp_path: Path) -> None:
    unstable = "package k8s.io.api.core.v1alpha1;\nmessage Held {\n}\nmessage Other {\n}\n"
    write(tmp_path / "core" / "v1alpha1", unstable)
    assert messages_of([tmp_path]) == {}
    write(tmp_path / "apps" / "v1", PROTO.replace("core.v1.PodTemplateSpec", "core.v1alpha1.Held"))
    assert messages_of([tmp_path]).keys() == {"k8s.io.api.apps.v1.DeploymentSpec", "k8s.io.api.core.v1alpha1.Held"}


def test_the_committed_messages_refer_to_nothing_that_is_missing() -> None:
    messages = snapshot.messages()
    kinds = {kind for fields in messages.values() for _, _, kind in fields.values() if "." in kind}
    assert kinds <= messages.keys()
    assert messages["k8s.io.api.core.v1.Pod"]["2"] == ("spec", "", "k8s.io.api.core.v1.PodSpec")


@pytest.mark.parametrize("version", ["v1.37.2", "v1.37.2+k3s1"])
def test_a_servers_modules_are_those_of_its_version(tmp_path: Path, version: str) -> None:
    names = ("api", "apimachinery", "apiextensions-apiserver", "kube-aggregator")
    folders = [tmp_path / "k8s.io" / f"{name}@v0.37.2" for name in names]
    for folder in folders:
        folder.mkdir(parents=True)
    assert modules_of(tmp_path, version) == folders


def test_a_missing_module_is_named_with_what_gets_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"go mod download k8s\.io/api@v0\.36\.1"):
        modules_of(tmp_path, "v1.36.1")
