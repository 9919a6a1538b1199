"""A small assembler for classic BPF programs over ``struct seccomp_data``: rules in, bytes out."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LOAD = 0x20  # A = 32-bit word at offset k
AND = 0x54
JUMP_EQUAL = 0x15
JUMP_AT_LEAST = 0x35
RETURN = 0x06

NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data

ALLOW = 0x7FFF0000
KILL_PROCESS = 0x80000000
MAX_INSTRUCTIONS = 4096


def fail_with(code: int) -> int:
    """Return the action that makes a call fail with this errno without being made."""
    return 0x00050000 | code


@dataclass(frozen=True)
class Check:
    """True when ``(argument & mask) == value``. Arguments that the kernel reads as int are 32 bits wide."""

    argument: int
    value: int
    mask: int = 0xFFFFFFFF
    bits: int = 32


@dataclass(frozen=True)
class When:
    """A call is allowed when all checks of any one alternative hold; otherwise it gets ``otherwise``."""

    alternatives: tuple[tuple[Check, ...], ...]
    otherwise: int


Rule = int | When
"""An action, or a decision by the arguments."""

_Instruction = tuple[int, int, int, int]


def assemble(
    audit_architecture: int, rules: Mapping[int, Rule], *, first_unknown: int, unknown: int, otherwise: int
) -> bytes:
    """Return the program: kill on a foreign architecture, then the rule of the call's number, then the defaults."""
    program: list[_Instruction] = [
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_EQUAL, 1, 0, audit_architecture),
        (RETURN, 0, 0, KILL_PROCESS),
        (LOAD, 0, 0, NUMBER),
    ]
    for number, rule in rules.items():
        block = _block(rule)
        program += [(JUMP_EQUAL, 0, _jump(len(block)), number), *block]
    program += [(JUMP_AT_LEAST, 0, 1, 0x40000000), (RETURN, 0, 0, KILL_PROCESS)]  # x32 numbers
    program += [(JUMP_AT_LEAST, 0, 1, first_unknown), (RETURN, 0, 0, unknown), (RETURN, 0, 0, otherwise)]
    if len(program) > MAX_INSTRUCTIONS:
        raise ValueError(f"{len(program)} instructions are more than the kernel takes")
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def _block(rule: Rule) -> list[_Instruction]:
    if isinstance(rule, int):
        return [(RETURN, 0, 0, rule)]
    block: list[_Instruction] = []
    for alternative in rule.alternatives:
        block += _alternative(alternative)
    return [*block, (RETURN, 0, 0, rule.otherwise)]


def _alternative(checks: Sequence[Check]) -> list[_Instruction]:
    words = [word for check in checks for word in _words(check)]
    lengths = [2 + (mask != 0xFFFFFFFF) for _, mask, _ in words]
    code: list[_Instruction] = []
    for index, (offset, mask, value) in enumerate(words):
        code.append((LOAD, 0, 0, offset))
        if mask != 0xFFFFFFFF:
            code.append((AND, 0, 0, mask))
        code.append((JUMP_EQUAL, 0, _jump(sum(lengths[index + 1 :]) + 1), value))
    return [*code, (RETURN, 0, 0, ALLOW)]


def _words(check: Check) -> list[tuple[int, int, int]]:
    """Return (offset, mask, value) of the 32-bit words to compare, little endian."""
    offset = ARGUMENTS + 8 * check.argument
    words = [(offset, check.mask & 0xFFFFFFFF, check.value & 0xFFFFFFFF)]
    if check.bits == 64:
        words.append((offset + 4, 0xFFFFFFFF, check.value >> 32))
    return words


def _jump(length: int) -> int:
    if length > 255:
        raise ValueError("a rule is too long to be jumped over")
    return length
