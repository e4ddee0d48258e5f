"""The handle of a forward before and after its ports are open; open ones are tested through %kforward."""

from __future__ import annotations

import pytest

from kmagic.errors import StreamError
from kmagic.magics.work.forwarding import ForwardWanted, KForward
from kmagic.sync.runtime import Runtime


@pytest.fixture
def runtime() -> Runtime:
    return Runtime("test-loop")


def test_one_that_never_opened_says_so(runtime: Runtime) -> None:
    forward = KForward(ForwardWanted("shop", "pod/web-0", (":80",)), runtime)
    assert (forward.state, forward.connections, forward.ports, forward.urls, forward.error) == (
        "stopped",
        0,
        (),
        [],
        "",
    )
    assert repr(forward) == "pod/web-0 · stopped"
    for name in ("url", "local_port"):
        with pytest.raises(StreamError, match="no port to pod/web-0 was opened"):
            getattr(forward, name)


def test_stopping_one_that_never_opened_starts_nothing(runtime: Runtime) -> None:
    with KForward(ForwardWanted("shop", "pod/web-0", (":80",)), runtime) as forward:
        forward.stop()
    assert not runtime.running
