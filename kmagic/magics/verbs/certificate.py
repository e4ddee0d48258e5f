"""``%kcertificate``: certificate signing requests approved or denied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api import meta
from kmagic.errors import ConflictError
from kmagic.magics.language.manifest import manifests_of
from kmagic.magics.language.selection import Selected
from kmagic.magics.work.fetch import fetch, fetch_manifests
from kmagic.magics.work.fetched import Scope
from kmagic.magics.work.patches import Change, make

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session
    from kmagic.rest.resource import APIResource

__all__ = ("run",)

# The condition that each decision sets, the one that forbids it, and its word.
_DECISIONS = {"approve": ("Approved", "Denied", "approved"), "deny": ("Denied", "Approved", "denied")}


def run(command: Command, session: Session) -> object:
    """Decides, or makes a plan where the target is protected.

    Returns:
        A `KApply`, or an unapplied `KPlan`.
    """
    if not command.objects and not command.values("filename"):
        raise command.usage_error("one or more CSRs must be specified as <name> or -f <filename>")

    async def changes(client: AsyncClient) -> list[Change]:
        now = client.rest.clock.wall().strftime("%Y-%m-%dT%H:%M:%SZ")
        if command.values("filename"):
            found = await fetch_manifests(client, manifests_of(command), Scope(None))
        else:
            found = await fetch(client, [Selected("certificatesigningrequests", command.objects)], Scope(None))
        return [_change(command, each.resource, obj, now) for each in found for obj in each.objects]

    return make(command, session, changes)


def _change(command: Command, resource: APIResource, request: JSONObject, now: str) -> Change:
    wanted, forbidden, word = _DECISIONS[command.row.name]
    name = meta.name(request)
    if resource.kind != "CertificateSigningRequest":
        raise command.usage_error(
            f"can only handle CertificateSigningRequest.certificates.k8s.io objects, got {resource.kind}"
        )
    known = list((request.get("status") or {}).get("conditions") or ())
    if any(each.get("type") == forbidden for each in known):
        status = {"reason": "Conflict", "code": 409}
        raise ConflictError(f'certificate signing request "{name}" is already {forbidden}', status=status)
    decided = any(each.get("type") == wanted for each in known)
    condition = {
        "type": wanted,
        "status": "True",
        "reason": f"Kmagic{command.row.name.capitalize()}",
        "message": f"This CSR was {word} by %kcertificate {command.row.name}.",
        "lastUpdateTime": now,
    }
    patch: JSONObject | None = None
    if not decided or command.on("force"):
        kept = [each for each in known if each.get("type") != wanted]
        # What another one decided meanwhile must not be overwritten.
        version = {"resourceVersion": meta.resource_version(request)}
        patch = {"metadata": version, "status": {"conditions": [*kept, condition]}}
    return Change(resource, name, request, patch, word, subresource="approval", same=word)
