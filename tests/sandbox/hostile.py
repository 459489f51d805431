"""Hostile probes: each tries one way out of a sandbox, and returns what it got hold of; an OSError means it was stopped.

Runs inside, as ``python hostile.py TARGETS-AS-JSON [NAME...]``, with nothing but the standard library; every probe in a
process of its own. Prints what came of each as JSON: empty where it was stopped. A bomb runs alone and never returns.
"""
# ruff: noqa: PTH101, PTH109, PTH110, PTH112, PTH115, PTH116, PTH118, PTH123, PTH207, PTH208 - the plainest calls there are

from __future__ import annotations

import ctypes
import fcntl
import glob
import json
import mmap
import os
import resource
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

T: dict[str, Any] = {}
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.syscall.restype = ctypes.c_long
X86 = os.uname().machine == "x86_64"
NEWUSER, NEWNET, NEWPID = 0x10000000, 0x40000000, 0x20000000


def call(x86: int, arm: int, *arguments: object) -> int:
    """Make a system call; numbers of both machines."""
    result: int = LIBC.syscall(x86 if X86 else arm, *arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def read(path: str) -> str:
    with open(path, "rb") as file:
        return file.read(200).decode("latin-1")


def write(path: str, mode: str = "r+") -> str:
    with open(path, mode) as file:
        file.write("1")
    return f"wrote {path}"


def first(paths: Iterable[str], act: Callable[[str], object]) -> object:
    """Return what the first success of ``act`` gave; every failure is a failure to escape."""
    for path in paths:
        try:
            got = act(path)
        except OSError:
            continue
        if got:
            return got
    return None


# network


def probe_loopback_of_host() -> object:
    socket.create_connection(("127.0.0.1", T["port"]), 2)
    return "connected"


def probe_loopback6_of_host() -> object:
    socket.create_connection(("::1", T["port6"]), 2)
    return "connected"


def probe_route_out() -> object:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.connect(("192.0.2.1", 53))
    return "has a route"


def probe_name_lookup() -> object:
    return f"resolved {socket.getaddrinfo('example.com', 80)}"


def probe_abstract_socket() -> object:
    with socket.socket(socket.AF_UNIX) as one:
        one.connect("\0" + T["abstract"])
    return "connected"


def probe_named_socket() -> object:
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(T["socket"])
    return "connected"


def probe_packet_socket() -> object:
    socket.socket(17, socket.SOCK_RAW, 0)
    return "open"


def probe_vsock() -> object:
    socket.socket(40, socket.SOCK_STREAM)
    return "open"


def probe_netlink() -> object:
    socket.socket(16, socket.SOCK_RAW, 0)
    return "open"


def probe_raw_socket() -> object:
    socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)
    return "open"


def probe_ping_socket() -> object:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 1)
    return "open"


def probe_kernel_crypto_socket() -> object:
    socket.socket(38, socket.SOCK_SEQPACKET)
    return "open"


def probe_sctp() -> object:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132)
    return "open"


def probe_other_network_interfaces() -> object:
    names = [name for _, name in socket.if_nameindex()]
    return [name for name in names if name != "lo"]


# reading


def probe_secret_of_host() -> object:
    return read(T["secret"])


def probe_secret_by_link_in_workspace() -> object:
    return read("link")


def probe_secret_by_folder_link_in_workspace() -> object:
    return read("folder/secret")


def probe_hard_link_of_secret() -> object:
    os.link(T["secret"], "stolen")
    return read("stolen")


def probe_root_home() -> object:
    return [
        each for each in os.listdir("/root") if f"/root/{each}" not in os.getcwd() and not T["shown"].startswith(f"/root/{each}")
    ]


def probe_shadow() -> object:
    return read("/etc/shadow")


def probe_host_etc() -> object:
    return first(("/etc/machine-id", "/etc/hostname", "/etc/fstab", "/etc/resolv.conf"), read)


def probe_var() -> object:
    return first(("/var/log", "/var/lib", "/run/systemd", "/var/spool"), os.listdir)


