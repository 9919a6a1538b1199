"""What runs inside the forked process of `confined_driver`: honest programs, and attempts to get out.

Every function takes the request's arguments. An honest one returns numbers; an attempt returns something true when it
got what it wanted, and otherwise raises OSError, returns something false, or gets its process killed.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import ctypes
import errno
import fcntl
import mmap
import os
import platform
import resource
import signal
import socket
import struct
import threading
import time
from typing import Any

import numpy as np

Arguments = dict[str, Any]
NUMBERS = {"x86_64": 0, "aarch64": 1}


def raw(name: str, *arguments: Any) -> int:
    """A system call by name; raises OSError."""
    from judge.inside.confinement.syscall_table import NUMBERS as table

    number = table[name][NUMBERS[platform.machine()]]
    return by_number(number, *arguments)


def by_number(number: int | None, *arguments: Any) -> int:
    if number is None:
        raise OSError(errno.ENOSYS, "not on this machine")
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    values = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result = int(libc.syscall(ctypes.c_long(number), *values))
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


# ------------------------------------------------------------------------------------------- honest programs


def jax_programs(arguments: Arguments) -> dict[str, list[str]]:
    """Results of many kinds of jax program, bit for bit, as hexadecimal text."""
    import jax
    import jax.numpy as jnp

    key = jax.random.PRNGKey(3)
    x = jax.random.normal(key, (8, 5))
    square = x[:5] @ x[:5].T

    @jax.custom_vjp
    def doubled(v: Any) -> Any:
        return 2 * v

    doubled.defvjp(lambda v: (2 * v, None), lambda _, g: (2 * g,))
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        threaded = list(pool.map(lambda n: jax.jit(jnp.sum)(x[: n + 1]), range(6)))
    jax.debug.print("debug {}", x[0, 0])
    values = {
        "jit": jax.jit(lambda v: jnp.tanh(v).sum(0))(x),
        "grad": jax.grad(lambda v: (v**2).sum())(x),
        "vmap": jax.vmap(lambda row: row / jnp.linalg.norm(row))(x),
        "scan": jax.lax.scan(lambda c, row: (c + row, c.sum()), jnp.zeros(5), x)[1],
        "while": jax.lax.while_loop(lambda c: c.sum() < 100, lambda c: c * 2, jnp.ones(3)),
        "custom_vjp": jax.grad(lambda v: doubled(v).sum())(x),
        "svd": jnp.linalg.svd(square)[1],
        "solve": jnp.linalg.solve(square + 5 * jnp.eye(5), jnp.ones(5)),
        "callback": jax.pure_callback(np.sin, jax.ShapeDtypeStruct(x.shape, x.dtype), x),
        "matmul": (jnp.ones((700, 700)) * 0.37 @ jax.random.normal(key, (700, 700))).sum(0)[:5],
        "conv": jax.lax.conv(jnp.ones((1, 2, 9, 9)), jnp.ones((3, 2, 3, 3)) * 0.1, (1, 1), "SAME")[0, 0, 0],
        "sort": jnp.sort(x.ravel()),
        "fft": jnp.abs(jnp.fft.fft(x)),
        "threads": jnp.stack(threaded),
        "numpy": np.linalg.inv(np.asarray(square) + np.eye(5)),
    }
    return {name: [float(v).hex() for v in np.asarray(value).ravel()] for name, value in values.items()}


def python_programs(arguments: Arguments) -> list[str]:
    """What ordinary Python code does besides numbers; the names of what worked."""
    worked = []

    async def wait() -> str:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(0.001)
        return await loop.run_in_executor(None, lambda: "asyncio")

    worked.append(asyncio.run(wait()))
    with open(os.devnull, "w") as sink, contextlib.redirect_stdout(sink):
        print("silenced")
    worked.append("devnull")
    read_end, write_end = os.pipe()
    os.write(write_end, b"pipe")
    worked.append(os.read(read_end, 4).decode())
    assert len(os.urandom(8)) == 8
    worked.append("urandom")
    assert os.cpu_count()
    worked.append("cpu_count")
    with contextlib.suppress(OSError):
        signal.raise_signal(signal.SIGUSR2) if os.getpid() == 1 else signal.getsignal(signal.SIGUSR2)
    import ast
    import decimal
    import inspect

    inspect.getsource(ast.parse)
    decimal.Decimal("1.1").sqrt()
    worked.append("lazy imports")
    big = np.ones(60_000_000)  # 457 MiB, through mmap and back
    del big
    worked.append("large arrays")
    time.sleep(0.01)
    worked.append(time.strftime("clock"))
    return worked


# ------------------------------------------------------------------------------------------------- attempts


def read_file(arguments: Arguments) -> bool:
    with open(arguments["secret"]) as file:
        return "canary" in file.read()


def read_file_from_a_thread(arguments: Arguments) -> bool:
    results: list[bool] = []

    def read() -> None:
        with contextlib.suppress(OSError):
            results.append(read_file(arguments))

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    return any(results)


def read_file_through_leaked_directory(arguments: Arguments) -> bool:
    fd = os.open(os.path.basename(arguments["secret"]), os.O_RDONLY, dir_fd=arguments["leak_fd"])
    return b"canary" in os.read(fd, 100)


def stat_file(arguments: Arguments) -> bool:
    return os.stat(arguments["secret"]).st_size > 0


def list_root(arguments: Arguments) -> bool:
    return len(os.listdir("/")) > 0


def open_path_only(arguments: Arguments) -> bool:
    return os.open(arguments["secret"], os.O_PATH) > 0


def write_file(arguments: Arguments) -> bool:
    with open(arguments["directory"] + "/written", "w") as file:
        return file.write("x") == 1


def append_to_readable(arguments: Arguments) -> bool:
    fd = os.open(arguments["readable_file"], os.O_WRONLY | os.O_APPEND)
    return os.write(fd, b"x") == 1


def create_in_readable(arguments: Arguments) -> bool:
    return (
        os.open(os.path.dirname(arguments["readable_file"]) + "/created", os.O_CREAT | os.O_WRONLY, 0o600) > 0
    )


def temporary_file_in_readable(arguments: Arguments) -> bool:
    return os.open(os.path.dirname(arguments["readable_file"]), os.O_TMPFILE | os.O_WRONLY, 0o600) > 0


def write_shared_memory(arguments: Arguments) -> bool:
    path = f"/dev/shm/judge-test-{os.getpid()}"
    fd = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    os.unlink(path)
    return fd > 0


def change_mode(arguments: Arguments) -> bool:
    os.chmod(arguments["readable_file"], 0o777)
    return True


def change_times(arguments: Arguments) -> bool:
    os.utime(arguments["readable_file"], (1, 1))
    return True


def set_attribute(arguments: Arguments) -> bool:
    os.setxattr(arguments["readable_file"], "user.judge", b"1")
    return True


def remove_file(arguments: Arguments) -> bool:
    os.unlink(arguments["removable"])
    return True


def rename_file(arguments: Arguments) -> bool:
    os.rename(arguments["removable"], arguments["removable"] + "2")
    return True


def link_file(arguments: Arguments) -> bool:
    os.symlink("/etc", arguments["directory"] + "/link")
    return True


def make_directory(arguments: Arguments) -> bool:
    os.mkdir(arguments["directory"] + "/made")
    return True


def lock_file(arguments: Arguments) -> bool:
    with open(arguments["readable_file"]) as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True


def connect_tcp(arguments: Arguments) -> bool:
    with socket.create_connection(("127.0.0.1", arguments["tcp_port"]), timeout=2):
        return True


def send_udp(arguments: Arguments) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        return sender.sendto(b"attack", ("127.0.0.1", arguments["udp_port"])) == 6


def connect_abstract(arguments: Arguments) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect("\0" + arguments["abstract"])
        return True


def connect_path(arguments: Arguments) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(arguments["socket_path"])
        return True


def netlink(arguments: Arguments) -> bool:
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0):
        return True


def datagram_pair_to_path(arguments: Arguments) -> bool:
    """A socket pair that addresses somebody else."""
    ours, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    return ours.sendto(b"attack", arguments["datagram_path"]) == 6


def pass_descriptor(arguments: Arguments) -> bool:
    ours, theirs = socket.socketpair()
    socket.send_fds(ours, [b"x"], [1])
    return bool(socket.recv_fds(theirs, 1, 1)[1])


def out_of_band(arguments: Arguments) -> bool:
    ours, _ = socket.socketpair()
    return ours.send(b"x", socket.MSG_OOB) == 1


def peer_process(arguments: Arguments) -> bool:
    """A descriptor of the process at the other end of a socket pair."""
    ours, _ = socket.socketpair()
    return int.from_bytes(ours.getsockopt(socket.SOL_SOCKET, 77, 4), "little") > 0


def inherit_priority(arguments: Arguments) -> bool:
    word = ctypes.create_string_buffer(4)
    raw("futex", word, 6, 0, None, None, 0)  # FUTEX_LOCK_PI
    return word.raw != bytes(4)


def writable_places(arguments: Arguments) -> list[str]:
    """Directories in which a file can be made, and files that can be opened for writing, up to some depth."""
    found = []
    for directory, names, files in os.walk("/"):
        if directory.count("/") > 3:
            names.clear()
        with contextlib.suppress(OSError):
            os.close(os.open(directory + "/made", os.O_CREAT | os.O_WRONLY, 0o600))
            found.append(directory)
        for name in files[:20]:
            with contextlib.suppress(OSError):
                os.close(os.open(directory + "/" + name, os.O_WRONLY))
                found.append(directory + "/" + name)
    return found


def signal_driver(arguments: Arguments) -> bool:
    os.kill(arguments["driver_pid"], signal.SIGUSR1)
    time.sleep(0.05)
    return True


def signal_everybody(arguments: Arguments) -> bool:
    os.kill(-os.getpgid(0) if arguments.get("group") else arguments["driver_pid"], 0)
    return True


def trace(arguments: Arguments) -> bool:
    raw("ptrace", 16, arguments["victim"], 0, 0)  # PTRACE_ATTACH
    os.waitpid(arguments["victim"], 0x40000000)
    raw("ptrace", 17, arguments["victim"], 0, 0)
    return True


def read_memory_of_driver(arguments: Arguments) -> bool:
    with open(f"/proc/{arguments['victim']}/mem", "rb") as file:
        return file.fileno() > 0


def read_environment_of_driver(arguments: Arguments) -> bool:
    with open(f"/proc/{arguments['victim']}/environ", "rb") as file:
        return b"JUDGE_TEST_SECRET" in file.read()


def read_other_memory(arguments: Arguments) -> bool:
    iovec = ctypes.create_string_buffer(16)
    raw("process_vm_readv", arguments["victim"], iovec, 0, iovec, 0, 0)
    return True


def fork(arguments: Arguments) -> bool:
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)
    return True


def vfork(arguments: Arguments) -> bool:
    pid = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(pid, 0)
    return True


def clone_without_thread(arguments: Arguments) -> bool:
    pid = raw("clone", 17, None, None, None, None)
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)
    return True


def clone_new_user(arguments: Arguments) -> bool:
    pid = raw("clone", 0x10000000 | 17, None, None, None, None)
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)
    return True


def execute(arguments: Arguments) -> bool:
    os.write(1, b'{"value": "unknown"}\n')
    os.execv("/bin/echo", ["echo", '{"value": true}'])
    return False


def execute_memory(arguments: Arguments) -> bool:
    fd = os.memfd_create("program")
    with open("/bin/true", "rb") as program:
        os.write(fd, program.read())
    os.set_inheritable(fd, True)
    os.write(1, b'{"value": true}\n')
    os.execve(fd, ["true"], {})
    return False


def many_threads(arguments: Arguments) -> bool:
    """More threads than allowed, with small stacks so that memory does not decide."""
    threading.stack_size(1 << 16 if arguments.get("small", True) else 0)
    enough = threading.Event()
    started = 0
    try:
        for _ in range(arguments["threads"] + 40):
            threading.Thread(target=enough.wait, daemon=True).start()
            started += 1
    except RuntimeError:
        pass
    enough.set()
    return started > arguments["threads"]


def much_memory(arguments: Arguments) -> bool:
    try:
        block = np.zeros(arguments["memory_mib"] * 2**20, dtype=np.uint8)
    except MemoryError:
        return False
    return block.nbytes > 0


def shared_memory(arguments: Arguments) -> bool:
    mmap.mmap(-1, 1 << 20, flags=mmap.MAP_SHARED | mmap.MAP_ANONYMOUS)
    return True


def memory_file(arguments: Arguments) -> bool:
    return os.memfd_create("bomb") > 0


def stack_mapping(arguments: Arguments) -> bool:
    """A mapping that grows downwards counts as stack, not as data."""
    mmap.mmap(-1, arguments["memory_mib"] * 2**20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x100)
    return True


def address_space(arguments: Arguments) -> bool:
    """Page tables count nowhere: read-only memory of 64 TiB, never written."""
    mmap.mmap(-1, 64 << 40, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, prot=mmap.PROT_READ)
    return True


def system_v_memory(arguments: Arguments) -> bool:
    number = raw("shmget", 0, 4096, 0o1600)
    raw("shmctl", number, 0, None)
    return True


def many_files(arguments: Arguments) -> bool:
    opened = []
    with contextlib.suppress(OSError):
        while len(opened) < 400:
            opened.append(os.open("/dev/zero", os.O_RDONLY))
    for fd in opened:
        os.close(fd)
    return len(opened) == 400


def io_uring(arguments: Arguments) -> bool:
    return raw("io_uring_setup", 4, ctypes.create_string_buffer(120)) > 0


def user_faults(arguments: Arguments) -> bool:
    return raw("userfaultfd", 1) > 0


def berkeley_packet_filter(arguments: Arguments) -> bool:
    """Make an array map."""
    return raw("bpf", 0, ctypes.create_string_buffer(struct.pack("=5I", 2, 4, 4, 1, 0), 120), 120) > 0


def key_ring(arguments: Arguments) -> bool:
    return raw("add_key", b"user", b"judge-test", b"x", 1, -2) > 0  # the process keyring


def performance_events(arguments: Arguments) -> bool:
    attributes = ctypes.create_string_buffer(struct.pack("=IIQ", 1, 128, 0), 128)
    return raw("perf_event_open", attributes, 0, -1, -1, 0) > 0


def unshare(arguments: Arguments) -> bool:
    raw("unshare", 0x10000000)
    return True


def mount(arguments: Arguments) -> bool:
    raw("unshare", 0x00020000)
    raw("mount", b"none", b"/tmp", b"tmpfs", 0, None)
    return True


def enter_namespace(arguments: Arguments) -> bool:
    fd = 0
    with contextlib.suppress(OSError):
        fd = os.open("/proc/self/ns/uts", os.O_RDONLY)
    raw("setns", fd, 0)
    return True


def change_root(arguments: Arguments) -> bool:
    os.chroot("/usr")
    return True


def open_by_handle(arguments: Arguments) -> bool:
    handle = ctypes.create_string_buffer(struct.pack("=Ii", 128, 0), 136)
    mount_id = ctypes.create_string_buffer(4)
    raw("name_to_handle_at", -100, arguments["readable_file"].encode(), handle, mount_id, 0)
    return True


def clear_death_signal(arguments: Arguments) -> bool:
    raw("prctl", 1, 0, 0, 0, 0)
    return True


def become_dumpable(arguments: Arguments) -> bool:
    raw("prctl", 4, 1, 0, 0, 0)
    return True


def change_affinity(arguments: Arguments) -> bool:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    return True


def change_priority(arguments: Arguments) -> bool:
    os.setpriority(os.PRIO_PROCESS, 0, 1)
    return True


def change_limits(arguments: Arguments) -> bool:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft - 1, hard))
    return True


def become_root(arguments: Arguments) -> bool:
    os.setresuid(0, 0, 0)
    return True


def own_filter(arguments: Arguments) -> bool:
    """A filter of one's own, which could hide what a call does."""
    with contextlib.suppress(OSError):
        raw("prctl", 38, 1, 0, 0, 0)
    program = ctypes.create_string_buffer(struct.pack("=HBBI", 6, 0, 0, 0x7FFF0000), 8)
    header = ctypes.create_string_buffer(16)
    ctypes.c_ushort.from_buffer(header).value = 1
    ctypes.c_void_p.from_buffer(header, 8).value = ctypes.addressof(program)
    raw("seccomp", 1, 0, header)
    return True


def old_calls(arguments: Arguments) -> bool:
    """getpid through int 0x80, where the numbers are those of 32-bit programs."""
    # push rbx; mov eax, 20; int 0x80; pop rbx; ret
    return run_code(b"\x53\xb8\x14\x00\x00\x00\xcd\x80\x5b\xc3") == os.getpid()


def x32_calls(arguments: Arguments) -> bool:
    """A number with the x32 bit; kernels without x32 say ENOSYS, and that counts as having got through."""
    try:
        return by_number(0x40000000 | 39) > 0
    except OSError as error:
        return error.errno == errno.ENOSYS


def run_code(code: bytes) -> int:
    protection = mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
    memory = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=protection)
    memory.write(code)
    function = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))
    return int(function())


def spin(arguments: Arguments) -> bool:
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    end = time.process_time() + arguments["spin_s"]
    while time.process_time() < end:
        pass
    return True


def say_and_sleep(arguments: Arguments) -> None:
    os.write(1, b".")
    while True:
        time.sleep(60)
