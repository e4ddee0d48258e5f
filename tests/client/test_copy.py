from __future__ import annotations

import contextlib
import io
import logging
import os
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from tarfile import TarInfo
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.client import copy
from kmagic.client.exec import ExecResult
from kmagic.errors import NotFoundError, StreamError
from tests.strange import bounded


def archive(*members: Any) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as made:
        for name, content, kind in members:
            info = tarfile.TarInfo(name)
            info.type = kind
            if kind != tarfile.REGTYPE:
                info.linkname = content
                made.addfile(info)
            else:
                data = content.encode()
                info.size = len(data)
                made.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


FILE, LINK, HARD, FOLDER = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE


def files_of(folder: Path) -> dict[str, Any]:
    """Each file's content; a link or device would not be a file."""
    found = sorted(path for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())
    return {
        str(path.relative_to(folder)): path.read_text() if path.is_file() and not path.is_symlink() else None
        for path in found
    }


def test_a_file_there_and_back(tmp_path: Path) -> None:
    source = tmp_path / "a.txt"
    source.write_text("hello")
    packed = copy.pack(source, "/var/data/b.txt")
    with tarfile.open(fileobj=io.BytesIO(packed)) as found:
        assert found.getnames() == ["b.txt"]
    assert copy.unpack(packed, "/var/data/b.txt", tmp_path / "c.txt") == (str(tmp_path / "c.txt"),)
    assert (tmp_path / "c.txt").read_text() == "hello"


def test_a_folder_goes_into_a_folder_that_is_there(tmp_path: Path) -> None:
    source, target = tmp_path / "src", tmp_path / "target"
    (source / "sub").mkdir(parents=True)
    (source / "sub" / "x").write_text("1")
    target.mkdir()
    copy.unpack(copy.pack(source, "/data"), "/data", target)
    assert (target / "data" / "sub" / "x").read_text() == "1"
    copy.unpack(copy.pack(source, "/data"), "/data", tmp_path / "new")
    assert (tmp_path / "new" / "sub" / "x").read_text() == "1"


@pytest.mark.parametrize(
    "members",
    [
        pytest.param([("../evil", "x", FILE)], id="a way out"),
        pytest.param([("data/../../evil", "x", FILE)], id="a way out below"),
        pytest.param([("data/../evil", "x", FILE)], id="beside the folder"),
        pytest.param([("data/..", "", FOLDER)], id="the folder above"),
        pytest.param([("/etc/evil", "x", FILE)], id="an absolute path"),
        pytest.param([("/data/evil", "x", FILE)], id="an absolute path to the folder"),
        pytest.param([("./data/evil", "x", FILE)], id="a name that was not asked for"),
        pytest.param([("other", "x", FILE)], id="another name"),
        pytest.param([("data/old/evil", "x", FILE)], id="through a link that is there"),
        pytest.param([("data/file", "x", FILE)], id="into the target of a link that is there"),
        pytest.param([("data/a", "x", FILE), ("data/a/evil", "x", FILE)], id="a file as a folder"),
        pytest.param([("data/a/evil", "x", FILE), ("data/a", "x", FILE)], id="a folder as a file"),
    ],
)
def test_an_archive_that_tries_to_write_elsewhere_is_refused(
    tmp_path: Path, members: list[tuple[str, str, bytes]]
) -> None:
    target = tmp_path / "in" / "side"
    (target / "data").mkdir(parents=True)
    (tmp_path / "mine").write_text("mine")
    (target / "data" / "old").symlink_to(tmp_path)
    (target / "data" / "file").symlink_to(tmp_path / "mine")
    with pytest.raises(StreamError):
        copy.unpack(archive(*members), "/data", target)
    assert [path for path in tmp_path.rglob("evil*") if path.parent != target / "data" / "a"] == []
    assert (tmp_path / "mine").read_text() == "mine"


