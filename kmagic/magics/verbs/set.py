"""``%kset``: one thing of objects set: images, variables, resources, a selector, an account, subjects."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kmagic.api import meta
from kmagic.api.quantity import Quantity
from kmagic.api.secrecy import sensitive
from kmagic.errors import UsageError
from kmagic.magics.language.flags import comma_separated
from kmagic.magics.language.manifest import manifests_of
from kmagic.magics.language.selection import chosen, one_object
from kmagic.magics.language.warning import warn
from kmagic.magics.results.values import KText
from kmagic.magics.work.fetch import fetch, fetch_manifests, scope_of
from kmagic.magics.work.fetched import Fetched
from kmagic.magics.work.generators.access import subjects
from kmagic.magics.work.generators.parts import GeneratorError
from kmagic.magics.work.generators.policies import equality_selector
from kmagic.magics.work.patches import Change, make
from kmagic.magics.work.pod_specs import containers_of, is_selected, nested, pod_spec, spec_patch, with_spec
from kmagic.safety.salt import SALT
from kmagic.views.masking import mask

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session

__all__ = ("run",)

# What is patched, and the object as it would be.
Decided = tuple["JSONObject | None", "JSONObject"]
Decide = Callable[["JSONObject"], Decided]


def run(command: Command, session: Session) -> object:
    """Sets it, or makes a plan where the target is protected.

    Returns:
        A `KApply`, or an unapplied `KPlan`; for ``env --list`` text.
    """
    action = command.row.name
    objects, words = _split(command)
    namespace = session.namespace_for(command)
    if action == "env" and command.on("list"):
        client = session.place_for(command).client
        return KText(session.run(command, _listed(command, client, namespace, objects, words)))

    async def changes(client: AsyncClient) -> list[Change]:
        try:
            decide = await _decision(command, client, namespace, words)
            found = await _objects(command, client, namespace, objects)
            return [
                _change(each, obj, *decide({**obj, "kind": each.resource.kind}), _DONE[action])
                for each in found
                for obj in each.objects
            ]
        except GeneratorError as error:
            raise command.usage_error(error.message) from error

    return make(command, session, changes)


_DONE = {
    "image": "image updated",
    "env": "env updated",
    "resources": "resource requirements updated",
    "selector": "selector updated",
    "serviceaccount": "serviceaccount updated",
    "subject": "subjects updated",
}


def _change(found: Fetched, obj: JSONObject, patch: JSONObject | None, wanted: JSONObject, done: str) -> Change:
    return Change(found.resource, meta.name(obj), obj, patch, done, type="strategic", wanted=wanted, silent_same=True)


def _split(command: Command) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words that name objects, and those that say what to set."""
    words = command.objects
    match command.row.name:
        case "resources" | "subject":
            return words, ()
        case "selector":
            if not words:
                raise command.usage_error("one selector is required")
            return words[:-1], words[-1:]
        case "serviceaccount":
            if not words:
                raise command.usage_error("serviceaccount is required")
            return words[:-1], words[-1:]
        case action:
            first = next((at for at, word in enumerate(words) if _is_setting(word)), len(words))
            if late := [word for word in words[first:] if not _is_setting(word)]:
                what = "environment" if action == "env" else "image"
                says = f"all resources must be specified before {what} changes: {late[0]}"
                raise command.usage_error(says, at=late[0])
            return words[:first], words[first:]


def _is_setting(word: str) -> bool:
    return "=" in word or (word.endswith("-") and len(word) > 1)


async def _objects(
    command: Command, client: AsyncClient, namespace: str | None, words: tuple[str, ...]
) -> list[Fetched]:
    scope = scope_of(command, namespace)
    if command.values("filename"):
        return await fetch_manifests(client, manifests_of(command), scope)
    if not words:
        raise command.usage_error("one or more resources must be specified as <resource> <name> or <resource>/<name>")
    return await fetch(client, chosen(replace(command, arguments=words)), scope)


async def _decision(command: Command, client: AsyncClient, namespace: str | None, words: tuple[str, ...]) -> Decide:
    """The change decided for each object; what is wrong with the line is said first."""
    match command.row.name:
        case "image":
            return _images(command, words)
        case "env":
            return _env(command, await _variables(command, client, namespace, words))
        case "resources":
            return _resources(command)
        case "selector":
            return _selector(words[0])
        case "serviceaccount":
            return _account(words[0])
        case _:
            return _subjects(command)


# -- images, resources, accounts


