"""Answers before they are HTTP."""

from kmagic.sandbox.endpoints.responses import NO_PAGE, Reply


def test_a_path_nobody_handles_is_answered_as_gos_server_does() -> None:
    assert (NO_PAGE.code, NO_PAGE.body) == (404, b"404 page not found\n")


def test_warnings_of_one_answer_are_not_anothers() -> None:
    one, two = Reply(), Reply()
    one.warnings.append("x")
    assert two.warnings == []
