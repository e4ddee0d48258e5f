"""%kcertificate on running servers; its text is compared with kubectl's in tests/parity."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from kmagic.errors import ConflictError
from tests.magics.conftest import Notebook
from tests.parity.requests import signing_request


@pytest.fixture
def csr(online: Notebook) -> Iterator[str]:
    name = f"csr-{online.session.target.namespace}"
    request = base64.b64encode(signing_request("jane")).decode()
    online.ok(
        f"""%%kapply
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {{name: {name}}}
spec: {{signerName: example.com/own, usages: [client auth], request: {request}}}
"""
    )
    yield name
    online.unprotect()
    online.run("_kp.discard()")
    online.ok(f"%kdelete csr {name} --wait=false")


def conditions(online: Notebook, csr: str) -> list[str]:
    status = online.ok(f"%kget csr {csr}").value.get("status") or {}
    return [each["type"] for each in status.get("conditions") or ()]


def test_a_request_is_decided_once(online: Notebook, csr: str) -> None:
    assert "certificatesigningrequest.certificates.k8s.io" in online.ok(f"%kcertificate approve {csr}").text
    assert conditions(online, csr) == ["Approved"]
    assert online.ok(f"%kcertificate approve {csr}").value[0].action == "approved"
    error = online.run(f"%kcertificate deny {csr}").error
    assert isinstance(error, ConflictError)
    assert error.message == f'certificate signing request "{csr}" is already Approved'
    assert conditions(online, csr) == ["Approved"]


def test_a_protected_target_gets_a_plan(online: Notebook, csr: str) -> None:
    online.protect()
    assert "not applied" in online.ok(f"%kcertificate deny {csr}").text
    assert not conditions(online, csr)
    online.ok("_kp.apply()")
    assert conditions(online, csr) == ["Denied"]
