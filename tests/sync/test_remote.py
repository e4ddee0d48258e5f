"""Talking with a running command from blocking code, through a real kube-apiserver to a kubelet."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.errors import NotFoundError, StreamError
from kmagic.models.core_v1 import Pod
from kmagic.sync.client import Client
from tests.sync.test_pods import WEB

pytestmark = pytest.mark.parametrize("server", ["real"], indirect=True)


@pytest.fixture
def pods(client: Client, namespace: str) -> Any:
    found = client.core_v1.pods(namespace)
    found.create(Pod.from_dict(WEB))
    found.wait("web", condition="Ready", timeout=60)
    return found


def test_what_is_written_comes_back_while_the_command_runs(pods: Any) -> None:
    with pods.exec_session("web", ["cat"]) as session:
        session.write(b"first\n")
        output = session.output()
        assert next(output).data == b"first\n"
        session.write(b"second\n")
        assert next(output).data == b"second\n"
        session.close_stdin()
        assert list(output) == []
        assert (session.told, session.code()) == (True, 0)


def test_output_is_collected_and_the_exit_code_told(pods: Any) -> None:
    out, err = bytearray(), bytearray()
    with pods.exec_session("web", ["sh", "-c", "echo a; echo b >&2; exit 3"], stdin=False) as session:
        assert session.collect(out, err) == 3
    assert (bytes(out), bytes(err)) == (b"a\n", b"b\n")


def test_writing_to_a_closed_input_is_an_error(pods: Any) -> None:
    with pods.exec_session("web", ["cat"]) as session:
        session.close_stdin()
        with pytest.raises(StreamError, match="closed"):
            session.write(b"late")
        assert session.wait() == 0


def test_attaching_opens_the_streams_of_the_process_and_leaves_them(pods: Any) -> None:
    with pods.attach("web") as session:
        assert not session.told
    with pytest.raises(NotFoundError), pods.attach("nobody", container="c"):
        pytest.fail("it is not open")
