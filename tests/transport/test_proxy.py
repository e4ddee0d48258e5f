from typing import Any

import pytest

from kmagic.transport.proxy import proxy_for

ENV = {
    "HTTPS_PROXY": "http://proxy:3128",
    "HTTP_PROXY": "plain:80",
    "NO_PROXY": "10.0.0.0/8,.example.com,host.org,exact.io:6443,192.168.1.1,"
    "default.io:443,eighty.io:80,192.168.1.2:443,[fd00::1]:443,many.io:" + "4" * 5000,
}


@pytest.mark.parametrize(
    ("server", "proxy"),
    [
        ("https://api.cluster:6443", "http://proxy:3128"),
        ("http://api.cluster", "http://plain:80"),
        ("https://127.0.0.1:6443", None),
        ("https://localhost:6443", None),
        ("https://[::1]:6443", None),
        ("https://10.1.2.3:6443", None),
        ("https://11.1.2.3:6443", "http://proxy:3128"),
        ("https://192.168.1.1", None),
        ("https://api.example.com", None),
        ("https://example.com", "http://proxy:3128"),
        ("https://host.org", None),
        ("https://sub.host.org", None),
        ("https://exact.io:6443", None),
        ("https://exact.io:443", "http://proxy:3128"),
        ("https://exact.io", "http://proxy:3128"),
        ("https://default.io", None),
        ("https://default.io:443", None),
        ("https://default.io:6443", "http://proxy:3128"),
        ("http://default.io", "http://plain:80"),
        ("http://eighty.io", None),
        ("https://192.168.1.2", None),
        ("https://192.168.1.2:6443", "http://proxy:3128"),
        ("https://[fd00::1]", None),
        ("https://many.io", "http://proxy:3128"),
    ],
)
def test_the_environment(server: Any, proxy: Any) -> None:
    assert proxy_for(server, None, ENV) == proxy


def test_KC_14_the_kubeconfig_wins_over_the_environment() -> None:
    assert proxy_for("https://10.1.2.3", "socks5://other:1080", ENV) == "socks5://other:1080"


def test_lower_case_names_a_star_and_nothing() -> None:
    assert proxy_for("https://a", None, {"https_proxy": "http://p:1"}) == "http://p:1"
    assert proxy_for("https://a", None, {"https_proxy": "http://p:1", "no_proxy": "*"}) is None
    assert proxy_for("https://a", None, {}) is None
