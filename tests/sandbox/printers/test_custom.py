"""Printer columns of custom resources."""

import json
from typing import Any

from kmagic.sandbox.printers.custom import custom_format

NOW = 1_800_000_000.0


def rows(still: Any, version: Any, spec: Any) -> Any:
    still.create(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "default"}, "data": spec}
    )
    stored = still.store.get("configmaps", "default", "a")
    made = custom_format(version)
    return json.loads(made.definitions), json.loads(made.row(stored, "None", still.now()))["cells"]


def test_columns_of_a_definition_come_after_the_name(still: Any) -> None:
    columns = [
        {"name": "Color", "type": "string", "jsonPath": ".data.color", "priority": 1, "description": "d"},
        {"name": "None", "type": "string", "jsonPath": ".data.none"},
    ]
    definitions, cells = rows(still, {"additionalPrinterColumns": columns}, {"color": "red"})
    assert [(each["name"], each["priority"]) for each in definitions] == [("Name", 0), ("Color", 1), ("None", 0)]
    assert cells == ["a", "red", None]


def test_without_columns_there_is_the_age(still: Any) -> None:
    definitions, cells = rows(still, {}, {})
    assert [each["name"] for each in definitions] == ["Name", "Age"]
    assert cells[0] == "a"
    assert cells[1].endswith("s")
