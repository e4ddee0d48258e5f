"""Nothing that a notebook shows, keeps or logs holds a credential or what a Secret holds, unless it was asked for."""

from __future__ import annotations

import base64
import json
import logging
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.magics.conftest import Notebook

VALUES = ("hunter2-of-the-secret", "another-of-the-secret")
SECRET = """%%kapply
apiVersion: v1
kind: Secret
metadata:
  name: db
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: '{"data":{"pw":"ENCODED"}}'
stringData: {pw: VALUE}
"""


def secret(value: str) -> str:
    encoded = base64.b64encode(value.encode()).decode()
    return SECRET.replace("ENCODED", encoded).replace("VALUE", value)


CELLS = (
    secret(VALUES[0]),
    secret(VALUES[1]),
    "%kget secret db",
    "%kget secrets -o wide",
    "%kget secrets -o yaml",
    "%kget secret db -o json",
    "%kget secret db -o jsonpath={.data}",
    "%kget secret db -o jsonpath={.metadata.annotations}",
    "%kget secret db -o custom-columns=D:.data.pw,A:.metadata.annotations",
    "s = %kget secret db\ns",
    "s.data, s['data'], s.data.pw, s.metadata, s.metadata.annotations",
    "dict(s), [s], str(s), repr(s), f'{s}', s.yaml()",
    "secrets = %kget secrets\nsecrets, list(secrets), secrets.df, secrets.yaml(), secrets['db'].data",
    "%kwatch secrets",
    "%kctx",
    "_k.client, _k.client.config, _k.client.unblocked, _k.target",
    "%kget secret dbb",
    "%kget secrets --sort-by=.data.nope",
    SECRET.replace("VALUE", "x")
    .replace("name: db", "name: '!!'")
    .replace("ENCODED", base64.b64encode(VALUES[0].encode()).decode()),
    secret(VALUES[0]).replace("stringData", "strngData"),
    secret(VALUES[0]) + "---\nkind: [",
    "_k, _",
    "%kdelete secret db",
)


def credentials(kubeconfig: str) -> list[str]:
    """Everything in a kubeconfig that identifies somebody."""
    found = []
    for user in yaml.safe_load(Path(kubeconfig).read_text())["users"]:
        fields = user["user"]
        found += [str(fields[key]) for key in ("token", "password", "client-key-data") if fields.get(key)]
        found += Path(fields["client-key"]).read_text().splitlines()[1:-1] if fields.get("client-key") else []
    assert found
    return found


def test_R8_nothing_shown_kept_or_logged_holds_a_secret(
    online: Notebook, server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        shown: list[str] = []
        for cell in CELLS:
            ran = online.run(cell)
            shown += [ran.text, json.dumps(ran.bundles, default=repr), str(ran.error or ""), repr(ran.error)]
            if ran.error is not None:
                shown += [repr(vars(ran.error)), "\n".join(getattr(ran.error, "_render_traceback_", list)())]
    shown += [record.getMessage() for record in caplog.records]
    whole = "\n".join(shown)
    hidden = [
        *VALUES,
        *(base64.b64encode(value.encode()).decode()[:12] for value in VALUES),
        *credentials(server.kubeconfig),
    ]
    for value in hidden:
        at = whole.find(value)
        assert at < 0, f"{value[:6]}… is shown: …{whole[max(0, at - 200) : at]}"
    assert "‹masked" in whole