def probe_other_homes() -> object:
    return first([each for each in glob.glob("/home/*") if each != os.environ["HOME"]], os.listdir)


def probe_tmp_of_host() -> object:
    return [each for each in os.listdir(T["tmp"]) if each != "workspace"]


def probe_shared_memory_of_host() -> object:
    return read(T["shm"])


def probe_own_environment() -> object:
    return [name for name, value in os.environ.items() if "PAWL_CANARY" in name + value]


def probe_environment_of_init() -> object:
    return "canary" if "PAWL_CANARY" in read("/proc/1/environ") else None


def probe_environment_of_others() -> object:
    mine = f"/proc/{os.getpid()}/environ"
    return first(glob.glob("/proc/[0-9]*/environ"), lambda path: "PAWL_CANARY" in read(path) and path != mine)


def probe_command_line_of_host() -> object:
    return first(glob.glob("/proc/[0-9]*/cmdline"), lambda path: T["token"] in read(path))


def probe_root_of_init() -> object:
    return first(("/proc/1/root", "/proc/1/cwd"), lambda path: read(f"{path}{T['secret']}"))


def probe_kernel_memory() -> object:
    return first(("/proc/kcore", "/dev/mem", "/dev/kmem", "/dev/port"), read)


def probe_keys_listing() -> object:
    return read("/proc/keys")


def probe_kernel_symbols() -> object:
    return read("/proc/kallsyms")


def probe_kernel_log() -> object:
    return first(("/proc/kmsg", "/dev/kmsg"), read)


def probe_kernel_log_by_call() -> object:
    buffer = ctypes.create_string_buffer(4096)
    call(103, 116, 3, buffer, 4096)
    return buffer.value[:50].decode("latin-1")


def probe_disk() -> object:
    return first([*glob.glob("/dev/vd*"), *glob.glob("/dev/sd*"), *glob.glob("/dev/nvme*"), *glob.glob("/dev/loop*")], read)


def probe_file_handle() -> object:
    handle = (ctypes.c_uint * 34)(128)
    mount = ctypes.c_int()
    call(303, 264, -100, b"/usr", handle, ctypes.byref(mount), 0)
    return "has a handle"


def probe_inherited_descriptors() -> object:
    found = [each for each in range(3, 4096) if each != T["pipe"] and _is_open(each)]
    return f"open: {found}" if found else None


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


# writing


def probe_write_host_folder() -> object:
    """In a file system of its own this is nobody's loss: the test looks at the host's."""
    write(os.path.join(T["folder"], "planted"), "w")
    return None


def probe_write_secret() -> object:
    return write(T["secret"])


def probe_write_by_link_in_workspace() -> object:
    return write("link")


def probe_write_usr() -> object:
    return write("/usr/planted", "w")


def probe_write_bin() -> object:
    return first(glob.glob("/usr/bin/*"), write)


def probe_write_etc() -> object:
    return first(("/etc/planted", "/etc/ld.so.preload", "/etc/cron.d/planted"), lambda path: write(path, "w"))


def probe_change_passwd() -> object:
    return write("/etc/passwd")


def probe_write_root() -> object:
    return write("/planted", "w")


def probe_write_dev() -> object:
    return write("/dev/planted", "w")


def probe_write_sys() -> object:
    paths = ("/sys/kernel/mm/ksm/run", "/sys/power/state", "/sys/kernel/uevent_helper", "/sys/fs/cgroup/cgroup.procs")
    return first(paths, write)


def probe_core_pattern() -> object:
    with open("/proc/sys/kernel/core_pattern", "r+"):
        return "open for writing"


def probe_settings_of_kernel() -> object:
    return first(
        glob.glob("/proc/sys/**", recursive=True), lambda path: not os.path.isdir(path) and os.open(path, os.O_WRONLY) and path
    )


def probe_sysrq() -> object:
    with open("/proc/sysrq-trigger", "w"):
        return "open for writing"


