from __future__ import annotations

import pytest

from kmagic import errors
from kmagic.api.options import ListOptions
from kmagic.errors import KubeError
from kmagic.rest import retry, verbs
from kmagic.rest.request import Request
from kmagic.rest.resource import APIResource
from kmagic.rest.retry import MAX_RETRIES, Failure, Outcome

PODS = APIResource("", "v1", "pods", "Pod", True)
GET = verbs.get(PODS, "a", "x")
POST = verbs.create(PODS, "a", b"{}")
PATCH = verbs.patch(PODS, "a", "x", b"{}", type="merge")
WATCH = verbs.watch(PODS, "a", ListOptions())
AFTER = {"retry-after": "3"}


@pytest.mark.parametrize(
    ("request_", "outcome", "delay"),
    [
        pytest.param(GET, Outcome(429, AFTER), 3.0, id="RE-04 A28 429"),
        pytest.param(POST, Outcome(429, AFTER), 3.0, id="RE-04 A28 any verb"),
        pytest.param(PATCH, Outcome(503, AFTER), 3.0, id="RE-04 A28 5xx"),
        pytest.param(GET, Outcome(500, {}), None, id="RE-04 A28 without Retry-After"),
        pytest.param(GET, Outcome(429, {"retry-after": "soon"}), None, id="RE-04 A28 not an integer"),
        pytest.param(GET, Outcome(404, AFTER), None, id="RE-04 A28 4xx"),
        pytest.param(GET, Outcome(429, {"retry-after": "0"}), 0.0, id="RE-04 A28 at once"),
        pytest.param(GET, Outcome(429, {"retry-after": "120"}), 120.0, id="two minutes"),
        pytest.param(GET, Outcome(429, {"retry-after": "121"}), None, id="longer than two minutes"),
        pytest.param(GET, Outcome(429, {"retry-after": "9" * 5000}), None, id="for ever"),
        pytest.param(GET, Outcome(429, {"retry-after": "-1"}), None, id="in the past"),
        pytest.param(GET, Outcome(429, {"retry-after": "٣"}), None, id="digits of another script"),
        pytest.param(GET, Outcome(failure=Failure.RESET), 1.0, id="RE-05 a read after a reset"),
        pytest.param(POST, Outcome(failure=Failure.RESET), None, id="RE-05 no write after a reset"),
        pytest.param(GET, Outcome(failure=Failure.REFUSED), None, id="RE-05 refused"),
        pytest.param(GET, Outcome(failure=Failure.TIMEOUT), None, id="RE-05 timeout"),
        pytest.param(WATCH, Outcome(failure=Failure.TIMEOUT), 1.0, id="RE-05 a watch after a timeout"),
        pytest.param(GET, Outcome(failure=Failure.OTHER), None, id="RE-05 other"),
    ],
)
def test_decide(request_: Request, outcome: Outcome, delay: float | None) -> None:
    assert retry.decide(request_, 0, outcome) == delay


def test_RE_03_ten_retries_and_no_more() -> None:
    assert retry.decide(GET, MAX_RETRIES - 1, Outcome(429, AFTER)) == 3.0
    assert retry.decide(GET, MAX_RETRIES, Outcome(429, AFTER)) is None
    assert retry.decide(GET, 0, Outcome(429, AFTER), max_retries=-1) is None


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (errors.ConnectError("x"), Failure.REFUSED),
        (errors.TimeoutError("x"), Failure.TIMEOUT),
        (errors.TransportError("x", request=GET), Failure.RESET),
        (errors.TransportError("the client is closed"), Failure.OTHER),
        (errors.ProtocolError("no HTTP", request=GET), Failure.OTHER),
    ],
)
def test_failure_of(error: KubeError, kind: Failure) -> None:
    assert retry.failure_of(error) is kind
