"""Quantities: what is none is refused when the object is read, and what is one is stored in its canonical text."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic import errors
from kmagic.client.client import AsyncClient
from tests.conformance.objects import pod

NO_QUANTITY = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
NO_SUFFIX = "unable to parse quantity's suffix"


def asking(quantity: bool | dict[str, Any] | float | str | None) -> dict[str, Any]:
    made = pod("p")
    made["spec"]["containers"][0]["resources"] = {"requests": {"cpu": quantity}}
    return made


@pytest.mark.parametrize(
    ("quantity", "stored"),
    [
        (5, "5"),
        (0.5, "500m"),
        ("1000", "1k"),
        ("1024", "1024"),
        ("1000m", "1"),
        ("1.5", "1500m"),
        ("1024Mi", "1Gi"),
        ("0.5Gi", "512Mi"),
        ("1e3", "1e3"),
        (" 1", "1"),
        (".5", "500m"),
        ("0.1m", "1m"),
        ("0", "0"),
        (None, "0"),
    ],
)
async def test_a_quantity_is_stored_in_its_canonical_text(
    client: AsyncClient, ns: str, quantity: float | str | None, stored: str
) -> None:
    made = await client.resource("pods", namespace=ns).create(asking(quantity), dry_run=True)
    assert made["spec"]["containers"][0]["resources"]["requests"]["cpu"] == stored


@pytest.mark.parametrize(
    ("quantity", "why"),
    [
        ("abc", NO_QUANTITY),
        ("", NO_QUANTITY),
        (" ", NO_QUANTITY),
        ("1.5.5", NO_QUANTITY),
        ("1_0", NO_QUANTITY),
        ("１", NO_QUANTITY),
        ("1Zi", NO_QUANTITY),
        ("1e1.5", NO_QUANTITY),
        (True, NO_QUANTITY),
        ({"a": 1}, NO_QUANTITY),
        ("1e", NO_SUFFIX),
        ("1k1", NO_SUFFIX),
        ("--1", NO_SUFFIX),
        ("5Gim", NO_SUFFIX),
    ],
)
async def test_what_is_no_quantity_is_refused(
    client: AsyncClient, ns: str, quantity: bool | dict[str, Any] | str, why: Any
) -> None:
    with pytest.raises(errors.BadRequestError) as caught:
        await client.resource("pods", namespace=ns).create(asking(quantity), dry_run=True)
    assert str(caught.value).startswith(f'Pod in version "v1" cannot be handled as a Pod: {why}')


@pytest.mark.parametrize(
    ("kind", "api_version", "fields"),
    [
        ("Node", "v1", {"status": {"allocatable": {"pods": "x"}}}),
        ("ResourceQuota", "v1", {"spec": {"hard": {"cpu": "x"}}}),
        ("LimitRange", "v1", {"spec": {"limits": [{"type": "Container", "max": {"cpu": "x"}}]}}),
        ("PersistentVolumeClaim", "v1", {"spec": {"resources": {"requests": {"storage": "x"}}}}),
    ],
    ids=["node", "quota", "limits", "claim"],
)
async def test_so_are_those_of_other_kinds(
    client: AsyncClient, ns: str, kind: str, api_version: str, fields: dict[str, Any]
) -> None:
    body = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "broken"}, **fields}
    resource = client.resource(kind) if kind == "Node" else client.resource(kind, namespace=ns)
    with pytest.raises(errors.BadRequestError, match="quantities must match"):
        await resource.create(body, dry_run=True)
