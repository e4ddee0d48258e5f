"""HTTP as the server speaks it: paths, methods, content types, bodies."""

import msgspec
import pytest

from kmagic import errors
from kmagic.rest import verbs

CONFIGMAPS = "/api/v1/namespaces/default/configmaps"


async def raw(client, method, path, *, body=None, accept="application/json", headers=(), query=()):
    request = verbs.raw(method, path, body=body, accept=accept, query=query).with_headers(headers)
    return await client.rest.execute(request)


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz"])
async def test_health(client, path):
    assert (await raw(client, "GET", path, accept="*/*")).body == b"ok"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/version", None),
        ("/api", "APIVersions"),
        ("/api/v1", "APIResourceList"),
        ("/apis", "APIGroupList"),
        ("/apis/apps", "APIGroup"),
        ("/apis/apps/v1", "APIResourceList"),
        ("/apis/batch/v1", "APIResourceList"),
        ("/apis/rbac.authorization.k8s.io/v1", "APIResourceList"),
        ("/apis/apiextensions.k8s.io/v1", "APIResourceList"),
        ("/openapi/v2", None),
        ("/openapi/v3", None),
        ("/openapi/v3/api/v1", None),
        ("/openapi/v3/apis/apps/v1", None),
    ],
)
async def test_documents_that_anybody_may_read(client, path, kind):
    answer = await raw(client, "GET", path)
    assert msgspec.json.decode(answer.body).get("kind") == kind


async def test_the_paths_of_the_root(client):
    paths = msgspec.json.decode((await raw(client, "GET", "/")).body)["paths"]
    assert {"/api", "/api/v1", "/apis", "/apis/apps", "/apis/apps/v1", "/healthz", "/openapi/v3", "/version"} <= set(
        paths
    )


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/apis/no.such.group/v1", "/apis/apps/v9", "/api/v1/nothings", "/apis/apps/v1/nothings", "/api/v2"],
)
async def test_a_path_that_is_not_there(client, path):
    with pytest.raises(errors.NotFoundError, match="the server could not find the requested resource"):
        await raw(client, "GET", path)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"{CONFIGMAPS}/kube-root-ca.crt"),
        ("PUT", CONFIGMAPS),
        ("PATCH", CONFIGMAPS),
        ("DELETE", "/api/v1/namespaces"),
    ],
)
async def test_a_method_that_a_path_does_not_have(client, method, path):
    with pytest.raises(errors.MethodNotAllowedError, match="the server does not allow this method"):
        await raw(client, method, path, body=b"{}")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(b"", "EOF|unexpected end|no kind|cannot be handled", id="nothing"),
        pytest.param(b"{", "cannot be handled as a ConfigMap|couldn't get version/kind|unexpected end", id="half"),
        pytest.param(b"nonsense", "cannot be handled as a ConfigMap|couldn't get version/kind", id="no json"),
        pytest.param(b"[]", "cannot be handled as a ConfigMap|cannot unmarshal array", id="a list"),
        pytest.param(
            b'{"kind":"ConfigMap","apiVersion":"v1","metadata":7}', "cannot be handled as a ConfigMap", id="no metadata"
        ),
        pytest.param(
            b'{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"},"data":{"a":1}}',
            "cannot be handled as a ConfigMap",
            id="a number where text is expected",
        ),
    ],
)
async def test_a_body_that_is_no_object(client, body, message):
    with pytest.raises(errors.BadRequestError, match=message):
        await raw(client, "POST", CONFIGMAPS, body=body, query=(("dryRun", "All"),))


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ({"kind": "ConfigMap", "apiVersion": "v9"}, "the API version in the data .v9. does not match the expected API"),
        ({"kind": "ConfigMap", "apiVersion": "apps/v1"}, 'no kind "ConfigMap" is registered for version "apps/v1"'),
        ({"kind": "Nothing", "apiVersion": "v1"}, 'no kind "Nothing" is registered for version "v1"'),
    ],
)
async def test_a_body_of_another_type(client, kind, message):
    body = msgspec.json.encode({**kind, "metadata": {"name": "a"}})
    with pytest.raises(errors.BadRequestError) as caught:
        await raw(client, "POST", CONFIGMAPS, body=body, query=(("dryRun", "All"),))
    assert caught.value.status["code"] == 400


