"""What must not be seen."""

from __future__ import annotations

import base64
import copy
import json

import pytest

from kmagic.api.meta import LAST_APPLIED
from kmagic.api.secrecy import mask_in, sensitive_name
from kmagic.views.masking import mask, mask_object

SALT = b"salt of this session"
VALUE = "correct horse battery staple"
ENCODED = base64.b64encode(VALUE.encode()).decode()

HOLDERS = [
    pytest.param({"kind": "Secret", "data": {"password": ENCODED}}, id="R8 data"),
    pytest.param({"kind": "Secret", "stringData": {"password": VALUE}}, id="R8 stringData"),
    pytest.param(
        {
            "kind": "Secret",
            "metadata": {"annotations": {LAST_APPLIED: json.dumps({"data": {"p": ENCODED, "q": VALUE}})}},
        },
        id="R8 last-applied",
    ),
    pytest.param({"kind": "SecretList", "items": [{"data": {"password": ENCODED}}]}, id="R8 items without a kind"),
    pytest.param({"kind": "List", "items": [{"kind": "Secret", "data": {"password": ENCODED}}]}, id="R8 mixed list"),
    pytest.param(
        {"kind": "Pod", "spec": {"containers": [{"env": [{"name": "DB_PASSWORD", "value": VALUE}]}]}},
        id="R8 environment",
    ),
    pytest.param(
        {
            "kind": "Deployment",
            "metadata": {"annotations": {LAST_APPLIED: json.dumps({"env": [{"name": "API_KEY", "value": VALUE}]})}},
            "spec": {"template": {"spec": {"initContainers": [{"env": [{"name": "API_KEY", "value": VALUE}]}]}}},
        },
        id="R8 template",
    ),
    pytest.param({"kind": "ConfigMap", "data": {"db.password": VALUE}}, id="R8 config map"),
    pytest.param(
        {"kind": "Table", "rows": [{"object": {"kind": "ConfigMap", "data": {"password": VALUE}}}, {"object": None}]},
        id="R8 rows of a table",
    ),
    pytest.param(
        {
            "kind": "Table",
            "rows": [
                {
                    "object": {
                        "kind": "PartialObjectMetadata",
                        "metadata": {
                            "annotations": {
                                LAST_APPLIED: json.dumps({"kind": "ConfigMap", "data": {"password": VALUE}})
                            }
                        },
                    }
                }
            ],
        },
        id="R8 metadata of a table",
    ),
    pytest.param({"kind": "Config", "users": [{"name": "u", "user": {"token": VALUE}}]}, id="R8 kubeconfig"),
    pytest.param({"kind": "TokenRequest", "status": {"token": VALUE}}, id="R8 token"),
]


@pytest.mark.parametrize("obj", HOLDERS)
def test_secrets_are_masked_and_the_object_stays_as_it_is(obj: dict[str, object]) -> None:
    before = copy.deepcopy(obj)
    shown = json.dumps(mask_object(obj, SALT), ensure_ascii=False)
    assert VALUE not in shown
    assert ENCODED not in shown
    assert "‹masked" in shown
    assert obj == before


def test_the_mask_tells_the_size_and_whether_the_value_changed() -> None:
    assert mask("a" * 24, SALT).startswith("‹masked 24 B #")
    assert mask("one", SALT) == mask(b"one", SALT)
    assert mask("one", SALT) != mask("two", SALT)
    assert mask("one", SALT) != mask("one", b"another session")
    assert mask_in(mask("one", SALT)) == 0
    assert mask_in(json.dumps({"a": mask("one", SALT)})) == 7
    assert mask_in(f"a: {mask('one', SALT)}".encode()) == 3
    assert mask_in("one masked 3 B") is None


def test_encoded_and_plain_data_have_the_same_mark() -> None:
    left = mask_object({"kind": "Secret", "data": {"p": ENCODED}}, SALT)
    right = mask_object({"kind": "Secret", "stringData": {"p": VALUE}}, SALT)
    assert left["data"] == right["stringData"]


def test_what_holds_no_secret_is_shown() -> None:
    plain = {
        "kind": "Pod",
        "metadata": {"name": "a", "annotations": {LAST_APPLIED: "{}"}},
        "spec": {
            "containers": [{"env": [{"name": "LOG_LEVEL", "value": "debug"}, {"name": "TOKEN", "valueFrom": {}}]}]
        },
    }
    assert mask_object(plain, SALT) == plain
    assert mask_object({"kind": "ConfigMap", "data": {"a": "b"}}, SALT)["data"] == {"a": "b"}


def test_data_that_is_not_base64_is_masked_too() -> None:
    assert mask_in(mask_object({"kind": "Secret", "data": {"p": "%%%"}}, SALT)["data"]["p"]) == 0


def test_the_annotation_of_kubectl_is_masked_where_it_repeats_a_value_and_shown_beside() -> None:
    reference = {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}
    applied = {"kind": "Deployment", "spec": {"template": {"spec": {"containers": [{"env": [reference]}]}}}}
    obj = {**applied, "metadata": {"annotations": {LAST_APPLIED: json.dumps(applied)}}}
    assert mask_object(obj, SALT) == obj
    literal = {
        "kind": "Pod",
        "spec": {"containers": [{"image": "web:<1>", "env": [{"name": "PASSWORD", "value": VALUE}]}]},
    }
    shown = mask_object({**literal, "metadata": {"annotations": {LAST_APPLIED: json.dumps(literal)}}}, SALT)
    container = json.loads(shown["metadata"]["annotations"][LAST_APPLIED])["spec"]["containers"][0]
    assert (container["image"], container["env"][0]["value"]) == ("web:<1>", mask(VALUE, SALT))
    broken = {"kind": "Pod", "metadata": {"annotations": {LAST_APPLIED: "{password: " + VALUE}}}
    assert mask_in(mask_object(broken, SALT)["metadata"]["annotations"][LAST_APPLIED]) == 0


@pytest.mark.parametrize(
    ("name", "sensitive"),
    [("DB_PASSWORD", True), ("apiKey", True), ("AWS_SECRET", True), ("tls.key", True), ("credentials", True),
     ("LOG_LEVEL", False), ("keyboard", False), ("monkey", False), ("publickey", False)],
)  # fmt: skip
def test_names(name: str, sensitive: bool) -> None:
    assert sensitive_name(name) is sensitive


def test_what_has_no_secret_is_shared_and_not_copied() -> None:
    pod = {"kind": "Pod", "spec": {"containers": [{"env": [{"name": "A", "value": "b"}]}], "volumes": [{"name": "v"}]}}
    assert mask_object(pod, b"salt") is pod
    secret = {**pod, "spec": {**pod["spec"], "initContainers": [{"env": [{"name": "PASSWORD", "value": "hunter2"}]}]}}
    masked = mask_object(secret, b"salt")
    assert masked["spec"]["containers"] is pod["spec"]["containers"]
    assert "hunter2" not in str(masked)
    assert "hunter2" in str(secret)
