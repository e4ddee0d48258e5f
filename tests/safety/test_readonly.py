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
