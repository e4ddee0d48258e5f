"""Indexes of Jobs, as a status writes them and a policy reads them."""

from typing import Any

import pytest

from kmagic.sandbox.controllers.job_indexes import INDEX, assign, completed, is_indexed, matched_rule, written


def pod(index: Any, phase: Any) -> Any:
    return {"metadata": {"annotations": {INDEX: index}}, "status": {"phase": phase}}


def job(completions: Any = 4, **spec: Any) -> Any:
    return {"metadata": {"name": "j"}, "spec": {"completions": completions, "completionMode": "Indexed", **spec}}


@pytest.mark.parametrize(
    ("indexes", "text"), [([], ""), ([0], "0"), ([0, 1], "0,1"), ([0, 1, 2, 4], "0-2,4"), ([1, 3, 4, 5], "1,3-5")]
)
def test_indexes_are_written_as_ranges(indexes: Any, text: Any) -> None:
    assert written(indexes) == text


def test_each_index_is_done_once_and_one_that_failed_is_given_again() -> None:
    pods = [
        pod("0", "Succeeded"),
        pod("0", "Succeeded"),
        pod("1", "Failed"),
        pod("9", "Succeeded"),
        pod("x", "Running"),
    ]
    assert completed(job(), pods) == [0]
    body = {"metadata": {}, "spec": {"containers": [{"name": "c", "env": [{"name": "A", "value": "1"}]}]}}
    assert assign(job(), body, pods) == "1"
    assert body["spec"]["hostname"] == "j-1"
    assert [each["name"] for each in body["spec"]["containers"][0]["env"]] == ["A", "JOB_COMPLETION_INDEX"]
    assert assign(job(1), body, pods) is None
    assert is_indexed(job())
    assert not is_indexed({"spec": {}})


@pytest.mark.parametrize(
    ("rules", "done", "rule"),
    [
        ([{"succeededIndexes": "0-1"}], [0], None),
        ([{"succeededIndexes": "0-1"}], [0, 1], 0),
        ([{"succeededIndexes": "0-2", "succeededCount": 2}], [1, 2], 0),
        ([{"succeededIndexes": "3"}, {"succeededCount": 1}], [0], 1),
        ([], [0, 1, 2, 3], None),
    ],
)
def test_the_first_rule_that_holds_ends_the_job(rules: Any, done: Any, rule: Any) -> None:
    assert matched_rule(job(successPolicy={"rules": rules}), done) == rule
