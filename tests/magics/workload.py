"""A Deployment that runs, for the verbs that look into one."""

from __future__ import annotations

from tests.magics.conftest import Notebook

__all__ = ("deploy",)

_DEPLOYMENT = """%%kapply
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, labels: {app: NAME}}
spec:
  replicas: REPLICAS
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec: {containers: [{name: main, image: "nginx:1"}]}
"""


def deploy(notebook: Notebook, name: str = "web", replicas: int = 2) -> list[str]:
    """Applies a Deployment and waits until its Pods run; returns their names."""
    notebook.ok(_DEPLOYMENT.replace("NAME", name).replace("REPLICAS", str(replicas)))
    view = notebook.ok(f"pods = %kwatch pods -l app={name}\npods").value
    try:
        view.until(lambda rows: len(rows) == replicas and all(row.status == "Running" for row in rows), timeout=60)
        return list(view.names)
    finally:
        view.stop()
