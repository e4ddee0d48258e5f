"""A kubeconfig to show: every credential that can stand in it is left out."""

from __future__ import annotations

from kmagic.config.kubeconfig import parse
from kmagic.magics.work.redacted import kubeconfig_view

TEXT = """
clusters:
- {name: c, cluster: {server: "https://x", proxy-url: "http://me:secret-7@y", certificate-authority-data: c2VjcmV0, insecure-skip-tls-verify: false}}
contexts:
- {name: x, context: {cluster: c, user: u}}
users:
- name: u
  user:
    token: secret-1
    password: secret-2
    username: me
    client-key-data: c2VjcmV0LTM=
    auth-provider: {name: oidc, config: {client-id: me, id-token: secret-4, refresh-token: secret-5}}
    exec: {apiVersion: v1, command: login, env: [{name: TOKEN, value: secret-6}]}
"""


def test_no_credential_is_shown() -> None:
    shown = kubeconfig_view(parse(TEXT), "x")
    assert "secret" not in str(shown).replace("c2VjcmV0", "secret")
    user = shown["users"][0]["user"]
    assert (user["username"], user["token"], user["client-key-data"]) == ("me", "REDACTED", "DATA+OMITTED")
    assert user["auth-provider"]["config"]["client-id"] == "me"
    assert shown["clusters"][0]["cluster"] == {
        "server": "https://x",
        "proxy-url": "http://me:‹hidden›@y",
        "certificate-authority-data": "DATA+OMITTED",
    }
    assert shown["current-context"] == "x"
