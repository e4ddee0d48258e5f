"""The session: pinned, local to the notebook, and gone without a trace."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pytest

from kmagic.errors import ConfigError, UsageError
from kmagic.magics.language.grammar import Command, parse
from kmagic.magics.language.registry import VERBS
from kmagic.magics.session.place import REQUEST_SECONDS
from kmagic.magics.session.session import Session
from kmagic.safety.policy import Level
from kmagic.sync.runtime import Runtime
from tests.magics.conftest import KUBECONFIG


def command(line: str) -> Command:
    return parse(VERBS["get"], line, None, lambda name: {}[name])


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    path = tmp_path / "kubeconfig"
    path.write_text(KUBECONFIG)
    monkeypatch.setenv("KUBECONFIG", str(path))
    runtime = Runtime("test-loop")
    session = Session(runtime=runtime)
    yield session
    session.close()
    runtime.stop()


def test_R1_a_change_of_the_kubeconfig_does_not_move_the_notebook(session: Session, tmp_path: Path) -> None:
    assert session.target.context == "kind-dev"
    (tmp_path / "kubeconfig").write_text(KUBECONFIG.replace("current-context: kind-dev", "current-context: acme-prod"))
    assert session.target.context == "kind-dev"
    assert session.place_for(command("pods")).target.context == "kind-dev"


def test_R1_switching_never_writes_the_kubeconfig(session: Session, tmp_path: Path) -> None:
    before = (tmp_path / "kubeconfig").read_bytes()
    assert session.switch("acme-prod", namespace="shop").badge == "acme-prod ▸ shop · protected"
    assert session.back().context == "kind-dev"
    assert session.back().context == "acme-prod"
    assert (tmp_path / "kubeconfig").read_bytes() == before


def test_nothing_to_go_back_to_is_said(session: Session) -> None:
    with pytest.raises(UsageError, match="no context to go back to"):
        session.back()
    with pytest.raises(UsageError, match="no namespace to go back to"):
        session.use_namespace("-")


def test_namespaces_are_the_notebooks_own(session: Session) -> None:
    assert session.namespace_for(command("pods")) == "shop"
    session.use_namespace("test")
    assert session.namespace_for(command("pods")) == "test"
    assert session.memory.namespace == "test"
    assert session.use_namespace("-").namespace == "shop"
    assert session.namespace_for(command("pods -n other")) == "other"
    assert session.namespace_for(command("pods -A")) is None
    assert session.namespace_for(command("pods --context acme-prod")) == "default"


def test_a_level_given_survives_a_change_of_namespace(session: Session) -> None:
    session.switch("kind-dev", readonly=True)
    session.use_namespace("test")
    assert session.target.level is Level.READONLY


def test_every_request_has_a_timeout(session: Session) -> None:
    assert session.place.config.timeout == REQUEST_SECONDS


def test_a_missing_context_is_a_config_error(session: Session) -> None:
    with pytest.raises(ConfigError):
        session.place_for(command("pods --context nope"))
    assert session.target.context == "kind-dev"


def test_a_missing_kubeconfig_points_at_the_sandbox(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "/nowhere/config")
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with pytest.raises(ConfigError) as caught:
        _ = Session().target
    assert caught.value.hint


def test_closing_stops_what_was_started_once(session: Session) -> None:
    stopped: list[str] = []
    session.on_close(lambda: stopped.append("view"))
    session.on_close(lambda: stopped.append("sandbox"))
    session.close()
    session.close()
    assert stopped == ["sandbox", "view"]


def test_a_cell_that_runs_again_stops_what_it_had_started(session: Session) -> None:
    stopped: list[str] = []

    def run(cell: str, *started: str) -> None:
        session.begin_cell(cell)
        for name in started:
            session.on_rerun(functools.partial(stopped.append, name))

    run("a", "a1", "a2")
    run("b", "b1")
    assert stopped == []
    run("a", "a3")
    assert sorted(stopped) == ["a1", "a2"]
    session.close()
    session.close()
    assert sorted(stopped) == ["a1", "a2", "a3", "b1"]


def test_no_credential_is_in_a_repr(session: Session) -> None:
    assert "t0ken" not in f"{session.place.config!r} {session.target!r} {session.place.client!r}"
