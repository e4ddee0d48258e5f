from __future__ import annotations

import pytest

from kmagic.rest.masking import mask_authorization, mask_header, truncate_body, visible


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        pytest.param("Bearer abc", "Bearer <masked>", id="RE-29 A30 bearer"),
        pytest.param("bearer abc", "bearer <masked>", id="RE-29 A30 case"),
        pytest.param("Basic abc", "Basic <masked>", id="RE-29 A30 basic"),
        pytest.param("Negotiate abc", "Negotiate <masked>", id="RE-29 A30 negotiate"),
        pytest.param("Foo abc", "<masked>", id="RE-29 A30 unknown"),
        pytest.param("secret", "<masked>", id="RE-29 A30 no scheme"),
        pytest.param("Bearer", "Bearer", id="RE-29 A30 scheme alone"),
        pytest.param("Bearer ", "Bearer", id="RE-29 A30 scheme and blank"),
        pytest.param("", "", id="RE-29 A30 empty"),
    ],
)
def test_authorization(value: str, masked: str) -> None:
    assert mask_authorization(value) == masked


def test_RE_29_headers() -> None:
    assert mask_header("authorization", "Bearer abc") == "Bearer <masked>"
    assert mask_header("Cookie", "a=b") == "<masked>"
    assert mask_header("Accept", "x") == "x"
    protocols = "base64url.bearer.authorization.k8s.io.c2VjcmV0, v5.channel.k8s.io"
    assert mask_header("Sec-WebSocket-Protocol", protocols) == "<masked>, v5.channel.k8s.io"


@pytest.mark.parametrize(
    ("verbosity", "size", "shown"),
    [
        pytest.param(7, 10, " [truncated 10 chars]", id="RE-29 A29 nothing below 8"),
        pytest.param(8, 1024, "x" * 1024, id="RE-29 A29 up to 1024 at 8"),
        pytest.param(8, 1025, "x" * 1024 + " [truncated 1 chars]", id="RE-29 A29 more at 8"),
        pytest.param(9, 10241, "x" * 10240 + " [truncated 1 chars]", id="RE-29 A29 more at 9"),
        pytest.param(10, 20000, "x" * 20000, id="RE-29 A29 all at 10"),
        pytest.param(0, 0, "", id="RE-29 A29 empty"),
    ],
)
def test_bodies(verbosity: int, size: int, shown: str) -> None:
    assert truncate_body("x" * size, verbosity) == shown


def test_KC_21_control_characters_become_visible() -> None:
    assert visible("a\x1b[31mb\nc\x07") == "aU+001B[31mb\ncU+0007"
