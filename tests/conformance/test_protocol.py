"""HTTP as the server speaks it: paths, methods, content types, bodies."""

import uuid
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from kmagic import errors
from kmagic.client.client import AsyncClient
from kmagic.config.client_config import AuthConfig, ClientConfig, TLSConfig
from kmagic.rest import verbs
from tests.conformance.objects import configmap
from tests.conformance.wire import PROTOBUF, envelope, field

CONFIGMAPS = "/api/v1/namespaces/default/configmaps"


async def raw(
    client: AsyncClient,
    method: Any,
    path: Any,
    *,
    body: Any = None,
    accept: Any = "application/json",
    headers: Any = (),
    query: Any = (),
) -> Any:
    request = verbs.raw(method, path, body=body, accept=accept, query=query).with_headers(headers)
    return await client.rest.execute(request)


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz"])
async def test_health(client: AsyncClient, path: str) -> None:
    assert (await raw(client, "GET", path, accept="*/*")).body == b"ok"


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz"])
async def test_health_in_words(client: AsyncClient, path: str) -> None:
    answer = await raw(client, "GET", path, accept="*/*", query=(("verbose", ""),))
    text = answer.body.decode()
    assert text.startswith("[+]ping ok\n")
    assert text.endswith(f"{path[1:]} check passed\n")


@pytest.mark.parametrize("path", ["/healthz/", "/healthz/nothing", "/livezz"])
async def test_a_check_that_is_not_there(client: AsyncClient, path: str) -> None:
    with pytest.raises(errors.NotFoundError):
        await raw(client, "GET", path, accept="*/*")


@pytest.mark.parametrize(
    ("path", "newline"),
    [
        ("/api", True),
        ("/apis", True),
        ("/api/v1", True),
        (CONFIGMAPS, True),
        (f"{CONFIGMAPS}?limit=1", True),
        ("/version", False),
        ("/", False),
        ("/openapi/v3/apis/apps/v1", False),
    ],
)
async def test_bodies_end_as_gos_encoder_ends_them(client: AsyncClient, path: Any, newline: bool) -> None:
    path, _, limit = path.partition("?limit=")
    query = (("limit", limit),) if limit else ()
    assert (await raw(client, "GET", path, query=query)).body.endswith(b"\n") is newline
    if newline:
        aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
        for accept in ("application/json;as=Table;v=v1;g=meta.k8s.io", aggregated):
            answer = await raw(client, "GET", path, accept=f"{accept},application/json", query=query)
            assert answer.body.endswith(b"}\n")


async def test_a_refusal_ends_with_a_newline(client: AsyncClient) -> None:
    with pytest.raises(errors.NotFoundError) as caught:
        await raw(client, "GET", f"{CONFIGMAPS}/nothing")
    assert caught.value.status["details"]["name"] == "nothing"


@pytest.mark.parametrize(
    ("path", "anonymous"),
    [
        ("/version", 200),
        ("/version/", 200),
        ("/healthz", 200),
        ("/livez/ping", 403),
        ("/api", 403),
        ("/", 403),
        ("/nothing", 403),
        ("/openapi/v2", 403),
        ("/api/v1/pods", 403),
    ],
)
async def test_a_wrong_token_is_refused_everywhere_and_none_is_nobody_in_particular(
    client: AsyncClient, path: Any, anonymous: Any
) -> None:
    config = client.config
    tls = TLSConfig(ca_data=config.tls.ca_data, ca_file=config.tls.ca_file)
    async with AsyncClient(config=ClientConfig(server=config.server, tls=tls)) as nobody:
        if anonymous == 200:
            assert (await raw(nobody, "GET", path, accept="*/*")).status == 200
        else:
            with pytest.raises(errors.ForbiddenError, match=r'User "system:anonymous" cannot (get|list)'):
                await raw(nobody, "GET", path, accept="*/*")
    wrong = ClientConfig(server=config.server, tls=tls, auth=AuthConfig(token="wrong"))
    async with AsyncClient(config=wrong) as stranger:
        with pytest.raises(errors.UnauthorizedError):
            await raw(stranger, "GET", path, accept="*/*")


