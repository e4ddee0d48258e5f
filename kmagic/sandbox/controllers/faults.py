"""Faults on purpose: what is simulated to go wrong with a Pod, chosen by annotation or image name.

The annotation ``kmagic.dev/fault`` on the Pod (or its template) names one; without it the last part of an image's
name does, so that ``image: example/crashloop`` needs no annotation. What a container does can also be written as its
command: ``sh -c "echo hello; sleep 2; exit 3"`` logs a line, runs for two seconds and exits with 3.
"""

from __future__ import annotations

import re

import msgspec

from kmagic.api.types import JSONObject

__all__ = ("ANNOTATION", "Script", "of", "script_of")

ANNOTATION = "kmagic.dev/fault"

# Image names and their faults; an annotation names the same faults.
BY_IMAGE = (
    # Exits with 1 soon after its start, again and again (CrashLoopBackOff)
    (re.compile(r"crash-?loop|^crash"), "crash-loop"),
    # Cannot be pulled (ErrImagePull, ImagePullBackOff)
    (re.compile(r"image-?pull|does-?not-?exist|no-?such"), "image-pull"),
    # Is killed for using too much memory (OOMKilled, exit code 137)
    (re.compile(r"^oom|-oom"), "oom"),
    # No node has room (FailedScheduling)
    (re.compile(r"^pending"), "pending"),
    # Runs but is ready only after 20 seconds.
    (re.compile(r"slow-?start|^slow"), "slow-start"),
    # Runs and its readiness probe fails for ever.
    (re.compile(r"never-?ready"), "never-ready"),
)

STATEMENT = re.compile(r"\s*(?:;|&&|\n)\s*")


class Script(msgspec.Struct, frozen=True):
    """The simulated command of a container: its lines, the seconds it runs, and its end; None: it runs on."""

    lines: tuple[str, ...] = ()
    seconds: float = 0.0
    exit_code: int | None = None


def of(pod: JSONObject) -> str:
    """The Pod's fault, or ""."""
    named = (pod["metadata"].get("annotations") or {}).get(ANNOTATION)
    if named is not None:
        return str(named)
    for container in pod["spec"].get("containers") or ():
        name = container.get("image", "").rpartition("/")[2].partition("@")[0]
        for pattern, fault in BY_IMAGE:
            if pattern.search(name):
                return fault
    return ""


def script_of(container: JSONObject) -> Script | None:
    """Reads a container's command; None when it has none, or one that says nothing about its end."""
    words = [*(container.get("command") or ()), *(container.get("args") or ())]
    if not words:
        return None
    if len(words) >= 3 and words[0].rpartition("/")[2] in ("sh", "bash") and words[1] in ("-c", "-ec", "-ce"):
        return _read(words[2])
    return _read(" ".join(words))


def _read(text: str) -> Script | None:
    lines: list[str] = []
    seconds, known = 0.0, False
    for statement in STATEMENT.split(text.strip()):
        command, _, rest = statement.strip().partition(" ")
        match command.rpartition("/")[2]:
            case "echo":
                lines.append(rest.strip().strip("\"'"))
                known = True
            case "sleep":
                if rest.strip() in ("infinity", "inf"):
                    return Script(tuple(lines))
                seconds += _seconds(rest.strip())
                known = True
            case "exit":
                return Script(tuple(lines), seconds, int(rest) if rest.strip().isdigit() else 0)
            case "true" | "date" | "id" | "env" | "ls" | "hostname":
                known = True
            case "false":
                return Script(tuple(lines), seconds, 1)
            case "while" | "tail" | "until":
                return Script(tuple(lines))
    return Script(tuple(lines), seconds, 0) if known else None


def _seconds(text: str) -> float:
    units = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
    try:
        return float(text) if text[-1:].isdigit() else float(text[:-1]) * units.get(text[-1:], 1)
    except ValueError:
        return 0.0
