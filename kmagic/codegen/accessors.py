"""The typed accessors: ``client.core_v1.pods`` and ``factory.core_v1.pods``, async and blocking.

Each flavour is the same list of groups and resources over another class, so one renderer writes all of them.
"""

from __future__ import annotations

from collections import defaultdict

import msgspec

from kmagic.codegen import naming
from kmagic.codegen.models import HEADER
from kmagic.codegen.snapshot import Snapshot
from kmagic.rest.resource import APIResource

__all__ = ("FLAVOURS", "Flavour", "render_files")


class Flavour(msgspec.Struct, frozen=True, kw_only=True):
    """One set of accessors.

    Attributes:
        path: The file below the package.
        title: Title of the file.
        prefix: Before a group's class name.
        base: The hand-written group class, as ``module:Name``.
        result: Type that an accessor returns, as ``module:Name``, generic over the model.
        special: ``group.plural`` -> ``module:Name`` for resources with verbs of their own.
        needs: Verbs a resource must have to be there; a group of none is left out.
    """

    path: str
    title: str
    prefix: str
    base: str
    result: str
    special: dict[str, str] = {}
    needs: frozenset[str] = frozenset()


FLAVOURS = (
    Flavour(
        path="client/groups.py",
        title="Typed accessors of the async client",
        prefix="Async",
        base="kmagic.client.clientset:AsyncGroup",
        result="kmagic.client.resource:AsyncResource",
        special={
            "core_v1.pods": "kmagic.client.pods:AsyncPods",
            "core_v1.namespaces": "kmagic.client.expansions:AsyncNamespaces",
            "core_v1.serviceaccounts": "kmagic.client.expansions:AsyncServiceAccounts",
            "certificates_v1.certificatesigningrequests": "kmagic.client.expansions:AsyncCertificateSigningRequests",
        },
    ),
    Flavour(
        path="sync/groups.py",
        title="Typed accessors of the blocking client",
        prefix="",
        base="kmagic.sync.clientset:Group",
        result="kmagic.sync.resource:Resource",
        special={
            "core_v1.pods": "kmagic.sync.pods:Pods",
            "core_v1.namespaces": "kmagic.sync.expansions:Namespaces",
            "core_v1.serviceaccounts": "kmagic.sync.expansions:ServiceAccounts",
            "certificates_v1.certificatesigningrequests": "kmagic.sync.expansions:CertificateSigningRequests",
        },
    ),
    Flavour(
        path="cache/groups.py",
        title="Typed accessors of the informer factory",
        prefix="Informer",
        base="kmagic.cache.generic:InformerGroup",
        result="kmagic.cache.generic:GenericInformer",
        needs=frozenset({"list", "watch"}),
    ),
    Flavour(
        path="sync/informer_groups.py",
        title="Typed accessors of the blocking informer factory",
        prefix="Informer",
        base="kmagic.cache.generic:InformerGroup",
        result="kmagic.sync.informers:GenericInformer",
        needs=frozenset({"list", "watch"}),
    ),
)


def _by_module(snapshot: Snapshot, needs: frozenset[str]) -> dict[str, list[APIResource]]:
    found: dict[str, list[APIResource]] = defaultdict(list)
    for resource in snapshot.resources:
        if needs <= set(resource.verbs):
            found[naming.module_name(resource.group, resource.version)].append(resource)
    return dict(sorted(found.items()))


def render_files(snapshot: Snapshot) -> dict[str, str]:
    """Path below the package -> source."""
    return {flavour.path: _render(flavour, _by_module(snapshot, flavour.needs)) for flavour in FLAVOURS}


def _render(flavour: Flavour, groups: dict[str, list[APIResource]]) -> str:
    base, result = flavour.base.rpartition(":")[2], flavour.result.rpartition(":")[2]
    classes = [_group_class(flavour, module, listed, base, result) for module, listed in groups.items()]
    names = {module: flavour.prefix + naming.group_class(module) for module in groups}
    container = f'class {flavour.prefix}Groups:\n    """Every group by name."""\n\n' + "\n".join(
        f"    {module}: GroupAccessor[{name}] = GroupAccessor({name})" for module, name in names.items()
    )
    imports = sorted({flavour.base, flavour.result, *flavour.special.values()})
    lines = [HEADER.format(title=flavour.title, command="write"), "from typing import TYPE_CHECKING\n"]
    by_module: dict[str, list[str]] = defaultdict(list)
    for entry in imports:
        module, _, name = entry.partition(":")
        by_module[module].append(name)
    by_module["kmagic.client.accessors"] += ["Accessor", "GroupAccessor"]
    lines += [f"from {module} import {', '.join(sorted(listed))}" for module, listed in sorted(by_module.items())]
    lines += ["", "if TYPE_CHECKING:", f"    from kmagic.models import {', '.join(groups)}", ""]
    exported = sorted([*names.values(), f"{flavour.prefix}Groups"])
    lines += ["__all__ = (", *(f'    "{name}",' for name in exported), ")"]
    return "\n\n\n".join(["\n".join(lines), *classes, container]) + "\n"


def _group_class(flavour: Flavour, module: str, listed: list[APIResource], base: str, result: str) -> str:
    lines = [
        f"class {flavour.prefix}{naming.group_class(module)}({base}):",
        f'    """The resources of {module}."""',
        "",
    ]
    lines += [f'    module = "{module}"', ""]
    for resource in listed:
        special = flavour.special.get(f"{module}.{resource.resource}")
        returned = special.rpartition(":")[2] if special else f"{result}[{module}.{resource.kind}]"
        arguments = f'"{resource.kind}", {returned}' if special else f'"{resource.kind}"'
        lines.append(f"    {naming.snake(resource.resource)}: Accessor[{returned}] = Accessor({arguments})")
    return "\n".join(lines)
