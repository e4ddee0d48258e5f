"""The outcome of a drain: which Pods left, stayed or wait, below their node."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kmagic.magics.results.cards import KApply
from kmagic.views.html import page_safe

if TYPE_CHECKING:
    from kmagic.magics.results.outcome import Outcome

__all__ = ("KDrain",)

# How a row looks: sign and colour.
_LOOKS = {
    "evicted": ("✓", "ok"),
    "deleted": ("✓", "ok"),
    "already gone": ("✓", "ok"),
    "skipped": ("·", "done"),
    "evicting": ("…", "busy"),
    "deleting": ("…", "busy"),
    "not tried": ("·", "done"),
    "failed": ("✕", "bad"),
}
# Pods that were asked to go.
_ASKED = ("evicted", "evicting", "failed")
_GONE = ("evicted", "deleted")


class KDrain(KApply):
    """The outcomes of a drain: ``drained.evicted``, ``.waiting``, ``.skipped``; each has its Pod in ``.before``.

    Attributes:
        target: The cluster of the nodes.
    """

    @property
    def evicted(self) -> list[str]:
        """The Pods that left, as ``namespace/name``."""
        return [_what(each) for each in self._pods if each.action in _GONE]

    @property
    def waiting(self) -> list[str]:
        """The Pods that shall leave and are still there."""
        return [_what(each) for each in self._pods if not each.done]

    @property
    def skipped(self) -> list[str]:
        """The Pods that stay."""
        return [_what(each) for each in self._pods if each.action == "skipped"]

    @property
    def _pods(self) -> list[Outcome]:
        return [each for each in self._outcomes if each.type == "pod"]

    def _nodes(self) -> Iterator[tuple[Outcome, Sequence[Outcome]]]:
        """Each node's own last outcome with its Pods', which stand before it; the cordons first."""
        pods: list[Outcome] = []
        for each in self._outcomes:
            if each.type == "pod":
                pods.append(each)
            else:
                yield each, pods
                pods = []

    def _said(self) -> str:
        lines: list[str] = []
        for node, pods in self._nodes():
            asked = [each for each in pods if each.action in _ASKED]
            lines += [f"evicting pod {_what(each)}{self._suffix}" for each in asked]
            if not self._suffix:
                lines += [f"{each.what} {each.action}" for each in pods if each.action in _GONE]
            lines += [f"    {each.what} {each.action}: {each.note}" for each in pods if each.note or not each.done]
            # What failed is told by its error.
            lines.append(f"{'' if node.done else '    '}{node.what} {node.action}{self._suffix}")
        return "\n".join(lines)

    def _rows(self) -> str:
        return "".join(self._node_html(node, pods) for node, pods in self._nodes())

    def _node_html(self, node: Outcome, pods: Sequence[Outcome]) -> str:
        sign, colour = ("✓", "ok") if node.done else _LOOKS.get(node.action, ("…", "busy"))
        head = (
            f'<div class="{colour}"><span aria-hidden="true">{sign}</span>'
            f" {page_safe(f'{node.what} {node.action}{self._suffix}')}</div>"
        )
        if not pods:
            return head
        names = "".join(f'<th scope="col">{name}</th>' for name in ("POD", "NAMESPACE", "WHAT", "WHY"))
        rows = "".join(map(_row, pods))
        table = f"<table><thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table>"
        return f'<div class="kmg-scroll">{table}</div>{head}'


def _row(each: Outcome) -> str:
    sign, colour = _LOOKS.get(each.action, ("…", "busy"))
    if each.action in _ASKED and each.note:
        colour = "warn"
    return (
        f'<tr><td class="name">{page_safe(each.name)}</td><td class="dim">{page_safe(each.namespace)}</td>'
        f'<td class="{colour}"><span aria-hidden="true">{sign}</span> {page_safe(each.action)}</td>'
        f'<td class="dim">{page_safe(each.note)}</td></tr>'
    )


def _what(each: Outcome) -> str:
    return f"{each.namespace}/{each.name}"
