"""Places as results: the client behind them is the magics' own target."""

from __future__ import annotations

from typing import Any

from kmagic.magics.session.contexts import KContexts
from tests.magics.conftest import Notebook


def test_the_client_of_a_place_goes_where_the_magics_go(online: Notebook) -> None:
    namespace = online.session.target.namespace
    here = online.ok("here = %kctx\nhere").value
    assert isinstance(here, KContexts)
    client = here.client
    assert client.config.namespace == namespace
    assert here.client is client
    online.ok("%%kapply\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}")
    names = [each["metadata"]["name"] for each in client.resource("cm").list()]
    assert "a" in names
    assert client.core_v1.configmaps.get("a").metadata.name == "a"


def test_R7_the_client_of_a_read_only_place_is_read_only(offline: Notebook) -> None:
    here: Any = offline.ok("here = %kctx kind-dev --readonly\nhere").value
    ran = offline.run("here.client.resource('cm').delete('x')")
    assert type(ran.error).__name__ in ("ProtectedError", "ConnectError")
    assert here.target.level.value == "readonly"


def test_contexts_as_a_frame(offline: Notebook) -> None:
    frame = offline.ok("c = %kctx\nc").value.df
    assert list(frame["name"]) == ["kind-dev", "acme-prod"]
    assert len(list(offline.ok("c").value)) == 2
