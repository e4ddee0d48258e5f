"""The map in CONTRIBUTING.md leads somewhere: each file and each name in it exist."""

from __future__ import annotations

import ast
import re

import pytest

from tests.shape.contracts import ROOT

_ROW = re.compile(r"^\| (?P<question>[^|]+) \| `(?P<file>[^`]+)` \| `(?P<name>[^`]+)` \|$", re.MULTILINE)
_RECIPE = re.compile(r"^\*\*An? [^*]+\*\*", re.MULTILINE)
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
ROWS = [found.groups() for found in _ROW.finditer(PAGE)]


def _defined(body: list[ast.stmt]) -> dict[str, list[ast.stmt]]:
    found: dict[str, list[ast.stmt]] = {}
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found[node.name] = node.body
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                found[name] = []
    return found


def test_the_map_answers_twenty_questions() -> None:
    questions = [question for question, _, _ in ROWS]
    assert len(questions) >= 20
    assert len(set(questions)) == len(questions)


@pytest.mark.parametrize(("question", "file", "name"), [pytest.param(*row, id=row[0]) for row in ROWS])
def test_every_answer_is_there(question: str, file: str, name: str) -> None:
    body = ast.parse((ROOT / file).read_text(encoding="utf-8")).body
    for part in name.split("."):
        found = _defined(body)
        assert part in found, f"{question}: no {part} in {file}"
        body = found[part]


def test_a_recipe_has_at_most_ten_lines() -> None:
    recipes = _RECIPE.split(PAGE.partition("## Five recipes")[2])[1:]
    assert len(recipes) == 5
    for recipe in recipes:
        assert len(re.findall(r"^\d+\. ", recipe, re.MULTILINE)) <= 10