async def test_a_content_type_that_is_not_understood(client):
    headers = (("Content-Type", "text/csv"),)
    with pytest.raises(errors.UnsupportedMediaTypeError, match="the body of the request was in an unknown format"):
        await raw(client, "POST", CONFIGMAPS, body=b"a,b", headers=headers)


async def test_an_accept_that_cannot_be_had(client):
    with pytest.raises(
        errors.NotAcceptableError, match="Available representations: application/json, application/yaml"
    ):
        await raw(client, "GET", CONFIGMAPS, accept="text/csv")


async def test_a_patch_type_that_is_not_known(client, maps, ns):
    await maps.create({"metadata": {"name": "a"}})
    path = f"/api/v1/namespaces/{ns}/configmaps/a"
    with pytest.raises(errors.UnsupportedMediaTypeError):
        await raw(client, "PATCH", path, body=b"{}", headers=(("Content-Type", "application/json"),))


@pytest.mark.parametrize("accept", ["application/json", "*/*", "application/json;q=0.9,*/*;q=0.1", "application/yaml"])
async def test_accept(client, accept):
    answer = await raw(client, "GET", f"{CONFIGMAPS}/kube-root-ca.crt", accept=accept)
    assert answer.headers["content-type"].startswith("application/yaml" if "yaml" in accept else "application/json")


async def test_a_body_in_yaml(client):
    body = b"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: in-yaml\ndata:\n  a: '1'\n"
    headers = (("Content-Type", "application/yaml"),)
    answer = await raw(client, "POST", CONFIGMAPS, body=body, headers=headers, query=(("dryRun", "All"),))
    assert msgspec.json.decode(answer.body)["data"] == {"a": "1"}
    assert answer.status == 201


@pytest.mark.parametrize("value", ["Some", "all"])
async def test_a_dry_run_of_another_kind_is_refused(client, value):
    body = msgspec.json.encode({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "a"}})
    with pytest.raises(errors.InvalidError, match="dryRun: Unsupported value"):
        await raw(client, "POST", CONFIGMAPS, body=body, query=(("dryRun", value),))


async def test_a_field_validation_of_another_kind_is_refused(client):
    body = msgspec.json.encode({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "a"}})
    query = (("fieldValidation", "Sometimes"), ("dryRun", "All"))
    with pytest.raises(errors.InvalidError, match="fieldValidation: Unsupported value"):
        await raw(client, "POST", CONFIGMAPS, body=body, query=query)


async def test_a_field_manager_that_is_too_long_is_refused(maps):
    with pytest.raises(errors.InvalidError, match="fieldManager: Too long"):
        await maps.create({"metadata": {"name": "a"}}, field_manager="m" * 129)


async def test_codes_of_success(client, maps, ns):
    path = f"/api/v1/namespaces/{ns}/configmaps"
    body = msgspec.json.encode({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "a"}})
    assert (await raw(client, "POST", path, body=body)).status == 201
    assert (await raw(client, "PUT", f"{path}/a", body=body)).status == 200
    apply = (("Content-Type", "application/apply-patch+yaml"),)
    query = (("fieldManager", "m"),)
    fresh = body.replace(b'"a"', b'"b"')
    assert (await raw(client, "PATCH", f"{path}/b", body=fresh, headers=apply, query=query)).status == 201
    assert (await raw(client, "PATCH", f"{path}/b", body=fresh, headers=apply, query=query)).status == 200
    assert (await raw(client, "DELETE", f"{path}/a")).status == 200


async def test_a_big_answer_may_be_compressed(client, maps, ns):
    await maps.create({"metadata": {"name": "big"}, "data": {"x": "y" * 300_000}})
    answer = await raw(client, "GET", f"/api/v1/namespaces/{ns}/configmaps/big")
    assert answer.headers.get("content-encoding") == "gzip"
    assert len(msgspec.json.decode(answer.body)["data"]["x"]) == 300_000


async def test_an_object_that_is_too_big(maps):
    with pytest.raises((errors.RequestEntityTooLargeError, errors.InvalidError)):
        await maps.create({"metadata": {"name": "big"}, "data": {"x": "y" * 1_200_000}})
