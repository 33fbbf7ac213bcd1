"""Builds the table by which `tokenizers.normalizers.Precompiled` replaces characters.

The table is sentencepiece's `precompiled_charsmap`: the byte length of a trie, the trie, and the
replacements, each closed by a zero byte. The trie is a double array in the layout of darts-clone
(https://github.com/s-yata/darts-clone), from which only the reading side is needed here:

    bits 0-7   label: the byte that leads to this unit
    bit  8     a value stands at this unit's base
    bits 10-30 offset: this unit's position XOR its base; a child stands at base XOR label
    bit  31    this unit is a value (bits 0-30), not a node
"""

import struct
from collections.abc import Mapping

_HAS_VALUE = 1 << 8
_OFFSET_SHIFT = 10
_OFFSET_LIMIT = 1 << 21
_IS_VALUE = 1 << 31
_BLOCK = 256

_Node = dict[int, "_Node | int"]


def build_charsmap(replacements: Mapping[str, str]) -> bytes:
    """The table that replaces each key, a single character, with its value.

    Raises:
        ValueError: A key is not a single character, or a replacement holds a zero character.
    """
    root: _Node = {}
    text = bytearray()
    for character, replacement in sorted(replacements.items()):
        if len(character) != 1 or "\0" in character + replacement:
            raise ValueError(f"cannot map {character!r} to {replacement!r}")
        _insert(root, character.encode("utf-8"), len(text))
        text += replacement.encode("utf-8") + b"\0"
    units = _lay_out(root)
    trie = struct.pack(f"<{len(units)}I", *units)
    return struct.pack("<I", len(trie)) + trie + bytes(text)


def _insert(node: _Node, key: bytes, value: int) -> None:
    for byte in key[:-1]:
        child = node.setdefault(byte, {})
        # No UTF-8 character begins another one, so a value never stands on the way.
        assert isinstance(child, dict)
        node = child
    node[key[-1]] = value


def _lay_out(root: _Node) -> list[int]:
    """The units of the trie: each node's children in a block of their own, values in the gaps."""
    # The root stands at unit 0; no byte of a character is 0, so no child lands there.
    units = [0] * _BLOCK
    values: dict[int, int] = {}
    pending = [(0, root)]
    while pending:
        position, node = pending.pop()
        base = len(units)
        units.extend([0] * _BLOCK)
        units[position] |= (position ^ base) << _OFFSET_SHIFT
        for byte, child in node.items():
            units[base ^ byte] = byte
            if isinstance(child, int):
                values[base ^ byte] = child
            else:
                pending.append((base ^ byte, child))
    _place_values(units, values)
    return units


def _place_values(units: list[int], values: Mapping[int, int]) -> None:
    # Bases must differ from each other, and the first unit of each block is a node's base.
    gaps = [at for at, unit in enumerate(units) if not unit and at % _BLOCK]
    assert len(gaps) >= len(values)
    assert len(units) <= _OFFSET_LIMIT
    for position, gap in zip(values, gaps, strict=False):
        units[position] |= _HAS_VALUE | (position ^ gap) << _OFFSET_SHIFT
        units[gap] = values[position] | _IS_VALUE
