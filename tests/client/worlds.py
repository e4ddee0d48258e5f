"""Answers of a server that has Pods, Deployments, Events in two groups, and a broken aggregated API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import httpx

AGGREGATED = {"content-type": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"}
ALL_VERBS = ["create", "delete", "get", "list", "patch", "update", "watch"]


def resource(
    plural: str, kind: str, *, short: Sequence[str] = (), scope: str = "Namespaced", categories: Any = (), sub: Any = ()
) -> dict[str, Any]:
    return {
        "resource": plural,
        "responseKind": {"group": "", "version": "", "kind": kind},
        "scope": scope,
        "singularResource": kind.lower(),
        "verbs": ALL_VERBS,
        "shortNames": list(short),
        "categories": list(categories),
        "subresources": [{"subresource": name, "verbs": ["get"]} for name in sub],
    }


def group(name: str, *versions: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": name} if name else {},
        "versions": [
            {"version": version, "resources": list(resources), "freshness": fresh}
            for version, fresh, resources in versions
        ],
    }


CORE = [
    group(
        "",
        (
            "v1",
            "Current",
            [
                resource("events", "Event", short=["ev"]),
                resource("nodes", "Node", short=["no"], scope="Cluster"),
                resource("pods", "Pod", short=["po"], categories=["all"], sub=["status", "log", "exec"]),
            ],
        ),
    )
]
NAMED = [
    group(
        "apps",
        (
            "v1",
            "Current",
            [resource("deployments", "Deployment", short=["deploy"], categories=["all"], sub=["scale", "status"])],
        ),
    ),
    group("events.k8s.io", ("v1", "Current", [resource("events", "Event", short=["ev"])])),
    group(
        "autoscaling",
        ("v2", "Current", [resource("horizontalpodautoscalers", "HorizontalPodAutoscaler", short=["hpa"])]),
        ("v1", "Current", [resource("horizontalpodautoscalers", "HorizontalPodAutoscaler", short=["hpa"])]),
    ),
    group("metrics.k8s.io", ("v1beta1", "Stale", [resource("pods", "PodMetrics")])),
    group("twins.example.com", ("v1", "Current", [resource("foos", "Twin"), resource("bars", "Twin")])),
]
WIDGETS = group("example.com", ("v1", "Current", [resource("widgets", "Widget", short=["wi"])]))


def world(named: list[dict[str, Any]] = NAMED, *, core: Any = CORE) -> Callable[..., Any]:
    """A handler for ScriptedServer: aggregated discovery; the lists may be changed while it runs."""

    def answer(request: Any) -> Any:
        items = {"/api": core, "/apis": named}.get(request.url.path)
        if items is None:
            return httpx.Response(404)
        return httpx.Response(200, json={"kind": "APIGroupDiscoveryList", "items": items}, headers=AGGREGATED)

    return answer


def legacy(broken: Sequence[str] = ()) -> Callable[..., Any]:
    """A handler for a server without aggregated discovery."""
    lists = {
        "/api": {"kind": "APIVersions", "versions": ["v1"]},
        "/apis": {
            "kind": "APIGroupList",
            "groups": [
                {
                    "name": "apps",
                    "versions": [
                        {"groupVersion": "apps/v1", "version": "v1"},
                        {"groupVersion": "apps/v1beta1", "version": "v1beta1"},
                    ],
                    "preferredVersion": {"groupVersion": "apps/v1", "version": "v1"},
                },
                {
                    "name": "bad.io",
                    "versions": [{"groupVersion": "bad.io/v1", "version": "v1"}],
                    "preferredVersion": {"groupVersion": "bad.io/v1", "version": "v1"},
                },
            ],
        },
        "/api/v1": {
            "kind": "APIResourceList",
            "resources": [
                {"name": "pods", "kind": "Pod", "namespaced": True, "verbs": ALL_VERBS, "shortNames": ["po"]},
                {"name": "pods/log", "kind": "Pod", "namespaced": True, "verbs": ["get"]},
                {"name": "nodes", "kind": "Node", "namespaced": False, "verbs": ALL_VERBS, "singularName": "node"},
            ],
        },
        "/apis/apps/v1": {
            "resources": [{"name": "deployments", "kind": "Deployment", "namespaced": True, "verbs": ALL_VERBS}]
        },
        "/apis/apps/v1beta1": {
            "resources": [{"name": "deployments", "kind": "Deployment", "namespaced": True, "verbs": None}]
        },
        "/apis/bad.io/v1": {"resources": None},
    }

    def answer(request: Any) -> Any:
        path = request.url.path
        if path in broken:
            return httpx.Response(503, text="away")
        return httpx.Response(200, json=lists[path]) if path in lists else httpx.Response(404)

    return answer