def probe_interpreter() -> object:
    return write(sys.executable)


def probe_metadata_of_host() -> object:
    before = os.stat(T["secret"]).st_mode
    os.chmod(T["secret"], before ^ 0o001)
    after = os.stat(T["secret"]).st_mode
    return "changed its permissions" if after != before else None


# namespaces and mounts


def probe_user_namespace() -> object:
    return f"made {call(272, 97, NEWUSER)}"


def probe_network_namespace() -> object:
    return f"made {call(272, 97, NEWNET)}"


def probe_clone_user_namespace() -> object:
    pid = call(56, 220, NEWUSER | signal.SIGCHLD, 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    return "made"


def probe_clone3_user_namespace() -> object:
    arguments = (ctypes.c_uint64 * 11)(NEWUSER, 0, 0, 0, signal.SIGCHLD)
    pid = call(435, 435, arguments, 88)
    if pid == 0:
        os._exit(0)
    return "made"


def probe_join_namespace_of_init() -> object:
    return first(glob.glob("/proc/1/ns/*"), lambda path: call(308, 268, os.open(path, os.O_RDONLY), 0) == 0)


def probe_join_namespaces_by_process() -> object:
    return f"joined {call(308, 268, os.pidfd_open(1), NEWUSER)}"


def probe_mount_tmpfs() -> object:
    return f"mounted {call(165, 40, b'tmpfs', b'/tmp', b'tmpfs', 0, None)}"


def probe_remount_usr() -> object:
    return f"mounted {call(165, 40, b'', b'/usr', None, 0x20 | 0x1000, None)}"


def probe_mount_by_descriptor() -> object:
    return f"opened {call(430, 430, b'tmpfs', 0)}"


def probe_clone_mount_tree() -> object:
    return f"cloned {call(428, 428, -100, b'/usr', 1)}"


def probe_unmount() -> object:
    return f"unmounted {call(166, 39, b'/proc', 2)}"


def probe_chroot() -> object:
    return f"changed {call(161, 51, b'.')}"


def probe_pivot_root() -> object:
    return f"pivoted {call(155, 41, b'.', b'.')}"


# processes


def probe_ptrace_parent() -> object:
    return f"attached {call(101, 117, 16, os.getppid(), 0, 0)}"


def probe_ptrace_own_child() -> object:
    pid = os.fork()
    if pid == 0:
        signal.pause()
    try:
        return f"attached {call(101, 117, 16, pid, 0, 0)}"
    finally:
        os.kill(pid, signal.SIGKILL)


def probe_read_memory_of_parent() -> object:
    buffer = ctypes.create_string_buffer(8)
    here = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 8)
    return f"read {call(310, 270, os.getppid(), here, 1, here, 1, 0)}"


def probe_memory_file_of_parent() -> object:
    return f"open {os.open(f'/proc/{os.getppid()}/mem', os.O_RDWR)}" if os.getppid() != T["own"] else None


def probe_signal_host_process() -> object:
    os.kill(T["pid"], 0)
    return "may signal it"


def probe_kill_host_process() -> object:
    os.kill(T["pid"], signal.SIGKILL)
    return "killed it"


def probe_signal_host_by_descriptor() -> object:
    return f"sent {call(424, 424, os.pidfd_open(T['pid']), 0, None, 0)}"


def probe_steal_descriptor() -> object:
    return f"stole {call(438, 438, os.pidfd_open(os.getppid()), 0, 0)}"


def probe_limits_of_host_process() -> object:
    resource.prlimit(T["pid"], resource.RLIMIT_NOFILE, (16, 16))
    return "set"


def probe_priority_of_host_process() -> object:
    os.setpriority(os.PRIO_PROCESS, T["pid"], 19)
    return "set"


def probe_processors_of_host_process() -> object:
    os.sched_setaffinity(T["pid"], {0})
    return "set"


def probe_host_process_listed() -> object:
    return f"sees {T['pid']}" if T["token"] in read(f"/proc/{T['pid']}/cmdline") else None


