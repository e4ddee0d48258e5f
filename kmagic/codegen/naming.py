"""Python's names for the server's: fields, modules, classes.

A name must come back: `camel` is what msgspec does with ``rename="camel"``; where it does not give the wire name
again, the field says its wire name.
"""

from __future__ import annotations

import keyword
import re

__all__ = ("camel", "class_name", "group_class", "module_name", "snake")

# A field of this name would shadow the type in the annotations below it.
_TYPES = {"bool", "dict", "float", "int", "list", "str"}
_ACRONYM_PLURAL = re.compile(r"([A-Z]{2,})s(?=$|[A-Z])")


def snake(wire: str) -> str:
    """``podIPs`` -> ``pod_ips``, ``fieldsV1`` -> ``fields_v1``, ``from`` -> ``from_``, ``$ref`` -> ``ref``."""
    text = re.sub(r"[^A-Za-z0-9]+", "_", wire).strip("_")
    text = _ACRONYM_PLURAL.sub(lambda match: match[1].capitalize() + "s", text)
    text = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", text)
    text = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text).lower()
    return f"{text}_" if keyword.iskeyword(text) or text in _TYPES else text


def camel(name: str) -> str:
    """Returns the name that msgspec gives a field by itself."""
    first, *rest = name.strip("_").split("_")
    return first + "".join(part.title() for part in rest)


def module_name(group: str, version: str) -> str:
    """``apps``, ``v1`` -> ``apps_v1``; the core group is ``core``; only a group's first label counts."""
    return f"{(group or 'core').partition('.')[0]}_{version}"


def group_class(module: str) -> str:
    """``apps_v1`` -> ``AppsV1``."""
    return "".join(part.title() for part in module.split("_"))


def class_name(schema: str) -> str:
    """``io.k8s.api.apps.v1.Deployment`` -> ``Deployment``."""
    return schema.rpartition(".")[2]
