"""The person's rights, as the server's own reviews say them; what it does not say is not known."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from kmagic.aio.tasks import first_error
from kmagic.errors import ForbiddenError, KubeError
from kmagic.views.access import may_for_some

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

    The questions name no object, so that the server says no also where a rule allows it for some: its rules are asked
    before such a no is taken.

    Args:
        client: Client of the person whose rights are asked about.
        questions: By a name, what is to be done: the attributes of a SelfSubjectAccessReview but the object's name.
    """
    found = await first_error(partial(_answer, client, asked) for asked in questions.values())
    answers = {name: answer for name, answer in zip(questions, found, strict=True) if _is_no(answer)}
    namespaces = {questions[name].get("namespace", "") for name, answer in answers.items() if not answer.get("denied")}
    told = await first_error(partial(_rules, client, namespace) for namespace in namespaces)
    rules = dict(zip(namespaces, told, strict=True))
    return {
        name: _reason(questions[name], answer)
        for name, answer in answers.items()
        if answer.get("denied") or _for_none(rules[questions[name].get("namespace", "")], questions[name])
    }


async def _answer(client: AsyncClient, asked: Mapping[str, str]) -> JSONObject:
    attributes = {key: value for key, value in asked.items() if value}
    return await _status(client, "selfsubjectaccessreviews.authorization.k8s.io", {"resourceAttributes": attributes})


async def _rules(client: AsyncClient, namespace: str) -> JSONObject:
    # Rules are asked of a namespace, also about types without: those of the cluster are among them.
    spec: JSONObject = {"namespace": namespace or "default"}
    return await _status(client, "selfsubjectrulesreviews.authorization.k8s.io", spec)


async def _status(client: AsyncClient, resource: str, spec: JSONObject) -> JSONObject:
    """Returns the status of a review; an empty one where there is none."""
    try:
        status = (await review(client, resource, spec)).get("status")
    except KubeError:
        return {}
    return status if isinstance(status, dict) else {}


def _is_no(answer: JSONObject) -> bool:
    # After an error without a denial, who could have allowed it was not asked.
    return answer.get("allowed") is False and bool(answer.get("denied") or not answer.get("evaluationError"))


def _for_none(rules: JSONObject, asked: Mapping[str, str]) -> bool:
    try:
        return bool(rules) and not may_for_some(rules, asked)
    except KubeError:
        return False  # not to be read, so not known


def _reason(asked: Mapping[str, str], answer: JSONObject) -> str:
    what = "/".join(filter(None, (asked["resource"], asked.get("subresource"))))
    where = f" in namespace {asked['namespace']}" if asked.get("namespace") else ""
    reason = f": {answer['reason']}" if answer.get("reason") else ""
    return f"you may not {asked['verb']} {what}{where}{reason}"
