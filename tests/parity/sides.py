"""The two sides of a comparison: the built kubectl, and `%kubectl` in a notebook's shell, each in its namespace."""

from __future__ import annotations

import re
import shlex
import subprocess
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import kmagic
from kmagic.errors import KubeError, NoMatchError, NotFoundError, UsageError
from kmagic.magics.results.cards import KApply, KDelete, result_of
from tests.magics.conftest import Notebook


@dataclass(frozen=True)
class Said:
    """What a line led to.

    Attributes:
        text: What a person sees.
        ours: What is wrong with the line itself is told in our words, with the place and an example.
    """

    text: str
    failed: bool
    ours: bool = False


@dataclass(frozen=True)
class Place:
    """A side's own namespace and files."""

    namespace: str
    folder: Path

    def filled(self, line: str) -> str:
        return line.replace("{ns}", self.namespace).replace("{dir}", str(self.folder))

    def plain(self, text: str) -> str:
        """The text without what cannot be the same on both sides."""
        text = text.replace(self.namespace, "NS").replace(str(self.folder), "DIR")
        for pattern, shown in _PASSING:
            text = pattern.sub(shown, text)
        lines = [line.rstrip() for line in text.strip("\n").split("\n") if line.strip()]
        # Whether a warning comes before or behind the answer is the terminal's to say.
        return "\n".join(sorted(lines, key=lambda line: line.startswith("Warning: ")))


_PASSING = (
    # The files that kubectl's diff compares are in folders of the moment.
    (re.compile(r"\S*/(LIVE|MERGED)-\d+/"), r"\1/"),
    (re.compile(r"^((?:---|\+\+\+) (?:LIVE|MERGED)/\S+)\t.*$", re.MULTILINE), r"\1"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "UID"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "TIME"),
    (re.compile(r"\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}"), "TIME"),
    (re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4} \w+"), "TIME"),
    (re.compile(r"\bResource Version: +\d+"), "VERSION"),
    (re.compile(r"resourceVersion: \"\d+\"|\"resourceVersion\": ?\"\d+\""), "VERSION"),
    (re.compile(r"\b(?:\d+[dhms])+\b"), "AGE"),
    # A column is as wide as its widest age.
    (re.compile(r"\bAGE {2,}"), "AGE   "),
    (re.compile(r"(?<=-)[a-z0-9]{5}\b(?=[ \"':\n]|$)"), "RANDOM"),
)

# kubectl says who refused; we say what was refused.
_PREFIXES = re.compile(
    r"^(?:error: |Error in configuration: |Error from server(?: \(\w+\))?: |The connection|failed to create (?:secret |[\w\s-]+: )|Error: "
    r"|error when \w+ \"[^\"]*\": |error validating \"[^\"]*\": )+"
)


# The server names the group of what is invalid, and no name where the request itself is.
_OF_GROUP = re.compile(r'^(?: ?"" is invalid: |(\w+)(?:\.[\w.]+)?(?= "[^"]*" is invalid: ))')


def _error_words(text: str) -> str:
    lines = [line for line in text.strip().split("\n") if not line.startswith(("See 'kubectl", "Run 'kubectl"))]
    return _in_one_line("\n".join(_OF_GROUP.sub(r"\1", _PREFIXES.sub("", line)) for line in lines))


def _in_one_line(text: str) -> str:
    """Kubectl sets the causes of a refusal one below the other; the server, which we repeat, in one line."""

    def joined(found: re.Match[str]) -> str:
        causes = [line.removeprefix("* ") for line in found["causes"].strip("\n").split("\n")]
        return f"{found['what']} is invalid: [{', '.join(causes)}]"

    text = re.sub(r'The (?P<what>\w+ "[^"]*") is invalid: ?(?P<causes>(?:\n\* [^\n]*)+)', joined, text)
    return re.sub(r'The (\w+ "[^"]*") is invalid: ', r"\1 is invalid: ", text).replace("The request is invalid: ", "")


