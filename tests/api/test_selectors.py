"""Selectors: reading, matching, writing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.api.selectors import (
    FieldRequirement,
    FieldSelector,
    LabelRequirement,
    LabelSelector,
    SelectorError,
    label_selector_of,
    parse_fields,
    parse_labels,
)

keys = st.from_regex(r"[a-z]([a-z0-9.-]{0,5}[a-z0-9])?", fullmatch=True).filter(lambda key: key not in ("in", "notin"))
values = st.from_regex(r"([a-z0-9]([a-z0-9._-]{0,5}[a-z0-9])?)?", fullmatch=True)
requirements = st.one_of(
    st.builds(lambda k, o, v: LabelRequirement(k, o, (v,)), keys, st.sampled_from(["=", "!="]), values),
    st.builds(
        lambda k, o, v: LabelRequirement(k, o, tuple(sorted(set(v)))),
        keys,
        st.sampled_from(["in", "notin"]),
        st.lists(values, min_size=1, max_size=3),
    ),
    st.builds(lambda k, o: LabelRequirement(k, o), keys, st.sampled_from(["exists", "!"])),
    st.builds(
        lambda k, o, n: LabelRequirement(k, o, (str(n),)), keys, st.sampled_from(["gt", "lt"]), st.integers(0, 99)
    ),
)


@pytest.mark.parametrize(
    ("text", "matching", "others"),
    [
        ("", [{}, {"a": "b"}], []),
        ("a=b", [{"a": "b"}], [{}, {"a": "c"}]),
        ("a==b", [{"a": "b"}], [{"a": ""}]),
        ("a!=b", [{}, {"a": "c"}], [{"a": "b"}]),
        ("a in (x, y)", [{"a": "x"}, {"a": "y"}], [{}, {"a": "z"}]),
        ("a notin (x,y)", [{}, {"a": "z"}], [{"a": "x"}]),
        ("a", [{"a": ""}], [{}]),
        ("!a", [{}], [{"a": ""}]),
        ("a=", [{"a": ""}], [{}, {"a": "b"}]),
        ("a in (x,)", [{"a": ""}, {"a": "x"}], [{}]),
        ("a>3", [{"a": "4"}], [{"a": "3"}, {"a": "x"}, {}]),
        ("a<3", [{"a": "-1"}, {"a": "2"}], [{"a": "3"}, {}]),
        ("a=b,c!=d,!e", [{"a": "b"}, {"a": "b", "c": "x"}], [{"a": "b", "e": ""}, {"a": "b", "c": "d"}]),
        (" app.kubernetes.io/name = web ", [{"app.kubernetes.io/name": "web"}], [{}]),
    ],
)
def test_labels_match(text: str, matching: list[dict[str, str]], others: list[dict[str, str]]) -> None:
    selector = parse_labels(text)
    assert all(selector.matches(labels) for labels in matching)
    assert not any(selector.matches(labels) for labels in others)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("a=b,", 3), ("=b", 0), ("a in x", 5), ("a in (x", 7), ("a>b", 0), ("a b", 2), ("!a=b", 2), ("a=b c", 4),
        ("-a=b", 0), ("a=-b", 0), ("x/y/z=1", 0), ("/a=b", 0), ("a=" + "x" * 64, 0), ("a=b=c", 3),
    ],
)  # fmt: skip
def test_what_is_no_label_selector_says_where(text: str, position: int) -> None:
    with pytest.raises(SelectorError) as caught:
        parse_labels(text)
    assert caught.value.position == position


@given(st.lists(requirements, max_size=4))
def test_written_label_selectors_are_read_back(found: list[LabelRequirement]) -> None:
    selector = LabelSelector(tuple(sorted(found, key=lambda requirement: requirement.key)))
    assert parse_labels(str(selector)) == selector


@given(st.lists(requirements, max_size=3), st.dictionaries(keys, values, max_size=3))
def test_a_negated_requirement_matches_the_other_objects(found: list[LabelRequirement], labels: dict[str, str]) -> None:
    opposite = {"=": "!=", "in": "notin", "exists": "!"}
    for requirement in found:
        if requirement.operator in opposite:
            other = LabelRequirement(requirement.key, opposite[requirement.operator], requirement.values)  # type: ignore[arg-type]
            assert requirement.matches(labels) != other.matches(labels)


def test_an_objects_selector_is_read() -> None:
    selector = label_selector_of(
        {
            "matchLabels": {"app": "web"},
            "matchExpressions": [
                {"key": "tier", "operator": "NotIn", "values": ["db", "cache"]},
                {"key": "gpu", "operator": "Exists"},
                {"key": "old", "operator": "DoesNotExist"},
            ],
        }
    )
    assert str(selector) == "app=web,gpu,!old,tier notin (cache,db)"
    assert selector.matches({"app": "web", "gpu": ""})


def test_one_value_of_an_expression_stays_a_set_as_kubectl_prints_it() -> None:
    one = {"matchExpressions": [{"key": "tier", "operator": "In", "values": ["db"]}]}
    assert str(label_selector_of(one)) == "tier in (db)"


def test_no_selector_matches_nothing_and_an_empty_one_everything() -> None:
    assert not label_selector_of(None).matches({"a": "b"})
    assert label_selector_of({}).matches({})
    assert label_selector_of({}).empty


@pytest.mark.parametrize(
    "selector",
    [
        {"matchExpressions": [{"key": "a", "operator": "Near"}]},
        {"matchExpressions": [{"key": "a", "operator": "In"}]},
        {"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["x"]}]},
    ],
)
def test_an_objects_wrong_selector_is_refused(selector: dict[str, object]) -> None:
    with pytest.raises(SelectorError):
        label_selector_of(selector)


POD = {"metadata": {"name": "web-0"}, "status": {"phase": "Running"}, "spec": {"hostNetwork": True}}


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("", True),
        ("metadata.name=web-0", True),
        ("metadata.name==web-0,status.phase=Running", True),
        ("status.phase!=Running", False),
        ("status.reason=", True),
        ("spec.hostNetwork=true", True),
        (",metadata.name=web-0", True),
    ],
)
def test_fields_match_an_object(text: str, matches: bool) -> None:
    assert parse_fields(text).matches(POD) is matches


def test_fields_match_a_flat_set() -> None:
    assert parse_fields("spec.nodeName=n1").matches({"spec.nodeName": "n1"})


def test_a_field_selector_says_what_it_needs() -> None:
    selector = parse_fields("metadata.name=a,status.phase!=b")
    assert selector.required_value("metadata.name") == "a"
    assert selector.required_value("status.phase") is None


@pytest.mark.parametrize("text", ["a", "a=b,c", "a=b\\x", "a=b=c", "a=b\\"])
def test_what_is_no_field_selector_is_refused(text: str) -> None:
    with pytest.raises(SelectorError):
        parse_fields(text)


@given(st.lists(st.tuples(keys, st.sampled_from(["=", "!="]), st.text(max_size=6)), max_size=3))
def test_written_field_selectors_are_read_back(terms: list[tuple[str, str, str]]) -> None:
    selector = FieldSelector(tuple(FieldRequirement(*term) for term in terms))  # type: ignore[arg-type]
    assert parse_fields(str(selector)) == selector
