"""kr8s: create, list, watch, patch, label, scale, delete."""

from __future__ import annotations

import json
import sys
import time

import kr8s
from kr8s.objects import ConfigMap, Deployment

space = sys.argv[1]
api = kr8s.api(namespace=space)
for _ in range(
    60
):  # discovery in one piece: the definitions that other users of the server delete go in the middle of it
    try:
        resources = api.api_resources()
        break
    except kr8s.ServerError:
        time.sleep(0.5)
seen: dict[str, object] = {"minor": api.version()["minor"]}

settings = ConfigMap({"metadata": {"name": "settings", "namespace": space}, "data": {"a": "1"}}, api=api)
settings.create()
settings.patch({"data": {"b": "2"}})
settings.label({"app": "a"})
seen["patched"] = [settings.raw["data"].to_dict(), settings.labels.to_dict()]
seen["listed"] = [item.name for item in api.get("configmaps", namespace=space, label_selector={"app": "a"})]
changes: list[str] = []
for kind, item in api.watch("configmaps", namespace=space, label_selector={"app": "a"}):
    changes.append(kind)
    if kind == "ADDED":
        item.delete()
    if kind == "DELETED":
        break
seen["changes"] = changes
seen["exists"] = settings.exists()

labels = {"app": "web"}
web = Deployment(
    {
        "metadata": {"name": "web", "namespace": space},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "web", "image": "registry.k8s.io/pause:3.10"}]},
            },
        },
    },
    api=api,
)
web.create()
web.scale(2)
web.refresh()
seen["scaled"] = web.replicas
web.delete()
try:
    ConfigMap.get("missing", namespace=space, api=api)
except kr8s.NotFoundError as error:
    seen["missing"] = type(error).__name__
seen["kinds"] = sorted({item["kind"] for item in resources if item["version"] == "apps/v1"})
print(json.dumps(seen))
