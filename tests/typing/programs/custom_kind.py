# pyright: strict
"""Defines a kind by its model, installs it, applies it with what left pruned, and changes what was applied."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

import kmagic
from kmagic.api.model import Model
from kmagic.client import ApplySet, definition_of, extract
from kmagic.models.meta_v1 import ObjectMeta


class BackupSpec(Model, kw_only=True):
    keep: Annotated[int, msgspec.Meta(ge=1, le=30)] = 7
    mode: Literal["full", "changes"] = "full"


class Backup(Model, kw_only=True):
    resource_info = ("example.com", "v1", "backups", True)

    api_version: str = msgspec.field(default_factory=lambda: "example.com/v1")
    kind: str = msgspec.field(default_factory=lambda: "Backup")
    metadata: ObjectMeta = msgspec.field(default_factory=ObjectMeta)
    spec: BackupSpec = msgspec.field(default_factory=BackupSpec)


def install(client: kmagic.Client) -> int:
    nightly = Backup(metadata=ObjectMeta(name="nightly"), spec=BackupSpec(keep=3))
    definition = definition_of(Backup, columns={"Keep": ".spec.keep"}, short_names=["bak"])
    for result in client.apply([definition, nightly], namespace="shop", field_manager="me", prune=ApplySet("backups")):
        print(result.action)
    backups = client.of(Backup, namespace="shop")
    mine: Backup = extract(backups.get("nightly"), "me")
    mine.spec.keep = 5
    return backups.apply(mine, field_manager="me").spec.keep
