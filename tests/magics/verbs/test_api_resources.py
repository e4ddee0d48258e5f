"""%kapi-resources on running servers; its text is compared with kubectl's in tests/parity."""

from __future__ import annotations

from tests.magics.conftest import Notebook


def test_types_are_values(online: Notebook) -> None:
    found = online.ok("%kapi-resources --api-group apps").value
    assert {"name": "deployments", "shortnames": "deploy", "kind": "Deployment"}.items() <= next(
        each for each in found if each["name"] == "deployments"
    ).items()
    assert "deployments.apps" in online.ok("%kapi-resources -o name").value


def test_a_definition_made_since_is_there(online: Notebook) -> None:
    online.ok("%kapi-resources")
    name = f"{online.session.target.namespace.replace('-', '')}s"
    online.ok(
        f"""%%kapply
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: {name}.example.com}}
spec:
  group: example.com
  scope: Namespaced
  names: {{plural: {name}, singular: {name[:-1]}, kind: {name[:-1].capitalize()}}}
  versions:
  - {{name: v1, served: true, storage: true, schema: {{openAPIV3Schema: {{type: object}}}}}}
"""
    )
    online.ok(f"%kwait crd/{name}.example.com --for condition=Established")
    online.ok(f"%kget {name}")  # asks until it is served
    assert f"{name}.example.com" in online.ok("%kapi-resources -o name --api-group example.com").value
    online.ok(f"%kdelete crd {name}.example.com")
