"""``%kauth``: what is allowed, and who one is; both are asked from the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.errors import KubeError, NoMatchError, NotFoundError
from kmagic.magics.language.warning import warn
from kmagic.magics.results.values import KAnswer, KText, KValues
from kmagic.magics.work.printing import printed
from kmagic.magics.work.rights import review
from kmagic.views.access import access_rows
from kmagic.views.text import aligned

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session

__all__ = ("run",)

_VERBS = frozenset(
    [
        "get",
        "list",
        "watch",
        "create",
        "update",
        "patch",
        "delete",
        "deletecollection",
        "use",
        "bind",
        "impersonate",
        "*",
        "approve",
        "sign",
        "escalate",
        "attest",
    ]
)
_URL_VERBS = frozenset(["get", "put", "post", "head", "options", "delete", "patch", "*"])
_NO_TYPES = ("users", "groups")
_HEAD = ("Resources", "Non-Resource URLs", "Resource Names", "Verbs")


def run(command: Command, session: Session) -> object:
    """Asks; nothing is kept on the server.

    Returns:
        For ``can-i`` a `KAnswer`, with ``--list`` the rules; for ``whoami`` the user's attributes.

    Raises:
        KubeError: The action is not allowed, unless ``--no-check``, or the server does not say.
    """
    client = session.place_for(command).client
    namespace = session.namespace_for(command) or ""
    if command.row.name == "whoami":
        return _whoami(command, session.run(command, review(client, "selfsubjectreviews.authentication.k8s.io", {})))
    if command.on("list"):
        answer = session.run(
            command, review(client, "selfsubjectrulesreviews.authorization.k8s.io", {"namespace": namespace})
        )
        return _rules(command, answer.get("status") or {})
    if len(command.objects) != 2:
        raise command.usage_error("you must specify two arguments: verb resource or verb resource/resourceName.")
    asked = session.run(command, _asked(command, client, namespace))
    answer = session.run(command, review(client, "selfsubjectaccessreviews.authorization.k8s.io", asked))
    return _answer(command, answer.get("status") or {})


async def _asked(command: Command, client: AsyncClient, namespace: str) -> JSONObject:
    """The question, as an access review has it; what looks wrong is asked all the same, with a warning."""
    verb, what = command.objects
    subresource = command.text("subresource")
    if what.startswith("/"):
        if subresource:
            raise command.usage_error("--subresource can not be used with NonResourceURL", at="--subresource")
        if verb not in _URL_VERBS:
            warn(f"verb '{verb}' is not a known verb")
        return {"nonResourceAttributes": {"verb": verb, "path": what}}
    written, _, name = what.partition("/")
    group, resource = await _type(client, written, everywhere=not namespace)
    if resource and namespace and verb not in _VERBS:
        warn(f"verb '{verb}' is not a known verb")
    asked = {
        "namespace": namespace,
        "verb": verb,
        "group": group,
        "resource": resource,
        "subresource": subresource,
        "name": name,
    }
    return {"resourceAttributes": {key: value for key, value in asked.items() if value}}


async def _type(client: AsyncClient, written: str, *, everywhere: bool) -> tuple[str, str]:
    """Group and plural of a type; as it was written where the server has none such."""
    if written == "*":
        return "", written
    try:
        found = await client.mapper.resource_for(written.lower())
    except (NoMatchError, NotFoundError):
        resource, _, group = written.lower().partition(".")
        if written not in _NO_TYPES:
            where = f" in group '{group}'" if group else ""
            warn(f"the server doesn't have a resource type '{resource}'{where}")
        return "", written
    if not everywhere and not found.namespaced:
        where = f" in group '{found.group}'" if found.group else ""
        warn(f"resource '{found.resource}' is not namespace scoped{where}")
    return found.group, found.resource


def _answer(command: Command, status: JSONObject) -> object:
    if status.get("allowed"):
        return None if command.on("quiet") else KAnswer("yes")
    why = [str(status[part]) for part in ("reason", "evaluationError") if status.get(part)]
    text = " - ".join(("no", *why))
    if command.on("no-check"):
        return KAnswer(text)
    raise KubeError(text, hint="--no-check gives the answer as a value")


def _rules(command: Command, status: JSONObject) -> object:
    if status.get("incomplete"):
        warn(f"the list may be incomplete: {status.get('evaluationError') or ''}")
    rows = access_rows(status)
    head = [] if command.on("no-headers") else [_HEAD]
    values = [dict(zip(map(str.lower, _HEAD), row, strict=True)) for row in rows]
    return KValues(values, aligned([*head, *rows]))


def _whoami(command: Command, found: JSONObject) -> object:
    if command.text("output"):
        return printed(command, [found])
    user = (found.get("status") or {}).get("userInfo") or {}
    rows = [("ATTRIBUTE", "VALUE")]
    rows += [(title, str(user[key])) for title, key in (("Username", "username"), ("UID", "uid")) if user.get(key)]
    if user.get("groups"):
        rows.append(("Groups", f"[{' '.join(user['groups'])}]"))
    for key, values in sorted((user.get("extra") or {}).items()):
        rows.append((f"Extra: {key}", f"[{' '.join(values)}]"))
    return KText(aligned(rows))
