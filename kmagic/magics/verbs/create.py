"""``%kcreate``: objects made of manifests, or of a few flags by kubectl's generators."""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kmagic.errors import KubeError, NoMatchError
from kmagic.magics.language.flags import comma_separated
from kmagic.magics.language.manifest import manifests_to_send
from kmagic.magics.language.warning import warn
from kmagic.magics.results.values import Hidden
from kmagic.magics.work import applying
from kmagic.magics.work.creating import create, create_generated, namespace_of, random_suffix
from kmagic.magics.work.generators import access, configs, policies, services, workloads
from kmagic.magics.work.generators.ingress import ingress
from kmagic.magics.work.generators.parts import GeneratorError, unique
from kmagic.magics.work.printing import check_printing, printed

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.place import Place
    from kmagic.magics.session.session import Session
    from kmagic.rest.resource import APIResource

__all__ = ("run",)


def run(command: Command, session: Session) -> object:
    """Creates, or makes a plan where the target is protected.

    Returns:
        A `KApply`, or an unapplied `KPlan`; for a token a `Hidden`.

    Raises:
        KubeError: Something was not created; the card before it says what was.
    """
    check_printing(command)
    if not command.arguments:
        return _of_manifests(command, session)
    if command.body is not None:
        raise command.usage_error("name what to create, or write manifests below the line, not both")
    if len(command.objects) != 1:
        raise command.usage_error(f"exactly one NAME is required, got {len(command.objects)}")
    try:
        if command.row.name == "token":
            return _token(command, session)
        return create_generated(command, session, _generated(command, session))
    except GeneratorError as error:
        raise command.usage_error(error.message) from error


def _generated(command: Command, session: Session) -> JSONObject:
    """The object that the flags describe."""
    action, name = command.row.name, command.objects[0]
    if action.startswith("service "):
        return _service(command, action.removeprefix("service "), name)
    if action == "job" and command.text("from"):
        return session.run(command, _job_of(command, session.place_for(command)))
    if action in ("role", "clusterrole"):
        return session.run(command, _role(command, session.place_for(command).client, name))
    return _BUILDERS[action](command, name)


# -- manifests


def _of_manifests(command: Command, session: Session) -> object:
    place = session.place_for(command)
    objects = session.run(command, _resolved(command, place))
    return create(command, session, place, objects, "created")


async def _resolved(command: Command, place: Place) -> list[tuple[APIResource, JSONObject]]:
    found = []
    for manifest in manifests_to_send(command, nameless=True):
        resource = await applying.resolve(place.client, manifest)
        namespace_of(command, place, manifest, resource)
        found.append((resource, manifest.obj))
    return found


# -- workloads


def _deployment(command: Command, name: str) -> JSONObject:
    return workloads.deployment(
        name,
        comma_separated(command, "image"),
        command=command.rest,
        port=command.number("port") if command.has("port") else None,
        replicas=command.number("replicas"),
        suffix=random_suffix,
    )


def _job(command: Command, name: str) -> JSONObject:
    if not command.text("image"):
        raise GeneratorError("either --image or --from must be specified")
    return workloads.job(name, command.text("image"), command=command.rest)


async def _job_of(command: Command, place: Place) -> JSONObject:
    if command.text("image"):
        raise GeneratorError("either --image or --from must be specified")
    if command.rest:
        raise GeneratorError("cannot specify --from and command")
    kind, slash, name = command.text("from").partition("/")
    resource = await place.client.mapper.resource_for(kind)
    if not slash or not name or resource.kind != "CronJob":
        raise GeneratorError("from must be an existing cronjob")
    cron_job = await place.client.dynamic.resource(resource, place.target.namespace).get(name)
    return workloads.job_of(command.objects[0], cron_job)


def _cron_job(command: Command, name: str) -> JSONObject:
    return workloads.cron_job(
        name,
        command.text("image"),
        command.text("schedule"),
        restart=command.text("restart"),
        command=command.rest,
    )


# -- data


def _config_map(command: Command, name: str) -> JSONObject:
    obj = configs.config_map(name, _pairs(command, "env config file cannot be a directory"))
    return configs.with_hash(obj) if command.on("append-hash") else obj


def _secret(command: Command, name: str) -> JSONObject:
    obj = configs.secret(name, _pairs(command, "env secret file cannot be a directory"), command.text("type"))
    return configs.with_hash(obj) if command.on("append-hash") else obj


def _pairs(command: Command, no_folder: str) -> Iterator[tuple[str, bytes]]:
    files, envs = comma_separated(command, "from-file"), comma_separated(command, "from-env-file")
    literals = command.values("from-literal")
    if envs and (files or literals):
        raise GeneratorError("from-env-file cannot be combined with from-file or from-literal")
    for source in files:
        yield from _of_file(source)
    for text in literals:
        yield configs.literal(text)
    for path in envs:
        if Path(path).is_dir():
            raise GeneratorError(no_folder)
        yield from configs.env_lines(_bytes(path), dict(os.environ))


