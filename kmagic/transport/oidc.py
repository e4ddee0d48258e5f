"""OpenID Connect tokens of a kubeconfig, renewed at the identity provider.

New tokens go back to the kubeconfig they came from: a provider may take back a refresh token once it was used, and
then the next process could not log in with the old one.

Source: k8s.io/client-go/plugin/pkg/client/auth/oidc/oidc.go.
"""

from __future__ import annotations

import base64
import logging
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import anyio
import httpx
import msgspec

from kmagic.api.door import read_json
from kmagic.api.secrecy import KUBECONFIG_FIELDS, SecretBytes, hidden, revealed
from kmagic.errors import AuthError, DecodeError, KubeError
from kmagic.transport.auth import bearer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kmagic.api.clock import Clock

__all__ = ("OIDC", "token_expiry")

_log = logging.getLogger("kmagic.auth")

# An id-token that ends within this time counts as ended (client-go's expiryDelta).
_MARGIN_SECONDS = 10.0
_ASK_SECONDS = 30.0


class _Claims(msgspec.Struct):
    exp: float = 0.0


class _Provider(msgspec.Struct):
    token_endpoint: str = ""


class _Tokens(msgspec.Struct):
    id_token: str = ""
    refresh_token: str = ""

    def __post_init__(self) -> None:
        self.id_token, self.refresh_token = hidden(self.id_token), hidden(self.refresh_token)


class OIDC:
    """Id-tokens with a refresh token.

    Args:
        config: The kubeconfig's auth-provider config: ``idp-issuer-url``, ``client-id``, ``client-secret``,
            ``id-token``, ``refresh-token``, ``idp-certificate-authority(-data)``.
        clock: Says whether a token has ended.
        save: Writes changed settings (``id-token``, ``refresh-token``) to where `config` came from; None: nowhere.
        http: Transport to the provider, for tests.
    """

    def __init__(
        self,
        config: Mapping[str, str],
        clock: Clock,
        *,
        save: Callable[[Mapping[str, str]], object] | None = None,
        http: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        config = {key: hidden(value) if key in KUBECONFIG_FIELDS else value for key, value in config.items()}
        for needed in ("idp-issuer-url", "client-id"):
            if not config.get(needed):
                raise AuthError(f"oidc: must provide {needed}")
        self._config = config
        self._clock = clock
        self._save = save
        self._http = http
        self._id_token = config.get("id-token", "")
        self._refresh_token = config.get("refresh-token", "")
        self._flight = anyio.Lock()

    async def authorization(self) -> str:
        """``Bearer <id-token>``; asks the provider when it has ended."""
        async with self._flight:
            if not self._id_token or token_expiry(self._id_token) - _MARGIN_SECONDS <= self._now():
                await self._renew()
            return bearer(self._id_token)

    async def certificate(self) -> None:
        """Never a certificate."""
        return

    async def renew(self, refused: str) -> bool:
        """Asks the provider, unless another task did since `refused` was used."""
        async with self._flight:
            if bearer(self._id_token) == refused:
                if not self._refresh_token:
                    return False
                await self._renew()
            return bearer(self._id_token) != refused

    def _now(self) -> float:
        return self._clock.wall().timestamp()

    async def _renew(self) -> None:
        if not self._refresh_token:
            raise AuthError("No valid id-token, and cannot refresh without refresh-token", hint="log in again")
        async with httpx.AsyncClient(**self._options()) as client:  # type: ignore[arg-type]
            try:
                issuer = self._config["idp-issuer-url"].rstrip("/")
                found = await client.get(f"{issuer}/.well-known/openid-configuration")
                endpoint = read_json(found.content, "the provider's configuration", _Provider).token_endpoint
                answer = await client.post(
                    endpoint,
                    content=self._form(),
                    headers={"Content-Type": "application/x-www-form-urlencoded"},
                )
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise AuthError(
                    f"oidc: the identity provider {issuer} did not answer: {str(error) or type(error).__name__}",
                    hint="check idp-issuer-url in the kubeconfig, and whether it can be reached from here",
                ) from error
            except (DecodeError, ValueError) as error:
                raise AuthError(
                    f"oidc: the identity provider {issuer} does not say where tokens are refreshed: {error}",
                    hint="its /.well-known/openid-configuration must be JSON with a token_endpoint; a proxy may answer for it",
                ) from error
        self._take(answer, issuer)

    def _form(self) -> SecretBytes:
        fields = {
            "grant_type": "refresh_token",
            "refresh_token": self._refresh_token,
            "client_id": self._config["client-id"],
            "client_secret": self._config.get("client-secret"),
        }
        return hidden(urlencode({key: revealed(value) for key, value in fields.items() if value}).encode())

    def _take(self, answer: httpx.Response, issuer: str) -> None:
        try:
            tokens = read_json(answer.content, "the provider's answer", _Tokens)
        except DecodeError:
            tokens = _Tokens()
        if answer.status_code != 200 or not tokens.id_token:
            raise AuthError(
                f"oidc: failed to refresh the token at {issuer}: it answered {answer.status_code}", hint="log in again"
            )
        self._id_token = tokens.id_token
        self._refresh_token = tokens.refresh_token or self._refresh_token
        self._keep()

    def _keep(self) -> None:
        if self._save is None:
            return
        try:
            self._save({"id-token": self._id_token, "refresh-token": self._refresh_token})
        except (KubeError, OSError) as error:
            # The new tokens work all the same, in this process.
            _log.warning("oidc: the new tokens could not be written to the kubeconfig: %s", error)

    def _options(self) -> dict[str, object]:
        if self._http is not None:
            return {"transport": self._http, "timeout": _ASK_SECONDS}
        context = ssl.create_default_context()
        try:
            if data := self._config.get("idp-certificate-authority-data"):
                context.load_verify_locations(cadata=base64.b64decode(data).decode())
            elif file := self._config.get("idp-certificate-authority"):
                context.load_verify_locations(cafile=file)
        except (OSError, ValueError) as error:
            raise AuthError("oidc: the identity provider's certificate authority is not readable") from error
        return {"verify": context, "timeout": _ASK_SECONDS}


def token_expiry(token: str) -> float:
    """Returns the expiry of a JWT in seconds since 1970; 0 for one without a readable expiry."""
    try:
        payload = token.split(".")[1]
        claims = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        return read_json(claims, "the token's claims", _Claims).exp
    except (IndexError, ValueError, DecodeError):
        return 0.0
