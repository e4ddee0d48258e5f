# pyright: strict
"""Reads a custom resource without a model."""

from __future__ import annotations

import kmagic
from kmagic.errors import NoMatchError, NotFoundError


def replicas_of(client: kmagic.Client, name: str) -> int | None:
    foos = client.resource("foos.example.com", namespace="shop")
    try:
        foo = foos.get(name)
    except (NotFoundError, NoMatchError):
        return None
    found = foo["spec"].get("replicas")
    return int(found) if found is not None else None
