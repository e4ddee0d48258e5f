"""Differences as values: what is shown of them, and what is never."""

from __future__ import annotations

from kmagic.magics.results.differences import Difference, KDiff


def secret(**data: str) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}, "data": data}


def test_only_what_differs_counts_in_the_order_of_the_files() -> None:
    one = {"kind": "ConfigMap", "data": {"a": "1"}}
    other = {"kind": "ConfigMap", "data": {"a": "2"}}
    found = KDiff(
        [
            Difference.of("configmap/b", ("LIVE/b", "MERGED/b"), one, other),
            Difference.of("configmap/same", ("LIVE/c", "MERGED/c"), one, one),
            Difference.of("configmap/a", ("LIVE/a", "MERGED/a"), None, one),
        ]
    )
    assert [each.what for each in found] == ["configmap/b", "configmap/a"]
    assert found.same == ("configmap/same",)
    assert found.text.startswith("diff -u -N LIVE/a MERGED/a\n--- LIVE/a\n+++ MERGED/a\n@@ -0,0 +1,3 @@\n")


def test_values_of_secrets_are_masked_as_kubectl_masks_them() -> None:
    found = Difference.of("secret/keys", ("a", "b"), secret(same="eA==", old="eQ=="), secret(same="eA==", old="eg=="))
    assert found.before is not None
    assert found.before["data"] == {"same": "***", "old": "*** (before)"}
    assert found.after["data"] == {"same": "***", "old": "*** (after)"}


def test_what_a_terminal_obeys_is_not_shown() -> None:
    found = KDiff([Difference.of("configmap/a", ("a", "b"), None, {"data": {"a": "\x1b[2J<b>"}})])
    bundle = found._repr_mimebundle_()
    assert "\x1b" not in bundle["text/plain"] + bundle["text/html"]
    assert "<b>" not in bundle["text/html"]
