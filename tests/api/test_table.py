"""The server's tables as values."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kmagic.api.table import Column, RowMetadata, RowObject, read_row, row_object, table_reader
from kmagic.errors import DecodeError

POD = {"kind": "Pod", "metadata": {"name": "a", "uid": "u", "labels": {"x": "y"}}, "spec": {"nodeName": "n"}}
TABLE = {
    "kind": "Table",
    "metadata": {"resourceVersion": "7", "continue": "t", "remainingItemCount": 4},
    "columnDefinitions": [{"name": "Name", "type": "string", "format": "name", "description": "d", "priority": 1}],
    "rows": [{"cells": ["a", None, 1], "object": POD}, {"cells": [], "object": None}],
}
read = table_reader(dict[str, Any])
read_metadata = table_reader(RowObject)


def test_a_table_says_where_it_is_and_what_comes_next() -> None:
    found = read(json.dumps(TABLE).encode())
    assert found.columns == (Column("Name", "string", "name", "d", 1),)
    assert [(row.cells, row.object) for row in found.rows] == [(("a", None, 1), POD), ((), None)]
    assert (found.resource_version, found.continue_token, found.remaining_item_count) == ("7", "t", 4)


def test_the_objects_are_read_as_what_is_kept_of_them() -> None:
    kept = RowObject(RowMetadata("a", uid="u", labels={"x": "y"}))
    assert [row.object for row in read_metadata(json.dumps(TABLE).encode()).rows] == [kept, None]
    assert (row_object(POD), row_object(None)) == (kept, None)
    assert row_object({**POD, "series": 5, "eventTime": []}) == kept


@pytest.mark.parametrize(
    ("event", "happened"),
    [
        ({"lastTimestamp": "2026-01-01T00:00:00Z", "eventTime": None}, "2026-01-01T00:00:00Z"),
        ({"deprecatedLastTimestamp": "2026-01-02T00:00:00Z"}, "2026-01-02T00:00:00Z"),
        ({"eventTime": "2026-01-03T00:00:00Z", "series": {"lastObservedTime": "2026-01-04T00:00:00Z"}}, "2026-01-04T00:00:00Z"),
        ({}, ""),
    ],
)  # fmt: skip
def test_an_event_says_when_it_happened_last(event: dict[str, Any], happened: str) -> None:
    (row,) = read_metadata(json.dumps({"kind": "Table", "rows": [{"cells": [], "object": event}]}).encode()).rows
    assert row.object is not None
    assert row.object.happened == happened


def test_null_columns_and_rows_are_empty_and_the_repr_shows_no_cells() -> None:
    found = read(b'{"kind":"Table","columnDefinitions":null,"rows":null}')
    assert (found.columns, found.rows) == ((), ())
    assert "secret" not in repr(read(json.dumps({**TABLE, "rows": [{"cells": ["secret"]}]}).encode()))


def test_what_is_no_table_is_told() -> None:
    with pytest.raises(DecodeError, match="does not render tables of this kind: it sent PodList"):
        read(b'{"kind":"PodList","items":[]}')
    for wrong in (b"[]", b"", b"\xff", b'{"kind":"Table","rows":[{"cells":1}]}', b"[" * 100_000):
        with pytest.raises(DecodeError, match="not readable"):
            read(wrong)
    with pytest.raises(DecodeError, match="metadata of a row"):
        row_object({"metadata": {"name": 1}})


def test_the_objects_may_stay_the_bytes_that_came() -> None:
    found = table_reader(bytes)(json.dumps(TABLE).encode())
    assert [row.cells for row in found.rows] == [("a", None, 1), ()]
    assert json.loads(found.rows[0].object or b"") == POD
    assert found.rows[1].object is None
    assert row_object(found.rows[0].object) == row_object(POD)
    assert row_object(b'{"series":5}') == RowObject()
    assert read_row(b'{"cells":["a"],"object":{"metadata":{"name":"a"}}}').object == RowObject(RowMetadata("a"))
