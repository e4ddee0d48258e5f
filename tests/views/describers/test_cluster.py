"""Nodes and what their Pods ask for."""

from __future__ import annotations

from datetime import UTC, datetime

from kmagic.views.describers import cluster
from kmagic.views.describers.page import Page

NOW = datetime(2026, 11, 24, 18, 0, 0, tzinfo=UTC)


def _pod(name: str, cpu: str, memory: str, **spec: object) -> dict[str, object]:
    container = {"resources": {"requests": {"cpu": cpu, "memory": memory}}}
    metadata = {"name": name, "namespace": "shop", "creationTimestamp": "2026-11-24T17:00:00Z"}
    return {"metadata": metadata, "spec": {"containers": [container], **spec}}


def test_a_node_says_what_is_asked_of_it() -> None:
    first = [{"resources": {"requests": {"cpu": "1"}}}]
    pods = [_pod("a", "250m", "64Mi"), _pod("b", "250m", "64Mi", initContainers=first)]
    page = Page(NOW, {"pods": pods, "leases": []})
    allocatable = {"cpu": "2", "memory": "1Gi", "pods": "10", "example.com/gpu": "1"}
    cluster.node(page, {"metadata": {"name": "n"}, "status": {"allocatable": allocatable}})
    text = " ".join(page.text.split())
    assert "shop a 250m (12%) 0 (0%) 64Mi (6%) 0 (0%) 60m" in text
    assert "shop b 1 (50%) 0 (0%) 64Mi (6%) 0 (0%) 60m" in text
    assert "cpu 1250m (62%) 0 (0%) memory 128Mi (12%) 0 (0%)" in text
    assert "example.com/gpu 0 0" in text
    assert 'Failed to get lease: leases.coordination.k8s.io "n" not found' in text


def test_pods_that_may_not_be_listed_are_no_empty_list() -> None:
    page = Page(NOW, {"pods": None})
    cluster.node(page, {"metadata": {"name": "n"}})
    assert "not authorized" in page.text