@pytest.mark.parametrize("group", ["apps/v1", "v1", "meta.k8s.io/v1", "no.such.group/v1"])
async def test_delete_options_in_protobuf_come_under_any_group(
    client: AsyncClient, maps: Any, ns: Any, group: str
) -> None:
    made = await maps.create(configmap("a"))
    uid = made["metadata"]["uid"]
    path, headers = f"/api/v1/namespaces/{ns}/configmaps/a", (("Content-Type", PROTOBUF),)
    other = envelope(group, "DeleteOptions", field(2, field(1, uid[:-1] + "?")))
    with pytest.raises(errors.ConflictError, match="the UID in the precondition"):
        await raw(client, "DELETE", path, body=other, headers=headers)
    same = envelope(group, "DeleteOptions", field(2, field(1, uid)))
    assert (await raw(client, "DELETE", path, body=same, headers=headers)).status == 200


async def test_a_definition_in_protobuf(client: AsyncClient) -> None:
    group = f"g{uuid.uuid4().hex[:8]}.example.com"
    flag, text = field(5, "boolean"), field(5, "string") + field(8, field(1, '"red"')) + field(20, field(1, '"red"'))
    loose = field(5, "object") + field(38, 1)
    labels = field(5, "object") + field(30, field(1, 0) + field(2, field(5, "string")))
    items = field(5, "array") + field(24, field(1, field(5, "integer"))) + field(42, "set")
    children = {"flag": flag, "text": text, "loose": loose, "labels": labels, "items": items, "any": field(40, 1)}
    spec = field(5, "object") + b"".join(field(29, field(1, key) + field(2, child)) for key, child in children.items())
    schema = field(5, "object") + field(29, field(1, "spec") + field(2, spec))
    version = field(1, "v1") + field(2, 1) + field(3, 1) + field(4, field(1, schema))
    names = field(1, "things") + field(2, "thing") + field(4, "Thing") + field(5, "ThingList")
    wanted = field(1, group) + field(3, names) + field(4, "Namespaced") + field(7, version)
    body = envelope(
        "apiextensions.k8s.io/v1", "CustomResourceDefinition", field(1, field(1, f"things.{group}")) + field(2, wanted)
    )
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    made = await raw(client, "POST", path, body=body, headers=(("Content-Type", PROTOBUF),))
    await client.resource("customresourcedefinitions").delete(f"things.{group}")
    properties = msgspec.json.decode(made.body)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]
    assert properties["spec"]["properties"] == {
        "flag": {"type": "boolean"},
        "text": {"type": "string", "default": "red", "enum": ["red"]},
        "loose": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "items": {"type": "array", "items": {"type": "integer"}, "x-kubernetes-list-type": "set"},
        "any": {"x-kubernetes-int-or-string": True},
    }


async def test_a_time_before_the_year_1000_in_protobuf(client: AsyncClient, ns: Any) -> None:
    moment = datetime(500, 1, 2, 3, 4, 5, 6000, tzinfo=UTC)
    seconds = int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() // 1)
    spec = field(1, "me") + field(4, field(1, seconds) + field(2, 6_000_000))
    body = envelope("coordination.k8s.io/v1", "Lease", field(1, field(1, "old")) + field(2, spec))
    path = f"/apis/coordination.k8s.io/v1/namespaces/{ns}/leases"
    made = await raw(client, "POST", path, body=body, headers=(("Content-Type", PROTOBUF),))
    assert msgspec.json.decode(made.body)["spec"]["renewTime"] == "0500-01-02T03:04:05.006000Z"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/version", None),
        ("/version/", None),
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
async def test_documents_that_anybody_may_read(client: AsyncClient, path: Any, kind: Any) -> None:
    answer = await raw(client, "GET", path)
    assert msgspec.json.decode(answer.body).get("kind") == kind


async def test_the_paths_of_the_root(client: AsyncClient) -> None:
    paths = msgspec.json.decode((await raw(client, "GET", "/")).body)["paths"]
    assert {"/api", "/api/v1", "/apis", "/apis/apps", "/apis/apps/v1", "/healthz", "/openapi/v3", "/version"} <= set(
        paths
    )


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/apis/no.such.group/v1", "/apis/apps/v9", "/api/v1/nothings", "/apis/apps/v1/nothings", "/api/v2"],
)
async def test_a_path_that_is_not_there(client: AsyncClient, path: str) -> None:
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
async def test_a_method_that_a_path_does_not_have(client: AsyncClient, method: Any, path: Any) -> None:
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
async def test_a_body_that_is_no_object(client: AsyncClient, body: Any, message: Any) -> None:
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
async def test_a_body_of_another_type(client: AsyncClient, kind: Any, message: Any) -> None:
    body = msgspec.json.encode({**kind, "metadata": {"name": "a"}})
    with pytest.raises(errors.BadRequestError) as caught:
        await raw(client, "POST", CONFIGMAPS, body=body, query=(("dryRun", "All"),))
    assert caught.value.status["code"] == 400


