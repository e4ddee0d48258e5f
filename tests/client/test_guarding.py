from typing import Any

import pytest

from kmagic.client.client import AsyncClient
from kmagic.client.guarding import connect, guard_new_clients, leave_new_clients
from kmagic.config.client_config import ClientConfig
from kmagic.transport.http import Transport

CONFIG = ClientConfig(server="http://server")


class Guarded(Transport):
    pass


@pytest.fixture
def guard() -> Any:
    def guarded(config: ClientConfig, clock: Any) -> Transport:
        return Guarded(config, clock=clock)

    guard_new_clients(guarded)
    yield guarded
    leave_new_clients(guarded)


def test_a_new_client_is_guarded_unless_it_leaves_the_guard(guard: Any) -> None:
    assert type(AsyncClient(config=CONFIG).transport) is Guarded
    assert type(AsyncClient(config=CONFIG, guard=False).transport) is Transport
    own = Transport(CONFIG)
    assert AsyncClient(transport=own).transport is own


def test_the_latest_guard_counts_and_leaving_twice_does_nothing(guard: Any) -> None:
    other = Transport(CONFIG)

    def later(config: ClientConfig, clock: Any) -> Transport:
        return other

    guard_new_clients(later)
    assert connect(CONFIG, None, guard=True) is other
    leave_new_clients(later)
    leave_new_clients(later)
    assert type(connect(CONFIG, None, guard=True)) is Guarded


def test_without_a_guard_a_client_connects_by_itself() -> None:
    assert type(connect(CONFIG, None, guard=True)) is Transport
