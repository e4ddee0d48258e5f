"""Objects that are made when they are touched."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from kmagic.api.table import Column
from kmagic.errors import ExpiredError, KubeError
from kmagic.magics.results.objects import Objects
from kmagic.magics.results.table_text import Looks
from kmagic.views.table import Row, Table


class _Server:
    """Has the objects of rows, but not that of `web-3`."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def one(self, row: Row) -> bytes:
        self.asked.append(row.name)
        return packed(row.name)

    def all(self) -> dict[str, bytes]:
        self.asked.append("all")
        return {f"shop/web-{at}": packed(f"web-{at}") for at in range(20) if at != 3}

    def as_printed(self, row: Row, obj: bytes) -> bool:
        return True

    def gone(self, row: Row) -> KubeError:
        return ExpiredError(row.name)


def packed(name: str) -> bytes:
    return f'{{"metadata":{{"name":"{name}","namespace":"shop","uid":"u","labels":{{"of":"{name}"}}}}}}'.encode()


def objects(server: _Server | None = None) -> Objects[dict[str, Any]]:
    """Twenty rows, of which the first two came with their objects."""
    names = [f"web-{at}" for at in range(20)]
    rows = tuple(Row(f"shop/{name}", (name,), "shop", name) for name in names)
    came: list[Any] = [packed("web-0"), {"metadata": {"name": "web-1"}}, *[None] * 18]
    return Objects.of(came, Looks(Table((Column("Name"),), rows)), lambda obj, looks: obj, server or _Server())


def test_nothing_is_asked_for_before_it_is_touched() -> None:
    server = _Server()
    found = objects(server)
    assert (len(found), found.keys[4], found.only([4, 5])[:1].keys) == (20, ("shop", "web-4"), [("shop", "web-4")])
    assert [each["metadata"]["name"] for each in found[:2]] == ["web-0", "web-1"]
    assert server.asked == []


def test_an_object_stays_the_one_it_is() -> None:
    server = _Server()
    found = objects(server)
    found[-1]["mine"] = True
    assert found.only([19])[0]["mine"] is True
    assert server.asked == ["web-19"]


def test_a_few_are_asked_for_one_by_one_and_many_at_once() -> None:
    server = _Server()
    found = objects(server)
    assert [each["metadata"]["name"] for each in found[4:6]] == ["web-4", "web-5"]
    assert server.asked == ["web-4", "web-5"]
    for at in range(4, 20):
        found[at]
    assert server.asked[-1] == "all"
    assert server.asked.count("all") == 1


def test_one_that_is_gone_is_an_error_whenever_it_is_touched() -> None:
    found = objects()
    with pytest.raises(ExpiredError):
        list(found)
    with pytest.raises(ExpiredError):
        found[3]
    assert found[4]["metadata"]["name"] == "web-4"


def test_completed_rows_have_what_only_objects_tell() -> None:
    server = _Server()
    rows = objects(server).completed().table.rows
    assert (rows[4].labels, rows[4].uid, rows[3].name) == ({"of": "web-4"}, "u", "web-3")
    assert server.asked == ["all"]


def test_a_pickle_holds_the_objects() -> None:
    kept = pickle.loads(pickle.dumps(objects().only([0, 1, 5])))
    assert [each["metadata"]["name"] for each in kept] == ["web-0", "web-1", "web-5"]
