"""The person's rights, as the server's own reviews say them; what it does not say is not known."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from kmagic.aio.tasks import first_error
from kmagic.errors import ForbiddenError, KubeError

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient

__all__ = ("refusals", "review")


async def review(client: AsyncClient, resource: str, spec: JSONObject) -> JSONObject:
    """Asks for a review, which is created and not kept, and returns it with its status.

    Args:
        client: Client of the person whose rights are asked about.
        resource: Type of the review, ``"selfsubjectreviews.authentication.k8s.io"``.
        spec: The question; empty for none.

    Raises:
        KubeError: The server does not answer it.
    """
    found = await client.mapper.resource_for(resource)
    question: JSONObject = {"apiVersion": found.api_version, "kind": found.kind}
    if spec:
        question["spec"] = spec
    try:
        return await client.dynamic.resource(found).create(question)
    except ForbiddenError as error:
        error.hint = error.hint or f"you may not create {found.resource}"
        raise


async def refusals(client: AsyncClient, questions: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Asks several questions at once, and returns why what is not allowed is not; what is not known is left out.

    Args:
        client: Client of the person whose rights are asked about.
        questions: By a name, what is to be done: the attributes of a SelfSubjectAccessReview.
    """
    answers = await first_error(partial(_refusal, client, asked) for asked in questions.values())
    return {name: answer for name, answer in zip(questions, answers, strict=True) if answer}


async def _refusal(client: AsyncClient, asked: Mapping[str, str]) -> str:
    attributes = {key: value for key, value in asked.items() if value}
    try:
        found = await review(
            client, "selfsubjectaccessreviews.authorization.k8s.io", {"resourceAttributes": attributes}
        )
    except KubeError:
        return ""
    status = found.get("status")
    if not isinstance(status, dict) or status.get("allowed") is not False:
        return ""
    if status.get("evaluationError") and not status.get("denied"):
        return ""  # who could have allowed it was not asked
    what = "/".join(filter(None, (asked["resource"], asked.get("subresource"))))
    where = f" in namespace {asked['namespace']}" if asked.get("namespace") else ""
    reason = f": {status['reason']}" if status.get("reason") else ""
    return f"you may not {asked['verb']} {what}{where}{reason}"
