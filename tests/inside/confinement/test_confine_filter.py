"""The system call filter's decisions, computed on both architectures by interpreting its program."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

from judge.inside.confinement import bpf, seccomp, syscalls
from judge.inside.confinement.syscall_table import FIRST_UNKNOWN, NUMBERS

PID = 4711
MACHINES = ("x86_64", "aarch64")
OTHER_ARCHITECTURES = (0x40000003, 0xC00000B7 ^ 0x80000000, 0)  # i386, 32-bit ARM's bit pattern, nothing
EPERM, ENOSYS = seccomp.EPERM, seccomp.ENOSYS


def decide(program: bytes, architecture: int, number: int, *arguments: int) -> int:
    """What the kernel would do with the call: run the program over its ``struct seccomp_data``."""
    values = [value & (1 << 64) - 1 for value in (*arguments, 0, 0, 0, 0, 0, 0)[:6]]
    data = struct.pack("<IIQ6Q", number & 0xFFFFFFFF, architecture, 0, *values)
    instructions = list(struct.iter_unpack("=HBBI", program))
    accumulator, at = 0, 0
    while True:
        code, if_true, if_false, k = instructions[at]
        at += 1
        if code == bpf.LOAD:
            (accumulator,) = struct.unpack_from("<I", data, k)
        elif code == bpf.AND:
            accumulator &= k
        elif code == bpf.JUMP_EQUAL:
            at += if_true if accumulator == k else if_false
        elif code == bpf.JUMP_AT_LEAST:
            at += if_true if accumulator >= k else if_false
        else:
            assert code == bpf.RETURN
            return int(k)


class Filter:
    def __init__(self, machine: str, *, may_open_for_writing: bool = True) -> None:
        self.program = seccomp.program(machine, PID, may_open_for_writing=may_open_for_writing)
        self.architecture = seccomp.AUDIT_ARCHITECTURE[machine]
        self.numbers = syscalls.numbers_of(machine)

    def __call__(self, name: str, *arguments: int) -> int:
        return decide(self.program, self.architecture, self.numbers[name], *arguments)


@pytest.fixture(params=MACHINES)
def filtered(request: pytest.FixtureRequest) -> Filter:
    return Filter(request.param)


def test_the_numbers_are_the_kernels() -> None:
    """Compared with the headers of this machine, where they are installed."""
    known = {
        "x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
        "aarch64": "/usr/include/asm-generic/unistd.h",
    }
    compared = 0
    for column, (machine, header) in enumerate(known.items()):
        if not Path(header).exists():
            continue
        pattern = r"#define __NR(?:3264)?_(\w+)\s+(\d+)\s*$"
        defined = {name: int(number) for name, number in re.findall(pattern, Path(header).read_text(), re.M)}
        renamed = {"newfstatat": "fstatat"} if machine == "aarch64" else {}
        for name, row in NUMBERS.items():
            number = defined.get(renamed.get(name, name))
            if number is not None:
                assert row[column] == number, (machine, name)
                compared += 1
    if not compared:
        pytest.skip("the kernel's headers are not installed")
    assert compared > 150


def test_every_name_of_the_policy_is_in_the_table() -> None:
    assert set(seccomp.policy(PID, may_open_for_writing=True)) <= set(NUMBERS)


def test_a_foreign_architecture_is_killed(filtered: Filter) -> None:
    for architecture in OTHER_ARCHITECTURES:
        assert decide(filtered.program, architecture, filtered.numbers["read"]) == bpf.KILL_PROCESS
    assert decide(filtered.program, filtered.architecture, filtered.numbers["read"]) == bpf.ALLOW


def test_x32_numbers_are_killed(filtered: Filter) -> None:
    for number in (0x40000000, 0x40000000 | filtered.numbers["read"], 0xFFFFFFFF):
        assert decide(filtered.program, filtered.architecture, number) == bpf.KILL_PROCESS


def test_each_number_gets_what_the_lists_say(filtered: Filter) -> None:
    by_number = {number: name for name, number in filtered.numbers.items()}
    conditional = (
        set(seccomp.policy(PID, may_open_for_writing=True)) - set(seccomp.ALLOWED) - set(seccomp.KILLED)
    )
    for number in range(FIRST_UNKNOWN + 40):
        name = by_number.get(number)
        decision = decide(filtered.program, filtered.architecture, number, *[(1 << 64) - 1] * 6)
        if name in seccomp.ALLOWED:
            assert decision == bpf.ALLOW, name
        elif name in seccomp.KILLED:
            assert decision == bpf.KILL_PROCESS, name
        elif name in seccomp.NEWER or number >= FIRST_UNKNOWN:
            assert decision == ENOSYS, name
        elif name == "pipe":
            assert decision == bpf.ALLOW
        else:
            # arguments of all ones fit no condition
            assert decision == EPERM, (number, name, name in conditional)


@pytest.mark.parametrize(
    ("call", "arguments", "allowed"),
    [
        ("mmap", (0, 4096, 3, 0x22), True),  # private, anonymous
        ("mmap", (0, 4096, 3, 0x20022), True),  # a thread's stack
        ("mmap", (0, 4096, 7, 0x22), True),  # XLA compiles into executable memory
        ("mmap", (0, 4096, 3, 0x21), False),  # shared
        ("mmap", (0, 4096, 3, 0x03), False),  # shared, validated
        ("mmap", (0, 4096, 3, 0x122), False),  # grows downwards
        ("mmap", (0, 4096, 3, 0x40022), False),  # huge pages are counted nowhere
        ("mmap", (0, 4096, 3, 1 << 32 | 0x21), False),
        ("clone", (0x3D0F00,), True),
        ("clone", (0x7D0F00,), True),
        ("clone", (17,), False),  # fork
        ("clone", (0x4111,), False),  # vfork
        ("clone", (0x3D0F00 | 0x10000000,), False),  # and a user namespace
        ("clone", (0x3D0F00 & ~0x10000,), False),  # no thread of this process
        ("clone", (0x3D0F00 & ~0x400,), False),  # descriptors of its own
        ("openat", (-100, 1, 0), True),
        ("openat", (-100, 1, 0o2000000), True),  # close-on-exec
        ("openat", (-100, 1, 0o1101), True),  # /dev/null for writing, when Landlock decides
        ("openat", (-100, 1, 0o10000000), False),  # O_PATH
        ("openat", (-100, 1, 0o20200002), False),  # O_TMPFILE
        ("kill", (PID, 15), True),
        ("kill", (PID, 19), True),  # SIGSTOP
        ("kill", (PID, 0), True),
        ("kill", (PID, 9), False),
        ("kill", (PID, 1 << 32 | 9), False),
        ("kill", (-1, 9), False),
        ("kill", (0, 9), False),
        ("kill", (-PID, 9), False),
        ("kill", (PID + 1, 0), False),
        ("tgkill", (PID, 5000, 6), True),
        ("tgkill", (PID, 5000, 9), False),
        ("tgkill", (1, 1, 6), False),
        ("prlimit64", (0, 7, 0, 1), True),
        ("prlimit64", (PID, 7, 0, 1), True),
        ("prlimit64", (0, 7, 1, 0), False),
        ("prlimit64", (0, 7, 1 << 32, 0), False),  # a pointer whose low half is zero
        ("prlimit64", (1, 7, 0, 1), False),
        ("ioctl", (1, 0x5401), True),
        ("ioctl", (1, 0x5412), False),  # TIOCSTI
        ("ioctl", (1, 1 << 32 | 0x5412), False),
        ("fcntl", (1, 3), True),
        ("fcntl", (1, 8), False),  # F_SETOWN
        ("fcntl", (1, 6), False),  # F_SETLK
        ("fcntl", (1, 1024), False),  # F_SETLEASE
        ("fcntl", (1, 1031), False),  # F_SETPIPE_SZ
        ("prctl", (15, 1), True),
        ("prctl", (1, 0), False),  # PR_SET_PDEATHSIG
        ("prctl", (4, 1), False),  # PR_SET_DUMPABLE
        ("prctl", (22, 2), False),  # PR_SET_SECCOMP
        ("prctl", (35, 1), False),  # PR_SET_MM
        ("prctl", (59, 1), False),  # PR_SET_SYSCALL_USER_DISPATCH
        ("socketpair", (1, 1, 0), True),
        ("socketpair", (1, 1 | 0o2004000, 0), True),
        ("socketpair", (1, 2, 0), False),
        ("socketpair", (2, 1, 0), False),
        ("sendto", (3, 1, 1, 0, 0, 0), True),
        ("sendto", (3, 1, 1, 0x4000, 0, 0), True),
        ("sendto", (3, 1, 1, 1, 0, 0), False),  # MSG_OOB
        ("sendto", (3, 1, 1, 0, 1, 1), False),  # to an address
        ("sendto", (3, 1, 1, 0, 1 << 40, 1), False),
        ("getsockopt", (3, 1, 3), True),
        ("getsockopt", (3, 1, 77), False),  # SO_PEERPIDFD
        ("getsockopt", (3, 6, 3), False),
        ("pipe2", (1, 0o2000000), True),
        ("pipe2", (1, 0o200), False),  # O_NOTIFICATION_PIPE
        ("madvise", (1, 4096, 4), True),
        ("madvise", (1, 4096, 12), False),  # MADV_MERGEABLE
        ("futex", (1, 128), True),
        ("futex", (1, 9 | 128 | 256), True),
        ("futex", (1, 6 | 128), False),  # FUTEX_LOCK_PI
        ("futex", (1, 11), False),  # FUTEX_WAIT_REQUEUE_PI
    ],
)
def test_arguments_decide(filtered: Filter, call: str, arguments: tuple[int, ...], allowed: bool) -> None:
    assert filtered(call, *arguments) == (bpf.ALLOW if allowed else EPERM)


def test_without_landlock_nothing_is_opened_for_writing() -> None:
    for machine in MACHINES:
        strict = Filter(machine, may_open_for_writing=False)
        assert strict("openat", -100, 1, 0o2000000) == bpf.ALLOW
        for flags in (0o1, 0o2, 0o3, 0o100, 0o1000, 0o2000):
            assert strict("openat", -100, 1, flags) == EPERM, oct(flags)
    assert Filter("x86_64", may_open_for_writing=False)("open", 1, 0o101) == EPERM


def test_a_rule_that_cannot_be_jumped_over_is_refused() -> None:
    many = bpf.When(tuple((bpf.Check(0, value),) for value in range(100)), EPERM)
    with pytest.raises(ValueError, match="too long"):
        bpf.assemble(1, {1: many}, first_unknown=2, unknown=0, otherwise=0)
