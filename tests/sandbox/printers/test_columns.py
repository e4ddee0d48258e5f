"""Columns as words."""

from typing import Any

import pytest

from kmagic.api.table import Column
from kmagic.sandbox.printers.builtin import CELLS
from kmagic.sandbox.printers.columns import COLUMNS, columns_of


def test_marks_say_type_format_and_priority() -> None:
    assert columns_of("~Name|#Desired|?Suspend|@Created At|+Node|+~Name") == (
        Column("Name", format="name"),
        Column("Desired", "integer"),
        Column("Suspend", "boolean"),
        Column("Created At", "date"),
        Column("Node", priority=1),
        Column("Name", format="name", priority=1),
    )


@pytest.mark.parametrize("resource", sorted(CELLS))
def test_every_resource_with_cells_has_columns_and_a_name(resource: Any) -> None:
    assert any(column.format == "name" for column in columns_of(COLUMNS[resource]))