@pytest.mark.parametrize(
    ("members", "there", "left_out"),
    [
        pytest.param(
            [("data/l", "..", LINK), ("data/l/.bashrc", "x", FILE)],
            {"data/l/.bashrc": "x"},
            ["'data/l' -> '..'"],
            id="a link to the folder above and a file below it",
        ),
        pytest.param(
            [("data/l", "/etc", LINK), ("data/l/passwd", "x", FILE)],
            {"data/l/passwd": "x"},
            ["'data/l' -> '/etc'"],
            id="an absolute link",
        ),
        pytest.param(
            [("data/l", "../.bashrc", LINK), ("data/l", "x", FILE)],
            {"data/l": "x"},
            ["'data/l' -> '../.bashrc'"],
            id="a link, then a file of its name",
        ),
        pytest.param([("data", "..", LINK)], {}, ["'data' -> '..'"], id="what was asked for is a link"),
        pytest.param(
            [("data/a", "a", FILE), ("data/l", "a", LINK)],
            {"data/a": "a"},
            ["'data/l' -> 'a'"],
            id="a link that stays inside",
        ),
        pytest.param(
            [("data/a", "a", FILE), ("data/h", "data/a", HARD)],
            {"data/a": "a", "data/h": "a"},
            [],
            id="a hard link inside",
        ),
        pytest.param(
            [("data/a", "a", FILE), ("data/h", "data/a", HARD), ("data/h", "later", FILE)],
            {"data/a": "a", "data/h": "later"},
            [],
            id="a hard link, then a file of its name",
        ),
        pytest.param(
            [("data/h", ".bashrc", HARD), ("data/h", "x", FILE)],
            {"data/h": "x"},
            ["'data/h' -> '.bashrc'"],
            id="a hard link to what is there",
        ),
        pytest.param(
            [("data/h", "data/../.bashrc", HARD), ("data/h", "x", FILE)],
            {"data/h": "x"},
            ["'data/h' -> 'data/../.bashrc'"],
            id="a hard link with a way out",
        ),
        pytest.param([("data/h", "/etc/passwd", HARD)], {}, ["'data/h' -> '/etc/passwd'"], id="an absolute hard link"),
        pytest.param(
            [("data/h", "data/h", HARD)], {}, ["'data/h' -> 'data/h'"], id="a hard link to itself"
        ),
        pytest.param([("data/p", "", tarfile.FIFOTYPE)], {}, ["'data/p'"], id="a pipe"),
        pytest.param([("data/d", "", tarfile.CHRTYPE)], {}, ["'data/d'"], id="a character device"),
        pytest.param([("data/d", "", tarfile.BLKTYPE)], {}, ["'data/d'"], id="a block device"),
        pytest.param([("data/a", "1", FILE), ("data/a", "2", FILE)], {"data/a": "2"}, [], id="an entry twice"),
        pytest.param([("data//./a", "1", FILE)], {"data/a": "1"}, [], id="more slashes and dots"),
        pytest.param(
            [("data/\x1b[2J\n", "..", LINK)], {}, ["'data/\\x1b[2J\\n' -> '..'"], id="a name that moves the cursor"
        ),
    ],
)  # fmt: skip
def test_links_and_devices_are_left_out_with_one_warning(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    members: list[tuple[str, str, bytes]],
    there: dict[str, Any],
    left_out: list[str],
) -> None:
    (tmp_path / ".bashrc").write_text("mine")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".bashrc").write_text("mine")
    written = copy.unpack(archive(*members), "/data", tmp_path / "home")
    assert files_of(tmp_path) == {".bashrc": "mine", "home/.bashrc": "mine"} | {
        f"home/{name}": content for name, content in there.items()
    }
    assert sorted(written) == sorted(str(tmp_path / "home" / name) for name in there)
    assert len(caplog.records) == (1 if left_out else 0)
    assert all(each in caplog.text for each in left_out)


def test_a_thousand_links_are_one_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    copy.unpack(archive(*((f"data/{number}", "..", LINK) for number in range(1000))), "/data", tmp_path)
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "and 995 more" in record.getMessage()


