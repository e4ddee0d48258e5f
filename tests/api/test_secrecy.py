"""Values that do not show themselves."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from kmagic.api import secrecy
from kmagic.api.secrecy import HIDDEN, SecretBytes, SecretText, hidden, redacted_url, revealed
from kmagic.models import core_v1

TOKEN = "s3cr3t-t0ken"
PASSWORD = "p4ssw0rd"


@pytest.mark.parametrize(
    "text",
    [
        lambda token: repr(token),
        lambda token: str([token, {"a": token}]),
        lambda token: f"{token} {token!r} {token:>40}",
        lambda token: f"{token} {[token]}",
        lambda token: "%s %r" % (token, token),  # noqa: UP031  # loggers format so
        lambda token: repr("Bearer " + token) + repr(token + "\n") + repr((token + " ").strip()),
        lambda token: repr(token.encode()) + repr(b"TOKEN=" + token.encode()) + repr(os.fsencode(token)),
    ],
)
def test_no_text_made_of_it_shows_it(text: Callable[..., Any]) -> None:
    assert TOKEN not in text(hidden(TOKEN))


def test_a_log_record_hides_it(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("kmagic.test").warning("token %s of %r", hidden(TOKEN), {"token": hidden(TOKEN)})
    assert TOKEN not in caplog.text
    assert HIDDEN in caplog.text


def test_it_is_the_same_text_and_bytes_for_whoever_sends_it() -> None:
    secret = hidden(TOKEN)
    assert secret == TOKEN
    assert hash(secret) == hash(TOKEN)
    assert secret.reveal() == TOKEN
    assert type(secret.reveal()) is str
    assert hidden(secret) == TOKEN
    assert secret.encode() == TOKEN.encode()
    assert bytes(secret.encode()) == TOKEN.encode()
    assert hidden(TOKEN.encode()).reveal() == TOKEN.encode()
    assert quote(secret) == TOKEN
    assert hidden(None) is None


def test_what_is_written_is_plain_again() -> None:
    plain = revealed({"users": [{"token": SecretText(TOKEN), "data": SecretBytes(b"x")}]})
    assert repr(plain) == repr({"users": [{"token": TOKEN, "data": b"x"}]})


def test_a_kubeconfigs_secrets_are_hidden_and_the_rest_stays() -> None:
    user = {
        "token": TOKEN,
        "username": "me",
        "client-key-data": TOKEN,
        "auth-provider": {"name": "oidc", "config": {"client-id": "kube", "refresh-token": TOKEN}},
        "exec": {"command": "login", "args": ["--token", TOKEN], "env": [{"name": "A", "value": TOKEN}]},
    }
    shown = repr(secrecy.hide_fields({"users": [{"name": "u", "user": user}]}))
    assert TOKEN not in shown
    for kept in ("'me'", "'kube'", "'login'", "'A'", "'oidc'"):
        assert kept in shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a:6443/x", "https://a:6443/x"),
        (f"http://me:{PASSWORD}@proxy:3128", f"http://me:{HIDDEN}@proxy:3128"),
        (f"me:{PASSWORD}@proxy:3128", HIDDEN),
        (f"http://[{PASSWORD}@", HIDDEN),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert redacted_url(url) == shown


@pytest.mark.parametrize(
    ("model", "kept"),
    [
        (core_v1.EnvVar(name="DB_PASSWORD", value=PASSWORD), "DB_PASSWORD"),
        (core_v1.EnvVar(name="DB", value=f"postgres://app:{PASSWORD}@db/shop"), "'DB'"),
        (core_v1.HTTPHeader(name="Authorization", value=f"Bearer {PASSWORD}"), "Authorization"),
        (core_v1.ConfigMap(data={"db.password": PASSWORD, "colour": "red"}), "red"),
        (core_v1.Secret(string_data={"k": PASSWORD}), "'k'"),
    ],
)
def test_a_typed_objects_repr_hides_what_is_secret_in_it(model: object, kept: str) -> None:
    assert PASSWORD not in repr(model)
    assert kept in repr(model)


def test_other_variables_are_shown() -> None:
    assert "'debug'" in repr(core_v1.EnvVar(name="LOG_LEVEL", value="debug"))
