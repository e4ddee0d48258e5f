"""An error as a card: what went wrong, where, why, and what to do next. No traceback, no secrets.

The card's facts come from the error alone. `show_as_card` makes IPython print the card instead of a traceback, while
the exception still propagates and stops a Run All.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from kmagic import errors
from kmagic.api.terminal import escape_terminal
from kmagic.errors import KubeError, StatusError
from kmagic.views.html import STYLE, page_safe

__all__ = ("Card", "card_html", "card_of", "card_text", "show_as_card")

_NEXT: dict[type[KubeError], str] = {
    errors.UnauthorizedError: "log in again, or choose another context: %kctx",
    errors.ForbiddenError: "ask for this right, or go where you have it: %kctx",
    errors.NotFoundError: "list what is there with %kget, or look in another namespace: %kget … -A",
    errors.AlreadyExistsError: "change it with %%kapply, or choose another name",
    errors.ConflictError: "read the object again and repeat the change on the newest version",
    errors.ExpiredError: "run the cell again: the list starts over from the newest version",
    errors.TooManyRequestsError: "the server is busy: wait a little and run the cell again",
    errors.ConnectError: "is the cluster up and reachable from here? %kctx shows where requests go",
    errors.TimeoutError: "the server is slow or out of reach; allow more time with --request-timeout=60s",
    errors.ConfigError: "choose a kubeconfig or context: %kctx; or start a cluster of your own: %ksandbox start",
    errors.AuthError: "run the login command of your cluster in a terminal, then this cell again",
}


class Card(msgspec.Struct, frozen=True):
    """The four facts.

    Attributes:
        title: The kind of error in words: "Not found".
        what: The error, one sentence.
        where: The request or object it is about, or "".
        at: The line of the user's code that it came from, or "".
        why: The server's causes, one line each.
        next: Next steps, one line each.
    """

    title: str
    what: str
    where: str = ""
    why: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    at: str = ""


def card_of(error: BaseException, *, where: str = "", at: str = "") -> Card:
    """Reads the card of an error.

    Args:
        error: Usually a `KubeError`; anything else is shown by its type and text.
        where: The target in words ("kind-dev ▸ shop"), put before what the error knows.
        at: The line of the user's code that it came from.
    """
    if not isinstance(error, KubeError):
        return Card(_words(type(error).__name__), str(error) or type(error).__name__, where, at=at)
    why: tuple[str, ...] = ()
    places = [where] if where else []
    title, what = _words(type(error).__name__), error.message
    if isinstance(error, StatusError):
        why = tuple(_cause(cause) for cause in error.causes)
        places += [_object(error)]
        what = _without_causes(what, why)
        if type(error) is StatusError:
            title = _phrase(error.status.get("code"))
    # Blanks in front stay: a caret may stand under a word of the line above.
    hints = tuple(line.rstrip() for line in error.hint.splitlines() if line.strip())
    if not hints:
        hints = tuple(text for kind, text in _NEXT.items() if isinstance(error, kind))[:1]
    return Card(title, what, " · ".join(p for p in places if p), why, hints, at)


def _without_causes(message: str, causes: Sequence[str]) -> str:
    """The message up to the causes, where they are the rest of it: they are told one by one."""
    head, _, rest = message.partition(" is invalid: ")
    said = rest.removeprefix("[").removesuffix("]") if len(causes) > 1 else rest
    return f"{head} is invalid" if said and said == ", ".join(causes) else message


def _phrase(code: object) -> str:
    """Returns the name that HTTP has for a code without a class of ours."""
    try:
        return HTTPStatus(code).phrase.capitalize()  # type: ignore[arg-type]  # whatever it is, it is a code or none
    except ValueError:
        return "Refused"


def _words(name: str) -> str:
    name = name.removesuffix("Error") or name
    # JSONPath and such stay as they are written.
    spaced = re.sub(r"(?<=[a-z])[A-Z](?=[a-z])", lambda found: f" {found[0].lower()}", name)
    return {"Kube": "Not done"}.get(name, spaced)


def _cause(cause: Any) -> str:
    field, message = cause.get("field") or "", cause.get("message") or cause.get("reason") or ""
    return f"{field}: {message}" if field else str(message)


def _object(error: StatusError) -> str:
    kind, name, group = (str(error.details.get(part) or "") for part in ("kind", "name", "group"))
    kind = f"{kind}.{group}" if kind and group else kind
    code = error.status.get("code")
    place = f"{kind}/{name}" if kind and name else kind or name
    return " · ".join(part for part in (place, f"HTTP {code}" if code else "") if part)


def card_text(card: Card, *, color: bool = False) -> str:
    """The card as lines for a terminal or a plain output."""
    red, bold, dim, end = ("\x1b[31m", "\x1b[1m", "\x1b[2m", "\x1b[0m") if color else ("",) * 4
    # Bold red is dark red in JupyterLab, hard to read on its dark background of errors.
    lines = [f"{red}✕{end} {bold}{card.title}{end}: {_one(card.what)}"]
    if card.where:
        lines.append(f"  {dim}where{end}  {_one(card.where)}")
    if card.at:
        lines.append(f"  {dim}at{end}     {_one(card.at)}")
    lines += [f"  {dim}{'why' if i == 0 else '   '}{end}    {_one(line)}" for i, line in enumerate(card.why)]
    lines += [f"  {dim}{'next' if i == 0 else '    '}{end}   {_one(line)}" for i, line in enumerate(card.next)]
    return "\n".join(lines)


def _one(text: str) -> str:
    return escape_terminal(text.replace("\r", " "))


def card_html(card: Card) -> str:
    """The card as HTML, everything escaped."""

    def row(name: str, lines: tuple[str, ...], code: bool = False) -> str:
        tag = "code" if code else "span"
        items = "".join(f"<div><{tag}>{page_safe(line)}</{tag}></div>" for line in lines)
        return f"<dt>{html.escape(name)}</dt><dd>{items}</dd>" if lines else ""

    where = (card.where,) if card.where else ()
    at = (card.at,) if card.at else ()
    body = row("where", where) + row("at", at, code=True) + row("why", card.why) + row("next", card.next, code=True)
    head = f'<div class="kmg-card-head"><span aria-hidden="true">✕</span> {page_safe(card.title)}</div>'
    facts = f"<dl>{body}</dl>" if body else ""
    what = f'<div class="kmg-card-what">{page_safe(card.what)}</div>'
    return f'{STYLE}<div class="kmg kmg-card" role="alert">{head}{what}{facts}</div>'


def show_as_card(error: BaseException, *, where: str = "", at: str = "") -> None:
    """Makes IPython print the error's card instead of its traceback; the error stays an error.

    Args:
        error: The error to show.
        where: The target in words.
        at: The line of the user's code that it came from.
    """
    card = card_of(error, where=where, at=at)

    def render(*, color: bool = True) -> list[str]:
        return card_text(card, color=color).split("\n")

    error._render_traceback_ = render  # type: ignore[attr-defined]  # IPython's protocol for an exception's own looks
