"""Damaged and hostile variants of real files, each made from its number alone."""

import io
import random
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

TESTS = Path(__file__).parent
_BLOCK = 4096
_DEEP = 20_000
_HUGE = (b"99999999999999999999", b"-1", b"1e999", b"0", b"4294967296", b"NaN", b"9" * 5000)
_TAGS = (b"<div>", b"<table><tr><td>", b"<w:p>", b"<b><i>", b"[", b"<<", b"(", b"{", b"<![CDATA[")
_NASTY = (
    b"\x00" * 64,
    b"\xff\xfe",
    b"\x1b[2J",
    "\u202egnp\u2066".encode(),
    b"&lol9;" * 50,
    b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
    b"=cmd|' /C calc'!A0",
    b"\r\n---\r\ntitle: x\r\nyears: 9999999999999999999\r\n---\r\n",
    b"/Length 99999999 ",
    b"endobj endstream xref trailer startxref ",
)

Mutation = Callable[[bytes, random.Random], bytes]


def samples() -> dict[str, bytes]:
    """Real files by name, of every kind that is read."""
    files = [path for path in sorted((TESTS / "data" / "documents").iterdir()) if path.is_file()]
    found = {path.name: path.read_bytes() for path in files}
    text = min((TESTS.parent / "seeds").glob("*.txt")).read_text("utf-8")[:3000].encode()
    front = b"---\ntitle: report\nplace: town\nyears: 2019\n---\n"
    return found | {"report.txt": text, "report.md": front + text}


def variants(n_each: int) -> Iterator[tuple[str, bytes]]:
    """`n_each` variants of each sample, by a name of its kind."""
    for name, data in samples().items():
        for number in range(n_each):
            yield f"v{number}-{name}", variant(name, data, number)


def variant(name: str, data: bytes, number: int) -> bytes:
    """The variant of this number; one to three mutations, one after the other."""
    chance = random.Random(f"{name} {number}")
    mutations = [*_MUTATIONS, *(_IN_ZIP * 2 if data.startswith(b"PK") else ())]
    for _ in range(chance.choice((1, 1, 2, 3))):
        data = chance.choice(mutations)(data, chance)
    return data


def flip_bits(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 8, 100)) if data else 0):
        changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def truncate(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def remove_block(data: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(data) + 1)
    return data[:start] + data[start + chance.randrange(1, _BLOCK) :]


def repeat_block(data: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(data) + 1)
    block = data[start : start + chance.randrange(1, _BLOCK)]
    return data[:start] + block * chance.choice((2, 50)) + data[start:]


def insert_noise(data: bytes, chance: random.Random) -> bytes:
    return _inserted(data, chance.randbytes(chance.randrange(1, _BLOCK)), chance)


def zero_block(data: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(data) + 1)
    end = min(len(data), start + _BLOCK)
    return data[:start] + bytes(end - start) + data[end:]


def insert_nasty(data: bytes, chance: random.Random) -> bytes:
    return _inserted(data, chance.choice(_NASTY), chance)


def nest_deeply(data: bytes, chance: random.Random) -> bytes:
    return _inserted(data, chance.choice(_TAGS) * chance.choice((50, 2000, _DEEP)), chance)


def make_numbers_huge(data: bytes, chance: random.Random) -> bytes:
    numbers = list(re.finditer(rb"\d+", data))
    for found in sorted(chance.sample(numbers, min(5, len(numbers))), key=lambda f: -f.start()):
        data = data[: found.start()] + chance.choice(_HUGE) + data[found.end() :]
    return data


def make_line_long(data: bytes, chance: random.Random) -> bytes:
    word = chance.choice((b"x", "县".encode(), b"1,", b"a.", "。".encode(), b" "))
    return _inserted(data, word * 200_000, chance)


def change_member(data: bytes, chance: random.Random) -> bytes:
    """One part of a zip archive mutated, packed anew: the archive is sound, the part is not."""
    members = _members(data)
    if not members:
        return data
    name = chance.choice(sorted(members))
    mutation = chance.choice(_MUTATIONS)
    return _zipped(members | {name: mutation(members[name], chance)})


def drop_member(data: bytes, chance: random.Random) -> bytes:
    members = _members(data)
    gone = chance.choice(sorted(members)) if members else ""
    return _zipped({name: part for name, part in members.items() if name != gone})


def swap_members(data: bytes, chance: random.Random) -> bytes:
    members = _members(data)
    if len(members) < 2:
        return data
    first, second = chance.sample(sorted(members), 2)
    return _zipped(members | {first: members[second], second: members[first]})


def name_member_elsewhere(data: bytes, chance: random.Random) -> bytes:
    members = _members(data)
    if not members:
        return data
    name = chance.choice(sorted(members))
    members[chance.choice(("../../../tmp/x", "/etc/x", "x" * 10_000, "a\x00b"))] = members[name]
    return _zipped(members)


def add_bomb(data: bytes, chance: random.Random) -> bytes:
    members = _members(data)
    bomb = chance.choice((bytes(30_000_000), b"<a>" * 3_000_000, b" " * 30_000_000))
    name = chance.choice([*sorted(members), "xl/media/image1.png"])
    return _zipped(members | {name: bomb})


def _inserted(data: bytes, block: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + block + data[at:]


def _members(data: bytes) -> dict[str, bytes]:
    """The parts of a zip archive; none if an earlier mutation has broken it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except Exception:  # noqa: BLE001 (zipfile raises anything at all for a damaged archive)
        return {}


def _zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, part in members.items():
            if name.partition("\0")[0] not in archive.namelist():  # As zipfile cuts it.
                archive.writestr(name, part)
    return out.getvalue()


_MUTATIONS: tuple[Mutation, ...] = (
    flip_bits,
    truncate,
    remove_block,
    repeat_block,
    insert_noise,
    zero_block,
    insert_nasty,
    nest_deeply,
    make_numbers_huge,
    make_line_long,
)
_IN_ZIP: tuple[Mutation, ...] = (
    change_member,
    change_member,
    drop_member,
    swap_members,
    name_member_elsewhere,
    add_bomb,
)
