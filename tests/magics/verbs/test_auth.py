"""%kauth: answers are values, a no fails unless it is asked for."""

from __future__ import annotations

import os
from pathlib import Path

import yaml

from kmagic.errors import KubeError
from tests.magics.conftest import Notebook


def test_yes_is_true(online: Notebook) -> None:
    assert bool(online.ok("%kauth can-i create deploy").value) is True
    assert online.ok("%kauth can-i get pods -q").value is None


def test_no_fails_or_is_false(online: Notebook, tmp_path: Path) -> None:
    namespace = online.session.target.namespace
    online.ok("%%kapply\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: nobody}")
    client = online.session.place.sync_client()
    answer = client.core_v1.serviceaccounts(namespace).create_token("nobody")
    content = yaml.safe_load(Path(os.environ["KUBECONFIG"]).read_text())
    content["users"] = [{"name": each["name"], "user": {"token": answer.status.token}} for each in content["users"]]
    path = tmp_path / "nobody.kubeconfig"
    path.write_text(yaml.safe_dump(content))
    online.ok(f"%kctx --kubeconfig {path} -n {namespace}")
    error = online.run("%kauth can-i delete pods").error
    assert isinstance(error, KubeError)
    assert error.message.startswith("no")
    no = online.ok("%kauth can-i delete pods --no-check").value
    assert (str(no)[:2], bool(no)) == ("no", False)
    assert f"system:serviceaccount:{namespace}:nobody" in online.ok("%kauth whoami").value
    online.ok(f"%kctx --kubeconfig {os.environ['KUBECONFIG']} -n {namespace}")


def test_a_read_only_context_may_ask(online: Notebook) -> None:
    online.ok(f"%kctx acme-prod --readonly -n {online.session.target.namespace}")
    assert online.ok("%kauth whoami").value.startswith("ATTRIBUTE")
    assert online.ok("%kauth can-i get pods").value
