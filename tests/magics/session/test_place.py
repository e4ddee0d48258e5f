"""Places: values that stay what they were when they were handed out."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from kmagic.config.client_config import ClientConfig
from kmagic.magics.session.place import REQUEST_SECONDS, Opened
from kmagic.rest.resource import APIResource
from kmagic.safety.policy import Level
from kmagic.safety.readonly import ReadOnlyContexts
from tests.magics.conftest import KUBECONFIG, Notebook

PODS = APIResource("", "v1", "pods", "Pod", True)


def opened(context: str = "staging", server: str = "https://k8s.acme.example", **config: Any) -> Opened:
    return Opened(ClientConfig(server=server, context_name=context, **config), None, ReadOnlyContexts())


def test_another_namespace_is_another_place() -> None:
    here = opened(namespace="shop").place()
    there = here.at("other")
    assert (here.target.namespace, there.target.namespace) == ("shop", "other")
    assert here.at("shop") is here
    with pytest.raises(dataclasses.FrozenInstanceError):
        here.target = there.target  # type: ignore[misc]


def test_R2_a_namespace_that_is_protected_anywhere_protects_the_place() -> None:
    here = opened().place("shop")
    assert here.level is Level.CAUTIOUS
    assert here.at("kube-system").level is Level.PROTECTED
    assert here.at("kube-system").at("shop").level is Level.CAUTIOUS
    assert opened("prod").place().at("shop").level is Level.PROTECTED


def test_a_chosen_level_goes_along() -> None:
    assert opened().place("shop", Level.FREE).at("kube-system").level is Level.FREE


def test_every_request_has_a_timeout() -> None:
    assert opened().config.timeout == REQUEST_SECONDS
    assert opened(timeout=3.0).config.timeout == 3.0


def test_a_client_keeps_the_namespace_it_was_handed_out_for(offline: Notebook) -> None:
    offline.ok("here = %kctx kind-dev\nfirst = here.client\n%kns other --force\nthere = %kctx kind-dev -n other")
    names = offline.shell.user_ns
    assert names["here"].client is names["first"]
    assert names["first"].config.namespace == "shop"
    assert names["there"].client.config.namespace == "other"


def test_R1_a_context_of_another_file_is_not_the_one_called_before(offline: Notebook, tmp_path: Path) -> None:
    from tests.magics.session.test_session import command

    session = offline.session
    pinned = session.place_for(command("pods --context acme-prod"))
    (tmp_path / "kubeconfig").write_text(KUBECONFIG.replace("k8s.acme.example", "changed.example"))
    assert session.place_for(command("pods --context acme-prod")).target == pinned.target
    other = tmp_path / "other"
    other.write_text(KUBECONFIG.replace("k8s.acme.example", "other.example"))
    offline.ok(f"%kctx kind-dev --kubeconfig {other}")
    assert session.place_for(command("pods --context acme-prod")).target.server == "https://other.example"


def test_names_seen_in_one_context_are_not_offered_in_another(offline: Notebook) -> None:
    session = offline.session
    session.place.memory.saw_objects(PODS, [("shop", "only-here")])
    assert "only-here" in session.memory.names("pods", "")
    offline.ok("%kctx acme-prod -n shop")
    assert "only-here" not in session.memory.names("pods", "")
    offline.ok("%kctx -")
    assert "only-here" in session.memory.names("pods", "")


def test_the_same_context_named_again_is_opened_once(offline: Notebook) -> None:
    offline.ok("%kctx acme-prod")
    first = offline.session.place.opened
    offline.ok("%kctx kind-dev\n%kctx acme-prod -n shop")
    assert offline.session.place.opened is first


def test_a_sandbox_that_stopped_is_nowhere_to_come_back_to(offline: Notebook, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.write_text(KUBECONFIG.replace("kind-dev", "sandbox"))
    offline.ok(f"%kctx --kubeconfig {gone}\n%kctx acme-prod")
    offline.session.leave(str(gone))
    assert offline.session.badge == "nowhere"
    offline.ok("%kctx kind-dev")
    assert offline.session.target.context == "kind-dev"
