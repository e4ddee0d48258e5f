"""The house's prose: the names in it exist, and docstrings begin with what a thing is, returns or does."""

from __future__ import annotations

import ast
import builtins
import functools
import io
import re
import tokenize
from pathlib import Path

from tests.shape.contracts import ROOT

_DEFINED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)
_NAME = re.compile(r"(?<!`)`([A-Za-z_][\w.]*)`(?!`)")
# Words of the field that are written as code but are not this code's.
_OF_OTHERS = frozenset({"kubectl", "view", "edit", "admin", "localhost", "null", "true", "false", "default", "tail"})
# A first sentence says what a thing is, returns or does; these begin a question instead.
_QUESTION = re.compile(r"(?:What|Where|Who|Whose|Whom|Whether|How|Since|Which|When|Why)\b")
# A parameter is described by a noun: "Seconds after which ...", "Path of ...".
_PARAMETER = re.compile(r"^\s+\w+: (?:What|Where|Who|Whose|How|Since|Which|When|Why)\b", re.MULTILINE)
_AVOIDED = re.compile(r"\b(?:[Nn]obody|anew)\b")
# First words that are no verbs, though a verb or a plural looks like them with an "s" more.
_NOUNS = frozenset({"A", "Go", "Group", "It", "Name", "Namespace", "Number", "Queue", "Resource"})
_FILE = re.compile(r"(?:`|\()((?:\.\./)?(?:[\w.-]+/)+[\w.-]*)(?:`|\))")


def _sources() -> list[Path]:
    return [path for path in sorted(ROOT.glob("kmagic/**/*.py")) if "models" not in path.parts]


@functools.cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _words_of_code() -> set[str]:
    """Every identifier and every word in a string of the code itself, without docstrings and comments."""
    found = set(dir(builtins))
    for path in ROOT.glob("kmagic/**/*.py"):
        text = path.read_text(encoding="utf-8")
        tree = _tree(path)
        prose = {id(node) for node in _docstring_nodes(tree)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
                found |= set(re.findall(r"\w+", node.value)) if len(node.value) < 80 else set()
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.NAME:
                found.add(token.string)
    return found


def _docstring_nodes(tree: ast.AST) -> list[ast.Constant]:
    return [
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, _DEFINED)
        and node.body
        and isinstance(node.body[0], ast.Expr)
        and isinstance(node.body[0].value, ast.Constant)
    ]


def test_every_name_in_a_docstring_is_one_of_the_code() -> None:
    words = _words_of_code() | _OF_OTHERS
    dangling = []
    for path in _sources():
        for node in _docstring_nodes(_tree(path)):
            names = _NAME.findall(str(node.value))
            dangling += [
                f"{path.relative_to(ROOT)}:{node.lineno} `{name}`"
                for name in names
                if not set(name.rstrip(".").split(".")) <= words
            ]
    assert dangling == []


def test_every_file_that_documentation_names_is_there() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md"), ROOT / "notebooks/sandbox.md"]
    missing = []
    for page in pages:
        for name in _FILE.findall(page.read_text(encoding="utf-8")):
            first = name.split("/")[0]
            ours = first in ("kmagic", "tests", "docs", "notebooks", "..") or (ROOT / "kmagic" / first).is_dir()
            places = (page.parent / name, ROOT / name, ROOT / "kmagic" / name)
            if ours and not name.endswith(".go") and not any(place.exists() for place in places):
                missing.append(f"{page.relative_to(ROOT)}: {name}")
    assert missing == []


@functools.cache
def _docstrings(path: Path) -> list[tuple[str, ast.AST, str]]:
    """The place of each docstring of a file, the definition it belongs to, and its text."""
    return [
        (f"{path.relative_to(ROOT)}:{node.body[0].lineno}", node, text)
        for node in ast.walk(_tree(path))
        if isinstance(node, _DEFINED) and (text := ast.get_docstring(node))
    ]


def test_docstrings_begin_with_what_a_thing_is_returns_or_does() -> None:
    wrong = []
    for path in _sources():
        for where, _, text in _docstrings(path):
            if _QUESTION.match(text) or _PARAMETER.search(text) or _AVOIDED.search(text):
                wrong.append(f"{where} {text.splitlines()[0]}")
    assert wrong == []


def test_docstrings_of_functions_are_in_the_third_person() -> None:
    first: dict[str, list[str]] = {}
    for path in _sources():
        for where, node, text in _docstrings(path):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first.setdefault(re.split(r"\W", text, maxsplit=1)[0], []).append(where)
    imperative = {
        word: places
        for word, places in first.items()
        if word not in _NOUNS and {f"{word}s", f"{word}es", f"{word[:-1]}ies"} & first.keys()
    }
    assert imperative == {}