def _of_file(source: str) -> Iterator[tuple[str, bytes]]:
    """``PATH`` or ``KEY=PATH``; a folder stands for its files."""
    key, equals, path = source.partition("=")
    if "=" in path:
        raise GeneratorError("key names or file paths cannot contain '='")
    if equals and not key:
        raise GeneratorError(f"key name for file path {path} missing")
    if equals and not path:
        raise GeneratorError(f"file path for key name {key} missing")
    where = Path(path if equals else source).expanduser()
    if not where.is_dir():
        yield key if equals else where.name, _bytes(path if equals else source)
        return
    if equals:
        raise GeneratorError("cannot give a key name for a directory path")
    for each in sorted(where.iterdir()):
        if each.is_file() and not each.is_symlink():
            yield each.name, _bytes(str(each))


def _bytes(path: str) -> bytes:
    try:
        return Path(path).expanduser().read_bytes()
    except OSError as error:
        raise GeneratorError(f"error reading {path}: {str(error.strerror).lower()}") from error


def _tls(command: Command, name: str) -> JSONObject:
    cert, key = command.text("cert"), command.text("key")
    if not cert or not key:
        raise GeneratorError("key and cert must be specified")
    pair = []
    for path in (cert, key):
        try:
            pair.append(Path(path).expanduser().read_bytes())
        except OSError as error:
            raise GeneratorError(f"Cannot read file {path}, {str(error.strerror).lower()}") from error
    _check_pair(*pair)
    obj = configs.secret(name, [("tls.crt", pair[0]), ("tls.key", pair[1])], "kubernetes.io/tls")
    return configs.with_hash(obj) if command.on("append-hash") else obj


def _check_pair(cert: bytes, key: bytes) -> None:
    """Refuses a certificate and a key that do not belong together; the library reads them from files only."""
    with tempfile.TemporaryDirectory() as folder:
        paths = Path(folder, "tls.crt"), Path(folder, "tls.key")
        for path, content in zip(paths, (cert, key), strict=True):
            path.touch(mode=0o600)
            path.write_bytes(content)
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*paths, password=_no_password)
        except ssl.SSLError as error:
            reason = getattr(error, "reason", "") or "no certificate and key in PEM"
            raise GeneratorError(f"tls: the certificate and the key do not make a pair: {reason}") from None


def _no_password() -> str:
    raise GeneratorError("the key is encrypted")


def _docker(command: Command, name: str) -> JSONObject:
    files = comma_separated(command, "from-file")
    server, user = command.text("docker-server"), command.text("docker-username")
    password = command.text("docker-password")
    if not files and not (server and user and password):
        raise GeneratorError(
            "either --from-file or the combination of --docker-username, --docker-password and --docker-server is required"
        )
    key = ".dockerconfigjson"
    if files:
        pairs = [pair for each in files for pair in _of_file(each if "=" in each else f"{key}={each}")]
    else:
        pairs = [(key, configs.docker_config(server, user, password, command.text("docker-email")))]
    obj = configs.secret(name, pairs, "kubernetes.io/dockerconfigjson")
    return configs.with_hash(obj) if command.on("append-hash") else obj


# -- services, rights, policies

_SERVICES = {
    "clusterip": "ClusterIP",
    "nodeport": "NodePort",
    "loadbalancer": "LoadBalancer",
    "externalname": "ExternalName",
}


def _service(command: Command, kind: str, name: str) -> JSONObject:
    return services.service(
        _SERVICES[kind],
        name,
        comma_separated(command, "tcp"),
        cluster_ip=command.text("clusterip"),
        node_port=command.number("node-port"),
        external_name=command.text("external-name"),
    )


async def _role(command: Command, client: AsyncClient, name: str) -> JSONObject:
    kind = "Role" if command.row.name == "role" else "ClusterRole"
    verbs = unique(comma_separated(command, "verb"))
    verbs = ["*"] if "*" in verbs else verbs
    written, urls = comma_separated(command, "resource"), comma_separated(command, "non-resource-url")
    names = command.values("resource-name")
    labels = dict(each.partition("=")[::2] for each in comma_separated(command, "aggregation-rule"))
    if labels:
        if verbs or written or urls or names:
            raise GeneratorError(
                "aggregation rule must be specified without nonResourceURLs, verbs, resources or resourceNames"
            )
        return access.role(kind, name, (), {}, aggregated=labels)
    if not verbs:
        raise GeneratorError("at least one verb must be specified")
    if not written and (kind == "Role" or not urls):
        one_of = "at least one resource" if kind == "Role" else "one of resource or nonResourceURL"
        raise GeneratorError(f"{one_of} must be specified")
    if written:
        for verb in verbs:
            if verb not in access.RESOURCE_VERBS:
                warn(f"'{verb}' is not a standard resource verb")
    resources = await _resources(client, verbs, written)
    access.check_urls(verbs, urls)
    return access.role(kind, name, verbs, resources, names=names, urls=urls)


