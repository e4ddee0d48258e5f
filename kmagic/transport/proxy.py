"""The proxy for a server: the kubeconfig's, else the environment's.

Source: golang.org/x/net/http/httpproxy (config.go), k8s.io/client-go/rest/config.go (Proxy).
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ("proxy_for",)


def proxy_for(server: str, proxy_url: str | None, environ: Mapping[str, str]) -> str | None:
    """The proxy's URL, or None for a direct connection.

    Args:
        server: The server's URL.
        proxy_url: The kubeconfig's `proxy-url`; wins over the environment, NO_PROXY included.
        environ: HTTPS_PROXY, HTTP_PROXY and NO_PROXY, upper or lower case. Loopback servers are never proxied.
    """
    if proxy_url:
        return proxy_url
    parts = urlsplit(server)
    name = "HTTPS_PROXY" if parts.scheme == "https" else "HTTP_PROXY"
    proxy = environ.get(name) or environ.get(name.lower())
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if not proxy or _bypassed(parts.hostname or "", port, environ.get("NO_PROXY") or environ.get("no_proxy", "")):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _bypassed(host: str, port: int, rules: str) -> bool:
    address = _address(host)
    if host == "localhost" or (address is not None and address.is_loopback):
        return True
    return any(_matches(rule.strip().lower(), host.lower(), port, address) for rule in rules.split(",") if rule.strip())


def _matches(rule: str, host: str, port: int, address: ipaddress.IPv4Address | ipaddress.IPv6Address | None) -> bool:
    if rule == "*":
        return True
    if "/" in rule and address is not None:
        try:
            return address in ipaddress.ip_network(rule, strict=False)
        except ValueError:
            return False
    name, colon, wanted_port = rule.rpartition(":")
    if colon and wanted_port.isdecimal() and _address(rule) is None:
        if wanted_port != str(port):
            return False
        rule = name.strip("[]")
    if address is not None:
        return _address(rule) == address
    # ".example.com" means subdomains only, "example.com" the domain itself too.
    bare = rule.removeprefix("*").removeprefix(".")
    return host.endswith("." + bare) or (host == bare and not rule.startswith((".", "*.")))


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
