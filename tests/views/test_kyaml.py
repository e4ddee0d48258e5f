"""KYAML: kubectl itself says how it is written, and the built one is asked where there is one."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from kmagic.api.codec import load_yaml_documents
from kmagic.views.kyaml import to_kyaml

KEYS = [
    "a",
    "a-b",
    "a.b/c",
    "_x",
    "x_",
    "no",
    "yes",
    "on",
    "off",
    "y",
    "n",
    "Y",
    "true",
    "TRUE",
    "T",
    "f",
    "null",
    "nan",
    "inf",
    "infinity",
    "1",
    "08",
    "0x1f",
    "0b1",
    "0o7",
    "1e3",
    "1.5",
    "1_000",
    "1.2.3",
    "2024-01-02",
    "2024-13-02",
]
TEXTS = {
    "lines": "a\n  b\n\tc\n\nd",
    "ends": "x\ny\n",
    "begins": " a\nb",
    "empty": "",
    "line": "\n",
    "quoted": 'say "hi" \\',
    "tab": "a\tb",
    "letters": "é\u2028\u00a0",
    "control": "\x01\r\x1b\a\b\f\v\0",
}
OBJECT: dict[str, Any] = {
    "apiVersion": "example.com/v1",
    "kind": "Thing",
    "metadata": {"name": "x", "labels": {"q": "w"}, "annotations": {key: "v" for key in KEYS if key != "_x"}},
    "spec": {
        **TEXTS,
        "keys": {**dict.fromkeys(KEYS, 1), "": 1, "a b": 1, "a:b": 1, "é": 1, "-a": 1, "a-": 1},
        "none": None,
        "nothing": {"list": [], "map": {}},
        "scalars": [1, -3, 2.5, True, None, "s"],
        "cuddled": [{"x": 1}, {"y": [{"z": ["a\nb"]}]}],
        "lists": [[1], [2, 3], []],
        "mixed": [{"a": 1}, "s"],
    },
}


def test_an_object_is_written_as_kubectl_writes_it(kubectl_path: str, tmp_path: Path) -> None:
    file = tmp_path / "thing.json"
    file.write_text(json.dumps(OBJECT))
    words = ["label", "--local", "-f", str(file), "q=w", "-o", "kyaml"]
    done = subprocess.run([kubectl_path, *words], capture_output=True, text=True, timeout=60, check=True)
    assert to_kyaml(OBJECT) == done.stdout


def test_it_is_yaml_and_reads_as_the_same() -> None:
    [document] = load_yaml_documents(to_kyaml(OBJECT))
    assert document.obj == OBJECT


def test_lists_of_objects_are_cuddled_and_others_are_not() -> None:
    assert to_kyaml({"kind": "X", "a": [{"b": "c"}], "d": ["e"]}) == (
        '---\n{\n  a: [{\n    b: "c",\n  }],\n  d: [\n    "e",\n  ],\n  kind: "X",\n}\n'
    )