def _images(command: Command, words: tuple[str, ...]) -> Decide:
    images = dict(word.partition("=")[::2] for word in words)
    if not images:
        raise command.usage_error("at least one image update is required")
    if len(images) > 1 and "*" in images:
        raise command.usage_error(
            "all containers are already specified by *, but saw more than one container_name=container_image pairs"
        )

    def decide(obj: JSONObject) -> Decided:
        def change(spec: JSONObject) -> None:
            for name, image in images.items():
                found = [each for each in containers_of(spec) if name in (each["name"], "*")]
                if not found:
                    raise UsageError(f'unable to find container named "{name}"')
                for each in found:
                    each["image"] = image

        wanted = with_spec(obj, change)
        return spec_patch(obj, wanted, ("image",)), wanted

    return decide


def _resources(command: Command) -> Decide:
    if not command.text("limits") and not command.text("requests"):
        raise command.usage_error(
            "you must specify an update to requests or limits (in the form of --requests/--limits)"
        )
    new = {part: _quantities(command.text(part)) for part in ("limits", "requests")}

    def decide(obj: JSONObject) -> Decided:
        def change(spec: JSONObject) -> None:
            for each in _selected(command, spec):
                resources = each.setdefault("resources", {})
                for part, values in new.items():
                    if values:
                        resources[part] = {**(resources.get(part) or {}), **values}

        wanted = with_spec(obj, change)
        return spec_patch(obj, wanted, ("resources",)), wanted

    return decide


def _selected(command: Command, spec: JSONObject) -> list[JSONObject]:
    pattern = command.text("containers")
    found = [each for each in containers_of(spec) if is_selected(each["name"], pattern)]
    if not found:
        raise UsageError(f"unable to find container named {pattern}")
    return found


def _quantities(text: str) -> dict[str, str]:
    found = {}
    for statement in text.split(",") if text else ():
        parts = statement.split("=")
        if len(parts) != 2:
            raise GeneratorError(f"invalid argument syntax {statement}, expected <resource>=<value>")
        try:
            found[parts[0]] = str(Quantity(parts[1]))
        except ValueError as error:
            raise GeneratorError(str(error)) from error
    return found


def _selector(text: str) -> Decide:
    labels = equality_selector(text)["matchLabels"]

    def decide(obj: JSONObject) -> Decided:
        if (obj.get("kind"), obj.get("apiVersion")) != ("Service", "v1"):
            raise UsageError("setting a selector is only supported for Services")
        now = (obj.get("spec") or {}).get("selector") or {}
        wanted = {**obj, "spec": {**(obj.get("spec") or {}), "selector": labels}}
        gone = {key: None for key in now if key not in labels}
        return (None if now == labels else {"spec": {"selector": {**gone, **labels}}}), wanted

    return decide


def _account(name: str) -> Decide:
    def decide(obj: JSONObject) -> Decided:
        def change(spec: JSONObject) -> None:
            spec["serviceAccountName"] = name

        same = pod_spec(obj).get("serviceAccountName") == name
        return (None if same else nested(obj, {"serviceAccountName": name})), with_spec(obj, change)

    return decide


def _subjects(command: Command) -> Decide:
    users, groups, accounts = (sorted(set(command.values(each))) for each in ("user", "group", "serviceaccount"))
    if not users and not groups and not accounts:
        raise command.usage_error("you must specify at least one value of user, group or serviceaccount")
    new = subjects(users, groups, accounts)

    def decide(obj: JSONObject) -> Decided:
        if obj.get("kind") not in ("RoleBinding", "ClusterRoleBinding"):
            raise UsageError("setting subjects is only supported for RoleBinding/ClusterRoleBinding")
        now = list(obj.get("subjects") or ())
        more = [each for each in new if each not in now]
        return ({"subjects": [*now, *more]} if more else None), {**obj, "subjects": [*now, *more]}

    return decide


# -- variables

_NAME = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")


async def _variables(
    command: Command, client: AsyncClient, namespace: str | None, words: tuple[str, ...]
) -> tuple[list[JSONObject], list[str]]:
    """Variables to set, and names of those to remove."""
    new: list[JSONObject] = []
    gone: list[str] = []
    for word in (*command.values("env"), *words):
        name, equals, value = word.partition("=")
        if not equals and word.endswith("-") and len(word) > 1:
            gone.append(word[:-1])
            continue
        if not equals or not _NAME.fullmatch(name):
            raise command.usage_error(f'environment variables must be of the form key=value: "{word}"', at=word)
        new.append({"name": name, "value": value})
    if command.values("keys") and not command.text("from"):
        raise command.usage_error("when specifying --keys, a configmap or secret must be provided with --from")
    if command.text("from"):
        new += await _references(command, client, namespace)
    prefix = command.text("prefix")
    new = [{**each, "name": f"{prefix}{each['name']}"} for each in new]
    if not new and not gone and not command.on("list"):
        raise command.usage_error("at least one environment variable must be provided")
    return new, gone


