"""What the server says it can do."""

from typing import Any

import pytest

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


async def test_the_old_and_the_aggregated_form_know_the_same_resources(ask: Any) -> None:
    listed = {item["name"] for item in (await ask("GET", "/apis/apps/v1")).json()["resources"]}
    whole = (await ask("GET", "/apis", accept=AGGREGATED)).json()
    (apps,) = [group for group in whole["items"] if group["metadata"]["name"] == "apps"]
    (version,) = apps["versions"]
    found = {item["resource"] for item in version["resources"]}
    found |= {
        f"{item['resource']}/{part['subresource']}"
        for item in version["resources"]
        for part in item.get("subresources", ())
    }
    assert found == listed


@pytest.mark.parametrize("path", ["/openapi/v3/apis/apps/v1", "/openapi/v3/api/v1"])
async def test_every_reference_of_a_document_is_in_it(ask: Any, path: str) -> None:
    text = (await ask("GET", path)).text
    document = (await ask("GET", path)).json()
    names = set(document["components"]["schemas"])
    prefix = '"$ref":"#/components/schemas/'
    assert {part.partition('"')[0] for part in text.split(prefix)[1:]} <= names


async def test_the_root_names_what_is_there(ask: Any) -> None:
    for path in (await ask("GET", "/")).json()["paths"]:
        assert (await ask("GET", path)).status_code == 200, path
