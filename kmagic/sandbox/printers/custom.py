"""The table of a custom resource, by the additional printer columns of its definition.

Source: staging/src/k8s.io/apiextensions-apiserver/pkg/registry/customresource/tableconvertor, kubernetes v1.37.2
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kmagic.api.jsonpath import JSONPath
from kmagic.api.table import Column
from kmagic.api.types import JSONObject
from kmagic.sandbox.printers.table import TableFormat

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmagic.sandbox.printers.ages import Ages

__all__ = ("custom_format",)

AGE = {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}


def custom_format(version: JSONObject) -> TableFormat:
    """The table of one version of a definition: name, the additional printer columns, age when there are none."""
    wanted = version.get("additionalPrinterColumns") or [AGE]
    columns = [Column("Name", format="name")]
    columns += [
        Column(c["name"], c["type"], c.get("format", ""), c.get("description", ""), c.get("priority", 0))
        for c in wanted
    ]
    return TableFormat(columns, _cells(wanted))


def _cells(columns: list[JSONObject]) -> Callable[[JSONObject, Ages], list[Any]]:
    paths = [(column, JSONPath(column["jsonPath"])) for column in columns]

    def row(obj: JSONObject, ages: Ages) -> list[Any]:
        return [obj["metadata"]["name"], *(_cell(obj, column, path, ages) for column, path in paths)]

    return row


def _cell(obj: JSONObject, column: JSONObject, path: JSONPath, ages: Ages) -> Any:
    found = path.find(obj)
    if not found or found[0] is None:
        return None
    value = found[0]
    match column["type"]:
        case "date":
            return ages.since(value) if isinstance(value, str) else "<unknown>"
        case "integer":
            return int(value) if isinstance(value, int | float) else None
        case "string":
            return value if isinstance(value, str) and len(found) == 1 else path.render(obj)
    return value
