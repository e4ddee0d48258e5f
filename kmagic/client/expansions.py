"""Verbs that only some resources have: a service account's token, a certificate request's approval, a namespace's end.

Source: k8s.io/client-go/kubernetes/typed/{core,certificates}/v1 (expansions), k8s.io/client-go/util/certificate/csr.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from kmagic.client import wait
from kmagic.client.clientset import model_class
from kmagic.client.resource import AsyncResource
from kmagic.client.retry import retry_on_conflict
from kmagic.errors import WaitError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kmagic.api.types import JSONObject
    from kmagic.models.authentication_v1 import TokenRequest
    from kmagic.models.certificates_v1 import CertificateSigningRequest
    from kmagic.models.core_v1 import Namespace, ServiceAccount  # noqa: F401  # named in a base class's text

__all__ = ("AsyncCertificateSigningRequests", "AsyncNamespaces", "AsyncServiceAccounts")


class AsyncServiceAccounts(AsyncResource["ServiceAccount"]):
    """Service accounts in one namespace."""

    async def create_token(
        self, name: str, *, audiences: Iterable[str] = (), expiration_seconds: int | None = None
    ) -> TokenRequest:
        """A token of this account, in `.status.token`.

        Args:
            name: Name of the service account.
            audiences: Names of those who accept the token; none: the API server.
            expiration_seconds: Lifetime in seconds, 600 at least; the server may choose another.
        """
        spec: JSONObject = {"audiences": list(audiences)}
        if expiration_seconds is not None:
            spec["expirationSeconds"] = expiration_seconds
        body: JSONObject = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        answer = await self.create_subresource(name, "token", body)
        return cast("TokenRequest", model_class("authentication_v1", "TokenRequest").from_dict(answer))


class AsyncNamespaces(AsyncResource["Namespace"]):
    """Namespaces."""

    async def finalize(self, namespace: Namespace) -> Namespace:
        """Replaces ``spec.finalizers``, which nothing else can; an empty list lets a namespace go at once.

        What is left in the namespace stays in the server's storage, out of reach: for those who know why.
        """
        return await self.update(namespace, subresource="finalize")


class AsyncCertificateSigningRequests(AsyncResource["CertificateSigningRequest"]):
    """Certificate signing requests."""

    async def approve(
        self, name: str, *, reason: str = "KmagicApprove", message: str = ""
    ) -> CertificateSigningRequest:
        """Lets the signer issue the certificate; nothing happens if it is approved already."""
        return await self._decide(name, "Approved", reason, message)

    async def deny(self, name: str, *, reason: str = "KmagicDeny", message: str = "") -> CertificateSigningRequest:
        """Refuses the request for good."""
        return await self._decide(name, "Denied", reason, message)

    async def wait_for_certificate(self, name: str, *, uid: str = "", timeout: float | None = 30.0) -> str:
        """The certificate in base64, as soon as the signer has issued it.

        Args:
            name: Name of the signing request.
            uid: The very request; one of the same name made since is a failure.
            timeout: Seconds; None: for ever.

        Raises:
            NotFoundError: There is no such request.
            WaitError: Denied, failed, deleted, or not in time.
        """

        def issued(found: JSONObject) -> bool:
            if uid and found["metadata"].get("uid") != uid:
                raise WaitError(f'csr "{name}" changed UIDs')
            status = found.get("status") or {}
            for item in status.get("conditions") or ():
                if item.get("type") in ("Denied", "Failed"):
                    why = f"reason: {item.get('reason')}, message: {item.get('message')}"
                    raise WaitError(f'certificate signing request "{name}" is {str(item["type"]).lower()}, {why}')
            return bool(status.get("certificate"))

        found = await wait.until(self, name, issued, timeout=timeout, what="a certificate")
        return found.status.certificate or ""

    async def _decide(self, name: str, kind: str, reason: str, message: str) -> CertificateSigningRequest:
        async def attempt() -> CertificateSigningRequest:
            found = await self.get(name)
            if any(item.type == kind for item in found.status.conditions):
                return found
            condition = model_class("certificates_v1", "CertificateSigningRequestCondition").from_dict(
                {"type": kind, "status": "True", "reason": reason, "message": message}
            )
            found.status.conditions = [*found.status.conditions, condition]  # type: ignore[list-item]
            return await self.update(found, subresource="approval")

        return await retry_on_conflict(attempt)
