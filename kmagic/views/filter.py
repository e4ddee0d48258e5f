r"""The search line of a live table.

    web nginx        both words, anywhere in the row
    !canary          rows without it
    re:/web-\d+$/    a regular expression, on any cell
    status:run       a regular expression on one column; several of one column are alternatives
    !node:a|b        rows whose column does not match
    ~wbapi           letters in this order, anywhere

Case never matters. ``word:rest`` whose word is no column is looked for as it is, so that ``nginx:1.27`` finds an image.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from kmagic.api.table import Column
from kmagic.errors import KubeError
from kmagic.views.table import Row, cell_text, is_age

__all__ = ("FilterError", "Match", "parse")

Match = Callable[[Row], bool]
_TOKEN = re.compile(r"""!?re:/(?:\\.|[^/])*/?|(?:[^\s"']|"[^"]*"|'[^']*')+""")
_LONGEST = 500  # a search line, not a program


class FilterError(KubeError):
    """The search line cannot be understood.

    Attributes:
        position: Offset in the line, from 0.
    """

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


def parse(text: str, columns: Sequence[Column]) -> Match | None:
    """Returns the filter of a search line, or None for one that lets everything through.

    Raises:
        FilterError: A regular expression is wrong, or the line is too long.
    """
    if len(text) > _LONGEST:
        raise FilterError(f"a filter has at most {_LONGEST} characters", _LONGEST)
    every: list[Match] = []
    by_column: dict[int, list[Match]] = {}
    for position, token in _tokens(text):
        inverse, body = (True, token[1:]) if token.startswith("!") and len(token) > 1 else (False, token)
        column, test = _test(body, columns, position + inverse)
        if inverse:
            every.append(_not(test))
        elif column is not None:
            by_column.setdefault(column, []).append(test)
        else:
            every.append(test)
    every.extend(_any(tests) for tests in by_column.values())
    if not every:
        return None
    return every[0] if len(every) == 1 else lambda row: all(test(row) for test in every)


def _tokens(text: str) -> Iterator[tuple[int, str]]:
    for found in _TOKEN.finditer(text):
        yield found.start(), found[0]


def _test(body: str, columns: Sequence[Column], position: int) -> tuple[int | None, Match]:
    if body.startswith("re:/"):
        pattern = _regex(body[4:].removesuffix("/"), position)
        return None, lambda row: any(map(pattern.search, _cells(row, columns)))
    if body.startswith("~") and len(body) > 1:
        pattern = _regex(".*?".join(map(re.escape, body[1:])), position)
        return None, lambda row: any(map(pattern.search, _cells(row, columns)))
    name, colon, rest = body.partition(":")
    column = _column(name, columns) if colon and rest else None
    if column is not None:
        pattern = _regex(_unquoted(rest), position)
        return column, lambda row: pattern.search(_cell(row, column)) is not None
    word = _unquoted(body).casefold()
    return None, lambda row: word in "\t".join(_cells(row, columns)).casefold()


def _column(name: str, columns: Sequence[Column]) -> int | None:
    wanted = name.casefold().replace("-", " ").replace("_", " ")
    if wanted in ("namespace", "ns"):
        return -1
    names = [column.name.casefold().replace("-", " ") for column in columns]
    if wanted in names:
        return names.index(wanted)
    starting = [i for i, found in enumerate(names) if len(wanted) > 1 and found.startswith(wanted)]
    return starting[0] if len(starting) == 1 else None


def _regex(pattern: str, position: int) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.IGNORECASE)
    except (re.error, RecursionError, OverflowError) as error:
        raise FilterError(f"not a regular expression: {error}", position) from error


def _cells(row: Row, columns: Sequence[Column]) -> list[str]:
    # Not the age: it would match by chance and stop matching by itself.
    cells = (cell_text(c) for c, column in zip(row.cells, columns, strict=False) if not is_age(column))
    return [row.namespace, *cells]


def _cell(row: Row, column: int) -> str:
    if column < 0:
        return row.namespace
    return cell_text(row.cells[column]) if column < len(row.cells) else ""


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _not(test: Match) -> Match:
    return lambda row: not test(row)


def _any(tests: list[Match]) -> Match:
    return tests[0] if len(tests) == 1 else lambda row: any(test(row) for test in tests)
