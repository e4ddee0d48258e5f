"""The script and the style sheet of a page: modules joined in order, without a clash of names."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from kmagic.views.tokens import TOKENS
from kmagic.widgets.page import STATIC, modules, script, style

SCRIPTS = sorted(file.stem for file in STATIC.glob("*.js"))
VIEWS = [name for name in SCRIPTS if "export default" in (STATIC / f"{name}.js").read_text(encoding="utf-8")]
_NAME = re.compile(r"^(?:export )?(?:async )?(?:function|class|const|let) (\w+)", re.MULTILINE)


@pytest.mark.parametrize("view", VIEWS)
def test_a_script_has_each_module_once_after_what_it_imports_and_no_import_is_left(view: str) -> None:
    order = modules(view)
    assert order[-1] == view
    text = script(view)
    assert not re.search(r"^\s*import\b", text, re.MULTILINE)
    assert re.findall(r"^export \w+", text, re.MULTILINE) == ["export default"]
    for at, module in enumerate(order):
        needed = re.findall(r'from "\./([\w-]+)\.js"', (STATIC / f"{module}.js").read_text(encoding="utf-8"))
        assert set(needed) <= set(order[:at]), module


@pytest.mark.parametrize("view", VIEWS)
def test_no_name_at_the_top_of_two_joined_modules_is_the_same(view: str) -> None:
    names = Counter(_NAME.findall(script(view)))
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_modules_are_checked_by_types_and_stay_small(name: str) -> None:
    text = (STATIC / f"{name}.js").read_text(encoding="utf-8")
    assert text.startswith("// @ts-check\n// ")
    assert text.count("\n") <= 600


def test_every_style_sheet_of_a_page_begins_with_the_tokens() -> None:
    assert style("table").startswith(TOKENS)
    assert ".kmt" in style("table")


@pytest.mark.parametrize("sheet", sorted(file.stem for file in STATIC.glob("*.css")))
def test_a_style_sheet_takes_colours_and_typefaces_from_the_tokens(sheet: str) -> None:
    text = (STATIC / f"{sheet}.css").read_text(encoding="utf-8")
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)|--jp-|--vscode-", text)
    assert set(re.findall(r"var\((--km-[\w-]+)", text)) <= set(re.findall(r"(--km-[\w-]+):", TOKENS))
