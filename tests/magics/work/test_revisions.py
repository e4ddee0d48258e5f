"""Going back to a revision; the whole way is tested through %krollout."""

from __future__ import annotations

import pytest

from kmagic.errors import UsageError
from kmagic.magics.work.revisions import revisions, undo
from tests.magics.conftest import Notebook
from tests.magics.workload import deploy


def test_the_first_revision_has_none_before_it(online: Notebook) -> None:
    deploy(online, replicas=1)
    session = online.session
    client, namespace = session.place.client, session.target.namespace
    resource = session.runtime.run(client.mapper.resource_for("deployments"))
    web = session.runtime.run(client.dynamic.resource(resource, namespace).get("web"))
    assert [each.number for each in session.runtime.run(revisions(client, web))] == [1]
    with pytest.raises(UsageError, match="no revision before this one"):
        session.runtime.run(undo(client, resource, web, 0))
    # The revision that is current already is no change.
    assert session.runtime.run(undo(client, resource, web, 1)).patch is None
    with pytest.raises(UsageError, match="has no revisions"):
        session.runtime.run(revisions(client, {"kind": "ConfigMap"}))
