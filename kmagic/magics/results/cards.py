"""Results of changes: shown once when they happen, whether or not the cell's value is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from IPython.core.getipython import get_ipython
from IPython.display import display

from kmagic.api.terminal import escape_terminal
from kmagic.errors import GateError, KubeError
from kmagic.safety.approval import Demand
from kmagic.safety.salt import SALT
from kmagic.views import diff
from kmagic.views import errors as error_views
from kmagic.views.html import STYLE, page_safe

if TYPE_CHECKING:
    from kmagic.magics.results.outcome import Outcome
    from kmagic.safety.target import Target

__all__ = ("Card", "KApply", "KDelete", "KPlan", "announce", "cell_number", "keep_result", "partly", "result_of")

_SIGNS = {"created": "+", "exposed": "+", "unchanged": "=", "deleted": "-", "failed": "✕", "interrupted": "?"}
_COLOURS = {"created": "ok", "exposed": "ok", "deleted": "bad", "failed": "bad"}
# What was as it was wanted before.
_SAME = frozenset({"unchanged", "already cordoned", "already uncordoned", "skipped"})


class Card:
    """Something that shows itself exactly once when it is announced, and again whenever it is asked for later."""

    _announced_in: int | None = None

    @property
    def text(self) -> str:
        """The card as plain text."""
        raise NotImplementedError

    def _html(self) -> str:
        raise NotImplementedError

    def _ipython_display_(self) -> None:
        # As the value of the cell that announced it, it is on the page already.
        if self._announced_in is None or self._announced_in != cell_number():
            self._publish()

    def _publish(self) -> None:
        display({"text/plain": self.text, "text/html": self._html()}, raw=True)

    def __repr__(self) -> str:
        return self.text


def announce(card: Card) -> None:
    """Shows a card now, so that it is seen even when the cell assigns or drops it."""
    card._publish()
    card._announced_in = cell_number()


def cell_number() -> int | None:
    """The number of the cell that runs now; None outside a shell."""
    shell = get_ipython()
    # `execution_count` is that of the next cell already, depending on the version of IPython.
    return len(shell.history_manager.input_hist_parsed) - 1 if shell is not None else None


class _Outcomes(Card, Sequence["Outcome"]):
    """The outcomes of several objects, in the order they were sent."""

    def __init__(self, outcomes: Sequence[Outcome], target: Target, *, note: str = "", foot: str = "") -> None:
        self._outcomes = tuple(outcomes)
        self.target: Target = target
        self._note = note
        self._foot = foot
        self._printed: str | None = None

    def show_as(self, printed: str) -> None:
        """Shows this text, which ``-o`` asked for, instead of what was done."""
        self._printed = printed

    def __getitem__(self, index: int) -> Outcome:  # type: ignore[override]  # slices are not offered
        return self._outcomes[index]

    def __len__(self) -> int:
        return len(self._outcomes)

    def __iter__(self) -> Iterator[Outcome]:
        return iter(self._outcomes)

    @property
    def ok(self) -> bool:
        """True if all objects are as they were wanted."""
        return all(each.done for each in self._outcomes)

    @property
    def errors(self) -> list[KubeError]:
        """The errors of what failed."""
        return [each.error for each in self._outcomes if each.error is not None]

    @property
    def _suffix(self) -> str:
        return f" ({self._note})" if self._note else ""

    @property
    def text(self) -> str:
        """Kubectl's lines, and where it was if that may be elsewhere than one thinks."""
        if self._printed is not None:
            return escape_terminal(self._printed)
        return escape_terminal(f"{self._said()}\n{self._foot}" if self._foot else self._said())

    def _said(self) -> str:
        """Kubectl's lines."""
        raise NotImplementedError

    def _rows(self) -> str:
        """The HTML of all objects."""
        raise NotImplementedError

    def _html(self) -> str:
        foot = page_safe(self._foot or self.target.badge)
        rows = self._rows() if self._printed is None else f"<pre>{page_safe(self._printed)}</pre>"
        return f'{STYLE}<div class="kmg">{rows}<div class="kmg-foot">{foot}</div></div>'


