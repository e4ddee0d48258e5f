"""Workloads and the Pods they control."""

from __future__ import annotations

from datetime import UTC, datetime

from kmagic.views.describers import workloads
from kmagic.views.describers.page import Page

NOW = datetime(2026, 11, 24, 18, 0, 0, tzinfo=UTC)


def test_pods_are_counted_that_the_set_controls() -> None:
    mine = {"ownerReferences": [{"controller": True, "uid": "u"}]}
    pods = [
        {"metadata": mine, "status": {"phase": "Running"}},
        {"metadata": mine, "status": {"phase": "Pending"}},
        {"metadata": {}, "status": {"phase": "Running"}},
    ]
    obj = {"metadata": {"name": "old", "uid": "u"}, "spec": {"replicas": 2, "template": {}}}
    page = Page(NOW, {"pods": pods})
    workloads.replica_set(page, obj)
    assert "1 Running / 1 Waiting / 0 Succeeded / 0 Failed" in page.text
    page = Page(NOW, {"pods": None})
    workloads.replica_set(page, obj)
    assert "error in fetching pods" in page.text


def test_a_finished_job_says_how_long_it_took() -> None:
    page = Page(NOW, {})
    status = {"startTime": "2026-11-24T17:00:00Z", "completionTime": "2026-11-24T17:01:30Z", "succeeded": 1}
    workloads.job(page, {"metadata": {"name": "once"}, "spec": {"template": {}}, "status": status})
    assert "Duration:       90s\n" in page.text
    assert "Pods Statuses:  0 Active / 1 Succeeded / 0 Failed\n" in page.text
