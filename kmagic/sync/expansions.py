"""Verbs that only some resources have, blocking: composition over `kmagic.client.expansions`, one line a verb."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from kmagic.client.expansions import AsyncCertificateSigningRequests, AsyncNamespaces, AsyncServiceAccounts
from kmagic.sync.resource import Resource

if TYPE_CHECKING:
    from kmagic.models.authentication_v1 import TokenRequest
    from kmagic.models.certificates_v1 import CertificateSigningRequest
    from kmagic.models.core_v1 import Namespace, ServiceAccount  # noqa: F401  # named in a base class's text

__all__ = ("CertificateSigningRequests", "Namespaces", "ServiceAccounts")


class ServiceAccounts(Resource["ServiceAccount"]):
    """See `AsyncServiceAccounts`."""

    of = AsyncServiceAccounts

    def create_token(
        self, name: str, *, audiences: Iterable[str] = (), expiration_seconds: int | None = None
    ) -> TokenRequest:
        """See `AsyncServiceAccounts.create_token`."""
        inner = cast("AsyncServiceAccounts", self._async)
        return self._runtime.run(inner.create_token(name, audiences=audiences, expiration_seconds=expiration_seconds))


class Namespaces(Resource["Namespace"]):
    """See `AsyncNamespaces`."""

    of = AsyncNamespaces

    def finalize(self, namespace: Namespace) -> Namespace:
        """See `AsyncNamespaces.finalize`."""
        return self._runtime.run(cast("AsyncNamespaces", self._async).finalize(namespace))


class CertificateSigningRequests(Resource["CertificateSigningRequest"]):
    """See `AsyncCertificateSigningRequests`."""

    of = AsyncCertificateSigningRequests

    @property
    def _requests(self) -> AsyncCertificateSigningRequests:
        return cast("AsyncCertificateSigningRequests", self._async)

    def approve(self, name: str, *, reason: str = "KmagicApprove", message: str = "") -> CertificateSigningRequest:
        """See `AsyncCertificateSigningRequests.approve`."""
        return self._runtime.run(self._requests.approve(name, reason=reason, message=message))

    def deny(self, name: str, *, reason: str = "KmagicDeny", message: str = "") -> CertificateSigningRequest:
        """See `AsyncCertificateSigningRequests.deny`."""
        return self._runtime.run(self._requests.deny(name, reason=reason, message=message))

    def wait_for_certificate(self, name: str, *, uid: str = "", timeout: float | None = 30.0) -> str:
        """See `AsyncCertificateSigningRequests.wait_for_certificate`."""
        return self._runtime.run(self._requests.wait_for_certificate(name, uid=uid, timeout=timeout))
