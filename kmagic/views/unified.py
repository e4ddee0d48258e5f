"""The difference of two texts line by line, as ``diff -u -N`` prints it.

Source: https://www.gnu.org/software/diffutils/manual (unified format; a group of changed lines is moved down as far as
it can be).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

__all__ = ("unified",)

_CONTEXT = 3

# (first line, line after the last) of a group of changed lines in either text.
_Group = tuple[int, int, int, int]


def unified(before: str, after: str) -> list[str]:
    """The lines of the hunks, without the two that name the files; none where the texts are equal.

    Args:
        before: Text of whole lines; "" for a file that is not there.
        after: Text to compare with.
    """
    left, right = before.splitlines(), after.splitlines()
    found: list[str] = []
    for groups in _hunks(list(_groups(left, right))):
        found += _hunk(left, right, groups)
    return found


def _groups(left: Sequence[str], right: Sequence[str]) -> Iterator[_Group]:
    """The groups of changed lines, each moved down as far as it can be."""
    codes = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    for at, (tag, i1, i2, j1, j2) in enumerate(codes):
        if tag == "equal":
            continue
        room = codes[at + 1][2] - codes[at + 1][1] - 1 if at + 1 < len(codes) else 0
        if tag != "replace":
            lines, first, last = (left, i1, i2) if tag == "delete" else (right, j1, j2)
            down = next((n for n in range(room) if lines[first + n] != lines[last + n]), max(room, 0))
            i1, i2, j1, j2 = i1 + down, i2 + down, j1 + down, j2 + down
        yield i1, i2, j1, j2


def _hunks(groups: Sequence[_Group]) -> Iterator[list[_Group]]:
    """Groups so close that their context meets stand together."""
    found: list[_Group] = []
    for group in groups:
        if found and group[0] - found[-1][1] > 2 * _CONTEXT:
            yield found
            found = []
        found.append(group)
    if found:
        yield found


def _hunk(left: Sequence[str], right: Sequence[str], groups: Sequence[_Group]) -> Iterator[str]:
    before = min(_CONTEXT, groups[0][0])
    after = min(_CONTEXT, len(left) - groups[-1][1])
    i1, j1 = groups[0][0] - before, groups[0][2] - before
    i2, j2 = groups[-1][1] + after, groups[-1][3] + after
    yield f"@@ -{_range(i1, i2)} +{_range(j1, j2)} @@"
    at = i1
    for first, last, first_new, last_new in groups:
        yield from (f" {line}" for line in left[at:first])
        yield from (f"-{line}" for line in left[first:last])
        yield from (f"+{line}" for line in right[first_new:last_new])
        at = last
    yield from (f" {line}" for line in left[at:i2])


def _range(first: int, last: int) -> str:
    count = last - first
    # A range without lines is named by the line before it.
    return f"{first + 1}" if count == 1 else f"{first + 1 if count else first},{count}"