class KApply(_Outcomes):
    """The outcomes of an apply, object by object: ``result[0].action``, ``.before``, ``.after``; ``result.ok``.

    Attributes:
        target: The cluster and namespace it was applied to.
    """

    @property
    def changed(self) -> bool:
        """True if anything differs from before."""
        return any(each.done and each.action not in _SAME for each in self._outcomes)

    def _said(self) -> str:
        lines: list[str] = []
        for each in self._outcomes:
            lines.append(f"{'    ' * each.silent}{each.what} {each.words}{_note(each)}{self._suffix}")
            if each.error is not None:
                lines += [f"    {line}" for line in str(each.error).splitlines()]
            lines += [f"    {line}" for line in _changed(each)]
        return "\n".join(lines)

    def _rows(self) -> str:
        return "".join(_outcome_html(each, self._suffix) for each in self._outcomes)


class KDelete(_Outcomes):
    """The outcomes of a deletion: ``result.gone``, ``result.remaining``, ``result.errors``.

    Attributes:
        target: The cluster and namespace it was deleted from.
    """

    @property
    def gone(self) -> list[str]:
        """The objects that are deleted."""
        return [each.quoted for each in self._outcomes if each.action == "deleted"]

    @property
    def remaining(self) -> list[str]:
        """The objects that are being deleted and still exist."""
        return [each.quoted for each in self._outcomes if each.action == "still there"]

    def _lines(self) -> list[tuple[str, str]]:
        """(action, line) of every object, as kubectl words it."""
        lines = []
        for each in self._outcomes:
            where = f" from {each.namespace} namespace" if each.namespace else ""
            line = f"{each.quoted} {each.action}{where if each.action == 'deleted' else ''}"
            if each.blocked_by:
                line += f", kept by the finalizers {', '.join(each.blocked_by)}"
            if each.error is not None:
                line += f": {each.error.message}"
            lines.append((each.action, f"{line}{self._suffix}"))
        return lines

    def _said(self) -> str:
        return "\n".join(line for _, line in self._lines()) or "No resources found"

    def _rows(self) -> str:
        rows = "".join(
            f'<div class="{_COLOURS.get(action, "done")}"><span aria-hidden="true">{_SIGNS.get(action, "·")}</span>'
            f" {page_safe(line)}</div>"
            for action, line in self._lines()
        )
        return rows or page_safe(self._said())


def _changed_partly(each: Outcome) -> bool:
    """Returns whether only some fields of an object were changed, which are shown then."""
    return each.done and each.action not in (*_SAME, *_COLOURS)


def _sign(each: Outcome) -> str:
    return _SIGNS.get(each.action, "~" if _changed_partly(each) else "·")


def _colour(each: Outcome) -> str:
    return _COLOURS.get(each.action, "busy" if _changed_partly(each) else "done")


def _note(each: Outcome) -> str:
    return f", {each.note}" if each.note else ""


def _changed(each: Outcome) -> list[str]:
    if not _changed_partly(each) or each.before is None or each.after is None:
        return []
    return diff.changes_text(diff.changes(each.before, each.after, salt=SALT)).splitlines()


def _outcome_html(each: Outcome, suffix: str) -> str:
    sign = f'<span aria-hidden="true">{_sign(each)}</span>'
    line = f"{page_safe(each.what)} {page_safe(each.words + _note(each) + suffix)}"
    head = f'<div class="{_colour(each)}">{sign} {line}</div>'
    details = "\n".join(str(each.error).splitlines()) if each.error is not None else "\n".join(_changed(each))
    if not details:
        return head
    lines = "\n".join(
        f'<span class="{ {"+": "add", "-": "del"}.get(line[:1], "") }">{page_safe(line)}</span>'
        for line in details.split("\n")
    )
    return f"{head}<pre>{lines}</pre>"