# privileges


def probe_capabilities() -> object:
    held = [line for line in _status() if line.startswith(("CapEff", "CapPrm", "CapInh", "CapAmb")) and int(line.split()[1], 16)]
    return held and [each for each in held if int(each.split()[1], 16) != 4]


def probe_new_privileges() -> object:
    return None if "NoNewPrivs:\t1" in _status() else "may gain some"


def probe_no_filter() -> object:
    return None if "Seccomp:\t2" in _status() else "no filter"


def _status() -> list[str]:
    """The calls say the same where /proc cannot be read."""
    try:
        with open("/proc/self/status") as file:
            return file.read().splitlines()
    except OSError:
        no_new = LIBC.prctl(39, 0, 0, 0, 0)
        sets = (ctypes.c_uint32 * 6)()
        LIBC.capget((ctypes.c_uint32 * 2)(0x20080522, 0), sets)
        return [
            f"NoNewPrivs:\t{no_new}",
            f"Seccomp:\t{LIBC.prctl(21, 0, 0, 0, 0)}",
            f"CapEff:\t{sets[0]:x}",
            f"CapPrm:\t{sets[1]:x}",
        ]


def probe_become_root() -> object:
    os.setuid(0)
    return "root"


def probe_other_group() -> object:
    os.setgroups([0])
    return "in group 0"


def probe_setuid_program() -> object:
    done = subprocess.run(["/usr/bin/su", "-c", "id -u"], capture_output=True, timeout=5, check=False, stdin=subprocess.DEVNULL)
    return "ran as root" if done.stdout.strip() == b"0" else None


def probe_make_setuid_file() -> object:
    with open("mine", "w"):
        os.chmod("mine", 0o4755)  # noqa: S103 - the point
    return "set" if os.stat("mine").st_mode & stat.S_ISUID else None


def probe_create_setuid_file() -> object:
    os.close(os.open("born", os.O_CREAT | os.O_WRONLY, 0o4755))
    return "set" if os.stat("born").st_mode & stat.S_ISUID else None


def probe_make_device() -> object:
    os.mknod("memory", 0o666 | stat.S_IFCHR, os.makedev(1, 1))
    return "made"


def probe_make_disk_device() -> object:
    os.mknod("disk", 0o666 | stat.S_IFBLK, os.makedev(8, 0))
    return "made"


