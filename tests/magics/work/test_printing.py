"""``-o`` of single objects."""

from __future__ import annotations

import pytest

from kmagic.errors import UsageError
from kmagic.magics.language.grammar import Command, FlagValues
from kmagic.magics.language.registry import VERBS
from kmagic.magics.work.printing import check_printing, printed

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "managedFields": [{}]}}
SECRET = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"a": "c2VjcmV0"}}
DEPLOYMENT = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}}


def asked(output: str) -> Command:
    return Command(VERBS["auth"], "", ("whoami",), FlagValues({"output": output}))


@pytest.mark.parametrize(
    ("output", "text"),
    [
        pytest.param("name", "pod/web\ndeployment.apps/web", id="name"),
        pytest.param("jsonpath={.kind}", "PodDeployment", id="jsonpath"),
        pytest.param(
            "yaml",
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n---\n"
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web",
            id="yaml",
        ),
    ],
)
def test_objects_are_printed_one_by_one(output: str, text: str) -> None:
    assert printed(asked(output), [POD, DEPLOYMENT]) == text


def test_secrets_are_masked() -> None:
    assert "c2VjcmV0" not in printed(asked("json"), [SECRET])


@pytest.mark.parametrize("output", ["wide", "jsonpath=", "json=x", "jsonpath={", "go-template={{"])
def test_what_means_nothing_is_refused(output: str) -> None:
    with pytest.raises(UsageError):
        check_printing(asked(output))
