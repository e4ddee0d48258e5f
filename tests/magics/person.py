"""A person who may do little: a service account of the test's namespace, in whose name the notebook goes on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from tests.cluster.process import wait_for
from tests.magics.conftest import Notebook

__all__ = ("being_nobody", "until_allowed")


@contextmanager
def being_nobody(notebook: Notebook, folder: Path) -> Iterator[str]:
    """Goes on as a service account without rights of its own; yields its name, and goes back."""
    namespace = notebook.session.target.namespace
    notebook.ok("%%kapply\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: nobody}")
    client = notebook.session.place.sync_client()
    answer = client.core_v1.serviceaccounts(namespace).create_token("nobody")
    content = yaml.safe_load(Path(os.environ["KUBECONFIG"]).read_text())
    content["users"] = [{"name": each["name"], "user": {"token": answer.status.token}} for each in content["users"]]
    path = folder / "nobody.kubeconfig"
    path.write_text(yaml.safe_dump(content))
    notebook.ok(f"%kctx --kubeconfig {path} -n {namespace}")
    try:
        yield f"system:serviceaccount:{namespace}:nobody"
    finally:
        notebook.ok(f"%kctx --kubeconfig {os.environ['KUBECONFIG']} -n {namespace}")


def until_allowed(notebook: Notebook, action: str) -> None:
    """Waits until one may do something, in the words of ``%kauth can-i``: a server follows Roles and their bindings."""
    assert wait_for(lambda: bool(notebook.ok(f"%kauth can-i {action} --no-check").value), 60), action