def probe_raise_limits() -> object:
    resource.setrlimit(resource.RLIMIT_NPROC, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return "raised"


def probe_real_time_priority() -> object:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    return "real time"


# wide kernel surfaces


def probe_session_keyring() -> object:
    return f"added {call(248, 217, b'user', b'pawl', b'x', 1, -3)}"


def probe_read_keyring() -> object:
    return f"read {call(250, 219, 11, -3, 0, 0)}"


def probe_io_uring() -> object:
    return f"made {call(425, 425, 1, ctypes.create_string_buffer(200))}"


def probe_bpf() -> object:
    return f"made {call(321, 280, 0, (ctypes.c_uint32 * 32)(2, 4, 4, 1), 128)}"


def probe_userfaultfd() -> object:
    return f"made {call(323, 282, 1)}"


def probe_perf() -> object:
    return f"made {call(298, 241, (ctypes.c_uint64 * 16)(1 | 112 << 32), 0, -1, -1, 0)}"


def probe_fanotify() -> object:
    return f"made {call(300, 262, 0x200, 0)}"


def probe_shared_memory_segment() -> object:
    return f"made {call(29, 194, 0, 4096, 0o1600)}"


def probe_hidden_memory() -> object:
    return f"made {call(447, 447, 0)}"


def probe_memory_file() -> object:
    return f"made {call(319, 279, b'x', 0)}"


def probe_type_into_terminal() -> object:
    leader, _ = os.openpty()
    return f"typed {fcntl.ioctl(leader, 0x5412, b'x')!r}"


def probe_controlling_terminal() -> object:
    return f"open {os.open('/dev/tty', os.O_RDWR)}"


def probe_personality() -> object:
    return f"set {call(135, 92, 0x0400000)}"


def probe_modify_ldt() -> object:
    if not X86:
        raise OSError("no such call here")
    return f"read {call(154, 154, 0, ctypes.create_string_buffer(16), 16)}"


def probe_old_architecture_calls() -> object:
    """32-bit calls have other numbers; a filter that only knows 64-bit ones would let them through."""
    if not X86:
        raise OSError("no such calls here")
    code = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"  # mov eax, 20 (getpid); int 0x80; ret
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    run = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    got = run()
    return f"called: {got}" if got > 0 else None


def probe_x32_calls() -> object:
    if not X86:
        raise OSError("no such calls here")
    return f"called {call(0x40000000 | 39, 0)}"


def probe_calls_of_tomorrow() -> object:
    call(500, 500)
    return "made"


# the machine; never run outside a sandbox


def probe_host_name() -> object:
    return f"set {call(170, 161, b'pwned', 5)}"


def probe_clock() -> object:
    return f"set {call(227, 112, 0, (ctypes.c_long * 2)(1, 0))}"


def probe_reboot() -> object:
    return f"set {call(169, 142, 0xFEE1DEAD, 672274793, 0, None)}"


def probe_load_module() -> object:
    return f"loaded {call(313, 273, 0, b'', 0)}"


def probe_kexec() -> object:
    return f"loaded {call(246, 104, 0, 0, None, 0)}"


def probe_swap() -> object:
    return f"on {call(167, 224, b'/dev/null', 0)}"


def probe_accounting() -> object:
    return f"on {call(163, 89, b'acct')}"


def probe_input_output_ports() -> object:
    if not X86:
        raise OSError("no such call here")
    return f"open {call(172, 172, 3)}"


# what must work all the same


def works_loopback() -> object:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), 2):
        return "ok"


def works_socketpair() -> object:
    with socket.socketpair()[0] as one:
        return "ok" if one.fileno() else ""


def works_write_workspace() -> object:
    with open("mine.txt", "w") as file:
        file.write("x")
    return "ok"


def works_symlinks_in_workspace() -> object:
    return "ok" if os.readlink("link") == T["secret"] and os.readlink("inner") == "kept.txt" and read("inner") == "kept" else ""


def works_temporary_files() -> object:
    path = os.path.join(os.environ["TMPDIR"], "x")
    write(path, "w")
    return "ok"


def works_home() -> object:
    write(os.path.join(os.environ["HOME"], "x"), "w")
    return "ok"


def works_subprocess() -> object:
    return subprocess.run(["/bin/sh", "-c", "echo ok"], capture_output=True, text=True, check=True).stdout.strip()


def works_threads() -> object:
    got: list[str] = []
    thread = threading.Thread(target=lambda: got.append("ok"))
    thread.start()
    thread.join()
    return got[0]


def works_pipes_between_processes() -> object:
    left, right = os.pipe()
    if os.fork() == 0:
        os.write(right, b"ok")
        os._exit(0)
    return os.read(left, 2).decode()


def works_fifo() -> object:
    os.mkfifo("fifo")
    return "ok"


def works_permissions() -> object:
    os.chmod("mine.txt" if os.path.exists("mine.txt") else "kept.txt", 0o600)
    return "ok"


# bombs


def bomb_endless_loop() -> None:
    while True:
        pass


def bomb_deaf_to_signals() -> None:
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            continue
    while True:
        time.sleep(60)


def bomb_of_forks() -> None:
    while True:
        try:
            os.fork()
        except OSError:
            continue


def bomb_of_sessions() -> None:
    while True:
        try:
            if os.fork() == 0:
                os.setsid()
        except OSError:
            continue


def bomb_of_threads() -> None:
    while True:
        try:
            threading.Thread(target=time.sleep, args=(60,)).start()
        except RuntimeError:
            continue


