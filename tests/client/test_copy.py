import io
import tarfile

import pytest

from kmagic.client import copy
from kmagic.errors import StreamError


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