class KPlan(Card):
    """A change that waits: what would happen and where, and `apply` to make it happen.

    Args:
        preview: The outcome of a dry run.
        apply: Does it, if what is said is enough and the objects are still as they were when the plan was made.
        demand: The words that apply it.

    Attributes:
        preview: The outcomes of a dry run, object by object.
        target: Its destination, wherever the notebook is by then.
        shown_at: Time at which it was shown, in seconds since the epoch.
        applied: Whether it was applied; a plan is applied once.
        discarded: Whether it was dropped, or is void because something changed.
        result: Its outcome; None until it was applied.
    """

    def __init__(
        self,
        preview: KApply | KDelete,
        apply: Callable[[KPlan, str], KApply | KDelete],
        demand: Demand = Demand(),  # noqa: B008  # a value
    ) -> None:
        self.preview = preview
        self.demand: Demand = demand
        self.shown_at: float = 0.0
        self.target: Target = preview.target
        self._apply = apply
        self.applied: bool = False
        self.discarded: bool = False
        self.result: KApply | KDelete | None = None

    @property
    def open(self) -> bool:
        """True if it still waits."""
        return not (self.applied or self.discarded)

    def apply(self, confirm: str | int = "") -> KApply | KDelete:
        """Does what the plan says.

        Args:
            confirm: The name or count that the plan's card asks for.

        Raises:
            GateError: It was applied or discarded already, the confirmation is not the one asked for, the cell was
                sent before the plan was shown, or an object changed since.
            KubeError: Something was not done; `result` says what was.
        """
        try:
            if not self.open:
                raise GateError(
                    "this plan was applied or discarded already", hint="run the cell again to make a new one"
                )
            self.result = self._apply(self, str(confirm))
        except BaseException as error:
            self.result = result_of(error) or self.result
            if isinstance(error, KubeError):
                error_views.show_as_card(error, where=self.target.badge)
            raise
        return self.result

    def spend(self) -> None:
        """Marks the plan as applied: what follows is sent, whole or not."""
        self.applied = True

    def discard(self) -> None:
        """Drops the plan, so that other changes may be made."""
        self.discarded = True

    @property
    def text(self) -> str:
        """The changes, their target, and the next step."""
        return (
            f"{self.preview.text}\n\n"
            f"not applied: {self.demand.call} applies it to {self._where}, _kp.discard() drops it{self._because}"
        )

    @property
    def _where(self) -> str:
        return f"{self.target.badge} ({self.target.server})"

    @property
    def _because(self) -> str:
        return f"\nsay it because {', '.join(self.demand.reasons)}" if self.demand.reasons else ""

    def _html(self) -> str:
        note = (
            f"not applied: <code>{page_safe(self.demand.call)}</code> applies it to {page_safe(self._where)},"
            " <code>_kp.discard()</code> drops it"
        )
        because = f"<div>{page_safe(self._because.strip())}</div>" if self._because else ""
        return f'{self.preview._html()}<div class="kmg kmg-foot"><div>{note}</div>{because}</div>'


def keep_result(error: BaseException, result: object) -> None:
    """Gives an error that ends work early what was done before it."""
    error._kmagic_result = result  # type: ignore[attr-defined]


def partly(unread: Sequence[KubeError], shown: object | None) -> KubeError:
    """Returns the first of several errors, which names the others, and shows the rest before.

    Args:
        unread: The errors, one or more.
        shown: Value to show, kept with the error, too; None for nothing.
    """
    error, *others = unread
    error.hint = "\n".join(filter(None, (error.hint, *(f"also: {each.message}" for each in others))))
    if shown is not None:
        display(shown)
        keep_result(error, shown)
    return error


def result_of(error: BaseException) -> Any:
    """Returns the outcomes before an error ended the work; None for other errors."""
    return getattr(error, "_kmagic_result", None)
