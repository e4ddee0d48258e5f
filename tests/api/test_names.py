"""What may be a name."""

from __future__ import annotations

import pytest

from kmagic.api.names import (
    is_dns_label,
    is_dns_subdomain,
    label_key_problem,
    label_value_problem,
    path_segment_problems,
)


@pytest.mark.parametrize(
    ("text", "label", "subdomain"),
    [
        ("web", True, True), ("web-0", True, True), ("a.b", False, True), ("Web", False, False), ("-a", False, False),
        ("a-", False, False), ("", False, False), ("a..b", False, False), ("a" * 63, True, True), ("a" * 64, False, True),
        ("a" * 254, False, False), ("web\n", False, False),
    ],
)  # fmt: skip
def test_dns_names(text: str, label: bool, subdomain: bool) -> None:
    assert is_dns_label(text) is label
    assert is_dns_subdomain(text) is subdomain


@pytest.mark.parametrize("key", ["app", "app.kubernetes.io/name", "A_b.c-1", "x" * 63])
def test_good_label_keys(key: str) -> None:
    assert label_key_problem(key) == ""


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("", "name part must be non-empty"), ("/x", "prefix part must be non-empty"), ("a/", "name part must be non-empty"),
        ("a/b/c", "a qualified name must consist"), ("A/x", "prefix part a lowercase RFC 1123 subdomain"),
        ("x" * 64, "no more than 63"), ("-x", "name part must consist"),
    ],
)  # fmt: skip
def test_bad_label_keys(key: str, problem: str) -> None:
    assert problem in label_key_problem(key)


def test_label_values() -> None:
    assert label_value_problem("") == ""
    assert label_value_problem("a.B_c-1") == ""
    assert "no more than 63" in label_value_problem("x" * 64)
    assert "a valid label must be" in label_value_problem("a b")


@pytest.mark.parametrize(
    ("name", "problems"),
    [
        pytest.param("web", [], id="RE-13 good"),
        pytest.param(".", ["may not be '.'"], id="RE-13 dot"),
        pytest.param("..", ["may not be '..'"], id="RE-13 dots"),
        pytest.param("a/b%", ["may not contain '/'", "may not contain '%'"], id="RE-13 both"),
    ],
)
def test_path_segments(name: str, problems: list[str]) -> None:
    assert path_segment_problems(name) == problems
