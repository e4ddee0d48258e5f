from __future__ import annotations

import pytest

from kmagic.errors import ProtocolError
from kmagic.rest.pages import Pages


def test_tokens_are_followed_to_the_end() -> None:
    pages = Pages()
    assert [pages.next(token, "x") for token in ("a", "b", "c", "")] == ["a", "b", "c", ""]


@pytest.mark.parametrize("tokens", ["aa", "aba", "abcb"])
def test_a_circle_is_an_error(tokens: str) -> None:
    pages = Pages()
    with pytest.raises(ProtocolError, match="a continue token twice"):
        for token in tokens:
            pages.next(token, "x")


def test_empty_pages_are_followed_for_a_while() -> None:
    pages = Pages()
    for at in range(1000):
        pages.next(str(at), "")
    pages.next("full", "x")
    for at in range(1000, 2000):
        pages.next(str(at), "")
    with pytest.raises(ProtocolError, match="one empty page after the other"):
        pages.next("one more", "")
