"""Events told by blocking code are on the server when the recorder was left."""

from __future__ import annotations

import uuid

import kmagic
from kmagic.sync.runtime import stop_shared_runtime
from tests.conftest import Server


def test_what_was_told_is_written_before_the_end(sandbox: Server) -> None:
    client = kmagic.Client(sandbox.kubeconfig)
    reason = f"Looked{uuid.uuid4().hex[:8]}"
    space = client.core_v1.namespaces.get("default")
    with client.recorder("me") as recorder:
        recorder.event(space, "Normal", reason, "somebody looked")
    events = client.core_v1.events("default").list(field_selector=f"reason={reason}")
    assert [event.message for event in events.items] == ["somebody looked"]
    assert recorder.dropped == 0
    client.close()
    stop_shared_runtime()
