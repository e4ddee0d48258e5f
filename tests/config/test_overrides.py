"""What a caller says instead of the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kmagic.config.client_config import Impersonation
from kmagic.config.overrides import Overrides

CA = {
    "server": "https://s",
    "certificate-authority": "/ca",
    "certificate-authority-data": "eA==",
    "tls-server-name": "n",
}


@pytest.mark.parametrize(
    ("overrides", "fields", "merged"),
    [
        pytest.param(Overrides(), CA, CA, id="KC-10 nothing said"),
        pytest.param(
            Overrides(insecure=True),
            CA,
            {"server": "https://s", "tls-server-name": "n", "insecure-skip-tls-verify": True},
            id="KC-11 A33 insecure clears the authority",
        ),
        pytest.param(
            Overrides(ca_file="/new"),
            {**CA, "insecure-skip-tls-verify": True},
            {"server": "https://s", "tls-server-name": "n", "certificate-authority": "/new"},
            id="KC-11 A33 a file clears data and insecure",
        ),
        pytest.param(
            Overrides(ca_data=b"x"),
            CA,
            {"server": "https://s", "tls-server-name": "n", "certificate-authority-data": "eA=="},
            id="KC-11 A33 data clears the file",
        ),
        pytest.param(
            Overrides(insecure=False), {"insecure-skip-tls-verify": True}, {}, id="KC-11 insecure can be taken back"
        ),
        pytest.param(
            Overrides(server="https://t"),
            {"server": "https://s", "tls-server-name": "n"},
            {"server": "https://t"},
            id="KC-11 A33 a server clears the name",
        ),
        pytest.param(
            Overrides(server="https://t", tls_server_name="m"),
            {"server": "https://s", "tls-server-name": "n"},
            {"server": "https://t", "tls-server-name": "m"},
            id="KC-11 A33 unless the name is said",
        ),
        pytest.param(
            Overrides(proxy_url="http://p", disable_compression=True),
            {},
            {"proxy-url": "http://p", "disable-compression": True},
            id="KC-26 proxy and compression",
        ),
    ],
)
def test_clusters(overrides: Overrides, fields: dict[str, Any], merged: dict[str, Any]) -> None:
    before = dict(fields)
    assert overrides.over_cluster(fields) == merged
    assert fields == before


@pytest.mark.parametrize(
    ("overrides", "fields", "merged"),
    [
        pytest.param(Overrides(), {"token": "t"}, {"token": "t"}, id="KC-10 nothing said"),
        pytest.param(
            Overrides(cert_file="/c", key_file="/k"),
            {"client-certificate-data": "x", "client-key-data": "y"},
            {"client-certificate": "/c", "client-key": "/k"},
            id="KC-11 A33 files clear data",
        ),
        pytest.param(
            Overrides(cert_data=b"x", key_data=b"x"),
            {"client-certificate": "/c", "client-key": "/k"},
            {"client-certificate-data": "eA==", "client-key-data": "eA=="},
            id="KC-11 A33 data clears files",
        ),
        pytest.param(Overrides(token="n"), {"tokenFile": "/t", "token": "o"}, {"token": "n"}, id="KC-10 A33 token"),
        pytest.param(Overrides(token_file="/n"), {"token": "o"}, {"tokenFile": "/n"}, id="KC-10 token file"),
        pytest.param(Overrides(username="a", password="b"), {}, {"username": "a", "password": "b"}, id="KC-10 basic"),
        pytest.param(
            Overrides(impersonate=Impersonation(user="jane", groups=("g",), extra={"k": ("v",)})),
            {"as": "joe", "as-uid": "1"},
            {"as": "jane", "as-groups": ["g"], "as-user-extra": {"k": ["v"]}},
            id="KC-15 A33 impersonation is replaced as a whole",
        ),
    ],
)
def test_users(overrides: Overrides, fields: dict[str, Any], merged: dict[str, Any]) -> None:
    assert overrides.over_user(fields) == merged


def test_the_repr_hides_credentials(tmp_path: Path) -> None:
    text = repr(Overrides(token="hunter2", password="hunter2", key_data=b"hunter2", server="https://s"))
    assert "hunter2" not in text
    assert "server='https://s'" in text
