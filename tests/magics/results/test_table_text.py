"""A table's looks follow kubectl's flags."""

from __future__ import annotations

import pytest

from kmagic.api.table import Column
from kmagic.magics.language.grammar import parse
from kmagic.magics.language.registry import VERBS
from kmagic.magics.results.table_text import Looks, Style, column_name, style_of, yaml_of
from kmagic.views.table import Row, Table

TABLE = Table(
    (Column("Name", format="name"), Column("Nominated Node", priority=1)),
    (Row("shop/a", ("a", "<none>"), "shop", "a", labels={"app": "web"}), Row("shop/b", ("b", "n1"), "shop", "b")),
    "Pod",
)


@pytest.mark.parametrize(
    ("line", "style"),
    [
        ("pods", Style()),
        ("pods -Aowide", Style(wide=True, namespace=True)),
        ("pods --no-headers --show-kind --show-labels", Style(headers=False, kind=True, show_labels=True)),
        ("pods -L a,b -L c", Style(label_columns=("a", "b", "c"))),
    ],
)
def test_the_style_is_the_flags(line: str, style: Style) -> None:
    assert style_of(parse(VERBS["get"], line, None, lambda name: {}[name])) == style


def test_text_and_html_say_the_same() -> None:
    looks = Looks(TABLE, Style(wide=True, namespace=True), footer="kind-dev")
    bundle = looks.bundle()
    assert bundle["text/plain"].split()[:4] == ["NAMESPACE", "NAME", "NOMINATED", "NODE"]
    assert "NOMINATED NODE" in bundle["text/html"]
    assert "kind-dev" in bundle["text/html"]


def test_no_rows_are_said_in_words() -> None:
    looks = Looks(Table(TABLE.columns), empty="No resources found in shop namespace.")
    assert looks.text == looks.empty
    assert looks.empty in looks.bundle()["text/html"]


def test_some_rows_keep_the_style() -> None:
    assert Looks(TABLE, Style(headers=False)).only([1]).text == "b"


def test_cells_are_named_for_python() -> None:
    assert Looks(TABLE).cells() == (["name", "nominated_node"], [["a", "<none>"], ["b", "n1"]])
    assert column_name("Port(s)") == "port(s)"


def test_yaml_is_masked() -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"k": "aHVudGVyMg=="}}
    assert "aHVu" not in yaml_of(secret)
    assert "aHVu" not in yaml_of([secret])