async def _references(command: Command, client: AsyncClient, namespace: str | None) -> list[JSONObject]:
    """A variable for each key of a ConfigMap or Secret."""
    found = await fetch(client, [one_object(command, command.text("from"))], scope_of(command, namespace))
    keys = comma_separated(command, "keys")
    new = []
    for each in found:
        if each.resource.kind not in ("ConfigMap", "Secret"):
            raise command.usage_error("unsupported resource specified in --from", at=command.text("from"))
        for obj in each.objects:
            for key in sorted(obj.get("data") or {}):
                if keys and key not in keys:
                    continue
                name = re.sub(r"[^a-zA-Z0-9_]", "_", key).upper()
                if name != key:
                    warn(f"key {key} transferred to {name}")
                part = "secretKeyRef" if each.resource.kind == "Secret" else "configMapKeyRef"
                new.append({"name": name, "valueFrom": {part: {"key": key, "name": meta.name(obj)}}})
    return new


def _env(command: Command, variables: tuple[list[JSONObject], list[str]]) -> Decide:
    new, gone = variables

    def decide(obj: JSONObject) -> Decided:
        wanted = with_spec(obj, lambda spec: _set_env(command, obj, spec, new, gone))
        return spec_patch(obj, wanted, ("env",)), wanted

    return decide


def _set_env(command: Command, obj: JSONObject, spec: JSONObject, new: list[JSONObject], gone: list[str]) -> None:
    pattern = command.text("containers")
    found = [each for each in containers_of(spec) if is_selected(each["name"], pattern)]
    if not found:
        warn(f'{obj.get("kind")}/{meta.name(obj)} does not have any containers matching "{pattern}"')
    for container in found:
        now = container.get("env") or []
        if not command.on("overwrite"):
            _refuse_other_values(now, new)
        updated = _updated(now, new, gone)
        if updated or now:
            container["env"] = updated


def _refuse_other_values(now: list[JSONObject], new: list[JSONObject]) -> None:
    for each in new:
        old = next((one for one in now if one["name"] == each["name"]), None)
        if old is not None and old.get("value", "") != each.get("value", ""):
            value = _value(old)
            raise UsageError(f"'{each['name']}' already has a value ({value}), and --overwrite is false")


def _updated(now: list[JSONObject], new: list[JSONObject], gone: list[str]) -> list[JSONObject]:
    latest = {each["name"]: each for each in reversed(new) if each["name"] not in gone}
    kept = [copy.deepcopy(latest.pop(each["name"], each)) for each in now if each["name"] not in gone]
    return [*kept, *(each for each in new if latest.pop(each["name"], None) is not None)]


def _value(variable: JSONObject) -> str:
    """Its value as it may be shown."""
    value = str(variable.get("value") or "")
    return mask(value, SALT) if value and sensitive(variable["name"], value) else value


async def _listed(
    command: Command, client: AsyncClient, namespace: str | None, objects: tuple[str, ...], words: tuple[str, ...]
) -> str:
    """The variables of each container, as they would be."""
    variables = await _variables(command, client, namespace, words)
    lines = []
    for each in await _objects(command, client, namespace, objects):
        for obj in each.objects:
            _, wanted = _env(command, variables)({**obj, "kind": each.resource.kind})
            for container in containers_of(pod_spec(wanted)):
                if not is_selected(container["name"], command.text("containers")):
                    continue
                lines.append(f"# {each.resource.kind} {meta.name(obj)}, container {container['name']}")
                lines += map(_line, container.get("env") or ())
    return "\n".join(lines)


def _line(variable: JSONObject) -> str:
    source: dict[str, Any] = variable.get("valueFrom") or {}
    if not source:
        return f"{variable['name']}={_value(variable)}"
    for part, what in (("configMapKeyRef", "configmap"), ("secretKeyRef", "secret")):
        if part in source:
            return f"# {variable['name']} from {what} {source[part].get('name')}, key {source[part].get('key')}"
    if "fieldRef" in source:
        return f"# {variable['name']} from field path {source['fieldRef'].get('fieldPath')}"
    if "resourceFieldRef" in source:
        where = source["resourceFieldRef"]
        container = f"{where['containerName']}/" if where.get("containerName") else ""
        return f"# {variable['name']} from resource field {container}{where.get('resource')}"
    return f"# {variable['name']} from invalid valueFrom"
