"""Tables as kubectl prints them; the expected texts are kubectl's own output, spaces included."""

from __future__ import annotations

from kmagic.api.table import Column
from kmagic.views.table import Row, Table
from kmagic.views.text import aligned, escaped, format_labels, several, table_text

PODS = Table(
    (
        Column("Name", format="name"),
        Column("Ready"),
        Column("Status"),
        Column("Restarts"),
        Column("Age"),
        Column("IP", priority=1),
    ),
    (
        Row(
            "shop/web-0",
            ("web-0", "1/1", "Running", 0, "5m", "10.0.0.1"),
            "shop",
            "web-0",
            labels={"app": "web", "a/b": "c"},
        ),
        Row(
            "bank/database-0",
            ("database-0", "0/1", "CrashLoopBackOff", "3 (5m ago)", "3d4h", None),
            "bank",
            "database-0",
        ),
    ),
    "Pod",
)
SERVICES = Table(
    (Column("Name", format="name"), Column("Port(s)")), (Row("shop/a", ("a", "80/TCP"), "shop", "a"),), "Service"
)


def test_columns_are_as_wide_as_their_widest_cell_and_three_spaces() -> None:
    assert table_text(PODS) == (
        "NAME         READY   STATUS             RESTARTS     AGE\n"
        "web-0        1/1     Running            0            5m\n"
        "database-0   0/1     CrashLoopBackOff   3 (5m ago)   3d4h"
    )


def test_wide_namespace_labels_and_label_columns() -> None:
    text = table_text(PODS, wide=True, namespace=True, show_labels=True, label_columns=("a/b",))
    assert text == (
        "NAMESPACE   NAME         READY   STATUS             RESTARTS     AGE    IP         B     LABELS\n"
        "shop        web-0        1/1     Running            0            5m     10.0.0.1   c     a/b=c,app=web\n"
        "bank        database-0   0/1     CrashLoopBackOff   3 (5m ago)   3d4h                    <none>"
    )


def test_without_headers() -> None:
    assert table_text(SERVICES, headers=False) == "a     80/TCP"


def test_a_column_is_at_least_six_wide() -> None:
    assert aligned([["A", "B"], ["x", "y"]]) == "A     B\nx     y"
    assert aligned([]) == ""


def test_several_types_have_their_own_headers_and_names_with_the_type() -> None:
    deployments = Table(SERVICES.columns, SERVICES.rows, "Deployment.apps")
    assert several([SERVICES, Table((), ()), deployments]) == (
        "NAME        PORT(S)\nservice/a   80/TCP\n\nNAME                PORT(S)\ndeployment.apps/a   80/TCP"
    )


def test_no_rows_are_no_text() -> None:
    assert table_text(Table(PODS.columns)) == ""


def test_a_cell_stays_on_its_line_and_a_terminal_obeys_nothing_in_it() -> None:
    assert escaped("one\ntwo") == "one..."
    assert escaped("\x1b[31mred") == "^[[31mred"
    assert escaped(None) == ""


def test_labels() -> None:
    assert format_labels({"b": "2", "a": "1"}) == "a=1,b=2"
    assert format_labels({}) == "<none>"
