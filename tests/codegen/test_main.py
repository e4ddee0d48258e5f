"""The command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kmagic.codegen.__main__ import generated, main
from tests.cluster.fixture import ExternalCluster
from tests.codegen.test_crd import CRD


def test_generated_files_are_what_the_generator_writes() -> None:
    stale = [path.name for path, text in generated().items() if path.read_text(encoding="utf-8") != text]
    assert not stale, "run `python -m kmagic.codegen write`"
    assert main(["check"]) == 0


def test_models_of_a_file_are_written(tmp_path: Path) -> None:
    (tmp_path / "crd.yaml").write_text(f"# two documents\n---\nkind: Namespace\n---\n{json.dumps(CRD)}\n")
    assert main(["crd", str(tmp_path / "crd.yaml"), "-o", str(tmp_path / "widgets.py")]) == 0
    assert "class Widget(Model, kw_only=True):" in (tmp_path / "widgets.py").read_text()


@pytest.mark.parametrize(
    ("content", "message"),
    [("kind: Pod\n", "no CustomResourceDefinition in"), ("a: [", "line 2"), (None, "No such file")],
)
def test_what_cannot_be_read_is_one_line(
    content: str | None, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "crd.yaml"
    if content:
        file.write_text(content)
    assert main(["crd", str(file), "-o", str(tmp_path / "x.py")]) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "x.py").exists()


def test_models_of_a_server_are_written(cluster: ExternalCluster, tmp_path: Path) -> None:
    cluster.kubectl(
        "apply", "-f", "-", input=json.dumps(CRD | {"spec": CRD["spec"] | {"versions": CRD["spec"]["versions"][:1]}})
    )
    try:
        cluster.kubectl("wait", "--for=condition=Established", "crd/widgets.example.com", "--timeout=30s")
        output = tmp_path / "widgets.py"
        assert main(["crd", "--kubeconfig", str(cluster.kubeconfig), "widgets.example.com", "-o", str(output)]) == 0
        assert "class WidgetSpecPort(Model, kw_only=True):" in output.read_text()
    finally:
        cluster.kubectl("delete", "crd", "widgets.example.com", "--wait=false")


def test_an_unknown_command_is_refused() -> None:
    with pytest.raises(SystemExit):
        main(["dance"])
