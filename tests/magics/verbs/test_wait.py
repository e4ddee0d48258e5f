"""%kwait on running servers."""

from __future__ import annotations

import pytest

from kmagic.errors import NotFoundError, UsageError, WaitError
from tests.magics.conftest import Notebook
from tests.magics.workload import deploy


def test_conditions_values_and_several_objects(online: Notebook) -> None:
    deploy(online)
    assert "deployment.apps/web condition met" in online.ok("%kwait deploy/web --for condition=Available").text
    text = online.ok("%kwait pods -l app=web --for condition=Ready --for jsonpath={.status.phase}=Running").text
    assert text.count("condition met") == 4
    assert isinstance(online.run("%kwait deploy/web --for condition=Nope --timeout 0.3s").error, WaitError)


def test_creation_and_deletion(online: Notebook) -> None:
    assert isinstance(online.run("%kwait cm/a --for create --timeout 0.3s").error, WaitError)
    online.ok("%%kapply\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}")
    assert "configmap/a condition met" in online.ok("%kwait cm a --for create").text
    assert isinstance(online.run("%kwait cm a --for delete --timeout 0.3s").error, WaitError)
    online.ok("%kdelete cm a")
    assert "configmap/a condition met" in online.ok("%kwait cm a --for delete").text


@pytest.mark.parametrize(
    ("line", "kind", "says"),
    [
        pytest.param("%kwait pod/a", UsageError, "say what to wait for", id="nothing"),
        pytest.param("%kwait pod/a --for Ready", UsageError, "unrecognized condition", id="no condition"),
        pytest.param("%kwait pods --for delete", UsageError, "say which", id="only a type"),
        pytest.param("%kwait pod/a --for condition=Ready", NotFoundError, "not found", id="missing"),
    ],
)
def test_a_mistake_is_one_card(online: Notebook, line: str, kind: type[Exception], says: str) -> None:
    ran = online.run(line)
    assert isinstance(ran.error, kind)
    assert says in ran.text
