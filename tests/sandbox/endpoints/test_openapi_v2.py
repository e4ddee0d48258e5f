"""The document that old clients read."""

from typing import Any

from kmagic.sandbox.endpoints import openapi_v2


def test_definitions_are_in_the_words_of_v2() -> None:
    found = openapi_v2.definitions({"io.example.v1.Thing": {"type": "object", "properties": {"a": {"type": "string"}}}})
    assert "io.k8s.api.core.v1.Pod" in found
    assert "io.example.v1.Thing" in found
    document = openapi_v2.document(found, "v1")
    assert (document["swagger"], document["info"]["version"]) == ("2.0", "v1")
    assert '"#/components/' not in str(found["io.k8s.api.core.v1.Pod"])


async def test_it_comes_as_protobuf_where_that_is_asked_for(ask: Any) -> None:
    answer = await ask("GET", "/openapi/v2", accept=openapi_v2.MEDIA_TYPES[0])
    assert answer.headers["content-type"] == openapi_v2.MEDIA_TYPES[0]
    assert b"io.k8s.api.core.v1.Pod" in answer.content
    assert answer.headers["etag"]
