"""The code and the style of a view's page, put together from small modules.

A front-end takes one script and one style sheet a widget, and a script that comes as text cannot import its neighbours.
So the modules in `static` import each other as any ES modules do, and are joined here in the order of their imports.
Names at the top level of modules are one scope then; `tests/widgets/test_page.py` holds that none is used twice.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from kmagic.views.tokens import TOKENS

__all__ = ("STATIC", "modules", "script", "style")

STATIC = Path(__file__).parent / "static"
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w-]+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const|let)\b)", re.MULTILINE)


def modules(name: str) -> tuple[str, ...]:
    """Returns the names of the modules of a script, each after those that it imports."""
    found: dict[str, None] = {}

    def visit(module: str, above: tuple[str, ...]) -> None:
        if module in above:
            raise ImportError(f"{' -> '.join((*above, module))}: modules of a page import each other in a circle")
        for needed in _IMPORT.findall(_text(f"{module}.js")):
            visit(needed, (*above, module))
        found.setdefault(module)

    visit(name, ())
    return tuple(found)


def script(name: str) -> str:
    """Returns the ES module of a view, with the modules that it imports inside."""
    return "".join(_EXPORT.sub("", _IMPORT.sub("", _text(f"{module}.js"))) for module in modules(name))


def style(*names: str) -> str:
    """Returns the style sheets of a view, after the tokens that all views share."""
    return TOKENS + "".join(_text(f"{name}.css") for name in names)


@cache
def _text(file: str) -> str:
    return (STATIC / file).read_text(encoding="utf-8")
