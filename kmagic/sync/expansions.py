"""Verbs that only some resources have, blocking: composition over `kmagic.client.expansions`, one line a verb."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from kmagic.client.expansions import AsyncCertificateSigningRequests, AsyncNamespaces, AsyncServiceAccounts
from kmagic.sync.documentation import documented_by
from kmagic.sync.resource import Resource

if TYPE_CHECKING:
    from kmagic.models.authentication_v1 import TokenRequest
    from kmagic.models.certificates_v1 import CertificateSigningRequest
    from kmagic.models.core_v1 import Namespace, ServiceAccount  # noqa: F401  # named in a base class's text

__all__ = ("CertificateSigningRequests", "Namespaces", "ServiceAccounts")


@documented_by(AsyncServiceAccounts)
class ServiceAccounts(Resource["ServiceAccount"]):
    of = AsyncServiceAccounts

    def create_token(
        self, name: str, *, audiences: Iterable[str] = (), expiration_seconds: int | None = None
    ) -> TokenRequest:
        inner = cast("AsyncServiceAccounts", self._async)
        return self._runtime.run(inner.create_token(name, audiences=audiences, expiration_seconds=expiration_seconds))


@documented_by(AsyncNamespaces)
class Namespaces(Resource["Namespace"]):
    of = AsyncNamespaces

    def finalize(self, namespace: Namespace) -> Namespace:
        return self._runtime.run(cast("AsyncNamespaces", self._async).finalize(namespace))


@documented_by(AsyncCertificateSigningRequests)
class CertificateSigningRequests(Resource["CertificateSigningRequest"]):
    of = AsyncCertificateSigningRequests

    @property
    def _requests(self) -> AsyncCertificateSigningRequests:
        return cast("AsyncCertificateSigningRequests", self._async)

    def approve(self, name: str, *, reason: str = "KmagicApprove", message: str = "") -> CertificateSigningRequest:
        return self._runtime.run(self._requests.approve(name, reason=reason, message=message))

    def deny(self, name: str, *, reason: str = "KmagicDeny", message: str = "") -> CertificateSigningRequest:
        return self._runtime.run(self._requests.deny(name, reason=reason, message=message))

    def wait_for_certificate(self, name: str, *, uid: str = "", timeout: float | None = 30.0) -> str:
        return self._runtime.run(self._requests.wait_for_certificate(name, uid=uid, timeout=timeout))