def bomb_that_stops_itself() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def bomb_that_stops_its_parent() -> None:
    _signal(os.getppid(), signal.SIGSTOP)
    time.sleep(60)


def bomb_that_stops_everything() -> None:
    _signal(-1, signal.SIGSTOP)
    time.sleep(60)


def bomb_that_kills_its_parent() -> None:
    _signal(os.getppid(), signal.SIGKILL)
    time.sleep(60)


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except OSError:
        return


def bomb_of_memory() -> None:
    held = bytearray()
    while True:
        held += b"x" * (1 << 23)


def bomb_of_memory_in_children() -> None:
    for _ in range(20):
        if os.fork() == 0:
            held = b"x" * (20 << 20)
            time.sleep(60 + len(held[:0]))
    time.sleep(60)


def bomb_of_shared_memory() -> None:
    held = mmap.mmap(-1, 1 << 29)
    held.write(b"x" * (1 << 29))
    time.sleep(60)


def bomb_of_memory_in_an_orphan() -> None:
    _orphan(bomb_of_memory)
    time.sleep(60)


def bomb_of_output() -> None:
    while True:
        os.write(1, b"x" * 1000)


def bomb_of_complaints() -> None:
    while True:
        os.write(2, b"x" * 1000)


def bomb_of_output_by_an_orphan() -> None:
    _orphan(bomb_of_output)
    time.sleep(60)


def bomb_of_orphans() -> None:
    """Not one that goes on: the command itself ends at once."""
    for _ in range(20):
        _orphan(lambda: time.sleep(600))
    print("done", flush=True)  # noqa: T201 - what it is asked for


def _orphan(act: Callable[[], object]) -> None:
    """Do it in a process that nobody waits for, of a session of its own."""
    if os.fork():
        return
    os.setsid()
    if os.fork() == 0:
        act()
    os._exit(0)


def bomb_of_small_files() -> None:
    made = 0
    while True:
        try:
            os.close(os.open(f"f{made}", os.O_CREAT | os.O_WRONLY))
        except OSError:
            break
        made += 1
    print(made)  # noqa: T201 - what it is asked for


def fill(place: str) -> None:
    written = 0
    try:
        for number in range(64):
            with open(f"{place}/f{number}", "wb", buffering=0) as file:
                written += file.write(b"x" * (1 << 20))
    except OSError:
        pass
    print(written >> 20)  # noqa: T201 - what it is asked for


def bomb_that_fills_the_workspace() -> None:
    fill(".")


def bomb_that_fills_temporary_files() -> None:
    fill(os.environ["TMPDIR"])


def bomb_that_fills_the_home() -> None:
    fill(os.environ["HOME"])


def bomb_that_fills_shared_memory() -> None:
    fill("/dev/shm")


def bomb_of_a_sparse_file() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with open("sparse", "wb") as file:
        file.truncate(1 << 40)


def bomb_that_closes_its_output() -> None:
    os.close(1)
    os.close(2)
    time.sleep(0.2)
    os._exit(7)


def main() -> None:
    T.update(json.loads(sys.argv[1]), own=os.getpid())
    names = sys.argv[2:] or [name for name in globals() if name.startswith(("probe_", "works_"))]
    if names[0].startswith("bomb_"):
        globals()[names[0]]()
    else:
        sys.stdout.write(json.dumps({name: _apart(globals()[name]) for name in names}))


def _apart(probe: Callable[[], object]) -> str:
    """Run one probe in a child and return what it said."""
    left, right = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(left)
        T["pipe"] = right
        signal.alarm(10)
        try:
            said = probe()
        except (OSError, subprocess.SubprocessError) as error:
            said = f"{type(error).__name__}: {error}" if probe.__name__.startswith("works_") else None
        os.write(right, str(said or "").encode("utf-8", "replace")[:2000])
        os._exit(0)
    os.close(right)
    with os.fdopen(left, "rb") as pipe:
        said = pipe.read().decode("utf-8", "replace")
    os.waitpid(pid, 0)
    return said


if __name__ == "__main__":
    main()
