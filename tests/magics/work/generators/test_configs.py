"""ConfigMaps and Secrets of pairs; hashes are compared with kubectl's in tests/parity."""

from __future__ import annotations

import base64
import json

import pytest

from kmagic.magics.work.generators.configs import config_map, docker_config, env_lines, literal, secret
from kmagic.magics.work.generators.parts import GeneratorError


def test_what_is_no_text_is_binary() -> None:
    made = config_map("a", [("text", b"x"), ("bytes", b"\xff")])
    assert made["data"] == {"text": "x"}
    assert made["binaryData"] == {"bytes": base64.b64encode(b"\xff").decode()}


def test_lines_of_a_file_are_pairs() -> None:
    data = b"\xef\xbb\xbf# comment\nA=1\r\n  B=x=y\n\nHOME\nNONE\n"
    assert list(env_lines(data, {"HOME": "/h"})) == [("A", b"1"), ("B", b"x=y"), ("HOME", b"/h"), ("NONE", b"")]


def test_a_login_is_what_container_runtimes_read() -> None:
    read = json.loads(docker_config("r", "u", "p", ""))
    assert read == {"auths": {"r": {"username": "u", "password": "p", "auth": base64.b64encode(b"u:p").decode()}}}


@pytest.mark.parametrize("text", ["a", "=b", ""])
def test_literals_that_are_none(text: str) -> None:
    with pytest.raises(GeneratorError, match="expected key=value"):
        literal(text)


@pytest.mark.parametrize("key", ["", "a/b", ".", "..a", "a" * 254])
def test_keys_that_are_none(key: str) -> None:
    with pytest.raises(GeneratorError):
        secret("a", [(key, b"")])


def test_a_line_that_is_no_text_does_not_show_itself() -> None:
    with pytest.raises(GeneratorError, match="line 2 has invalid utf8 bytes"):
        list(env_lines(b"A=1\nB=\xff", {}))
