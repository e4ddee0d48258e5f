"""What client-side apply owned, handed to server-side apply: afterwards apply removes what it no longer names."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic import errors
from kmagic.client.csa_upgrade import upgrade_managed_fields_patch
from kmagic.client.resource import AsyncResource
from tests.conformance.objects import configmap

CSA = "kubectl-client-side-apply"


async def test_MI_11_without_the_upgrade_a_field_stays(maps: AsyncResource[Any]) -> None:
    await maps.create(configmap("a", {"x": "1", "y": "1"}), field_manager=CSA)
    applied = await maps.apply(configmap("a", {"x": "1"}), field_manager="me")
    assert applied["data"] == {"x": "1", "y": "1"}


async def test_MI_11_after_the_upgrade_apply_removes_a_field(maps: AsyncResource[Any]) -> None:
    made = await maps.create(configmap("a", {"x": "1", "y": "1"}, annotations={"n": "1"}), field_manager=CSA)
    patch = upgrade_managed_fields_patch(made, [CSA], "me")
    upgraded = await maps.patch("a", patch, type="json", field_manager="me")
    assert [(item["manager"], item["operation"]) for item in upgraded["metadata"]["managedFields"]] == [("me", "Apply")]
    assert upgraded["data"] == made["data"]
    applied = await maps.apply(configmap("a", {"x": "2"}), field_manager="me")
    assert applied["data"] == {"x": "2"}
    assert "annotations" not in applied["metadata"]
    assert upgrade_managed_fields_patch(applied, [CSA], "me") is None


async def test_MI_11_the_upgrade_joins_an_apply_that_was_there_before(maps: AsyncResource[Any]) -> None:
    await maps.create(configmap("a", {"x": "1", "y": "1"}), field_manager=CSA)
    both = await maps.apply(configmap("a", {"x": "1"}), field_manager="me")
    patch = upgrade_managed_fields_patch(both, [CSA], "me")
    await maps.patch("a", patch, type="json", field_manager="me")
    applied = await maps.apply(configmap("a", {"x": "1"}), field_manager="me")
    assert applied["data"] == {"x": "1"}


async def test_MI_11_a_change_in_between_is_a_conflict(maps: AsyncResource[Any]) -> None:
    made = await maps.create(configmap("a", {"x": "1"}), field_manager=CSA)
    patch = upgrade_managed_fields_patch(made, [CSA], "me")
    await maps.patch("a", {"data": {"z": "1"}}, field_manager="you")
    with pytest.raises(errors.ConflictError):
        await maps.patch("a", patch, type="json", field_manager="me")
