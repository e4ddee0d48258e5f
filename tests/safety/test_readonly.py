"""Read-only contexts: by name and server, whichever file they come from."""

from __future__ import annotations

from kmagic.config.client_config import ClientConfig
from kmagic.safety.readonly import ReadOnlyContexts


def test_a_context_is_told_apart_by_its_name_and_server() -> None:
    readonly = ReadOnlyContexts()
    readonly.add(ClientConfig(server="https://a", context_name="x", source="one file"))
    assert readonly.holds(ClientConfig(server="https://a", context_name="x", namespace="other", source="another"))
    assert not readonly.holds(ClientConfig(server="https://a", context_name="y"))
    assert not readonly.holds(ClientConfig(server="https://b", context_name="x"))


def test_a_server_chosen_apart_from_its_context_is_read_only_by_any() -> None:
    readonly = ReadOnlyContexts()
    by_server = readonly.by_server()
    readonly.add(ClientConfig(server="https://a", context_name="x"))
    assert by_server.holds(ClientConfig(server="https://a", context_name="y"))
    assert not by_server.holds(ClientConfig(server="https://b", context_name="x"))
