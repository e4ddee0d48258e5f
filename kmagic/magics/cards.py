"""Results of changes: shown once when they happen, whether or not the cell's value is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from IPython.core.getipython import get_ipython
from IPython.display import display

from kmagic.errors import GateError, KubeError
from kmagic.safety.salt import SALT
from kmagic.views import diff
from kmagic.views.html import STYLE, page_safe

if TYPE_CHECKING:
    from kmagic.magics.apply import Applied
    from kmagic.magics.delete import Deleted
    from kmagic.safety.target import Target

__all__ = ("Card", "KApply", "KDelete", "KPlan", "announce")

_SIGNS = {"created": "+", "configured": "~", "unchanged": "=", "deleted": "-", "failed": "✕", "not tried": "·"}
# Words for objects of which a part was changed; their changed fields are shown.
_PARTLY = ("configured", "scaled", "labeled", "annotated", "patched", "restarted", "rolled back", "paused", "resumed")
_SIGNS.update(dict.fromkeys(_PARTLY, "~"))
_COLOURS = {"created": "ok", **dict.fromkeys(_PARTLY, "busy"), "deleted": "bad", "failed": "bad"}


class Card:
    """Something that shows itself exactly once when it is announced, and again whenever it is asked for later."""

    _announced_in: int | None = None

    @property
    def text(self) -> str:
        """What is shown as plain text."""
        raise NotImplementedError

    def _html(self) -> str:
        raise NotImplementedError

    def _ipython_display_(self) -> None:
        # As the value of the cell that announced it, it is on the page already.
        if self._announced_in is None or self._announced_in != _cell_number():
            self._publish()

    def _publish(self) -> None:
        display({"text/plain": self.text, "text/html": self._html()}, raw=True)

    def __repr__(self) -> str:
        return self.text


def announce(card: Card) -> None:
    """Shows a card now, so that it is seen even when the cell assigns or drops it."""
    card._publish()
    card._announced_in = _cell_number()


def _cell_number() -> int | None:
    shell = get_ipython()
    return shell.execution_count if shell is not None else None


class KApply(Card, Sequence["Applied"]):
    """What was applied, object by object: ``result[0].action``, ``.before``, ``.after``; ``result.ok``."""

    def __init__(self, outcomes: Sequence[Applied], target: Target, *, note: str = "") -> None:
        self._outcomes = tuple(outcomes)
        self._target = target
        self._note = note

    def __getitem__(self, index: int) -> Applied:  # type: ignore[override]  # slices are not offered
        return self._outcomes[index]

    def __len__(self) -> int:
        return len(self._outcomes)

    def __iter__(self) -> Iterator[Applied]:
        return iter(self._outcomes)

    @property
    def ok(self) -> bool:
        """Whether everything was applied."""
        return not any(each.action in ("failed", "not tried") for each in self._outcomes)

    @property
    def changed(self) -> bool:
        """Whether anything differs from before."""
        return any(each.action in ("created", "deleted", *_PARTLY) for each in self._outcomes)

    @property
    def errors(self) -> list[KubeError]:
        """The errors of what failed."""
        return [each.error for each in self._outcomes if each.error is not None]

    @property
    def text(self) -> str:
        """Kubectl's lines, with the changed fields below each."""
        lines: list[str] = []
        for each in self._outcomes:
            lines.append(f"{each.what} {each.action}{self._suffix}")
            if each.error is not None:
                lines += [f"    {line}" for line in str(each.error).splitlines()]
            lines += [f"    {line}" for line in _changed(each)]
        return "\n".join(lines)

    @property
    def _suffix(self) -> str:
        return f" ({self._note})" if self._note else ""

    def _html(self) -> str:
        rows = "".join(_outcome_html(each, self._suffix) for each in self._outcomes)
        foot = page_safe(self._target.badge)
        return f'{STYLE}<div class="kmg">{rows}<div class="kmg-foot">{foot}</div></div>'