async def _resources(client: AsyncClient, verbs: list[str], written: tuple[str, ...]) -> dict[str, list[str]]:
    """Plurals by group of what ``--resource`` names; ``*`` alone stands for all."""
    if "*" in written:
        written = (*written[: written.index("*")], "*")[-1:]
    found: dict[str, list[str]] = {}
    for text in written:
        resource, _, part = text.partition("/")
        plural, _, group = resource.partition(".")
        if not plural:
            raise GeneratorError("resource must be specified if apiGroup/subresource specified")
        if plural != "*":
            group, plural = await _plural(client, verbs, resource)
        listed = found.setdefault(group, [])
        full = f"{plural}/{part}" if part else plural
        if full not in listed:
            listed.append(full)
    return found


async def _plural(client: AsyncClient, verbs: list[str], resource: str) -> tuple[str, str]:
    plural, _, group = resource.partition(".")
    missing: KubeError | None = None
    try:
        known = await client.mapper.resource_for(resource)
        group, plural = known.group, known.resource
    except NoMatchError as error:
        missing = error
    if not access.check_special(verbs, group, plural) and missing is not None:
        raise missing
    return group, plural


def _role_binding(command: Command, name: str) -> JSONObject:
    role, cluster_role = command.text("role"), command.text("clusterrole")
    if bool(role) == bool(cluster_role):
        raise GeneratorError("exactly one of clusterrole or role must be specified")
    return _binding(command, "RoleBinding", name, ("Role", role) if role else ("ClusterRole", cluster_role))


def _cluster_role_binding(command: Command, name: str) -> JSONObject:
    if not command.text("clusterrole"):
        raise GeneratorError('required flag(s) "clusterrole" not set')
    return _binding(command, "ClusterRoleBinding", name, ("ClusterRole", command.text("clusterrole")))


def _binding(command: Command, kind: str, name: str, role: tuple[str, str]) -> JSONObject:
    users, groups, accounts = (command.values(flag) for flag in ("user", "group", "serviceaccount"))
    return access.binding(kind, name, role, users=users, groups=groups, accounts=accounts)


def _ingress(command: Command, name: str) -> JSONObject:
    return ingress(
        name,
        command.values("rule"),
        ingress_class=command.text("class"),
        backend=command.text("default-backend"),
        annotations=command.values("annotation"),
    )


def _budget(command: Command, name: str) -> JSONObject:
    return policies.disruption_budget(
        name,
        command.text("selector"),
        least=command.text("min-available"),
        most_missing=command.text("max-unavailable"),
    )


def _priority_class(command: Command, name: str) -> JSONObject:
    return policies.priority_class(
        name,
        command.number("value"),
        default=command.on("global-default"),
        description=command.text("description"),
        preemption=command.text("preemption-policy"),
    )


_BUILDERS: dict[str, Callable[[Command, str], JSONObject]] = {
    "deployment": _deployment,
    "job": _job,
    "cronjob": _cron_job,
    "configmap": _config_map,
    "secret generic": _secret,
    "secret tls": _tls,
    "secret docker-registry": _docker,
    "namespace": lambda _, name: policies.namespace(name),
    "serviceaccount": lambda _, name: policies.service_account(name),
    "rolebinding": _role_binding,
    "clusterrolebinding": _cluster_role_binding,
    "ingress": _ingress,
    "quota": lambda command, name: policies.quota(name, command.text("hard"), command.text("scopes")),
    "poddisruptionbudget": _budget,
    "priorityclass": _priority_class,
}


# -- tokens

_BOUND_TO = {"Node": "v1", "Pod": "v1", "Secret": "v1"}


def _token(command: Command, session: Session) -> object:
    place = session.place_for(command)
    seconds = command.seconds("duration") or 0.0
    if seconds < 0:
        raise GeneratorError("--duration must be greater than or equal to 0")
    if seconds != int(seconds):
        raise GeneratorError("--duration cannot be expressed in units less than seconds")
    if "" in command.values("audience"):
        raise GeneratorError("--audience must not be an empty string")
    spec: dict[str, Any] = {"audiences": list(command.values("audience"))}
    if seconds:
        spec["expirationSeconds"] = int(seconds)
    if kind := command.text("bound-object-kind"):
        if kind not in _BOUND_TO:
            raise GeneratorError(f"supported --bound-object-kind values are {', '.join(_BOUND_TO)}")
        bound = {"kind": kind, "apiVersion": _BOUND_TO[kind], "name": command.text("bound-object-name")}
        uid = command.text("bound-object-uid")
        spec["boundObjectRef"] = {**bound, "uid": uid} if uid else bound
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
    accounts = place.client.dynamic.resource("serviceaccounts", place.target.namespace)
    answer = session.run(command, accounts.create_subresource(command.objects[0], "token", body))
    if command.text("output"):
        return printed(command, [answer])
    return Hidden.of(str((answer.get("status") or {}).get("token") or ""))
