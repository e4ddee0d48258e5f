"""Errors as cards."""

from __future__ import annotations

from kmagic import errors
from kmagic.api import jsonpath
from kmagic.views.errors import card_html, card_of, card_text, show_as_card

NOT_FOUND = errors.NotFoundError(
    'pods "web-9" not found',
    status={"code": 404, "reason": "NotFound", "details": {"kind": "pods", "name": "web-9"}},
)
INVALID = errors.InvalidError(
    "Deployment is invalid",
    status={
        "code": 422,
        "details": {
            "kind": "deployments",
            "group": "apps",
            "name": "web",
            "causes": [{"field": "spec.replicas", "message": "must be 0 or more"}, {"message": "<b>"}],
        },
    },
    hint="correct line 3",
)


def test_a_card_says_what_where_why_and_what_next() -> None:
    assert card_text(card_of(INVALID, where="kind-dev ▸ shop")) == (
        "✕ Invalid: Deployment is invalid\n"
        "  where  kind-dev ▸ shop · deployments.apps/web · HTTP 422\n"
        "  why    spec.replicas: must be 0 or more\n"
        "         <b>\n"
        "  next   correct line 3"
    )


def test_causes_are_told_once() -> None:
    said = "spec.replicas: must be 0 or more, <b>"
    card = card_of(errors.InvalidError(f'Deployment "web" is invalid: [{said}]', status=INVALID.status))
    assert card.what == 'Deployment "web" is invalid'
    assert card.why == ("spec.replicas: must be 0 or more", "<b>")
    other = card_of(errors.InvalidError('Deployment "web" is invalid: something else', status=INVALID.status))
    assert other.what == 'Deployment "web" is invalid: something else'


def test_a_refusal_without_a_class_of_its_own_is_called_as_http_calls_it() -> None:
    titles = [card_of(errors.StatusError("no", status={"code": code})).title for code in (501, 299, None)]
    assert titles == ["Not implemented", "Refused", "Refused"]


def test_an_error_without_a_hint_gets_the_usual_one() -> None:
    card = card_of(NOT_FOUND)
    assert (card.title, card.where) == ("Not found", "pods/web-9 · HTTP 404")
    assert "%kget" in card.next[0]


def test_the_kind_of_an_error_is_in_words() -> None:
    kinds = (errors.NotFoundError, errors.KubeError, jsonpath.JSONPathError)
    assert [card_of(kind("no")).title for kind in kinds] == ["Not found", "Not done", "JSONPath"]


def test_an_error_that_is_not_ours_is_shown_by_its_type_and_text() -> None:
    card = card_of(ValueError("no"))
    assert (card.title, card.what, card.next) == ("Value", "no", ())


def test_html_is_escaped() -> None:
    html = card_html(card_of(INVALID))
    assert "&lt;b&gt;" in html
    assert "<b>" not in html
    assert "<code>correct line 3</code>" in html


def test_ipython_prints_the_card_instead_of_a_traceback() -> None:
    show_as_card(NOT_FOUND, where="kind-dev ▸ shop")
    lines = NOT_FOUND._render_traceback_()  # type: ignore[attr-defined]
    assert 'pods "web-9" not found' in lines[0]
    assert any("kind-dev ▸ shop" in line for line in lines)


def test_a_terminal_obeys_nothing_in_an_error() -> None:
    assert "^[[2J" in card_text(card_of(errors.KubeError("\x1b[2J")))
