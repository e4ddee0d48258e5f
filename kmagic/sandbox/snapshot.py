"""Make the sandbox's schema snapshot from the API folder of a Kubernetes source tree.

``python -m kmagic.sandbox.snapshot API STAGING...`` where API holds ``openapi-spec/v3`` and ``discovery``, and each
STAGING is the folder of a module with ``generated.proto`` files (k8s.io/api, k8s.io/apimachinery, ...). Writes three
data files beside this module: ``resources.json`` (the stable built-in resources, in discovery order),
``openapi.json.gz`` (every schema those resources need, with descriptions, once) and ``protobuf.json.gz`` (the field
numbers of their messages). Run it when the Kubernetes version of the models changes; the sandbox itself only reads
the data files.

Source: api/discovery/aggregated_v2.json, api/openapi-spec/v3/*.json and generated.proto of kubernetes v1.37.2.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from pathlib import Path
from typing import Any

__all__ = ("collect_messages", "collect_resources", "collect_schemas", "main")

DATA = Path(__file__).parent / "data"
PACKAGE = re.compile(r"^package ([\w.]+);", re.MULTILINE)
UNSTABLE = re.compile(r"(alpha|beta)\d*$")
MESSAGE = re.compile(r"^message (\w+) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
FIELD = re.compile(r"^  (?:map<(\w+), ([\w.]+)>|(optional|repeated|required) ([\w.]+)) (\w+) = (\d+)", re.MULTILINE)
GO_STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
GO_POINTER = re.compile(r"^\s+\w+\s+\*\S+\s+`json:\"(\w+)", re.MULTILINE)
SCALARS = ("string", "bytes", "bool", "int32", "int64", "uint32", "uint64", "double", "float")
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


def collect_messages(folders: list[Path]) -> dict[str, Any]:
    """Read the messages of stable packages: ``{"k8s.io.api.core.v1.Pod": {"1": ["metadata", "", "k8s.io...ObjectMeta"]}}``.

    The middle word is "" for one value, "pointer" for one that may be absent (Go writes the zero of all others),
    "repeated" for a list, or the key type of a map.
    """
    messages: dict[str, Any] = {}
    for folder in folders:
        for path in sorted(folder.rglob("generated.proto")):
            text = path.read_text()
            match = PACKAGE.search(text)
            if match and not UNSTABLE.search(match[1]):
                pointers = _pointers(path.parent)
                messages |= _messages(match[1], text, pointers)
    return messages


def _pointers(folder: Path) -> set[tuple[str, str]]:
    """Struct and JSON name of the Go fields that are pointers."""
    found: set[tuple[str, str]] = set()
    for path in folder.glob("*.go"):
        for struct, body in GO_STRUCT.findall(path.read_text()):
            found |= {(struct, name) for name in GO_POINTER.findall(body)}
    return found


def _messages(package: str, text: str, pointers: set[tuple[str, str]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, body in MESSAGE.findall(text):
        fields = {}
        for key, value, label, kind, field, number in FIELD.findall(body):
            rule = key or ("repeated" if label == "repeated" else "pointer" if (name, field) in pointers else "")
            fields[number] = [field, rule, _full_name(package, value or kind)]
        found[f"{package}.{name}"] = fields
    return found


def _full_name(package: str, kind: str) -> str:
    if kind in SCALARS:
        return kind
    return kind[1:] if kind.startswith(".") else f"{package}.{kind}"


def main(arguments: list[str]) -> int:
    """Write the data files; the arguments are the API folder and the folders with proto files."""
    api, *staging = map(Path, arguments)
    groups = collect_resources(api)
    DATA.mkdir(exist_ok=True)
    (DATA / "resources.json").write_text(json.dumps(groups, indent=0, sort_keys=True) + "\n")
    text = json.dumps(collect_schemas(api, groups), separators=(",", ":"), sort_keys=True)
    # mtime=0: the same input gives the same file
    (DATA / "openapi.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    messages = collect_messages(staging)
    text = json.dumps(messages, separators=(",", ":"), sort_keys=True)
    (DATA / "protobuf.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
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