class KDelete(Card, Sequence["Deleted"]):
    """What was deleted: ``result.gone``, ``result.remaining``, ``result.errors``."""

    def __init__(self, outcomes: Sequence[Deleted], target: Target, *, note: str = "") -> None:
        self._outcomes = tuple(outcomes)
        self._target = target
        self._note = note

    def __getitem__(self, index: int) -> Deleted:  # type: ignore[override]  # slices are not offered
        return self._outcomes[index]

    def __len__(self) -> int:
        return len(self._outcomes)

    def __iter__(self) -> Iterator[Deleted]:
        return iter(self._outcomes)

    @property
    def gone(self) -> list[str]:
        """What is deleted."""
        return [each.what for each in self._outcomes if each.action == "deleted"]

    @property
    def remaining(self) -> list[str]:
        """What is being deleted and still there."""
        return [each.what for each in self._outcomes if each.action == "still there"]

    @property
    def errors(self) -> list[KubeError]:
        """The errors of what could not be deleted."""
        return [each.error for each in self._outcomes if each.error is not None]

    def _lines(self) -> list[tuple[str, str]]:
        """(action, line) of every object, as kubectl words it."""
        lines = []
        for each in self._outcomes:
            where = f" from {each.namespace} namespace" if each.namespace else ""
            line = f"{each.what} {each.action}{where if each.action == 'deleted' else ''}"
            if each.blocked_by:
                line += f", kept by the finalizers {', '.join(each.blocked_by)}"
            if each.error is not None:
                line += f": {each.error.message}"
            lines.append((each.action, f"{line} ({self._note})" if self._note else line))
        return lines

    @property
    def text(self) -> str:
        """Kubectl's lines."""
        return "\n".join(line for _, line in self._lines()) or "No resources found"

    def _html(self) -> str:
        rows = "".join(
            f'<div class="{_COLOURS.get(action, "done")}"><span aria-hidden="true">{_SIGNS.get(action, "·")}</span>'
            f" {page_safe(line)}</div>"
            for action, line in self._lines()
        )
        foot = f'<div class="kmg-foot">{page_safe(self._target.badge)}</div>'
        return f'{STYLE}<div class="kmg">{rows or page_safe(self.text)}{foot}</div>'


def _changed(each: Applied) -> list[str]:
    if each.action not in _PARTLY or each.before is None or each.after is None:
        return []
    return diff.changes_text(diff.changes(each.before, each.after, salt=SALT)).splitlines()


def _outcome_html(each: Applied, suffix: str) -> str:
    sign = f'<span aria-hidden="true">{_SIGNS.get(each.action, "·")}</span>'
    line = f"{page_safe(each.what)} {page_safe(each.action + suffix)}"
    head = f'<div class="{_COLOURS.get(each.action, "done")}">{sign} {line}</div>'
    details = "\n".join(str(each.error).splitlines()) if each.error is not None else "\n".join(_changed(each))
    if not details:
        return head
    lines = "\n".join(
        f'<span class="{ {"+": "add", "-": "del"}.get(line[:1], "") }">{page_safe(line)}</span>'
        for line in details.split("\n")
    )
    return f"{head}<pre>{lines}</pre>"


class KPlan(Card):
    """A change that waits: what would happen, and `apply` to make it happen.

    Args:
        preview: The outcome of a dry run.
        apply: Does it, if the objects are still as they were when the plan was made.
    """

    def __init__(self, preview: KApply | KDelete, apply: Callable[[], KApply | KDelete]) -> None:
        self.preview = preview
        self._apply = apply
        self.applied: bool = False
        self.discarded: bool = False

    @property
    def open(self) -> bool:
        """Whether it still waits."""
        return not (self.applied or self.discarded)

    def apply(self) -> KApply | KDelete:
        """Does what the plan says.

        Raises:
            GateError: It was applied or discarded already, or an object changed since.
        """
        if not self.open:
            raise GateError("this plan was applied or discarded already", hint="run the cell again to make a new one")
        result = self._apply()
        self.applied = True
        return result

    def discard(self) -> None:
        """Drops the plan, so that other changes may be made."""
        self.discarded = True

    @property
    def text(self) -> str:
        """What would change, and how to go on."""
        return f"{self.preview.text}\n\nnot applied: _kp.apply() applies this plan, _kp.discard() drops it"

    def _html(self) -> str:
        note = "not applied: <code>_kp.apply()</code> applies this plan, <code>_kp.discard()</code> drops it"
        return f'{self.preview._html()}<div class="kmg kmg-foot">{note}</div>'
