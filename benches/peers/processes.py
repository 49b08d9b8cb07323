"""Starting processes, ending them by their own ids, and reading the resource use of a process and all its
descendants from /proc."""

import contextlib
import os
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    """A measurement failed, so its row has no result."""


class Tree:
    """A process that was started here, and all its descendants."""

    def __init__(self, command, log, env=None, cwd=None, stop=signal.SIGTERM):
        self.stop_signal, self.log = stop, log
        # End it when its parent ends, however that happens, even by SIGKILL.
        command = ["setpriv", "--pdeathsig", stop.name[3:], *map(str, command)]
        with open(log, "ab") as output:
            self.leader = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=env, cwd=cwd,
                start_new_session=True,
            )

    @property
    def pid(self):
        return self.leader.pid

    def alive(self):
        return self.leader.poll() is None

    def pids(self):
        found, waiting = [], [self.pid]
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            with contextlib.suppress(OSError):
                for task in os.listdir(f"/proc/{pid}/task"):
                    children = Path(f"/proc/{pid}/task/{task}/children").read_text()
                    waiting.extend(map(int, children.split()))
        return found

    def cpu_seconds(self):
        """User and system time of all of them, including children that have ended."""
        ticks = 0
        for pid in self.pids():
            with contextlib.suppress(OSError):
                ticks += sum(map(int, stat(pid)[11:15]))
        return ticks / TICKS

    def memory_kib(self, field):
        """The sum of `VmRSS` or `VmHWM`; shared memory counts once per process."""
        return sum(status_kib(pid, field) for pid in self.pids())

    def forget_peak(self):
        """Resets `VmHWM` to the current value."""
        for pid in self.pids():
            with contextlib.suppress(OSError):
                Path(f"/proc/{pid}/clear_refs").write_text("5")

    def stop(self):
        born = {pid: started(pid) for pid in self.pids()}
        if self.alive():
            self.leader.send_signal(self.stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.leader.wait(15)
        # The remaining processes are no longer children of the leader, and their ids may have been reused.
        for pid, start in born.items():
            if start is not None and started(pid) == start:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self.leader.wait()

    def last_words(self):
        return Path(self.log).read_text(errors="replace")[-2000:]


@contextlib.contextmanager
def running(command, log, **options):
    tree = Tree(command, log, **options)
    try:
        yield tree
    finally:
        tree.stop()


def status_kib(pid, field):
    """0 for a process that has ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1])
    return 0


def stat(pid):
    """The fields of /proc/PID/stat from the state on; the name before it may contain spaces."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def started(pid):
    with contextlib.suppress(OSError):
        return stat(pid)[19]
    return None


def run(command, **options):
    """Runs a command to its end and returns its output as text."""
    command = [str(part) for part in command]
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode:
        raise Failed(f"{' '.join(command)[:300]}: exit code {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout


def timed(command, log, env=None, **streams):
    """Runs a command to its end and returns its duration, CPU time in seconds, and peak memory in KiB."""
    command = ["setpriv", "--pdeathsig", "TERM", *map(str, command)]
    start = time.perf_counter()
    with open(log, "ab") as errors:
        child = subprocess.Popen(command, stderr=errors, env=env, **streams)
    # The peak from wait4 is at least our own, since the child begins as a copy of this process.
    peak = Peak(child.pid)
    peak.start()
    try:
        _, status, usage = os.wait4(child.pid, 0)
    except BaseException:
        child.kill()
        child.wait()
        raise
    finally:
        seconds = time.perf_counter() - start
        peak.ended.set()
        peak.join()
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        words = Path(log).read_text(errors="replace")[-2000:]
        raise Failed(f"{' '.join(command)[:300]}: exit code {child.returncode}\n{words}")
    return {
        "seconds": seconds,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_kib": peak.kib,
    }


class Peak(threading.Thread):
    """Samples the peak memory of a process every 20 ms, until `ended` is set."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.kib, self.ended = pid, 0, threading.Event()

    def run(self):
        while not self.ended.is_set():
            self.kib = status_kib(self.pid, "VmHWM") or self.kib
            self.ended.wait(0.02)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
