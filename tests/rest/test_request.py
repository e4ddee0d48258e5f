from kmagic.rest import verbs
from kmagic.rest.request import APPLY_PATCH, Request
from kmagic.rest.resource import APIResource

SECRETS = APIResource("", "v1", "secrets", "Secret", True)


def test_a_repr_never_shows_the_body_or_the_headers():
    request = verbs.create(SECRETS, "shop", b'{"data":{"password":"aHVudGVyMg=="}}').with_headers(
        [("Authorization", "Bearer hunter2")]
    )
    assert "aHVudGVyMg" not in repr(request)
    assert "hunter2" not in repr(request)
    assert repr(request) == "<Request POST /api/v1/namespaces/shop/secrets (36 bytes)>"


def test_RE_12_query_parameters_are_added_and_not_replaced():
    request = Request("GET", "/x", query=(("a", "1"),)).with_query([("a", "2"), ("b", "x y&z")])
    assert request.url == "/x?a=1&a=2&b=x+y%26z"


def test_headers_are_replaced_whatever_their_case():
    request = Request("GET", "/x", headers=(("Accept", "a"),)).with_headers([("accept", "b")])
    assert request.headers == (("accept", "b"),)
    assert request.header("ACCEPT") == "b"
    assert request.header("missing") == ""


def test_idempotent_and_changes():
    get, post = Request("GET", "/x"), Request("POST", "/x")
    assert (get.idempotent, get.changes) == (True, False)
    assert (post.idempotent, post.changes) == (False, True)
    assert Request("PATCH", "/x", headers=(("Content-Type", APPLY_PATCH),)).idempotent
    assert not post.with_query([("dryRun", "All")]).changes
    assert verbs.connect(SECRETS, "a", "x", "exec", ()).changes
    assert not verbs.connect(SECRETS, "a", "x", "portforward", ()).changes


def test_describe_says_verb_object_and_place():
    assert verbs.get(SECRETS, "shop", "s").describe() == 'get secrets/s in namespace "shop"'
    assert verbs.get(SECRETS, "shop", "s", subresource="x").describe() == 'get secrets/s (x) in namespace "shop"'
    assert Request("GET", "/version").describe() == "GET /version"
