"""Make the sandbox's schema snapshot from the API folder of a Kubernetes source tree.

``python -m kmagic.sandbox.snapshot FOLDER`` where FOLDER holds ``openapi-spec/v3`` and ``discovery``. Writes two
data files beside this module: ``resources.json`` (the stable built-in resources, in discovery order) and
``openapi.json.gz`` (every schema those resources need, with descriptions, once). Run it when the Kubernetes
version of the models changes; the sandbox itself only reads the data files.

Source: api/discovery/aggregated_v2.json and api/openapi-spec/v3/*.json of k8s.io/kubernetes v1.37.2.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from pathlib import Path
from typing import Any

__all__ = ("collect_resources", "collect_schemas", "main")

DATA = Path(__file__).parent / "data"
STABLE = re.compile(r"^v\d+$")


def collect_resources(api: Path) -> list[dict[str, Any]]:
    """Read the aggregated discovery snapshot: ``[{"name": "apps", "versions": [{"version": "v1", "resources": [...]}]}]``."""
    core = json.loads((api / "discovery" / "api__v1.json").read_text())
    groups = [{"name": "", "versions": [{"version": "v1", "resources": _from_legacy(core["resources"])}]}]
    for item in json.loads((api / "discovery" / "aggregated_v2.json").read_text())["items"]:
        versions = [
            {"version": version["version"], "resources": version["resources"]}
            for version in item["versions"]
            if STABLE.match(version["version"])
        ]
        if versions:
            groups.append({"name": item["metadata"]["name"], "versions": versions})
    return groups


def collect_schemas(api: Path, groups: list[dict[str, Any]]) -> dict[str, Any]:
    """Read the schemas of the groups' versions."""
    schemas: dict[str, Any] = {}
    for group in groups:
        for version in group["versions"]:
            prefix = f"apis__{group['name']}__" if group["name"] else "api__"
            document = api / "openapi-spec" / "v3" / f"{prefix}{version['version']}_openapi.json"
            schemas.update(json.loads(document.read_text())["components"]["schemas"])
    return schemas


def main(arguments: list[str]) -> int:
    """Write both data files; the only argument is the API folder."""
    api = Path(arguments[0])
    groups = collect_resources(api)
    DATA.mkdir(exist_ok=True)
    (DATA / "resources.json").write_text(json.dumps(groups, indent=0, sort_keys=True) + "\n")
    text = json.dumps(collect_schemas(api, groups), separators=(",", ":"), sort_keys=True)
    # mtime=0: the same input gives the same file
    (DATA / "openapi.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    return 0


def _from_legacy(resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    parents: dict[str, dict[str, Any]] = {}
    for resource in resources:
        kind = {key: resource.get(key, "") for key in ("group", "version", "kind")}
        name, _, subresource = resource["name"].partition("/")
        if subresource:
            entry = {"subresource": subresource, "responseKind": kind, "verbs": resource["verbs"]}
            parents[name].setdefault("subresources", []).append(entry)
            continue
        entry = {
            "resource": name,
            "responseKind": kind,
            "scope": "Namespaced" if resource["namespaced"] else "Cluster",
            "singularResource": resource["singularName"],
            "verbs": resource["verbs"],
        }
        entry |= {key: resource[key] for key in ("shortNames", "categories") if key in resource}
        parents[name] = entry
    return list(parents.values())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
