"""An answer knows whose its rows are, whatever came with them."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.api.options import ListOptions
from kmagic.api.table import Column, RowMetadata, RowObject, TableRow
from kmagic.errors import DecodeError
from kmagic.magics.work.fetched import Fetched, Scope, decoded
from kmagic.rest.resource import APIResource

PODS = APIResource("", "v1", "pods", "Pod", True, "pod", ("po",))
COLUMNS = (Column("Type"), Column("Name", format="name"))
POD = {"kind": "Pod", "metadata": {"name": "a", "namespace": "shop"}}


@pytest.mark.parametrize(
    "came",
    [POD, b'{"kind":"Pod","metadata":{"name":"a","namespace":"shop"}}', RowObject(RowMetadata("a", "shop")), None],
    ids=["a dict", "bytes", "metadata", "nothing"],
)
def test_every_row_has_a_key(came: Any) -> None:
    assert Fetched(PODS, COLUMNS, [TableRow(("x", "a"), came)], namespace="shop").keys == [("shop", "a")]


def test_objects_are_decoded_when_they_are_read() -> None:
    found = Fetched(PODS, (), [TableRow((), POD), TableRow((), b'{"kind":"Pod"}')])
    assert found.objects == [POD, {"kind": "Pod"}]
    assert next(found.each()) is POD
    assert [row.object for row in found.decoded().rows] == found.objects


def test_what_is_no_object_is_told() -> None:
    with pytest.raises(DecodeError):
        decoded(b"[]")


def test_a_scope_is_the_options_of_a_page() -> None:
    assert Scope("shop", "a=b", "c=d").options(5, "t") == ListOptions(
        label_selector="a=b", field_selector="c=d", limit=5, continue_token="t"
    )
    assert Scope(None).options(0) == ListOptions()
