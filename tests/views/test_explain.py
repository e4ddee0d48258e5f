"""kubectl explain's text and the tree; the text is compared with kubectl itself in magics/verbs/test_explain.py."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.api.gvk import GroupVersionKind
from kmagic.views.explain import explain_html, explain_text, wrapped
from kmagic.views.schema import Field, Schema, kind_field, walk

WIDGET = GroupVersionKind("example.com", "v1", "Widget")
SPEC: dict[str, Any] = {
    "description": "What it shall be.",
    "type": "object",
    "required": ["size"],
    "properties": {
        "size": {"type": "integer", "default": 3, "description": "How big " + "it is, word by word, " * 6},
        "shape": {"type": "string", "enum": ["", "a", "b", "c", "d"], "default": "a"},
        "inner": {"type": "object", "properties": {"<b>": {"type": "string", "enum": ["<i>", 5]}}},
    },
    "externalDocs": {"description": "More of it.", "url": "https://example.com"},
}
DOCUMENT = {
    "components": {
        "schemas": {
            "Widget": {
                "properties": {"spec": SPEC, "tree": {"$ref": "#/components/schemas/Tree"}},
                "x-kubernetes-group-version-kind": [{"group": "example.com", "version": "v1", "kind": "Widget"}],
            },
            "Tree": {"type": "object", "properties": {"leaf": {"$ref": "#/components/schemas/Tree"}}},
        }
    }
}


def at(*path: str) -> Field:
    found = kind_field(DOCUMENT, WIDGET)
    assert found is not None
    return walk(found, path)[-1]


def test_a_field_with_its_documentation_and_the_fields_below() -> None:
    assert explain_text(WIDGET, at("spec")) == (
        "GROUP:      example.com\n"
        "KIND:       Widget\n"
        "VERSION:    v1\n"
        "\n"
        "FIELD: spec <Object>\n"
        "\n"
        "\n"
        "DESCRIPTION:\n"
        "    What it shall be.\n"
        "    \n"
        "\n"
        "EXTERNAL DOCS:\n"
        "    More of it.\n"
        "    URL: https://example.com\n"
        "FIELDS:\n"
        "  inner\t<Object>\n"
        "    <no description>\n"
        "\n"
        "  shape\t<string>\n"
        '  enum: "", a, b, c, ....\n'
        "    <no description>\n"
        "\n"
        "  size\t<integer> -required-\n"
        "    How big it is, word by word, it is, word by word, it is, word by word, it\n"
        "    is, word by word, it is, word by word, it is, word by word, \n"
        "\n"
        "\n"
    )


def test_a_field_of_few_values_has_them_all_on_its_own_page() -> None:
    text = explain_text(WIDGET, at("spec", "shape"))
    assert text.endswith(
        'FIELD: shape <string>\nENUM:\n    ""\n    a\n    b\n    c\n    d\n\nDESCRIPTION:\n    <empty>\n\n'
    )
    assert explain_text(GroupVersionKind("", "v1", "Pod"), at("spec")).startswith("KIND:       Pod\nVERSION:    v1\n\n")


def test_all_fields_below_by_name_to_a_depth() -> None:
    lines = explain_text(WIDGET, at(), recursive=True).splitlines()
    assert lines[lines.index("FIELDS:") + 1 :] == [
        "  spec\t<Object>",
        "    inner\t<Object>",
        "      <b>\t<string>",
        "      enum: <i>, 5",
        "    shape\t<string>",
        '    enum: "", a, b, c, ....',
        "    size\t<integer> -required-",
        "  tree\t<Tree>",
        "    leaf\t<Tree>",
        "",
    ]
    assert "inner" not in explain_text(WIDGET, at(), recursive=True, depth=1)
    assert "<b>" not in explain_text(WIDGET, at(), recursive=True, depth=2)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("this is a really good test", "this\nis\na\nreally\ngood\ntest", id="narrow"),
        pytest.param("ab cd\n  ef", "ab\ncd\n\nef", id="blanks at a break go"),
        pytest.param("a\n\nb", "a\n\nb", id="its own lines stay"),
        pytest.param("a\u00a0b c", "a\u00a0b\nc", id="not at a no-break space"),
        pytest.param("a   ", "a", id="blanks that do not fit at the end"),
        pytest.param("a ", "a ", id="blanks that fit at the end"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_lines_break_where_kubectl_breaks_them(content: str, expected: str) -> None:
    assert wrapped(content, 3) == expected


def test_the_tree_marks_what_is_required_values_and_defaults_and_escapes_everything() -> None:
    shown = explain_html(WIDGET, at("spec"), "widgets.spec")
    assert "<b>widgets.spec</b>" in shown
    assert shown.count("<details") == 4
    assert shown.count("✱ required</span>") == 1
    assert "default <code>3</code>" in shown
    assert "<code>&quot;&quot;</code> | <code>a</code> | <code>b</code>" in shown
    assert "<code>&lt;b&gt;</code>" in shown
    assert "<code>&lt;i&gt;</code> | <code>5</code>" in shown
    assert "<i>" not in shown


def test_a_tree_ends_where_a_type_contains_itself_and_where_there_is_no_more_room() -> None:
    shown = explain_html(WIDGET, at(), "widgets")
    assert "… %kexplain widgets.tree.leaf<" in shown
    assert shown.count("<code>leaf</code>") == 1
    below = {f"b{number}": {"type": "string", "description": "x" * 500} for number in range(60)}
    wide = {f"f{number}": {"type": "object", "properties": below} for number in range(60)}
    found = Field("", Schema({"properties": wide}, {}))
    shown = explain_html(WIDGET, found, "widgets")
    assert len(shown) < 80_000
    assert all(f"<code>f{number}</code>" in shown for number in range(60))
    assert "… %kexplain widgets.f59" in shown
