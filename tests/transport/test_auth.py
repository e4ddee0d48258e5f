from __future__ import annotations

from pathlib import Path

import pytest

from kmagic.config.client_config import AuthConfig, Impersonation
from kmagic.errors import AuthError, ConfigError
from kmagic.transport.auth import (
    Anonymous,
    FixedHeader,
    TokenFile,
    basic_header,
    impersonation_headers,
    static_authenticator,
)
from tests.transport.servers import InstantClock


async def test_fixed_headers() -> None:
    assert await FixedHeader("Bearer x").authorization() == "Bearer x"
    assert not await FixedHeader("Bearer x").renew("Bearer x")
    assert await Anonymous().authorization() == ""
    assert await Anonymous().certificate() is None
    assert basic_header("user", "päss") == "Basic dXNlcjpww6Rzcw=="


async def test_RE_24_a_token_file_is_read_again_after_a_minute(tmp_path: Path) -> None:
    path, clock = tmp_path / "token", InstantClock()
    path.write_text("one\n")
    tokens = TokenFile(path, clock)
    assert await tokens.authorization() == "Bearer one"
    path.write_text("two")
    clock.seconds += 59
    assert await tokens.authorization() == "Bearer one"
    clock.seconds += 1
    assert await tokens.authorization() == "Bearer two"


async def test_RE_24_a_failing_refresh_keeps_the_old_token(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path, clock = tmp_path / "token", InstantClock()
    path.write_text("secret-one")
    tokens = TokenFile(path, clock)
    await tokens.authorization()
    path.unlink()
    clock.seconds += 61
    assert await tokens.authorization() == "Bearer secret-one"
    assert "the old token stays" in caplog.text
    assert "secret-one" not in caplog.text


async def test_RE_24_the_first_failure_is_an_error_unless_there_is_a_token(tmp_path: Path) -> None:
    with pytest.raises(AuthError, match="unable to read the token file"):
        await TokenFile(tmp_path / "missing", InstantClock()).authorization()
    assert await TokenFile(tmp_path / "missing", InstantClock(), first="x").authorization() == "Bearer x"
    (tmp_path / "empty").write_text("")
    with pytest.raises(AuthError, match="is empty"):
        await TokenFile(tmp_path / "empty", InstantClock()).authorization()


async def test_KC_13_a_token_file_wins_over_the_token(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("from-file")
    auth = static_authenticator(AuthConfig(token="start", token_file=str(path)), InstantClock())
    assert await auth.authorization() == "Bearer from-file"


async def test_a_401_reads_the_token_file_at_once(tmp_path: Path) -> None:
    path, clock = tmp_path / "token", InstantClock()
    path.write_text("one")
    tokens = TokenFile(path, clock)
    await tokens.authorization()
    assert not await tokens.renew("Bearer one")
    path.write_text("two")
    assert await tokens.renew("Bearer one")
    assert await tokens.authorization() == "Bearer two"


async def test_RE_22_one_method_at_a_time() -> None:
    with pytest.raises(ConfigError, match="may be set, but not both"):
        static_authenticator(AuthConfig(token="x", username="u", password="p"), InstantClock())
    assert static_authenticator(AuthConfig(), InstantClock()) is None
    basic = static_authenticator(AuthConfig(username="u", password="p"), InstantClock())
    assert await basic.authorization() == "Basic dTpw"


@pytest.mark.parametrize(
    ("who", "headers"),
    [
        pytest.param(None, [], id="RE-23 nobody"),
        pytest.param(Impersonation(user="u"), [("Impersonate-User", "u")], id="RE-23 A30 user"),
        pytest.param(
            Impersonation(user="u", uid="1", groups=("a", "b")),
            [("Impersonate-User", "u"), ("Impersonate-Uid", "1"), ("Impersonate-Group", "a"), ("Impersonate-Group", "b")],
            id="RE-23 A30 uid and groups",
        ),
        pytest.param(
            Impersonation(user="u", extra={"Example.com/Some Thing%": ("x", "y")}),
            [
                ("Impersonate-User", "u"),
                ("Impersonate-Extra-example.com%2Fsome%20thing%25", "x"),
                ("Impersonate-Extra-example.com%2Fsome%20thing%25", "y"),
            ],
            id="RE-23 A30 extra is lower-cased and escaped",
        ),
    ],
)  # fmt: skip
def test_impersonation(who: Impersonation | None, headers: list[tuple[str, ...]]) -> None:
    assert impersonation_headers(who) == headers
