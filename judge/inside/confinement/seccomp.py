"""The system call filter: it allows the calls of numerical code, fails others with EPERM, and kills on attacks.

Default deny. A denied call fails with an ordinary error, so a library which tries something harmless goes on. A call
that no honest numerical program makes (ptrace, mount, bpf, ...), a 32-bit or x32 call kills the process.

Decisions that are not obvious:

* ``mmap`` takes private mappings only: shared ones and memfd escape RLIMIT_DATA and outlive an inspection of the
  process. Mappings that grow downwards count as stack and escape it too, so they are denied.
* ``clone`` takes exactly the flags with which glibc or musl start a thread, so there is never a second process;
  ``clone3`` fails with ENOSYS, which makes glibc fall back to ``clone``: a filter cannot follow its pointer.
* ``futex`` does what locks need, without priority inheritance, which has been a way into the kernel.
* ``open`` for writing is left to Landlock where that is on, because honest code silences output by opening
  /dev/null for writing and a filter cannot see paths. Without Landlock every open for writing is denied.
  O_PATH, which Landlock does not see, and O_TMPFILE are always denied.
* Sockets: only ``socketpair(AF_UNIX, SOCK_STREAM)`` and ``send`` and ``recv`` on one, without addresses, control
  messages or odd flags (MSG_OOB): asyncio wakes its own loop with a pair. No descriptor can be passed.
* ``kill`` and ``tgkill`` reach this process alone, and not with SIGKILL: a process that dies of that was killed from
  outside, so the judge can tell its own failures from the submission's. ``prlimit64`` only reads.
* Numbers newer than this policy fail with ENOSYS, as on a kernel that does not know them.
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Iterable

from judge.inside.confinement import bpf, syscalls
from judge.inside.confinement.bpf import Check, Rule, When
from judge.inside.confinement.syscall_table import FIRST_UNKNOWN

AUDIT_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
SECCOMP_SET_MODE_FILTER = 1
MODE_FILTER = 2
FILTER_FLAG_TSYNC = 1

EPERM = bpf.fail_with(errno.EPERM)
ENOSYS = bpf.fail_with(errno.ENOSYS)


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ALLOWED = _names("""
    read write readv writev pread64 preadv close close_range munmap mremap brk mprotect clock_gettime
    clock_getres clock_nanosleep nanosleep gettimeofday time times sched_yield fstat newfstatat stat lstat
    statx lseek access faccessat faccessat2 readlink readlinkat getdents getdents64 getcwd chdir dup dup2
    dup3 umask rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait
    sigaltstack pause alarm getitimer setitimer restart_syscall exit exit_group wait4 waitid getpid gettid
    getppid getpgrp getpgid getsid getuid geteuid getgid getegid getresuid getresgid getgroups capget
    getrlimit getrusage getpriority sysinfo uname getrandom getcpu rseq set_tid_address set_robust_list
    get_robust_list sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max
    sched_get_priority_min sched_getattr poll ppoll select pselect6 epoll_create1 epoll_ctl epoll_wait
    epoll_pwait epoll_pwait2 getsockname getpeername
""")

KILLED = _names("""
    ptrace process_vm_readv process_vm_writev process_madvise pidfd_getfd kcmp bpf io_uring_setup
    io_uring_enter io_uring_register userfaultfd perf_event_open add_key request_key keyctl mount umount2
    pivot_root chroot move_mount open_tree open_tree_attr fsopen fsconfig fsmount fspick mount_setattr
    statmount listmount unshare setns name_to_handle_at open_by_handle_at fanotify_init fanotify_mark
    kexec_load kexec_file_load init_module finit_module delete_module reboot swapon swapoff acct quotactl
    quotactl_fd nfsservctl vhangup syslog lookup_dcookie iopl ioperm modify_ldt landlock_create_ruleset
    landlock_add_rule landlock_restrict_self seccomp settimeofday clock_settime clock_adjtime adjtimex
    sethostname setdomainname
""")

NEWER = _names("clone3 openat2 futex_waitv futex_wake futex_wait futex_requeue")
"""Libraries that find these missing fall back to older calls, whose arguments a filter can see."""

# Values are the kernel's, equal on both architectures; the os module's differ on other platforms.
O_WRITING = 0o3 | 0o100 | 0o1000 | 0o2000  # access mode, O_CREAT, O_TRUNC, O_APPEND
O_PATH, O_TMPFILE_BIT = 0o10000000, 0o20000000
O_PIPE_FLAGS = 0o2000000 | 0o4000  # O_CLOEXEC, O_NONBLOCK
MAP_TYPE, MAP_PRIVATE, MAP_GROWSDOWN, MAP_HUGETLB = 0x0F, 0x02, 0x100, 0x40000
THREAD_FLAGS = (0x3D0F00, 0x7D0F00)
"""CLONE_VM | FS | FILES | SIGHAND | THREAD | SYSVSEM | SETTLS | PARENT_SETTID | CHILD_CLEARTID (| DETACHED, musl)."""
HARMLESS_IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""TCGETS (isatty), TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX."""
HARMLESS_FCNTLS = (0, 1030, 1, 2, 3, 4, 1032)
"""F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETPIPE_SZ."""
HARMLESS_PRCTLS = (2, 3, 15, 16, 21, 23, 30, 39, 0x53564D41)
"""Reading the death signal, dumpable, name, seccomp mode, bounding set, timer slack, no_new_privs; names."""
HARMLESS_ADVICE = (0, 1, 2, 3, 4, 8, 14, 15, 16, 17, 22, 23)
"""NORMAL, RANDOM, SEQUENTIAL, WILLNEED, DONTNEED, FREE, (NO)HUGEPAGE, (DO/DONT)DUMP, POPULATE_READ/WRITE."""
ARCH_PRCTLS = (0x1021, 0x1022, 0x1023, 0x3001)
"""ARCH_{GET_XCOMP_SUPP, GET_XCOMP_PERM, REQ_XCOMP_PERM}: asking for AMX tiles; ARCH_CET_STATUS."""
FUTEX_OPERATIONS = (0, 1, 3, 4, 5, 9, 10)
"""WAIT, WAKE, REQUEUE, CMP_REQUEUE, WAKE_OP, WAIT_BITSET, WAKE_BITSET; none that inherits priority."""
FUTEX_FLAGS = 128 | 256  # private, real-time clock
SOL_SOCKET, SOCKET_FACTS = (
    1,
    (3, 4, 30, 38, 39),
)  # SO_TYPE, ERROR, ACCEPTCONN, PROTOCOL, DOMAIN: no peer's pidfd
SIGKILL = 9
MSG_FLAGS = 0x40 | 0x4000  # MSG_DONTWAIT, MSG_NOSIGNAL
AF_UNIX, SOCK_STREAM, SOCK_FLAGS = 1, 1, 0o2004000


