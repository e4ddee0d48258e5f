"""Creating, updating, listing and deleting a Deployment, typed and dynamic: the same calls, the same words."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

import kmagic
from kmagic.errors import InternalServerError
from kmagic.testing.actions import Action
from kmagic.testing.sandbox import TestCluster
from tests.examples import create_update_delete_deployment, dynamic_create_update_delete_deployment

FORMS = [
    pytest.param(create_update_delete_deployment, id="EX1"),
    pytest.param(dynamic_create_update_delete_deployment, id="EX2"),
]


@pytest.mark.parametrize("example", FORMS)
def test_the_example_makes_exactly_its_five_calls(
    example: ModuleType, client: kmagic.Client, recorded: TestCluster, ns: str, capsys: pytest.CaptureFixture[str]
) -> None:
    prompts: list[int] = []
    example.main(client, ns, lambda: prompts.append(len(recorded.actions)))
    assert capsys.readouterr().out.splitlines() == [
        "Creating deployment...",
        'Created deployment "demo-deployment".',
        "Updating deployment...",
        "Updated deployment...",
        f'Listing deployments in namespace "{ns}":',
        " * demo-deployment (1 replicas)",
        "Deleting deployment...",
        "Deleted deployment.",
    ]
    calls = _without_conflicts(recorded.actions)
    assert [call.verb for call in calls] == ["create", "get", "update", "list", "delete"]
    assert {call.resource for call in calls} == {"deployments.apps"}
    create, _, update, _, delete = calls
    container = create.object["spec"]["template"]["spec"]["containers"][0]
    assert (container["image"], container["ports"][0]["containerPort"]) == ("nginx:1.12", 80)
    assert create.object["spec"]["replicas"] == 2
    assert update.object["spec"]["replicas"] == 1
    assert update.object["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:1.13"
    assert delete.object["propagationPolicy"] == "Foreground"
    assert len(prompts) == 3


def _without_conflicts(actions: list[Action]) -> list[Action]:
    """The controllers write status at the same time: a conflict they cause is a second get and update."""
    kept: list[Action] = []
    for action in actions:
        if action.verb == "get" and kept and kept[-1].verb == "update":
            kept = kept[:-2]
        kept.append(action)
    return kept


@pytest.mark.parametrize("example", FORMS)
def test_a_concurrent_writer_that_causes_a_conflict_is_survived(
    example: ModuleType, client: kmagic.Client, recorded: TestCluster, ns: str
) -> None:
    deployments = client.resource("deployments.apps", namespace=ns)
    disturbed: list[str] = []

    def disturb(action: Action) -> None:
        if not disturbed:
            disturbed.append(action.name)
            _write_beside(recorded, ns)

    recorded.react("update", "deployments", disturb)  # type: ignore[arg-type]  # only looks
    example.main(client, ns)
    assert disturbed
    updates = [action for action in recorded.actions if action.verb == "update"]
    assert len(updates) >= 2
    assert [d["metadata"].get("deletionTimestamp") is not None for d in deployments.list()] in ([], [True])


def _write_beside(recorded: TestCluster, ns: str) -> None:
    """Another process changes the Deployment; runs on the loop of the client under test, so with one of its own."""
    import subprocess
    import sys

    program = (
        "import sys, kmagic\n"
        "with kmagic.Client(sys.argv[1]) as client:\n"
        "    client.resource('deployments.apps', namespace=sys.argv[2])"
        ".patch('demo-deployment', {'metadata': {'labels': {'other': 'writer'}}})\n"
    )
    subprocess.run([sys.executable, "-c", program, str(recorded.kubeconfig), ns], check=True)


@pytest.mark.parametrize("example", FORMS)
def test_a_failing_get_ends_the_example(
    example: ModuleType, client: kmagic.Client, recorded: TestCluster, ns: str
) -> None:
    recorded.react("get", "deployments", lambda _: InternalServerError("etcdserver: no leader"))
    with pytest.raises(InternalServerError):
        example.main(client, ns)
    assert "update" not in [action.verb for action in recorded.actions]


def test_EX2_replicas_are_a_number_and_missing_ones_are_said() -> None:
    deployment: dict[str, Any] = dynamic_create_update_delete_deployment.demo()
    text = dynamic_create_update_delete_deployment.replicas_text
    assert text(deployment) == "2 replicas"
    del deployment["spec"]["replicas"]
    assert text(deployment) == "replicas not found"
    assert text({}) == "replicas not found"