async def test_a_content_type_that_is_not_understood(client: AsyncClient) -> None:
    headers = (("Content-Type", "text/csv"),)
    with pytest.raises(errors.UnsupportedMediaTypeError, match="the body of the request was in an unknown format"):
        await raw(client, "POST", CONFIGMAPS, body=b"a,b", headers=headers)


async def test_an_accept_that_cannot_be_had(client: AsyncClient) -> None:
    with pytest.raises(
        errors.NotAcceptableError, match="Available representations: application/json, application/yaml"
    ):
        await raw(client, "GET", CONFIGMAPS, accept="text/csv")


async def test_a_patch_type_that_is_not_known(client: AsyncClient, maps: Any, ns: Any) -> None:
    await maps.create({"metadata": {"name": "a"}})
    path = f"/api/v1/namespaces/{ns}/configmaps/a"
    with pytest.raises(errors.UnsupportedMediaTypeError):
        await raw(client, "PATCH", path, body=b"{}", headers=(("Content-Type", "application/json"),))


@pytest.mark.parametrize("accept", ["application/json", "*/*", "application/json;q=0.9,*/*;q=0.1", "application/yaml"])
async def test_accept(client: AsyncClient, accept: str) -> None:
    answer = await raw(client, "GET", f"{CONFIGMAPS}/kube-root-ca.crt", accept=accept)
    assert answer.headers["content-type"].startswith("application/yaml" if "yaml" in accept else "application/json")


async def test_a_body_in_yaml(client: AsyncClient) -> None:
    body = b"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: in-yaml\ndata:\n  a: '1'\n"
    headers = (("Content-Type", "application/yaml"),)
    answer = await raw(client, "POST", CONFIGMAPS, body=body, headers=headers, query=(("dryRun", "All"),))
    assert msgspec.json.decode(answer.body)["data"] == {"a": "1"}
    assert answer.status == 201


@pytest.mark.parametrize("value", ["Some", "all"])
async def test_a_dry_run_of_another_kind_is_refused(client: AsyncClient, value: str) -> None:
    body = msgspec.json.encode({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "a"}})
    with pytest.raises(errors.InvalidError, match="dryRun: Unsupported value"):
        await raw(client, "POST", CONFIGMAPS, body=body, query=(("dryRun", value),))


async def test_a_field_validation_of_another_kind_is_refused(client: AsyncClient) -> None:
    body = msgspec.json.encode({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "a"}})
    query = (("fieldValidation", "Sometimes"), ("dryRun", "All"))
    with pytest.raises(errors.InvalidError, match="fieldValidation: Unsupported value"):
        await raw(client, "POST", CONFIGMAPS, body=body, query=query)


async def test_a_field_manager_that_is_too_long_is_refused(maps: Any) -> None:
    with pytest.raises(errors.InvalidError, match="fieldManager: Too long"):
        await maps.create({"metadata": {"name": "a"}}, field_manager="m" * 129)


async def test_codes_of_success(client: AsyncClient, maps: Any, ns: Any) -> None:
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


async def test_a_big_answer_may_be_compressed(client: AsyncClient, maps: Any, ns: Any) -> None:
    await maps.create({"metadata": {"name": "big"}, "data": {"x": "y" * 300_000}})
    answer = await raw(client, "GET", f"/api/v1/namespaces/{ns}/configmaps/big")
    assert answer.headers.get("content-encoding") == "gzip"
    assert len(msgspec.json.decode(answer.body)["data"]["x"]) == 300_000


async def test_an_object_that_is_too_big(maps: Any) -> None:
    with pytest.raises((errors.RequestEntityTooLargeError, errors.InvalidError)):
        await maps.create({"metadata": {"name": "big"}, "data": {"x": "y" * 1_200_000}})
