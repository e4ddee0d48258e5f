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


@pytest.fixture
def crossed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A session in a free context; the other contexts' clusters have names that say nothing."""
    path = tmp_path / "kubeconfig"
    path.write_text(KUBECONFIG.replace("name: prod\n", "name: c2\n").replace("cluster: prod,", "cluster: c2,"))
    monkeypatch.setenv("KUBECONFIG", str(path))
    runtime = Runtime("test-loop")
    session = Session(runtime=runtime)
    yield session
    session.close()
    runtime.stop()


def test_a_cluster_is_as_protected_as_the_contexts_that_lead_to_it(crossed: Session) -> None:
    place = crossed.place_for(command("pods --cluster c2"))
    assert (place.target.context, place.target.cluster) == ("kind-dev", "c2")
    assert place.target.server == "https://k8s.acme.example"
    assert place.target.namespace == "shop"
    assert place.level is Level.PROTECTED
    assert place.at("other").level is Level.PROTECTED
    assert crossed.place_for(command("pods --cluster c2 --as jane")).level is Level.PROTECTED
    assert crossed.place_for(command("pods --cluster dev")).level is Level.FREE


def test_a_free_context_does_not_free_an_unknown_cluster(crossed: Session, tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(path.read_text().replace("name: acme-prod", "name: somewhere"))
    assert crossed.place_for(command("pods --cluster c2")).level is Level.CAUTIOUS


def test_a_protected_context_stays_so_with_another_cluster(crossed: Session) -> None:
    assert crossed.place_for(command("pods --context acme-prod --cluster dev")).level is Level.PROTECTED


def test_a_server_that_is_read_only_is_so_by_any_way_to_it(crossed: Session) -> None:
    before = crossed.place_for(command("pods --cluster c2"))
    crossed.switch("acme-prod", readonly=True)
    crossed.switch("kind-dev")
    for line in ("--cluster c2", "--context acme-prod", "--context acme-prod --as jane", "--cluster c2 --user me"):
        assert crossed.place_for(command(f"pods {line}")).level is Level.READONLY
    assert before.level is Level.READONLY


def test_who_is_acted_as_is_the_places_and_nothing_else_moves(session: Session) -> None:
    here = session.place
    place = session.place_for(command("pods --as jane --as-group a -n other"))
    assert place.target.badge == "kind-dev ▸ other · as jane · free"
    assert place.config.impersonate is not None
    assert place.config.impersonate.groups == ("a",)
    assert session.place is here
    assert here.config.impersonate is None
    again = session.place_for(command("pods --as jane --as-group a"))
    assert again.opened is place.opened
    assert session.place_for(command("pods --as joe")).opened is not place.opened
    assert place.opened.words_from(here.opened) == ["--as jane", "--as-group a"]
    assert here.opened.words_from(place.opened) == []


def test_the_notebooks_own_context_is_acted_in_as_it_was_pinned(session: Session, tmp_path: Path) -> None:
    pinned = session.place.target.server
    path = tmp_path / "kubeconfig"
    path.write_text(path.read_text().replace("127.0.0.1:1", "127.0.0.1:2"))
    assert session.place_for(command("pods --as jane")).target.server == pinned


def test_groups_without_anybody_are_refused(session: Session) -> None:
    with pytest.raises(ConfigError, match="without impersonating a user"):
        session.place_for(command("pods --as-group a"))


def test_a_file_is_named_for_one_line(session: Session, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text(KUBECONFIG.replace("127.0.0.1:1", "127.0.0.1:9"))
    place = session.place_for(command(f"pods --kubeconfig {other}"))
    assert place.target.server == "http://127.0.0.1:9"
    assert session.place_for(command("pods")).target.server == "http://127.0.0.1:1"
    assert place.opened.words_from(session.place.opened) == [f"--kubeconfig {other}", "--context kind-dev"]
    named = session.place_for(command(f"pods --kubeconfig {other} --context acme-prod"))
    assert (named.target.context, named.kubeconfig) == ("acme-prod", str(other))
    assert session.place_for(command(f"pods --kubeconfig {other}")).target == place.target


def test_R1_another_user_alone_does_not_move_the_notebook(session: Session, tmp_path: Path) -> None:
    line = command("pods --user other")
    path = tmp_path / "kubeconfig"
    both = KUBECONFIG + "- name: other\n  user: {token: another-value-that-must-not-show}\n"
    path.write_text(both)
    pinned = session.place.target.server
    path.write_text(both.replace("127.0.0.1:1", "127.0.0.1:2"))
    with pytest.raises(ConfigError, match="another cluster since it was pinned"):
        session.place_for(line)
    path.write_text(both)
    assert session.place_for(line).target.server == pinned
    path.write_text(both.replace("127.0.0.1:1", "127.0.0.1:2"))
    assert session.place_for(line).target.server == pinned  # as it was opened
    session.switch("kind-dev")
    assert session.place_for(line).target.server == "http://127.0.0.1:2"
    session.back()
    assert session.place_for(line).target.server == pinned


def test_R1_another_user_of_another_context_goes_where_that_was_pinned(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    both = KUBECONFIG + "- name: other\n  user: {token: another-value-that-must-not-show}\n"
    path.write_text(both)
    session.place_for(command("pods --context acme-prod"))
    for moved in (
        both.replace("k8s.acme.example", "elsewhere.example"),
        both.replace('acme.example"', 'acme.example", tls-server-name: other.example'),
    ):
        path.write_text(moved)
        with pytest.raises(ConfigError, match="another cluster since it was pinned"):
            session.place_for(command("pods --context acme-prod --user other"))


def test_a_file_that_is_gone_was_read_by_the_line_that_named_it(session: Session, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text(KUBECONFIG.replace("127.0.0.1:1", "127.0.0.1:9"))
    line = command(f"pods --kubeconfig {other}")
    place = session.place_for(line)
    other.unlink()
    assert session.place_for(line).opened is place.opened


def test_work_that_is_done_is_done_whatever_became_of_its_kubeconfig(session: Session, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text(KUBECONFIG)

    async def work() -> int:
        other.unlink()
        return 1

    assert session.run(command(f"pods --kubeconfig {other}"), work()) == 1


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        pytest.param("--cluster nope", 'cluster "nope" does not exist', id="cluster"),
        pytest.param("--user nope", 'auth info "nope" does not exist', id="user"),
        pytest.param("--kubeconfig /nope/nope", "no such file", id="file"),
    ],
)
def test_what_is_not_there_is_said(session: Session, flags: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        session.place_for(command(f"pods {flags}"))
