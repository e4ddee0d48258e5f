"""Whose a token is."""

import pytest

from kmagic.sandbox.access.authentication import ANONYMOUS, Authenticator, User
from kmagic.sandbox.status import APIError

KNOWN = Authenticator({"secret": User("ada", ("poets",))})


@pytest.mark.parametrize("header", ["Bearer secret", "bearer secret", "Bearer  secret "])
def test_a_known_token_is_its_user_who_is_authenticated(header: str) -> None:
    assert KNOWN.authenticate(header) == User("ada", ("poets", "system:authenticated"))


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi"])
def test_without_a_token_one_is_nobody_in_particular(header: str) -> None:
    assert KNOWN.authenticate(header) == ANONYMOUS


@pytest.mark.parametrize("header", ["Bearer secret2", "Bearer secre", "Bearer ä"])
def test_an_unknown_token_is_refused(header: str) -> None:
    with pytest.raises(APIError, match="Unauthorized"):
        KNOWN.authenticate(header)


def test_a_token_that_is_added_is_known() -> None:
    known = Authenticator({})
    known.add("t", User("x"))
    assert known.authenticate("Bearer t").name == "x"
