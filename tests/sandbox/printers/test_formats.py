"""Formats follow the definitions."""

import json
from typing import Any

from kmagic.sandbox.printers.formats import Formats
from kmagic.sandbox.schema.crds import CustomSchemas
from kmagic.sandbox.schema.resources import Catalog
from kmagic.sandbox.schema.snapshot import resources
from tests.conformance.objects import crd


def names(made: Any) -> Any:
    return [column["name"] for column in json.loads(made.definitions)]


def test_a_format_is_made_once_and_anew_when_a_definition_changes() -> None:
    catalog = Catalog(resources())
    custom = CustomSchemas(catalog)
    formats = Formats(catalog, custom)
    pods = catalog.find("", "v1", "pods")
    assert formats.of(pods) is formats.of(pods)
    definition = crd("x.io")
    custom.install(definition)
    before = names(formats.of(catalog.find("x.io", "v1", "widgets")))
    definition["spec"]["versions"][0]["additionalPrinterColumns"] = [
        {"name": "New", "type": "string", "jsonPath": ".x"}
    ]
    custom.install(definition)
    assert names(formats.of(catalog.find("x.io", "v1", "widgets"))) == ["Name", "New"] != before
