"""Election for blocking code, on a server."""

from __future__ import annotations

import uuid

import kmagic
from kmagic.sync.runtime import stop_shared_runtime
from tests.conftest import Server


def test_a_blocking_candidate_leads_while_it_is_entered_and_the_next_one_after_it(sandbox: Server) -> None:
    name = f"elector-{uuid.uuid4().hex[:8]}"
    client = kmagic.Client(sandbox.kubeconfig)
    first = client.elector(name, identity="first", namespace="default")
    second = client.elector(name, identity="second", namespace="default")
    with first:
        assert (first.is_leader, first.leader, first.lost) == (True, "first", False)
        assert not second.is_leader
    assert not first.is_leader
    first.wait_lost()
    second.start()
    assert (second.is_leader, second.identity) == (True, "second")
    second.stop()
    client.close()
    stop_shared_runtime()
