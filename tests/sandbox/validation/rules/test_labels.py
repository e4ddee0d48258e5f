"""Names, labels and selectors."""

from typing import Any

import pytest

from kmagic.sandbox.validation.rules import labels


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (labels.dns_label, ("a", "a-1", "x" * 63), ("", "-a", "A", "a.b", "x" * 64)),
        (labels.dns_subdomain, ("a.b-c.d", "x"), ("a..b", "A.b", "x" * 254)),
        (labels.host, ("a.example.com", "*.example.com"), ("*", "a.*.com", "*x.com")),
        (labels.path_segment, ("a:b", "A B"), (".", "..", "a/b", "a%b")),
        (labels.config_key, ("a.b_c-D", "x"), ("", ".", "..", "a/b", "x" * 254)),
        (labels.label_key, ("a", "app.kubernetes.io/name", "A_b.c"), ("", "a/b/c", "/a", "x" * 64, "B.c/a")),
        (labels.label_value, ("", "a", "A_b.c-1", "x" * 63), ("-a", "a b", "x" * 64)),
    ],
)
def test_what_a_name_may_be(check: Any, good: Any, bad: Any) -> None:
    assert [each for each in good if [*check("f", each)]] == []
    assert [each for each in bad if not [*check("f", each)]] == []


@pytest.mark.parametrize(
    ("selector", "field"),
    [
        ({"matchLabels": {"a": "b"}}, None),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": []}]}, "s.matchExpressions[0].values"),
        ({"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["x"]}]}, "s.matchExpressions[0].values"),
        ({"matchExpressions": [{"key": "a", "operator": "Near"}]}, "s.matchExpressions[0].operator"),
        (None, None),
    ],
)
def test_selectors(selector: Any, field: Any) -> None:
    assert [cause.field for cause in labels.selector("s", selector)] == ([field] if field else [])


def test_annotations_may_have_capitals() -> None:
    assert not [*labels.annotation_keys("f", {"Example.com/A": "x"})]
    assert [*labels.annotation_keys("f", {"a b": "x"})]


@pytest.mark.parametrize(
    ("names", "builtin", "fields"),
    [
        (["example.com/a", "orphan", "foregroundDeletion"], True, []),
        (["plain"], True, ["metadata.finalizers[0]"]),
        (["plain"], False, []),
        (["not good"], True, ["metadata.finalizers", "metadata.finalizers[0]"]),
    ],
)
def test_finalizers_of_builtin_kinds_have_a_hosts_name(names: Any, builtin: Any, fields: Any) -> None:
    found = labels.finalizers("metadata.finalizers", names, builtin=builtin)
    assert [cause.field for cause in found] == fields
