"""Pods and templates, beside what the parity suite compares with kubectl."""

from __future__ import annotations

from datetime import UTC, datetime

from kmagic.views.describers import pods
from kmagic.views.describers.page import Page

NOW = datetime(2026, 11, 24, 18, 0, 0, tzinfo=UTC)


def test_the_state_of_a_container_is_told() -> None:
    page = Page(NOW, {})
    ended = {"exitCode": 137, "reason": "OOMKilled", "startedAt": "2026-11-24T17:00:00Z", "finishedAt": None}
    pods.pod(
        page,
        {
            "metadata": {"name": "web-0", "namespace": "shop", "deletionTimestamp": "2026-11-24T17:59:00Z"},
            "spec": {"containers": [{"name": "main", "image": "nginx"}], "nodeName": "n"},
            "status": {
                "phase": "Running",
                "hostIP": "10.0.0.1",
                "containerStatuses": [
                    {
                        "name": "main",
                        "restartCount": 3,
                        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                        "lastState": {"terminated": ended},
                    }
                ],
            },
        },
    )
    text = page.text
    assert "Node:                      n/10.0.0.1\n" in text
    assert "Status:                    Terminating (lasts 60s)\n" in text
    assert "    State:          Waiting\n      Reason:       CrashLoopBackOff\n    Last State:     Terminated\n" in text
    assert "      Exit Code:    137\n" in text
    assert "      Finished:     Mon, 01 Jan 0001 00:00:00 +0000\n" in text
    assert "    Restart Count:  3\n" in text