def policy(pid: int, *, may_open_for_writing: bool) -> dict[str, Rule]:
    """Return the rules by name of the system call, for a process whose own pid is ``pid``."""
    forbidden = O_PATH | O_TMPFILE_BIT | (0 if may_open_for_writing else O_WRITING)
    plain_send = (Check(3, 0, 0xFFFFFFFF ^ MSG_FLAGS), Check(4, 0, bits=64))
    by_argument: dict[str, Rule] = {
        "futex": _only(*((Check(1, operation, 0xFFFFFFFF ^ FUTEX_FLAGS),) for operation in FUTEX_OPERATIONS)),
        "mmap": _only((Check(3, MAP_PRIVATE, MAP_TYPE | MAP_GROWSDOWN | MAP_HUGETLB),)),
        "madvise": _one_of(2, HARMLESS_ADVICE),
        "open": _only((Check(1, 0, forbidden),)),
        "openat": _only((Check(2, 0, forbidden),)),
        "clone": _one_of(0, THREAD_FLAGS),
        "kill": _signal_to(pid, 1),
        "tgkill": _signal_to(pid, 2),
        "prlimit64": _only(*((Check(0, own), Check(2, 0, bits=64)) for own in (0, pid))),
        "ioctl": _one_of(1, HARMLESS_IOCTLS),
        "fcntl": _one_of(1, HARMLESS_FCNTLS),
        "prctl": _one_of(0, HARMLESS_PRCTLS),
        "arch_prctl": _one_of(0, ARCH_PRCTLS),
        "pipe": bpf.ALLOW,
        "pipe2": _only((Check(1, 0, 0xFFFFFFFF ^ O_PIPE_FLAGS),)),
        "socketpair": _only((Check(0, AF_UNIX), Check(1, SOCK_STREAM, 0xFFFFFFFF ^ SOCK_FLAGS))),
        "sendto": _only(plain_send),
        "recvfrom": _only(plain_send),
        "getsockopt": _only(*((Check(1, SOL_SOCKET), Check(2, option)) for option in SOCKET_FACTS)),
    }
    plain: dict[str, Rule] = dict.fromkeys(ALLOWED, bpf.ALLOW)
    return by_argument | plain | dict.fromkeys(KILLED, bpf.KILL_PROCESS) | dict.fromkeys(NEWER, ENOSYS)


def program(machine: str, pid: int, *, may_open_for_writing: bool) -> bytes:
    """Return the filter as ``struct sock_filter`` records for ``machine``."""
    known = syscalls.numbers_of(machine)
    named = policy(pid, may_open_for_writing=may_open_for_writing)
    return bpf.assemble(
        AUDIT_ARCHITECTURE[machine],
        {known[name]: rule for name, rule in named.items() if name in known},
        first_unknown=FIRST_UNKNOWN,
        unknown=ENOSYS,
        otherwise=EPERM,
    )


def install(*, may_open_for_writing: bool) -> None:
    """Install the filter on every thread of this process; needs no_new_privs. Raises OSError."""
    code = program(syscalls.machine(), os.getpid(), may_open_for_writing=may_open_for_writing)
    records = ctypes.create_string_buffer(code, len(code))
    header = ctypes.create_string_buffer(16)  # struct sock_fprog: unsigned short len, pointer filter
    ctypes.c_ushort.from_buffer(header).value = len(code) // 8
    ctypes.c_void_p.from_buffer(header, 8).value = ctypes.addressof(records)
    unsynchronised = syscalls.syscall("seccomp", SECCOMP_SET_MODE_FILTER, FILTER_FLAG_TSYNC, header)
    if unsynchronised:
        raise OSError(errno.EBUSY, f"thread {unsynchronised} could not be given the filter")


def _signal_to(pid: int, argument: int) -> When:
    """Allow a signal to this process that differs from SIGKILL in some bit."""
    bits = [1 << number for number in range(7)]
    return _only(*((Check(0, pid), Check(argument, ~SIGKILL & bit, bit)) for bit in bits))


def _only(*alternatives: tuple[Check, ...]) -> When:
    return When(alternatives, EPERM)


def _one_of(argument: int, values: Iterable[int]) -> When:
    return _only(*((Check(argument, value),) for value in values))
