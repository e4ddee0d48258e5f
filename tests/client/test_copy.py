import io
import shutil
import tarfile

import anyio
import pytest

from kmagic.client import copy
from kmagic.client.exec import ExecResult
from kmagic.errors import NotFoundError, StreamError


def archive(*members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as made:
        for name, content, kind in members:
            info = tarfile.TarInfo(name)
            info.type = kind
            if kind == tarfile.SYMTYPE:
                info.linkname = content
                made.addfile(info)
            else:
                data = content.encode()
                info.size = len(data)
                made.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


FILE, LINK = tarfile.REGTYPE, tarfile.SYMTYPE


def test_a_file_there_and_back(tmp_path):
    source = tmp_path / "a.txt"
    source.write_text("hello")
    packed = copy.pack(source, "/var/data/b.txt")
    with tarfile.open(fileobj=io.BytesIO(packed)) as found:
        assert found.getnames() == ["b.txt"]
    assert copy.unpack(packed, "/var/data/b.txt", tmp_path / "c.txt") == (str(tmp_path / "c.txt"),)
    assert (tmp_path / "c.txt").read_text() == "hello"


def test_a_folder_goes_into_a_folder_that_is_there(tmp_path):
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
        pytest.param([("/etc/evil", "x", FILE)], id="an absolute path"),
        pytest.param([("other", "x", FILE)], id="another name"),
        pytest.param([("data/link", "/etc", LINK), ("data/link/evil", "x", FILE)], id="through a link"),
    ],
)
def test_an_archive_that_tries_to_write_elsewhere_is_refused(tmp_path, members):
    target = tmp_path / "in" / "side"
    target.mkdir(parents=True)
    with pytest.raises(StreamError):
        copy.unpack(archive(*members), "/data", target)
    assert not list(tmp_path.rglob("evil"))


def test_what_is_no_archive(tmp_path):
    with pytest.raises(StreamError, match="unable to unpack"):
        copy.unpack(b"nonsense" * 100, "/data", tmp_path)


def test_commands():
    assert copy.pack_command("/var/data/") == ["tar", "cf", "-", "-C", "/var", "--", "data"]
    assert copy.pack_command("data") == ["tar", "cf", "-", "-C", ".", "--", "data"]
    assert copy.unpack_command("/var/data") == ["tar", "xmf", "-", "-C", "/var"]
    for path in ("/", "", ".."):
        with pytest.raises(ValueError, match="names no file or folder"):
            copy.pack_command(path)


def container(folder, *programs):
    """Runs commands here, as in a container that has only these programs."""
    folder.mkdir()
    for program in programs:
        (folder / program).symlink_to(shutil.which(program))

    async def run(command, stdin):
        if not (folder / command[0]).exists():
            raise StreamError(f'exec: "{command[0]}": executable file not found in $PATH')
        command = [str(folder / command[0]), *command[1:]]
        done = await anyio.run_process(command, input=stdin or b"", check=False, env={"PATH": str(folder)})
        return ExecResult(done.returncode, done.stdout, done.stderr)

    return run


@pytest.mark.parametrize("programs", [("tar", "sh", "cat"), ("sh", "cat")], ids=["tar", "no tar"])
async def test_a_file_both_ways_with_and_without_tar(tmp_path, programs):
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


async def test_a_folder_needs_tar(tmp_path):
    run = container(tmp_path / "bin", "sh", "cat")
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(NotFoundError, match="no tar, which copying a folder needs"):
        await copy.copy_to(run, folder, "/data")
    with pytest.raises(NotFoundError, match="no tar, which copying a folder needs"):
        await copy.copy_from(run, str(folder), tmp_path / "back")


async def test_a_container_without_any_program(tmp_path):
    run = container(tmp_path / "bin")
    (tmp_path / "a").write_text("x")
    with pytest.raises(NotFoundError, match="neither tar nor a shell"):
        await copy.copy_to(run, tmp_path / "a", "/data")
    with pytest.raises(NotFoundError, match="neither tar nor cat"):
        await copy.copy_from(run, "/data", tmp_path / "back")


async def test_any_other_failure_is_told(tmp_path):
    async def run(command, stdin):
        raise StreamError("the connection broke")

    with pytest.raises(StreamError, match="the connection broke"):
        await copy.copy_from(run, "/data", tmp_path / "back")