class KubectlSide:
    """The built kubectl."""

    def __init__(self, kubectl: str, kubeconfig: str, place: Place) -> None:
        self.place = place
        self._words = [kubectl, "--kubeconfig", kubeconfig, "-n", place.namespace]

    def run(self, line: str) -> Said:
        done = subprocess.run(
            [*self._words, *shlex.split(self.place.filled(line))],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=60,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        # The exit code 1 of a diff says that there are differences.
        failed = done.returncode > (1 if line.startswith("diff ") else 0)
        text = done.stdout.rstrip("\n")
        if done.stderr:
            text = "\n".join(filter(None, (text, _error_words(done.stderr) if failed else done.stderr.strip("\n"))))
        return Said(self.place.plain(text), failed)


class MagicSide:
    """`%kubectl` in a notebook whose namespace is the side's."""

    def __init__(self, notebook: Notebook, place: Place) -> None:
        self.place = place
        self._notebook = notebook
        notebook.ok(f"%kns {place.namespace}")

    def run(self, line: str) -> Said:
        ran = self._notebook.run(f"%kubectl -n {self.place.namespace} {self.place.filled(line)}")
        if ran.error is not None:
            shown = [bundle.get("text/plain", "") for bundle in ran.bundles]
            text = "\n".join(filter(None, (*map(_kubectls, shown), *_messages(ran.error))))
            return Said(self.place.plain(text), True, isinstance(ran.error, UsageError))
        text = ran.text.strip("\n")
        if isinstance(ran.value, KApply) and " -o" not in line:
            text = _kubectls(text)
        return Said(self.place.plain(text), False)


def _kubectls(text: str) -> str:
    """The lines that kubectl has, too: changed fields stand indented below them, and what was not done in its place."""
    return "\n".join(line for line in text.split("\n") if not line.startswith("    ") and not _NOT_DONE.search(line))


_NOT_DONE = re.compile(r" (?:failed|not tried)(?:: .*)?(?: \((?:server )?dry run\))?$")


# Without a Status of the server, the request is named.
_WHERE = re.compile(r" \((?:GET|POST|PUT|PATCH|DELETE) [^)]*\)$")


def _messages(error: BaseException) -> list[str]:
    """What kubectl prints, one below the other: the errors of all objects that were not changed, or the only one."""
    result = result_of(error)
    errors = result.errors if isinstance(result, KApply | KDelete) else []
    also = str(getattr(error, "hint", "")).split("\n")
    return [
        *(
            _WHERE.sub("", _OF_GROUP.sub(r"\1", each.message))
            for each in errors or [error]
            if isinstance(each, KubeError)
        ),
        *(line.removeprefix("also: ") for line in also if line.startswith("also: ")),
    ]


@contextmanager
def namespaces(
    client: kmagic.Client, folder: Path, files: dict[str, str], types: Sequence[str]
) -> Iterator[tuple[Place, Place]]:
    """Two namespaces of names as long as each other, each with its copy of the files.

    What bears their names outside of namespaces goes with them: a Node that stays would be another test's.
    """
    mark = uuid.uuid4().hex[:6]
    places = tuple(Place(f"parity-{mark}{side}", folder / side) for side in "ab")
    for place in places:
        place.folder.mkdir()
        for name, text in files.items():
            (place.folder / name).write_text(place.filled(text))
        client.resource("namespaces", None).create(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": place.namespace}}
        )
    try:
        yield places[0], places[1]
    finally:
        for place in places:
            client.resource("namespaces", None).delete(place.namespace)
            for written in types:
                _delete_named(client, written, place.namespace)


def _delete_named(client: kmagic.Client, written: str, mark: str) -> None:
    if client.mapper.resource_for(written).namespaced:
        return
    for item in client.resource(written, None).list().items:
        if mark in item["metadata"]["name"] and written not in ("ns", "namespaces"):
            client.resource(written, None).delete(item["metadata"]["name"])


def objects(client: kmagic.Client, types: Sequence[str], place: Place) -> dict[str, Any]:
    """The objects of a side, without what cannot be the same; of types without a namespace those that bear its name."""
    found: dict[str, Any] = {}
    for written in types:
        try:
            resource = client.mapper.resource_for(written)
            listed = client.resource(written, place.namespace if resource.namespaced else None).list()
        except (NoMatchError, NotFoundError):
            continue
        for item in listed.items:
            if any(owner.get("controller") for owner in item["metadata"].get("ownerReferences") or ()):
                continue
            if resource.namespaced or place.namespace in item["metadata"]["name"]:
                neat = _neat(item, place.plain)
                found[f"{written}/{neat['metadata']['name']}"] = neat
    return found


_LEFT_OUT = ("managedFields", "resourceVersion", "uid", "generation", "selfLink", "creationTimestamp", "namespace")
_FLEETING = ("kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/revision")
# What controllers and the server choose.
_CHOSEN = (
    "clusterIP",
    "clusterIPs",
    "nodePort",
    "status",
    "healthCheckNodePort",
    "nodeName",
    "topology.kubernetes.io/zone",
)


def _of_controller(item: Any) -> bool:
    """Whether it is a taint that the node controller sets in its own time."""
    return isinstance(item, dict) and str(item.get("key", "")).startswith("node.kubernetes.io/")


def _neat(value: Any, plain: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        dropped = (*_LEFT_OUT, *_CHOSEN, *_FLEETING)
        neat = {plain(key): _neat(item, plain) for key, item in value.items() if key not in dropped}
        # An object whose last annotation was left out has none.
        return {key: item for key, item in neat.items() if key != "annotations" or item}
    if isinstance(value, list):
        return [_neat(item, plain) for item in value if not _of_controller(item)]
    return plain(value) if isinstance(value, str) else value
