"""The dependencies of the request handlers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from kmagic.sandbox.access.authentication import Authenticator
from kmagic.sandbox.access.authorization import Authorizer
from kmagic.sandbox.access.reviews import Review
from kmagic.sandbox.endpoints.discovery import Discovery
from kmagic.sandbox.kubelet.logs import LogBook
from kmagic.sandbox.printers.formats import Formats
from kmagic.sandbox.registry.objects import Objects
from kmagic.sandbox.schema.crds import CustomSchemas
from kmagic.sandbox.schema.resources import Catalog

__all__ = ("API",)


class API(NamedTuple):
    """The parts of a server that answer requests.

    Attributes:
        catalog: The resources of the server.
        custom: The schemas of custom resources.
        objects: Reads and writes objects.
        formats: Formats of tables.
        authenticator: Gives the user of a bearer token.
        authorizer: Decides about users' rights.
        reviews: Resources that answer a question, by storage key.
        discovery: The documents about the server itself.
        logs: The lines that containers wrote.
    """

    catalog: Catalog
    custom: CustomSchemas
    objects: Objects
    formats: Formats
    authenticator: Authenticator
    authorizer: Authorizer
    reviews: Mapping[str, Review]
    discovery: Discovery
    logs: LogBook
