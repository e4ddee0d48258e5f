"""How well a row is."""

from __future__ import annotations

import pytest

from kmagic.api.table import Column
from kmagic.views.status import BROKEN, ICONS, Health, Level, health_of, marked_columns, word_level
from kmagic.views.table import Row

POD = (Column("Name", format="name"), Column("Ready"), Column("Status"))
DEPLOYMENT = (Column("Name", format="name"), Column("Ready"), Column("Up-to-date", "integer"))
REPLICA_SET = (Column("Name", format="name"), Column("Desired", "integer"), Column("Ready", "integer"))
EVENT = tuple(Column(n) for n in ("Last Seen", "Type", "Reason", "Object", "Message"))


@pytest.mark.parametrize(
    ("word", "level"),
    [
        *[pytest.param(w, Level.OK, id=w) for w in ("Running", "Ready", "Active", "Bound")],
        *[pytest.param(w, Level.DONE, id=w) for w in ("Completed", "Succeeded", "Complete")],
        *[pytest.param(w, Level.BUSY, id=w) for w in ("Pending", "ContainerCreating", "Init:0/2", "Terminating")],
        *[
            pytest.param(w, Level.BAD, id=w)
            for w in (
                "CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "Error", "Init:Error", "Init:CrashLoopBackOff",
                "OOMKilled", "Evicted", "Failed", "NotReady", "InvalidImageName", "CreateContainerConfigError", "Lost",
                "NotReady,SchedulingDisabled",
            )
        ],
        *[pytest.param(w, Level.WARN, id=w) for w in ("Unknown", "Ready,SchedulingDisabled")],
        *[pytest.param(w, Level.UNKNOWN, id=w or "empty") for w in ("", "<none>", "Whatever")],
    ],
)  # fmt: skip
def test_words(word: str, level: Level) -> None:
    assert word_level(word) is level


@pytest.mark.parametrize(
    ("columns", "cells", "health"),
    [
        pytest.param(POD, ("a", "1/1", "Running"), Health(Level.OK), id="a running pod"),
        pytest.param(POD, ("a", "1/2", "Running"), Health(Level.WARN, "1 of 2 ready"), id="a pod that is not ready"),
        pytest.param(POD, ("a", "0/1", "CrashLoopBackOff"), Health(Level.BAD, "CrashLoopBackOff"), id="a failing pod"),
        pytest.param(POD, ("a", "0/1", "Completed"), Health(Level.DONE), id="a finished pod"),
        pytest.param(DEPLOYMENT, ("a", "2/3", 3), Health(Level.WARN, "2 of 3 ready"), id="a deployment on its way"),
        pytest.param(DEPLOYMENT, ("a", "0/0", 0), Health(Level.UNKNOWN, "scaled to zero"), id="scaled to zero"),
        pytest.param(REPLICA_SET, ("a", 2, 2), Health(Level.OK), id="a replica set"),
        pytest.param(REPLICA_SET, ("a", 2, 1), Health(Level.WARN, "1 of 2 ready"), id="a replica set that lacks one"),
        pytest.param(EVENT, ("5m", "Warning", "BackOff", "pod/a", "m"), Health(Level.WARN), id="a warning"),
        pytest.param(EVENT, ("5m", "Normal", "Failed", "pod/a", "m"), Health(Level.OK), id="a normal event"),
        pytest.param(
            (Column("Name"), Column("Data")), ("a", 3), Health(Level.UNKNOWN), id="a config map has no health"
        ),
    ],
)
def test_rows(columns: tuple[Column, ...], cells: tuple[object, ...], health: Health) -> None:
    assert health_of(columns)(Row("a", cells)) == health


@pytest.mark.parametrize(
    ("columns", "marked"),
    [
        pytest.param(POD, ["Status", "Ready", "Name"], id="a pod"),
        pytest.param(DEPLOYMENT, ["Ready", "Name"], id="a deployment"),
        pytest.param(EVENT, ["Type"], id="an event, whose first cell is a time"),
        pytest.param((Column("Last Seen"), Column("Reason")), ["Reason"], id="an event without a type"),
        pytest.param(
            (Column("Name", format="name"), Column("Type")), ["Name"], id="a service, whose type is no health"
        ),
        pytest.param((Column("Since"), Column("Data")), [], id="no name"),
    ],
)
def test_the_mark_stands_at_the_word_that_says_how_it_is_or_at_the_name(
    columns: tuple[Column, ...], marked: list[str]
) -> None:
    assert [columns[at].name for at in marked_columns(columns)] == marked


def test_what_is_being_deleted_is_on_its_way_whatever_its_cells_say() -> None:
    for columns in (POD, (Column("Name"),)):
        row = Row("a", ("a", "1/1", "Running"), deleted="2026-11-24T18:18:14Z")
        assert health_of(columns)(row) == Health(Level.BUSY, "being deleted")


def test_levels_differ_in_shape_and_not_only_in_colour() -> None:
    assert len(set(ICONS.values())) == len(Level)
    assert Level.OK not in BROKEN
