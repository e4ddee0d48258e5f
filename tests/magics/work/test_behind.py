"""The objects behind rows that came without them: fetched when touched, and then those that were printed."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from kmagic.errors import ConnectError, ExpiredError
from kmagic.magics.results.values import KList
from tests.faultproxy import Fault, Seen, status_reply
from tests.magics.conftest import Counted

MANY = 16
# Then a list has several pages, of which only the first brings its objects.
SMALL = "--chunk-size=2"


def config_map(at: int, of: str) -> str:
    data = {"count": str(at)}
    labels = {"of": of, "at": str(at)}
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": f"cm-{at:02}", "labels": labels},
            "data": data,
        }
    )


@pytest.fixture
def many(counted: Counted) -> Counted:
    of = counted.notebook.session.target.namespace
    counted.notebook.ok("%%kapply\n" + "\n---\n".join(config_map(at, of) for at in range(MANY)))
    return counted


def paged(counted: Counted, flags: str = "") -> str:
    return f"%kget cm -l of={counted.notebook.session.target.namespace} {flags}"


@pytest.fixture
def gone(many: Counted) -> Iterator[None]:
    """A server that does not know versions of the past any more."""

    def rule(seen: Seen) -> Fault | None:
        return status_reply(410, "Expired", "too old") if "resourceVersionMatch=Exact" in seen.query else None

    many.proxy.rule = rule
    yield
    many.proxy.rule = lambda seen: None


def listed(counted: Counted, flags: str = "") -> KList:
    found = counted.notebook.ok(paged(counted, f"{SMALL} {flags}")).value
    assert isinstance(found, KList)
    return found


def change(counted: Counted, found: KList) -> None:
    """Changes cm-14 and deletes cm-15, after they were printed."""
    assert found.names[-2:] == ["cm-14", "cm-15"]
    counted.notebook.ok('%kpatch cm cm-14 -p \'{"data":{"count":"changed"}}\'')
    counted.notebook.ok("%kdelete cm cm-15")


def test_what_only_looks_at_the_table_sends_nothing_more(many: Counted) -> None:
    ran = many.notebook.ok(paged(many, SMALL))
    before = many.requests()
    assert "cm-15" in ran.text
    found = ran.value
    assert found.names == [f"cm-{at:02}" for at in range(MANY)]
    assert (len(found), found[4:6].names, found.where(data=1).names[-1]) == (MANY, ["cm-04", "cm-05"], "cm-15")
    assert [each.data.count for each in found[:2]] == ["0", "1"]
    assert many.requests() == before


def test_an_object_comes_with_one_request_when_it_is_touched(many: Counted) -> None:
    found = listed(many)
    before = many.requests()
    assert found[7].data.count == found["cm-07"]["data"]["count"] == "7"
    assert found[7] is found[7:8][0]
    assert (found[7].kind, found[7].api_version, found[7].ns) == ("ConfigMap", "v1", found[0].ns)
    assert many.requests() - before == 1
    assert "cm-07" in repr(found[7])


def test_all_objects_come_with_one_request(many: Counted) -> None:
    found = listed(many)
    before = many.requests()
    assert [each.data.count for each in found] == list(map(str, range(MANY)))
    assert found.where(lambda each: each.data.count == "9").names == ["cm-09"]
    assert many.requests() - before == 1


def test_many_touched_one_by_one_come_together_in_the_end(many: Counted) -> None:
    found = listed(many)
    before = many.requests()
    assert [found[at].data.count for at in range(MANY)] == list(map(str, range(MANY)))
    assert many.requests() - before < MANY - 2


@pytest.mark.parametrize("everything", [False, True], ids=["one by one", "all"])
def test_objects_are_those_that_were_printed(many: Counted, everything: bool) -> None:
    found = listed(many)
    change(many, found)
    objects = list(found) if everything else found
    assert (objects[14].data.count, objects[15].data.count) == ("14", "15")


@pytest.mark.usefixtures("gone")
@pytest.mark.parametrize("everything", [False, True], ids=["one by one", "all"])
def test_what_changed_since_a_forgotten_version_is_an_error_and_never_another_object(
    many: Counted, everything: bool
) -> None:
    found = listed(many)
    change(many, found)
    if everything:
        with pytest.raises(ExpiredError):
            list(found)
    assert found[13].data.count == "13"
    for name in ("cm-14", "cm-15"):
        with pytest.raises(ExpiredError, match=f'"{name}" changed or was deleted since it was printed') as caught:
            found[name]
        assert "run the cell again" in caught.value.hint


@pytest.mark.usefixtures("gone")
def test_a_row_with_its_metadata_is_known_by_its_version(many: Counted) -> None:
    found = listed(many, "-A")
    change(many, found)
    assert found[13].data.count == "13"
    with pytest.raises(ExpiredError):
        found[14]


def test_a_list_of_all_namespaces_knows_where_its_rows_are(many: Counted) -> None:
    space = many.notebook.session.target.namespace
    found = listed(many, "-A")
    before = many.requests()
    assert found.df["ns"].to_list() == [space] * MANY
    assert many.requests() == before
    assert found[f"{space}/cm-09"].data.count == "9"


def test_labels_and_ages_are_the_objects_own(many: Counted) -> None:
    shown = many.notebook.ok(paged(many, f"{SMALL} -L at")).text
    assert [line.split()[-1] for line in shown.strip().splitlines()[1:]] == list(map(str, range(MANY)))
    found = listed(many)
    before = many.requests()
    ages = found.df["age"]
    assert many.requests() - before == 1
    assert timedelta(0) <= ages.min() <= ages.max() < timedelta(minutes=10)
    assert found.sort("age").names
    assert many.requests() - before == 1


def test_sorting_by_a_field_reads_it(many: Counted) -> None:
    assert listed(many, "--sort-by=.data.count").names[-1] == "cm-15"
    assert listed(many, "--limit=5").names == [f"cm-{at:02}" for at in range(5)]


@pytest.mark.parametrize("form", ["json", "yaml", "jsonpath={.items[*].data.count}", "custom-columns=N:.data.count"])
def test_pages_make_the_same_text_as_one_list(many: Counted, form: str) -> None:
    line = paged(many, f"-o {form}")
    assert many.notebook.ok(f"{line} --chunk-size=3").text == many.notebook.ok(line).text


def test_names_need_no_objects(many: Counted) -> None:
    assert many.notebook.ok(paged(many, f"{SMALL} -o name")).value == [f"configmap/cm-{at:02}" for at in range(MANY)]


def test_a_copy_has_the_objects(many: Counted) -> None:
    copied: Any = copy.deepcopy(listed(many))
    many.proxy.rule = lambda seen: status_reply(503, "ServiceUnavailable", "not now")
    assert copied[12]["data"] == {"count": "12"}


def test_a_server_that_is_away_is_an_error_and_no_lost_object(many: Counted) -> None:
    found = listed(many)
    many.proxy.refusing = True
    with pytest.raises((ConnectError, OSError)):
        found[7]
    many.proxy.refusing = False
    assert found[7].data.count == "7"
