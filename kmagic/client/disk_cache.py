"""Discovery kept on disk, in kubectl's own layout: each uses what the other has learned.

``<cache_dir>/discovery/<host>/servergroups.json`` and ``.../<group>/<version>/serverresources.json``, fresh for six
hours by their time of change. Files are replaced as wholes, so a reader never sees half of one; anything that is
missing, old or unreadable counts as nothing known.

Source: k8s.io/client-go/discovery/cached/disk/cached_discovery.go, k8s.io/cli-runtime/pkg/genericclioptions/config_flags.go.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kmagic.api.door import read_object
from kmagic.client import discovery_decode
from kmagic.client.discovery_decode import APIGroup
from kmagic.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kmagic.api.clock import Clock
    from kmagic.rest.resource import APIResource

__all__ = ("DiskCache", "Kept", "discovery_folder", "resource_lists")

_FRESH_SECONDS = 6 * 3600.0
_GROUPS, _RESOURCES = "servergroups.json", "serverresources.json"
_FOLDER_MODE, _FILE_MODE = 0o750, 0o660
# kubectl's choice of what may be in a file name; the parentheses are its own, too.
_UNSAFE = re.compile(r"[^(\w/.)]", re.ASCII)


class Kept(msgspec.Struct, frozen=True):
    """The contents of the files.

    Attributes:
        age: Seconds since the oldest of them was written.
    """

    groups: tuple[APIGroup, ...]
    resources: tuple[APIResource, ...]
    age: float


def discovery_folder(cache_dir: str | os.PathLike[str], server: str) -> Path:
    """Returns kubectl's cache folder of a server, below its ``--cache-dir`` (``~/.kube/cache``)."""
    host = server.removeprefix("https://").removeprefix("http://").rstrip("/")
    return Path(cache_dir).expanduser() / "discovery" / _UNSAFE.sub("_", host).replace("..", "__")


def resource_lists(document: bytes) -> dict[str, bytes]:
    """An aggregated discovery document as the older APIResourceLists by group-version, which is what is kept."""
    lists: dict[str, bytes] = {}
    for group in read_object(document, "the server's list of API groups").get("items") or ():
        name = (group.get("metadata") or {}).get("name", "")
        for version in group.get("versions") or ():
            if version.get("freshness") == "Stale":
                continue
            api_version = f"{name}/{version['version']}" if name else str(version["version"])
            found = [entry for item in version.get("resources") or () for entry in _entries(item)]
            kept = {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": api_version, "resources": found}
            lists[api_version] = msgspec.json.encode(kept)
    return lists


class DiskCache:
    """The files of one server.

    Args:
        folder: Folder of the files; see `discovery_folder`.
        clock: Gives the time of day.
        fresh_seconds: Seconds for which a file is good.
    """

    def __init__(self, folder: Path, *, clock: Clock, fresh_seconds: float = _FRESH_SECONDS) -> None:
        self._folder = folder
        self._clock = clock
        self._fresh_seconds = fresh_seconds
        self._ours: set[Path] = set()
        self._used: set[Path] = set()
        self._only_ours = False

    @property
    def fresh(self) -> bool:
        """True if everything that was read here was also written here."""
        return self._used <= self._ours

    def invalidate(self) -> None:
        """Makes every file count as old that was written before now."""
        self._only_ours = True
        self._ours.clear()
        self._used.clear()

    def load(self) -> Kept | None:
        """Reads everything; None where a part is missing, old or broken."""
        ages: list[float] = []
        try:
            kept = read_object(self._read(_GROUPS, ages), "the list of API groups")
            groups = tuple(map(_group, kept.get("groups") or ()))
            resources = tuple(
                resource
                for group in groups
                for version in group.api_versions
                for resource in discovery_decode.legacy_resources(
                    version, self._read(f"{_checked(version)}/{_RESOURCES}", ages)
                )
            )
        except (OSError, ValueError, DecodeError, LookupError, AttributeError, TypeError):
            return None
        return Kept(groups, resources, max(ages, default=0.0))

    def save(self, groups: Iterable[APIGroup], lists: Mapping[str, bytes]) -> None:
        """Replaces the files; a disk that cannot be written costs the cache and nothing else."""
        with contextlib.suppress(OSError, LookupError):
            names = {f"{_checked(version)}/{_RESOURCES}": body for version, body in lists.items()}
            for name, body in names.items():
                self._write(name, body)
            self._write(_GROUPS, _group_list(groups))

    def _read(self, name: str, ages: list[float]) -> bytes:
        path = self._folder / name
        if self._only_ours and path not in self._ours:
            raise LookupError("cache invalidated")
        age = self._clock.wall().timestamp() - path.stat().st_mtime
        if age > self._fresh_seconds:
            raise LookupError("cache expired")
        content = path.read_bytes()
        ages.append(max(age, 0.0))
        self._used.add(path)
        return content

    def _write(self, name: str, content: bytes) -> None:
        path = self._folder / name
        for folder in (*reversed(path.parent.parents), path.parent):
            if not folder.exists():
                folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=path.name + ".", dir=path.parent)
        try:
            with open(handle, "wb") as file:
                os.fchmod(file.fileno(), _FILE_MODE)
                file.write(content)
            os.replace(temporary, path)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
        self._ours.add(path)


def _checked(api_version: str) -> str:
    # It becomes a path, and a server is not trusted with those.
    if any(part in ("", ".", "..") for part in api_version.split("/")) or "\\" in api_version:
        raise LookupError(f"no group-version: {api_version}")
    return api_version


def _entries(item: dict[str, Any]) -> Iterable[dict[str, Any]]:
    common = {"singularName": item.get("singularResource", ""), "namespaced": item.get("scope") == "Namespaced"}
    if (item.get("responseKind") or {}).get("kind"):
        names = {key: item[key] for key in ("shortNames", "categories") if item.get(key)}
        yield {"name": item["resource"], **common, **_kind(item), "verbs": item.get("verbs") or [], **names}
    for part in item.get("subresources") or ():
        name = f"{item['resource']}/{part['subresource']}"
        yield {"name": name, **common, **_kind(part), "verbs": part.get("verbs") or []}


def _kind(item: dict[str, Any]) -> dict[str, str]:
    """A kind, with its group and version where the server names them: they are another's then (Scale)."""
    kind = item.get("responseKind") or {}
    return {key: kind[key] for key in ("group", "version") if kind.get(key)} | {"kind": kind.get("kind", "")}


def _group(item: dict[str, Any]) -> APIGroup:
    versions = tuple(str(version["groupVersion"]) for version in item.get("versions") or ())
    return APIGroup(str(item["name"]), versions, str((item.get("preferredVersion") or {}).get("groupVersion", "")))


def _group_list(groups: Iterable[APIGroup]) -> bytes:
    def version(api_version: str) -> dict[str, str]:
        return {"groupVersion": api_version, "version": api_version.rpartition("/")[2]}

    found = [
        {
            "name": group.name,
            "versions": [version(item) for item in group.api_versions],
            "preferredVersion": version(group.preferred),
        }
        for group in groups
    ]
    return msgspec.json.encode({"kind": "APIGroupList", "apiVersion": "v1", "groups": found})
