"""What is protected and what a request counts as."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmagic.rest.request import Request
from kmagic.safety.policy import Access, Level, Rules, access_of, level_of, refusal
from tests.strange import bounded, json_like

REMOTE = "https://k8s.acme.example:6443"
LOCAL = "https://127.0.0.1:6443"


@pytest.mark.parametrize(
    ("context", "server", "level"),
    [
        pytest.param("acme-prod", REMOTE, Level.PROTECTED, id="prod at the end"),
        pytest.param("gke_acme-prod_eu", REMOTE, Level.PROTECTED, id="GKE"),
        pytest.param("arn:aws:eks:eu-1:1:cluster/prod", REMOTE, Level.PROTECTED, id="EKS"),
        pytest.param("prd1", REMOTE, Level.PROTECTED, id="prd and a digit"),
        pytest.param("LIVE", REMOTE, Level.PROTECTED, id="case"),
        pytest.param("non-prod", REMOTE, Level.PROTECTED, id="non-prod looks like prod: the free list exists"),
        pytest.param("reproduction", REMOTE, Level.CAUTIOUS, id="reproduction"),
        pytest.param("delivery", REMOTE, Level.CAUTIOUS, id="delivery"),
        pytest.param("olive", REMOTE, Level.CAUTIOUS, id="olive"),
        pytest.param("preprod", REMOTE, Level.CAUTIOUS, id="preprod"),
        pytest.param("dev", "https://api.prod.acme.example", Level.PROTECTED, id="the server's name counts"),
        pytest.param("kind-dev", REMOTE, Level.FREE, id="kind"),
        pytest.param("minikube", REMOTE, Level.FREE, id="minikube"),
        pytest.param("anything", LOCAL, Level.FREE, id="this machine"),
        pytest.param("anything", "http://[::1]:8080", Level.FREE, id="this machine, IPv6"),
        pytest.param("prod", LOCAL, Level.PROTECTED, id="a tunnel to prod is prod"),
        pytest.param("", REMOTE, Level.CAUTIOUS, id="in a cluster"),
    ],
)
def test_R2_the_level_comes_from_names_and_address(context: str, server: str, level: Level) -> None:
    assert level_of(context, "", server, "default") is level


def test_R2_the_users_lists_win() -> None:
    rules = Rules(readonly=frozenset({"audit-prod"}), free=frozenset({"non-prod"}), protected=frozenset({"pearl"}))
    levels = [level_of(name, "", REMOTE, "default", rules) for name in ("audit-prod", "non-prod", "pearl")]
    assert levels == [Level.READONLY, Level.FREE, Level.PROTECTED]


def test_R2_system_namespaces_are_protected_away_from_home() -> None:
    assert level_of("dev", "", REMOTE, "kube-system") is Level.PROTECTED
    assert level_of("kind-dev", "", LOCAL, "kube-system") is Level.FREE


PODS = "/api/v1/namespaces/shop/pods"


@pytest.mark.parametrize(
    ("request_", "access"),
    [
        pytest.param(Request("GET", PODS), Access.READ, id="get"),
        pytest.param(Request("POST", PODS), Access.CHANGE, id="create"),
        pytest.param(Request("POST", PODS, query=(("dryRun", "All"),)), Access.READ, id="dry run"),
        pytest.param(Request("DELETE", f"{PODS}/web"), Access.CHANGE, id="delete"),
        pytest.param(Request("GET", f"{PODS}/web/exec"), Access.REACH, id="exec is a GET over a WebSocket"),
        pytest.param(Request("GET", f"{PODS}/web/portforward"), Access.REACH, id="port-forward"),
        pytest.param(Request("GET", f"{PODS}/web/log"), Access.READ, id="log"),
        pytest.param(Request("GET", f"{PODS}/exec"), Access.READ, id="a pod named exec"),
        pytest.param(Request("GET", "/api/v1/namespaces/exec"), Access.READ, id="a namespace named exec"),
        pytest.param(Request("POST", f"{PODS}/web/eviction"), Access.CHANGE, id="eviction"),
        pytest.param(
            Request("POST", "/api/v1/namespaces/shop/serviceaccounts/x/token"), Access.CHANGE, id="token request"
        ),
        pytest.param(
            Request("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"), Access.READ, id="may I, raw"
        ),
        pytest.param(Request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews"), Access.READ, id="who am I"),
        pytest.param(Request("PUT", "/api/v1/namespaces/shop/finalize"), Access.CHANGE, id="finalize a namespace"),
        pytest.param(
            Request("GET", "/api/v1/nodes/n1/proxy/metrics", subresource="proxy/metrics"), Access.REACH, id="proxy"
        ),
        pytest.param(Request("GET", "/version"), Access.READ, id="not an API path"),
    ],
)
def test_R7_requests_are_judged_by_method_and_subresource(request_: Request, access: Access) -> None:
    assert access_of(request_) is access


@pytest.mark.parametrize(
    ("level", "access", "approved", "sent"),
    [
        pytest.param(Level.FREE, Access.CHANGE, False, True, id="free"),
        pytest.param(Level.CAUTIOUS, Access.CHANGE, False, True, id="cautious"),
        pytest.param(Level.PROTECTED, Access.READ, False, True, id="protected, reading"),
        pytest.param(Level.PROTECTED, Access.CHANGE, False, False, id="protected"),
        pytest.param(Level.PROTECTED, Access.REACH, False, False, id="protected, exec"),
        pytest.param(Level.PROTECTED, Access.CHANGE, True, True, id="protected, approved"),
        pytest.param(Level.READONLY, Access.CHANGE, True, False, id="read-only, whatever was approved"),
        pytest.param(Level.READONLY, Access.READ, False, True, id="read-only, reading"),
    ],
)
def test_R7_a_level_lets_through_what_it_should(level: Level, access: Access, approved: bool, sent: bool) -> None:
    assert (refusal(level, access, approved) == "") is sent


_REVIEW = "selfsubjectaccessreviews.authorization.k8s.io"
_DRY = (("dryRun", "All"),)


@pytest.mark.parametrize(
    ("request_", "access"),
    [
        pytest.param(Request("DELETE", f"{PODS}/web", query=_DRY), Access.READ, id="dry run"),
        pytest.param(
            Request("DELETE", f"{PODS}/web", query=_DRY, body=b"{}"), Access.CHANGE, id="a body hides the query"
        ),
        pytest.param(Request("DELETE", PODS, query=_DRY, body=b"{}"), Access.CHANGE, id="of a collection too"),
        pytest.param(Request("DELETE", f"{PODS}/web", body=b'{"dryRun":["All"]}'), Access.READ, id="the body says so"),
        pytest.param(
            Request("DELETE", f"{PODS}/web", body=b'{"dryRun":["All"],"dryRun":[]}'), Access.CHANGE, id="said twice"
        ),
        pytest.param(
            Request("DELETE", f"{PODS}/web", body=b'{"dryRun":["All"],"dry\\u0052un":[]}'), Access.CHANGE, id="escaped"
        ),
        pytest.param(Request("DELETE", f"{PODS}/web", body=b"dryRun: [All]"), Access.CHANGE, id="not JSON"),
        pytest.param(Request("DELETE", f"{PODS}/web?dryRun=All"), Access.UNCLEAR, id="a query in the path"),
        pytest.param(Request("GET", f"{PODS}/web#/exec"), Access.UNCLEAR, id="a fragment in the path"),
        pytest.param(Request("GET", f"{PODS}/web/%65xec"), Access.REACH, id="an escaped exec"),
        pytest.param(Request("GET", f"{PODS}/web%2Fexec"), Access.REACH, id="an escaped slash"),
        pytest.param(Request("GET", f"{PODS}/web/%2565xec"), Access.READ, id="escaped twice is another word"),
        pytest.param(Request("GET", f"{PODS}//web/./exec"), Access.REACH, id="not clean"),
        pytest.param(Request("GET", f"{PODS}/web/log/../exec"), Access.REACH, id="upwards"),
        pytest.param(Request("GET", "/api/v1/proxy/namespaces/shop/pods/web"), Access.REACH, id="the old proxy verb"),
        pytest.param(Request("POST", PODS, resource=_REVIEW), Access.CHANGE, id="calls itself a review"),
        pytest.param(Request("GET", f"{PODS}/web/exec", subresource="log"), Access.REACH, id="calls itself a log"),
        pytest.param(Request("POST", "/elsewhere", query=_DRY), Access.CHANGE, id="dry run of who knows what"),
        pytest.param(Request("POST", PODS, query=(*_DRY, ("dryRun", ""))), Access.CHANGE, id="dry run and not"),
        pytest.param(
            Request("POST", "/api/v1/namespaces/shop/serviceaccounts/x/token", query=_DRY), Access.CHANGE, id="a token"
        ),
    ],
)
def test_a_request_is_judged_as_the_server_reads_it(request_: Request, access: Access) -> None:
    assert access_of(request_) is access


@given(
    st.sampled_from(["exec", "attach", "portforward", "proxy"]),
    st.lists(st.booleans(), min_size=80, max_size=80),
    st.sampled_from(["", "/", "/.", "/./", "/x/.."]),
)
@settings(max_examples=200, deadline=None)
def test_no_spelling_of_a_path_hides_that_it_reaches_into_a_workload(word: str, escaped: list[bool], more: str) -> None:
    path = f"{PODS}/web{more if more.endswith('..') else ''}/{word}{'' if more.endswith('..') else more}"
    letters = zip(path, itertools.cycle(escaped), strict=False)
    spelt = "".join(f"%{ord(c):02x}" if yes and i and c.isalpha() else c for i, (c, yes) in enumerate(letters))
    assert access_of(Request("GET", spelt)) is Access.REACH


_PARTS = st.sampled_from(
    ["api", "apis", "v1", "namespaces", "shop", "pods", "web-0", "exec", "proxy", "watch", "..", ".", "", "%2e%2e", "%", "%zz", "é", "\x00"]
)  # fmt: skip
_PATHS = st.lists(_PARTS, max_size=9).map(lambda parts: "/" + "/".join(parts)) | st.text(max_size=40)


@bounded(300)
@given(
    _PATHS,
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "get", ""]),
    json_like() | st.binary(max_size=40),
)
def test_any_path_and_body_is_judged_and_only_reading_is_reading(path: str, method: str, body: bytes) -> None:
    access = access_of(Request(method, path, body=body or None))
    if access is Access.READ and method not in ("GET", "HEAD", "OPTIONS"):
        assert (method == "POST" and "reviews" in path) or b'"dryRun"' in body


@bounded(300)
@given(st.text(max_size=30), st.text("htps:/[]@#?.%abc1", max_size=30), st.text(max_size=10))
def test_any_name_and_address_has_a_level(name: str, server: str, namespace: str) -> None:
    assert isinstance(level_of(name, name, server, namespace), Level)