def test_a_target_that_is_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "near").symlink_to(tmp_path / "far")
    copy.unpack(archive(("data/a", "1", FILE)), "/data", tmp_path / "near")
    assert (tmp_path / "far" / "data" / "a").read_text() == "1"
    (tmp_path / "file").symlink_to(tmp_path / "far" / "b")
    copy.unpack(archive(("data", "2", FILE)), "/data", tmp_path / "file")
    assert (tmp_path / "far" / "b").read_text() == "2"


def test_no_right_is_taken_over_that_others_could_use(tmp_path: Path) -> None:
    info = tarfile.TarInfo("data")
    for mode, here in ((0o7777, 0o755), (0o666, 0o644), (0o600, 0o600), (0, 0o600), (0o611, 0o600)):
        info.mode = mode
        copy.unpack(info.tobuf() + bytes(1024), "/data", tmp_path / "data")
        assert (tmp_path / "data").stat().st_mode & 0o7777 == here


def header(**fields: Any) -> TarInfo:
    """The header of a file that says what it likes of itself."""
    info = tarfile.TarInfo("data")
    for name, value in fields.items():
        setattr(info, name, value)
    return info


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(header(size=1 << 40).tobuf(tarfile.GNU_FORMAT) + b"x" * 1024, id="a size beyond the archive"),
        pytest.param(header(size=-512).tobuf(tarfile.GNU_FORMAT) + bytes(1024), id="a size below nothing"),
        pytest.param(header(size=1 << 80).tobuf(tarfile.GNU_FORMAT) + bytes(1024), id="a size beyond all numbers"),
        pytest.param(header(type=tarfile.GNUTYPE_LONGNAME).tobuf() * 2000 + bytes(1024), id="a name of names of names"),
        pytest.param(header(pax_headers={"path": "data/a\0"}).tobuf(tarfile.PAX_FORMAT) + bytes(1024), id="a NUL"),
        pytest.param(header(type=b"x", size=1 << 40).tobuf(tarfile.GNU_FORMAT) + bytes(1024), id="a huge pax header"),
    ],
)
def test_headers_that_are_none(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(StreamError):
        copy.unpack(content, "/data", tmp_path / "data")


def test_a_compressed_archive_is_none(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as made:
        made.addfile(header(size=1), io.BytesIO(b"x"))
    with pytest.raises(StreamError, match="unable to unpack"):
        copy.unpack(buffer.getvalue(), "/data", tmp_path / "data")


def test_what_is_no_archive(tmp_path: Path) -> None:
    with pytest.raises(StreamError, match="unable to unpack"):
        copy.unpack(b"nonsense" * 100, "/data", tmp_path)


_NAMES = st.sampled_from(["data", "data/a", "data/a/b", "data/../a", "../a", "/a", "data/\0", "data/" + "n" * 300, "a"])
_KINDS = st.sampled_from(
    [FILE, LINK, HARD, FOLDER, tarfile.FIFOTYPE, tarfile.GNUTYPE_SPARSE, tarfile.CONTTYPE, b"x", b"L", b"K", b"Z"]
)


@st.composite
def _archives(draw: Any) -> Any:
    """Archives of strange members, with some of their bytes changed."""
    made = bytearray()
    for _ in range(draw(st.integers(1, 4))):
        info = header(
            name=draw(_NAMES),
            linkname=draw(_NAMES),
            type=draw(_KINDS),
            size=draw(st.sampled_from([0, 1, 512, 1 << 33])),
        )
        info.mtime = draw(st.sampled_from([0, 1 << 60, -1]))
        made += info.tobuf(tarfile.GNU_FORMAT, errors="surrogateescape") + bytes(draw(st.sampled_from([0, 512])))
    for at in draw(st.lists(st.integers(0, len(made) - 1), max_size=3)):
        made[at] = draw(st.integers(0, 255))
    return bytes(made) + bytes(draw(st.sampled_from([0, 1024])))


@bounded(200)
@given(content=st.binary(max_size=1500) | _archives())
def test_any_bytes_are_unpacked_inside_or_a_stream_error(
    content: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    top = tmp_path_factory.mktemp("any")
    (top / "home").mkdir()
    (top / "home" / "a").write_text("mine")
    with contextlib.suppress(StreamError):
        copy.unpack(content, "/data", top / "home")
    assert (top / "home" / "a").read_text() == "mine"
    assert os.listdir(top) == ["home"]
    assert set(os.listdir(top / "home")) <= {"a", "data"}


def test_commands() -> None:
    assert copy.pack_command("/var/data/") == ["tar", "cf", "-", "-C", "/var", "--", "data"]
    assert copy.pack_command("data") == ["tar", "cf", "-", "-C", ".", "--", "data"]
    assert copy.unpack_command("/var/data") == ["tar", "xmf", "-", "-C", "/var"]
    for path in ("/", "", ".."):
        with pytest.raises(ValueError, match="names no file or folder"):
            copy.pack_command(path)


def container(folder: Path, *programs: Any) -> Callable[..., Any]:
    """Runs commands here, as in a container that has only these programs."""
    folder.mkdir()
    for program in programs:
        (folder / program).symlink_to(shutil.which(program))

    async def run(command: Any, stdin: Any) -> Any:
        if not (folder / command[0]).exists():
            raise StreamError(f'exec: "{command[0]}": executable file not found in $PATH')
        command = [str(folder / command[0]), *command[1:]]
        done = await anyio.run_process(command, input=stdin or b"", check=False, env={"PATH": str(folder)})
        return ExecResult(done.returncode, done.stdout, done.stderr)

    return run


@pytest.mark.parametrize("programs", [("tar", "sh", "cat"), ("sh", "cat")], ids=["tar", "no tar"])
async def test_a_file_both_ways_with_and_without_tar(tmp_path: Path, programs: Any) -> None:
    run = container(tmp_path / "bin", *programs)
    source, remote, back = tmp_path / "a", tmp_path / "$(touch evil) 'b'", tmp_path / "back"
    source.write_bytes(bytes(range(256)) * 300)
    await copy.copy_to(run, source, str(remote))
    assert remote.read_bytes() == source.read_bytes()
    assert await copy.copy_from(run, str(remote), back) == (str(back),)
    assert back.read_bytes() == source.read_bytes()
    (tmp_path / "folder").mkdir()
    assert await copy.copy_from(run, str(remote), tmp_path / "folder") == (str(tmp_path / "folder" / remote.name),)
    with pytest.raises(StreamError, match="exit code"):
        await copy.copy_from(run, str(tmp_path / "missing"), back)


async def test_a_folder_needs_tar(tmp_path: Path) -> None:
    run = container(tmp_path / "bin", "sh", "cat")
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(NotFoundError, match="no tar, which copying a folder needs"):
        await copy.copy_to(run, folder, "/data")
    with pytest.raises(NotFoundError, match="no tar, which copying a folder needs"):
        await copy.copy_from(run, str(folder), tmp_path / "back")


async def test_a_container_without_any_program(tmp_path: Path) -> None:
    run = container(tmp_path / "bin")
    (tmp_path / "a").write_text("x")
    with pytest.raises(NotFoundError, match="neither tar nor a shell"):
        await copy.copy_to(run, tmp_path / "a", "/data")
    with pytest.raises(NotFoundError, match="neither tar nor cat"):
        await copy.copy_from(run, "/data", tmp_path / "back")


async def test_any_other_failure_is_told(tmp_path: Path) -> None:
    async def run(command: Any, stdin: Any) -> None:
        raise StreamError("the connection broke")

    with pytest.raises(StreamError, match="the connection broke"):
        await copy.copy_from(run, "/data", tmp_path / "back")
