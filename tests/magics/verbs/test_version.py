"""%kversion: ours without a server, both with one."""

from __future__ import annotations

import json

from kmagic._version import __version__
from tests.magics.conftest import Notebook


def test_ours_needs_no_server(offline: Notebook) -> None:
    assert offline.ok("%kversion --client").value == f"Client Version: kmagic v{__version__}"
    assert isinstance(offline.run("%kversion").error, Exception)


def test_the_servers_is_asked(online: Notebook) -> None:
    found = json.loads(online.ok("%kversion -o json").value)
    assert online.ok("%kversion").value.endswith(f"Server Version: {found['serverVersion']['gitVersion']}")
    assert "gitVersion:" in online.ok("%kversion -o yaml").value
