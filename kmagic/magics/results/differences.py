"""The differences of objects: kubectl's text to look at, the objects that differ to work with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

from kmagic.api.terminal import escape_terminal
from kmagic.magics.results.saved import capped
from kmagic.safety.salt import SALT
from kmagic.views.html import STYLE, page_safe
from kmagic.views.masking import mask_object
from kmagic.views.unified import unified
from kmagic.views.yaml import to_yaml

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject

__all__ = ("Difference", "KDiff")

_CLASSES = {"+": "add", "-": "del", "@": "head"}


@dataclass(frozen=True, repr=False)
class Difference:
    """Two states of an object, or two objects; values of Secrets are masked in both.

    Attributes:
        what: The object as kubectl names it: ``deployment.apps/web``.
        files: The names of both sides in the text.
        before: None for an object that is not there.
        after: The object as it would be, or the other object.
    """

    what: str
    files: tuple[str, str]
    before: JSONObject | None
    after: JSONObject

    @classmethod
    def of(cls, what: str, files: tuple[str, str], before: JSONObject | None, after: JSONObject) -> Difference:
        """The difference of two objects, which are masked."""
        return cls(what, files, *_masked(before, after))

    @property
    def lines(self) -> list[str]:
        """The hunks, line by line; none where the objects are equal."""
        return unified("" if self.before is None else to_yaml(self.before), to_yaml(self.after))

    @property
    def text(self) -> str:
        """The hunks below the names of both sides, as ``diff -u -N`` prints them; "" where they are equal."""
        left, right = self.files
        lines = self.lines
        return "\n".join((f"diff -u -N {left} {right}", f"--- {left}", f"+++ {right}", *lines)) if lines else ""

    def __repr__(self) -> str:
        return self.text


class KDiff(Sequence[Difference]):
    """The objects that differ, and so false where none does: ``if %kdiff -f web.yaml``; shown as kubectl shows them.

    Attributes:
        same: The objects without a difference, as kubectl names them.
    """

    def __init__(self, found: Sequence[Difference], footer: str = "") -> None:
        self._found = [each for each in found if each.lines]
        self.same: tuple[str, ...] = tuple(each.what for each in found if not each.lines)
        self._footer = footer

    @overload
    def __getitem__(self, index: int) -> Difference: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Difference]: ...
    def __getitem__(self, index: int | slice) -> Difference | Sequence[Difference]:
        return self._found[index]

    def __len__(self) -> int:
        return len(self._found)

    @property
    def text(self) -> str:
        """The whole text; "" where nothing differs."""
        return "\n".join(each.text for each in sorted(self._found, key=lambda each: each.files))

    def __repr__(self) -> str:
        return escape_terminal(self.text)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        foot = " · ".join(filter(None, (self._same_words(), self._footer)))
        shown = "".join(_html(each) for each in self._found)
        html = f'{STYLE}<div class="kmg">{shown}<div class="kmg-foot">{page_safe(foot)}</div></div>'
        return {"text/plain": capped(repr(self)), "text/html": html}

    def _same_words(self) -> str:
        if not self._found:
            return f"no differences: {', '.join(self.same)}"
        return f"no differences in {', '.join(self.same)}" if self.same else ""


def _html(each: Difference) -> str:
    sign, colour = ("+", "ok") if each.before is None else ("~", "busy")
    words = " is not there yet" if each.before is None else ""
    lines = "\n".join(
        f'<span class="{_CLASSES.get(line[:1], "")}">{page_safe(line)}</span>'
        for line in capped("\n".join(each.lines)).split("\n")
    )
    head = f'<div class="{colour}"><span aria-hidden="true">{sign}</span> {page_safe(each.what)}{words}</div>'
    return f"{head}<pre>{lines}</pre>"


def _masked(before: JSONObject | None, after: JSONObject) -> tuple[JSONObject | None, JSONObject]:
    """Both objects with what is secret masked; a Secret's values as kubectl's diff masks them.

    Source: k8s.io/kubectl/pkg/cmd/diff/diff.go (Masker).
    """
    left = None if before is None else mask_object(before, SALT)
    right = mask_object(after, SALT)
    for part in ("data", "stringData"):
        old, new = _values(before, part), _values(after, part)
        if left is not None and old:
            left = {**left, part: {key: _mask(key, old, new, "before") for key in old}}
        if new:
            right = {**right, part: {key: _mask(key, new, old, "after") for key in new}}
    return left, right


def _values(obj: JSONObject | None, part: str) -> dict[str, object]:
    if obj is None or obj.get("kind") != "Secret" or not isinstance(obj.get(part), dict):
        return {}
    return dict(obj[part])


def _mask(key: str, own: dict[str, object], other: dict[str, object], side: str) -> str:
    return f"*** ({side})" if key in other and own[key] != other[key] else "***"
