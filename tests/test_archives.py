"""Archives are read in memory and within limits; what is hostile is refused by name and harms nothing else."""

from __future__ import annotations

import contextlib
import gzip
import io
import stat
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.archives import DEFAULT_LIMITS, MIB, ArchiveError, read_archive

GOOD = ("good.py", b"x = 1\n")
NOISE = b"".join(struct.pack("<I", zlib.crc32(bytes([n % 256, n // 256]))) for n in range(20_000))


def zip_of(
    path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED
) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive, pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *_, **__: None)  # duplicate names are meant
        for name, data in entries:
            archive.writestr(name, data)
    return path


def tar_of(path: Path, entries: Iterable[tuple[str | tarfile.TarInfo, bytes]], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in entries:
            info = tarfile.TarInfo(name) if isinstance(name, str) else name
            if info.isreg():
                info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def tar_info(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def zip_info(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def contents(path: Path) -> tuple[dict[str, bytes], dict[str, str]]:
    with read_archive(path) as archive:
        return (
            {member.name: member.read() for member in archive.members},
            {one.name: one.reason for one in archive.refused},
        )


WRITERS: dict[str, Callable[[Path, list[tuple[str, bytes]]], Path]] = {
    "zip": lambda path, entries: zip_of(path, *entries),
    "stored.zip": lambda path, entries: zip_of(path, *entries, method=zipfile.ZIP_STORED),
    "tar": lambda path, entries: tar_of(path, entries, "w"),
    "tar.gz": lambda path, entries: tar_of(path, entries, "w:gz"),
}


@pytest.mark.parametrize("ending", WRITERS)
def test_files_are_read_with_their_names_sizes_and_bytes(tmp_path: Path, ending: str) -> None:
    files = {
        "Zoë Müller/sólve.py": b"a" * 5000,
        "b/./c.py": bytes(range(256)) * 100,
        "empty.py": b"",
        "d'e f.py": b"1",
    }
    path = WRITERS[ending](tmp_path / f"class.{ending}", list(files.items()))
    with read_archive(path) as archive:
        read = {member.name: member.read() for member in reversed(archive.members)}
        assert [member.size for member in archive.members] == [len(data) for data in files.values()]
        assert not archive.refused
    assert read == {name.replace("/./", "/"): data for name, data in files.items()}


@pytest.mark.parametrize("ending", WRITERS)
def test_a_member_can_be_read_again_and_in_any_order(tmp_path: Path, ending: str) -> None:
    path = WRITERS[ending](tmp_path / "a", [("1.py", b"one"), ("2.py", b"two" * 10_000), ("3.py", b"three")])
    with read_archive(path) as archive:
        first, second, third = archive.members
        assert [one.read()[:5] for one in (third, first, second, third)] == [
            b"three",
            b"one",
            b"twotw",
            b"three",
        ]


def test_folders_are_told_also_empty_ones(tmp_path: Path) -> None:
    zipped = zip_of(tmp_path / "a.zip", ("Ann_1/", b""), GOOD)
    tarred = tar_of(tmp_path / "a.tar.gz", [(tar_info("Ann_1", tarfile.DIRTYPE), b""), GOOD])
    for path in (zipped, tarred):
        with read_archive(path) as archive:
            assert archive.folders == ("Ann_1",)
            assert [member.name for member in archive.members] == ["good.py"]


def test_names_in_utf_8_that_are_not_marked_as_such_are_read(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", ("M\u00fcller.py", b"1"))
    marked = path.read_bytes()
    assert b"\x00\x08" in marked
    # The flag of the name's encoding is in both headers, 6 and 8 bytes after their signature.
    data = bytearray(marked)
    data[6:8] = b"\0\0"
    place = data.index(b"PK\x01\x02")
    data[place + 8 : place + 10] = b"\0\0"
    path.write_bytes(data)
    assert contents(path) == ({"M\u00fcller.py": b"1"}, {})


BAD_NAMES = {
    "../up.py": "'..'",
    "a/../../up.py": "'..'",
    "/etc/up.py": "absolute",
    "C:/up.py": "absolute",
    "c:up.py": "absolute",
    "a\\up.py": "backslash",
    "\\\\host\\up.py": "backslash",
    "n" * 1100 + ".py": "1,024 bytes",
    "d/" * 70 + "up.py": "64 folders",
    "inner.zip": "archive inside",
    "inner.TAR.GZ": "archive inside",
}


@pytest.mark.parametrize("name", BAD_NAMES, ids=lambda name: name[:16])
@pytest.mark.parametrize("ending", ["zip", "tar.gz"])
def test_bad_names_are_refused_alone(tmp_path: Path, name: str, ending: str) -> None:
    good, refused = contents(WRITERS[ending](tmp_path / "a", [(name, b"evil"), GOOD]))
    assert good == dict([GOOD])
    assert list(refused) == [name]
    assert BAD_NAMES[name] in refused[name]


def test_a_nul_in_a_name_is_refused_and_does_not_shorten_it(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", ("good.pyXevil", b"evil"), GOOD)
    path.write_bytes(path.read_bytes().replace(b"good.pyXevil", b"good.py\0evil"))
    good, refused = contents(path)
    assert good == dict([GOOD])
    assert refused == {"good.py\0evil": "has a NUL character in its name"}


def test_surrogates_in_a_name_are_refused(tmp_path: Path) -> None:
    good, refused = contents(tar_of(tmp_path / "a.tar.gz", [("bad\udcff.py", b"evil"), GOOD]))
    assert good == dict([GOOD])
    assert refused == {"bad\udcff.py": "has a name that is not valid text"}


@pytest.mark.parametrize("ending", ["zip", "tar.gz"])
@pytest.mark.parametrize(
    "names",
    [("a.py", "a.py"), ("a.py", "A.PY"), ("u\u0308.py", "\u00fc.py"), ("x/a.py", "x//./a.py")],
    ids=["same", "case", "unicode", "path"],
)
def test_names_that_some_file_system_takes_for_one_are_refused(
    tmp_path: Path, ending: str, names: tuple[str, str]
) -> None:
    with read_archive(WRITERS[ending](tmp_path / "a", [(names[0], b"1"), GOOD, (names[1], b"2")])) as archive:
        assert [member.name for member in archive.members] == ["good.py"]
        assert [one.name for one in archive.refused] == list(names)
        assert all("occurs 2 times" in one.reason for one in archive.refused)


def test_links_and_devices_are_refused(tmp_path: Path) -> None:
    zipped = zip_of(
        tmp_path / "a.zip",
        (zip_info("link.py", stat.S_IFLNK | 0o777), b"/etc/passwd"),
        (zip_info("pipe.py", stat.S_IFIFO | 0o666), b""),
        GOOD,
    )
    good, refused = contents(zipped)
    assert good == dict([GOOD])
    assert refused == {"link.py": "is a symbolic link", "pipe.py": "is a device or another special file"}
    kinds = {
        "link.py": (tarfile.SYMTYPE, "is a symbolic link"),
        "hard.py": (tarfile.LNKTYPE, "is a hard link"),
        "device.py": (tarfile.CHRTYPE, "is a device or another special file"),
        "pipe.py": (tarfile.FIFOTYPE, "is a device or another special file"),
    }
    entries = [(tar_info(name, kind, "good.py"), b"") for name, (kind, _) in kinds.items()]
    good, refused = contents(tar_of(tmp_path / "a.tar", [GOOD, *entries], "w"))
    assert good == dict([GOOD])
    assert refused == {name: reason for name, (_, reason) in kinds.items()}


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", ("secret.py", b"1"), GOOD)
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert contents(path) == (dict([GOOD]), {"secret.py": "is encrypted"})


def test_a_method_that_inflates_further_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("lzma.py", b"1", zipfile.ZIP_LZMA)
        archive.writestr(*GOOD)
    good, refused = contents(path)
    assert good == dict([GOOD])
    assert "method" in refused["lzma.py"]


def test_a_bomb_is_refused_and_a_well_compressed_file_is_not(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", ("bomb.py", b"0" * (30 * MIB)), ("tight.py", b"x = 1\n" * 20_000), GOOD)
    with read_archive(path) as archive:
        assert [member.name for member in archive.members] == ["tight.py", "good.py"]
        assert [one.reason for one in archive.refused] == [
            "would be over 200 times larger than it is compressed"
        ]


def test_members_over_the_limit_are_refused_without_inflating_them(tmp_path: Path) -> None:
    limits = replace(DEFAULT_LIMITS, member_bytes=1000)
    for path in (
        zip_of(tmp_path / "a.zip", ("large.py", b"1" * 1001), GOOD),
        tar_of(tmp_path / "a.tar.gz", [("large.py", b"1" * 1001), GOOD]),
    ):
        with read_archive(path, limits) as archive:
            assert [member.name for member in archive.members] == ["good.py"]
            assert [one.name for one in archive.refused] == ["large.py"]


def test_entries_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", ("one.py", b"1" * 400), ("two.py", b"2" * 400), GOOD)
    data = bytearray(path.read_bytes())
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)
    data[second + 42 : second + 46] = struct.pack("<I", 0)  # two.py's bytes are those of one.py
    path.write_bytes(data)
    good, refused = contents(path)
    assert good == dict([GOOD])
    assert refused == dict.fromkeys(("one.py", "two.py"), "overlaps another entry")


def lying_zip(path: Path, data: bytes, declared: int, checksum: int | None = None) -> Path:
    """A zip of one member whose directory declares another size than it has."""
    zip_of(path, ("liar.py", data))
    raw = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        place = raw.index(signature) + offset
        crc = zlib.crc32(data[:declared]) if checksum is None else checksum
        raw[place : place + 4] = struct.pack("<I", crc)
        raw[place + 8 : place + 12] = struct.pack("<I", declared)
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize(
    ("declared", "checksum", "said"),
    [
        (10, None, "another size"),
        (0, None, "another size"),
        (2000, None, "another size"),
        (1000, 7, "checksum"),
    ],
)
def test_a_member_that_is_not_what_was_declared_is_an_error(
    tmp_path: Path, declared: int, checksum: int | None, said: str
) -> None:
    path = lying_zip(tmp_path / "a.zip", b"1" * 1000, declared, checksum)
    with read_archive(path) as archive, pytest.raises(ArchiveError, match=f"a.zip: liar.py: .*{said}"):
        archive.members[0].read()


def test_a_bomb_that_declares_little_is_not_inflated(tmp_path: Path) -> None:
    path = lying_zip(tmp_path / "a.zip", b"0" * (60 * MIB), 1000)
    with read_archive(path) as archive:
        tracemalloc.start()
        with pytest.raises(ArchiveError, match="another size"):
            archive.members[0].read()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 2 * MIB


def test_damage_inside_a_member_is_told_when_it_is_read(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", ("hurt.py", bytes(range(256)) * 10), GOOD)
    raw = bytearray(path.read_bytes())
    raw[40:60] = bytes(20)
    path.write_bytes(raw)
    with read_archive(path) as archive:
        hurt, good = archive.members
        with pytest.raises(ArchiveError, match=r"hurt\.py"):
            hurt.read()
        assert good.read() == GOOD[1]


@pytest.mark.parametrize("shift", [-100, 100, 2**31 - 1])
def test_offsets_that_point_elsewhere_are_one_line_wherever_they_are_seen(tmp_path: Path, shift: int) -> None:
    path = zip_of(tmp_path / "a.zip", GOOD, ("b.py", b"2"))
    raw = bytearray(path.read_bytes())
    place = raw.index(b"PK\x05\x06") + 16
    (offset,) = struct.unpack("<I", raw[place : place + 4])
    raw[place : place + 4] = struct.pack("<I", max(0, offset + shift))
    path.write_bytes(raw)
    with pytest.raises(ArchiveError, match=r"a\.zip: .*damaged"):
        contents(path)


@pytest.mark.parametrize("ending", WRITERS)
@settings(max_examples=20, deadline=None)
@given(changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=6))
def test_damage_anywhere_is_an_archive_error_or_does_not_matter(
    ending: str, changes: list[tuple[int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = WRITERS[ending](
        tmp_path_factory.mktemp("hurt") / "a", [GOOD, ("b.py", b"2" * 3000), ("c/d.py", NOISE[:700])]
    )
    raw = bytearray(path.read_bytes())
    for place, byte in changes:
        raw[place % len(raw)] = byte
    path.write_bytes(raw)
    with contextlib.suppress(ArchiveError):
        contents(path)


def pax_chain(path: Path) -> Path:
    """Extended headers that each describe the next one."""
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 12
    block = header.tobuf(tarfile.USTAR_FORMAT) + b"12 mtime=10\n".ljust(512, b"\0")
    path.write_bytes(block * 3000 + bytes(1024))
    return path


def claiming_header(path: Path) -> Path:
    """An extended header that claims to be longer than any, before as much data."""
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 6000 * MIB
    with gzip.open(path, "wb", 1) as file:
        file.write(header.tobuf(tarfile.GNU_FORMAT))
        for _ in range(64):
            file.write(bytes(MIB))
    return path


def truncated(path: Path) -> Path:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    return path


def hurt_in_the_middle(path: Path) -> Path:
    tar_of(path, [(f"{number}.py", b"1") for number in range(4)], "w")
    raw = bytearray(path.read_bytes())
    raw[2048:2148] = b"\xff" * 100
    path.write_bytes(raw)
    return path


def bytes_at(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def badly_named(path: Path) -> Path:
    zip_of(path, ("M\u00fcll.py", b"1"))
    path.write_bytes(path.read_bytes().replace("\u00fc".encode(), b"\xff\xff"))
    return path


UNREADABLE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "missing": (lambda path: path, "no such file"),
    "folder": (lambda path: path.mkdir() or path, "not a regular file|Is a directory"),
    "text": (lambda path: bytes_at(path, b"hello"), "no zip, tar or tar.gz"),
    "empty": (lambda path: bytes_at(path, b""), "no zip, tar or tar.gz"),
    "gzip of no tar": (lambda path: bytes_at(path, gzip.compress(b"hello" * 200)), "damaged"),
    "cut zip": (lambda path: truncated(zip_of(path, ("a.py", NOISE))), "damaged"),
    "cut tar": (lambda path: truncated(tar_of(path, [("a.py", NOISE)], "w")), "damaged|too early"),
    "cut tar.gz": (lambda path: truncated(tar_of(path, [("a.py", NOISE)])), "too early"),
    "tar hurt in the middle": (hurt_in_the_middle, "damaged"),
    "chain of headers": (pax_chain, "nested too deeply"),
    "header that claims gigabytes": (claiming_header, "more than|directory is larger|too early"),
    "name that is no UTF-8": (badly_named, "not valid text"),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_an_archive_that_cannot_be_read_is_one_clear_line(tmp_path: Path, kind: str) -> None:
    make, said = UNREADABLE[kind]
    path = make(tmp_path / "class.archive")
    tracemalloc.start()
    with pytest.raises(ArchiveError, match=said) as caught:
        read_archive(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
    assert peak < 40 * MIB


def test_too_many_members_and_too_many_bytes_are_refused_as_a_whole(tmp_path: Path) -> None:
    entries = [(f"{number}.py", b"1" * 100) for number in range(30)]
    few, little = replace(DEFAULT_LIMITS, members=29), replace(DEFAULT_LIMITS, total_bytes=2999)
    for ending, write in WRITERS.items():
        path = write(tmp_path / f"a.{ending}", entries)
        assert len(read_archive(path, replace(DEFAULT_LIMITS, members=30)).members) == 30
        with pytest.raises(ArchiveError, match="more than 29 entries"):
            read_archive(path, few)
        with pytest.raises(ArchiveError, match="more than 0 MiB"):
            read_archive(path, little)


def test_a_directory_that_is_larger_than_its_entries_can_be_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(300):
            info = zipfile.ZipInfo(f"{number}.py")
            info.comment = b"c" * 60_000
            archive.writestr(info, b"")
    with pytest.raises(ArchiveError, match="directory is larger"):
        read_archive(path)


def test_a_stream_that_inflates_without_end_is_stopped(tmp_path: Path) -> None:
    path, limits = tmp_path / "bomb.tar.gz", replace(DEFAULT_LIMITS, total_bytes=8 * MIB, members=10)
    header = tarfile.TarInfo("zeros.py")
    header.size = 40 * MIB
    with gzip.open(path, "wb", 1) as file:
        file.write(header.tobuf())
        for _ in range(41):
            file.write(bytes(MIB))
    with pytest.raises(ArchiveError, match="more than 8 MiB"):
        read_archive(path, limits)
    # Trailing zeros after the end are inflated as well, and also only so far.
    tar_of(tmp_path / "small.tar", [GOOD], "w")
    path.write_bytes(gzip.compress((tmp_path / "small.tar").read_bytes() + bytes(20 * MIB)))
    with pytest.raises(ArchiveError, match="more than 8 MiB"):
        read_archive(path, limits)
