"""Writing whole or not at all: what stays, what is refused, what killed processes leave."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from processes import HANGS_S

from geo import files
from geo.errors import GeoError


def test_atomic_path_replaces_only_when_all_went_well(tmp_path):
    target = tmp_path / "sub" / "a.txt"
    with files.atomic_path(target) as temporary:
        assert not temporary.exists()
        assert temporary.suffix == ".txt"
        temporary.write_text("old")

    def fail_half_way():
        with files.atomic_path(target) as temporary:
            temporary.write_text("half")
            temporary.with_name("a.txt-journal").write_text("x")
            assert target.read_text() == "old"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert target.read_text() == "old"
    with files.atomic_path(target) as temporary:
        temporary.write_text("new")
    assert target.read_text() == "new"
    assert [p.name for p in target.parent.iterdir()] == ["a.txt"]


def test_atomic_path_leaves_no_folder_of_a_killed_process(tmp_path):
    """A process killed while it writes leaves its folder; the next one that writes there removes it."""
    program = (
        "import sys\nfrom geo.files import atomic_path\n"
        "with atomic_path(sys.argv[1]) as path:\n"
        "    path.write_text('half'); print('writing', flush=True); sys.stdin.read()\n"
    )
    target = tmp_path / "a.gpkg"

    def writer() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(target)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(files.__file__).parent.parent,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"writing\n"
        return process

    killed, alive = writer(), writer()
    try:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        other = tmp_path / ".planmap-notes"  # not one of ours by its name
        other.mkdir()
        linked = tmp_path / ".planmap-abcd1234"
        linked.symlink_to(other)
        assert len(list(tmp_path.glob(".planmap-????????"))) == 3
        with files.atomic_path(target) as path:
            path.write_text("whole")
        left = sorted(item.name for item in tmp_path.glob(".planmap-????????") if not item.is_symlink())
        assert len(left) == 1, "the living process has lost its folder, or the dead one's is still there"
        assert other.is_dir()
        assert linked.is_symlink()
        alive.communicate(b"", timeout=HANGS_S)
        assert alive.returncode == 0
        assert target.read_text() == "half"
        assert {item.name for item in tmp_path.iterdir()} == {"a.gpkg", ".planmap-notes", ".planmap-abcd1234"}
    finally:
        alive.kill()
        alive.wait()


@pytest.mark.parametrize("moment", ["before it is opened", "before it is locked"])
def test_a_folder_that_somebody_clears_while_it_is_made_is_made_again(tmp_path, monkeypatch, moment):
    make, opened = files.tempfile.mkdtemp, files._open_folder
    cleared = []

    def clear():
        if not cleared:
            monkeypatch.setattr(files, "_open_folder", opened)  # as another process has it
            cleared.extend(files.clear_stale(tmp_path, "held-"))

    def made(**asked):
        path = make(**asked)
        if moment == "before it is opened":
            clear()
        return path

    def open_folder(path):
        held = opened(path)
        if moment == "before it is locked":
            clear()
        return held

    monkeypatch.setattr(files.tempfile, "mkdtemp", made)
    monkeypatch.setattr(files, "_open_folder", open_folder)
    held = files.HeldFolder(tmp_path, "held-")
    assert len(cleared) == 1
    assert held.path not in cleared
    assert held.path.is_dir()
    assert files.clear_stale(tmp_path, "held-") == []  # it is locked
    held.close()
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_file_is_refused_and_left_alone(tmp_path, monkeypatch):
    pipe = tmp_path / "pipe.gpkg"
    os.mkfifo(pipe)
    folder = tmp_path / "folder.gpkg"
    folder.mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        monkeypatch.chdir(tmp_path)  # a socket's name may not be long
        listening.bind("socket.gpkg")
    links = {}
    for name, to in (("pipe", pipe), ("folder", folder), ("device", Path("/dev/null"))):
        links[name] = tmp_path / f"link-{name}.gpkg"
        links[name].symlink_to(to)
    cases = [
        (pipe, "pipe"),
        (folder, "folder"),
        (tmp_path / "socket.gpkg", "socket"),
        (Path("/dev/null"), "device"),
        *((path, name) for name, path in links.items()),
    ]
    before = {path: path.lstat().st_mode for path, _ in cases}
    for path, kind in cases:
        with pytest.raises(GeoError) as caught, files.atomic_path(path) as temporary:
            temporary.write_text("never")
        assert caught.value.key == f"files.{kind}_there"
        for lang in ("zh", "en"):
            assert str(path) in caught.value.message(lang)
            assert caught.value.remedy(lang)
    assert {path: path.lstat().st_mode for path, _ in cases} == before


def test_a_link_to_a_file_stays_a_link(tmp_path):
    (tmp_path / "far").mkdir()
    target, link = tmp_path / "far" / "a.txt", tmp_path / "link.txt"
    link.symlink_to(target)
    for text in ("first", "second"):
        with files.atomic_path(link) as temporary:
            temporary.write_text(text)
        assert target.read_text() == text
        assert link.is_symlink()


@pytest.mark.parametrize("suffix", ["-wal", "-shm", "-journal"])
def test_what_sqlite_left_goes_with_the_old_file(tmp_path, suffix):
    target = tmp_path / "a.gpkg"
    for name in (target.name, "b.gpkg"):
        (tmp_path / (name + suffix)).write_bytes(b"of an older file")
    with files.atomic_path(target) as temporary:
        with sqlite3.connect(temporary) as database:
            database.execute("create table t (a)")
        database.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.gpkg", "b.gpkg" + suffix]
