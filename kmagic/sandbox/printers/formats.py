"""The table format of every resource the server has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.sandbox.printers.custom import custom_format
from kmagic.sandbox.printers.table import TableFormat, builtin_format

if TYPE_CHECKING:
    from kmagic.sandbox.schema.crds import CustomSchemas
    from kmagic.sandbox.schema.resources import Catalog, Resource

__all__ = ("Formats",)


class Formats:
    """Makes formats when they are asked for, once a catalog revision."""

    def __init__(self, catalog: Catalog, custom: CustomSchemas) -> None:
        self._catalog = catalog
        self._custom = custom
        self._revision = -1
        self._made: dict[tuple[str, str], TableFormat] = {}

    def of(self, resource: Resource) -> TableFormat:
        """The format of a resource."""
        if self._revision != self._catalog.revision:
            self._revision = self._catalog.revision
            self._made.clear()
        key = (resource.type.full_name, resource.type.version)
        found = self._made.get(key)
        if found is None:
            custom = resource.custom
            found = custom_format(self._custom.version(resource)) if custom else builtin_format(resource.type.full_name)
            self._made[key] = found
        return found
