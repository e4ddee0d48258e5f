"""%kctx: contexts of the kubeconfig, local to the notebook."""

from __future__ import annotations

from pathlib import Path

import pytest

from kmagic.errors import ProtectedError
from kmagic.magics.session.contexts import KContexts, KTarget
from kmagic.safety.policy import Level
from tests.magics.conftest import KUBECONFIG, Notebook


def test_the_contexts_and_their_protection(offline: Notebook) -> None:
    ran = offline.ok("%kctx")
    assert isinstance(ran.value, KContexts)
    assert ran.value.names == ["kind-dev", "acme-prod"]
    lines = [line.split() for line in ran.text.splitlines() if line.strip()]
    assert ["*", "kind-dev", "dev", "shop", "free"] in lines
    assert ["acme-prod", "prod", "default", "protected"] in lines
    assert "t0ken" not in ran.text + ran.html


def test_switching_says_from_where_to_where(offline: Notebook) -> None:
    ran = offline.ok("%kctx acme-prod")
    assert isinstance(ran.value, KTarget)
    assert "kind-dev ▸ shop · free → acme-prod ▸ default · protected" in ran.text
    assert "kind-dev ▸ shop" in offline.ok("%kctx -").text.partition("→")[2]


def test_a_context_can_be_made_read_only_here(offline: Notebook) -> None:
    assert "readonly" in offline.ok("%kctx kind-dev --readonly").text
    assert "readonly" in offline.ok("%kctx").text
    assert "readonly" in offline.fails("%%kapply\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}")


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("%kctx kind-dev", id="named again"),
        pytest.param("%kctx acme-prod\n%kctx -", id="come back to"),
        pytest.param("%kctx acme-prod\n%kctx kind-dev", id="returned to"),
        pytest.param("%kns other --force", id="another namespace"),
        pytest.param("%kctx kind-dev -n other", id="named with another namespace"),
        pytest.param("%kctx kind-dev --kubeconfig {{copy}}", id="from a copy of the file"),
        pytest.param("%reload_ext kmagic", id="the extension loaded again"),
    ],
)
def test_R6_a_read_only_context_stays_so(offline: Notebook, tmp_path: Path, line: str) -> None:
    copy = tmp_path / "copy"
    copy.write_text(KUBECONFIG)
    offline.shell.user_ns["copy"] = str(copy)
    offline.ok("%kctx acme-prod\n%kctx kind-dev\nbefore = %kctx kind-dev")
    offline.ok("%kctx kind-dev --readonly")
    offline.ok(line)
    assert offline.session.target.level is Level.READONLY
    assert offline.session.place.level is Level.READONLY
    assert isinstance(offline.run("%kdelete cm x").error, ProtectedError)
    ran = offline.run("before.client.core_v1.configmaps.delete('x')")
    assert isinstance(ran.error, ProtectedError)


def test_R6_read_only_holds_for_calls_from_another_context(offline: Notebook) -> None:
    offline.ok("%kctx kind-dev --readonly\n%kctx acme-prod")
    assert isinstance(offline.run("%kdelete cm x --context kind-dev").error, ProtectedError)
    assert "until the kernel is restarted" in offline.ok("%kctx kind-dev").text
    assert "until the kernel is restarted" in offline.fails("%kctx kind-dev --readonly=false")


def test_another_kubeconfig_is_used_and_not_written(offline: Notebook, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text(KUBECONFIG.replace("kind-dev", "minikube"))
    before = other.read_bytes()
    assert "minikube ▸ shop" in offline.ok(f"%kctx --kubeconfig {other}").text
    assert "minikube" in offline.ok("%kctx").text
    assert other.read_bytes() == before


def test_R1_another_kubeconfig_is_the_same_file_in_every_folder(
    offline: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder, port in (("one", 11), ("two", 12)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "k").write_text(KUBECONFIG.replace("127.0.0.1:1", f"127.0.0.1:{port}"))
    monkeypatch.chdir(tmp_path / "one")
    offline.ok("%kctx --kubeconfig k")
    monkeypatch.chdir(tmp_path / "two")
    offline.ok("%kctx acme-prod\n%kctx kind-dev")
    assert offline.session.target.server == "http://127.0.0.1:11"
    offline.ok("%kctx --kubeconfig k")
    assert offline.session.target.server == "http://127.0.0.1:12"


def test_mistakes(offline: Notebook) -> None:
    assert "did you mean acme-prod" in offline.fails("%kctx acme-prd")
    assert "one context at a time" in offline.fails("%kctx a b")
    assert "no context to go back to" in offline.fails("%kctx -")
    assert "never written" in offline.fails("%kubectl config set-context x")


def test_completion_knows_the_contexts_once_they_were_listed(offline: Notebook) -> None:
    offline.ok("%kctx")
    assert "acme-prod" in offline.session.memory.contexts()
