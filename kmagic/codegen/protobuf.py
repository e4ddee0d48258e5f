"""The field numbers of the API's messages, from the ``generated.proto`` files of Kubernetes' Go modules.

Source: generated.proto and types.go of k8s.io/api, apimachinery, apiextensions-apiserver and kube-aggregator v0.37.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from kmagic.sandbox.schema.snapshot import Fields

__all__ = ("messages_of", "modules_of")

_MODULES = ("api", "apimachinery", "apiextensions-apiserver", "kube-aggregator")
_PACKAGE = re.compile(r"^package ([\w.]+);", re.MULTILINE)
_UNSTABLE = re.compile(r"(alpha|beta)\d*$")
_MESSAGE = re.compile(r"^message (\w+) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"^  (?:map<(\w+), ([\w.]+)>|(optional|repeated|required) ([\w.]+)) (\w+) = (\d+)", re.MULTILINE)
_GO_STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_GO_POINTER = re.compile(r"^\s+\w+\s+\*\S+\s+`json:\"(\w+)", re.MULTILINE)
_SCALARS = ("string", "bytes", "bool", "int32", "int64", "uint32", "uint64", "double", "float")


def modules_of(cache: Path, server_version: str) -> list[Path]:
    """The folders of the modules a server was built from.

    Args:
        cache: Go's module cache (``go env GOMODCACHE``).
        server_version: ``"v1.37.2"``; the modules of that release are called v0.37.2.

    Raises:
        FileNotFoundError: One is not in the cache; the message says how to get it.
    """
    release = server_version.partition("+")[0].replace("v1.", "v0.", 1)
    names = [f"k8s.io/{module}@{release}" for module in _MODULES]
    for name in names:
        if not (cache / name).is_dir():
            raise FileNotFoundError(f"{cache} has no {name}; `go mod download {name}` puts it there")
    return [cache / name for name in names]


def messages_of(folders: Iterable[Path]) -> dict[str, Fields]:
    """The messages of stable packages below the folders, and those they hold, by name: ``k8s.io.api.core.v1.Pod``."""
    every: dict[str, Fields] = {}
    for folder in folders:
        for path in folder.rglob("generated.proto"):
            text = path.read_text(encoding="utf-8")
            if package := _PACKAGE.search(text):
                every |= _messages(package[1], text, _pointers(path.parent))
    found: dict[str, Fields] = {}
    wanted = [name for name in every if not _UNSTABLE.search(name.rpartition(".")[0])]
    while wanted:
        name = wanted.pop()
        if name in every and name not in found:
            found[name] = every[name]
            wanted += [kind for _, _, kind in every[name].values()]
    return found


def _pointers(folder: Path) -> set[tuple[str, str]]:
    """Returns struct and JSON name of the Go fields that are pointers, which the proto files do not mark."""
    return {
        (struct, name)
        for path in folder.glob("*.go")
        for struct, body in _GO_STRUCT.findall(path.read_text(encoding="utf-8"))
        for name in _GO_POINTER.findall(body)
    }


def _messages(package: str, text: str, pointers: set[tuple[str, str]]) -> dict[str, Fields]:
    found: dict[str, Fields] = {}
    for message, body in _MESSAGE.findall(text):
        fields: Fields = {}
        for key, value, label, kind, name, number in _FIELD.findall(body):
            rule = key or ("repeated" if label == "repeated" else "pointer" if (message, name) in pointers else "")
            fields[number] = (name, rule, _full_name(package, value or kind))
        found[f"{package}.{message}"] = fields
    return found


def _full_name(package: str, kind: str) -> str:
    if kind in _SCALARS:
        return kind
    return kind[1:] if kind.startswith(".") else f"{package}.{kind}"
