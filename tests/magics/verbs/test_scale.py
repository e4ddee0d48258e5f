"""%kscale on running servers."""

from __future__ import annotations

import pytest

from kmagic.errors import NotFoundError, UsageError
from tests.magics.conftest import Notebook
from tests.magics.workload import deploy


def replicas(notebook: Notebook) -> int:
    return int(notebook.ok("%kget deploy web").value.spec.replicas)


def test_a_workload_is_scaled(online: Notebook) -> None:
    deploy(online, replicas=1)
    ran = online.ok("%kscale deploy/web --replicas 2")
    assert "deployment.apps/web scaled" in ran.text
    assert replicas(online) == 2
    again = online.ok("%kscale deploy web --replicas 2")
    assert (again.value.changed, again.text.strip()) == (False, "deployment.apps/web scaled")
    assert isinstance(online.run("%kscale deploy/web --replicas 1 --current-replicas 5").error, UsageError)
    online.ok("%kscale deploy -l app=web --replicas 0")
    assert replicas(online) == 0


@pytest.mark.parametrize(
    ("line", "kind", "says"),
    [
        pytest.param("%kscale deploy/web", UsageError, "--replicas N", id="no number"),
        pytest.param("%kscale deploy --replicas 1", UsageError, "say which", id="no name"),
        pytest.param("%kscale deploy/nope --replicas 1", NotFoundError, "not found", id="missing"),
        pytest.param("%kscale cm/a --replicas 1", UsageError, "has no scale", id="no scale"),
    ],
)
def test_a_mistake_is_one_card(online: Notebook, line: str, kind: type[Exception], says: str) -> None:
    online.ok("%%kapply\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}")
    ran = online.run(line)
    assert isinstance(ran.error, kind)
    assert says in ran.text
