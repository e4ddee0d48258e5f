"""The nodes of a template; what they give is test_go_template.py's."""

from __future__ import annotations

import pytest

from kmagic.api.go_template_parser import Action, Branch, Constant, Field, GoTemplateError, parse


def test_text_actions_and_branches_are_nodes() -> None:
    text, action, branch = parse("a{{.b.c}}{{if 1.5}}x{{else}}y{{end}}", ())[""]
    assert text == "a"
    assert isinstance(action, Action)
    assert action.pipe.commands[0].terms == (Field(("b", "c")),)
    assert isinstance(branch, Branch)
    assert branch.pipe.commands[0].terms == (Constant(1.5, "1.5"),)
    assert (branch.word, branch.body, branch.otherwise) == ("if", ("x",), ("y",))


def test_definitions_have_names_of_their_own() -> None:
    assert parse('{{define "x"}}a{{end}}b', ()) == {"x": ("a",), "": ("b",)}


@pytest.mark.parametrize("text", ["{{x}}", "{{x 1}}", "{{1 | x}}", "{{(x)}}"])
def test_only_known_functions_are_called(text: str) -> None:
    with pytest.raises(GoTemplateError, match='function "x" not defined'):
        parse(text, ())
    parse(text, ("x",))


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("0x1F", 31),
        ("017", 15),
        ("0b11", 3),
        ("1_000", 1000),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("'a'", 97),
        ("`\\n`", "\\n"),
    ],
)
def test_literals_are_gos(literal: str, value: object) -> None:
    [node] = parse(f"{{{{{literal}}}}}", ())[""]
    assert isinstance(node, Action)
    assert node.pipe.commands[0].terms == (Constant(value, literal),)
