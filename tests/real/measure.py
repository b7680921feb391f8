"""Measures programs that Terraform starts, from outside: their start, their memory, and how long a run takes."""

import os
import pathlib
import re
import subprocess
import tempfile
import threading
import time

COOKIE = {"TF_PLUGIN_MAGIC_COOKIE": "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"}
MEBIBYTE = 1024 * 1024


def certificate():
    """A certificate as Terraform hands one to its plugins; without it they would serve in the clear, or not at all."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "1", "-subj", "/CN=localhost", "-keyout", "key", "-out", "cert"], cwd=folder,
                       check=True, capture_output=True)
        return pathlib.Path(folder, "cert").read_text()


def handshake(binary, client):
    """Milliseconds from a plugin's start to its line on standard output."""
    with tempfile.TemporaryDirectory() as sockets:
        variables = {**COOKIE, "PLUGIN_PROTOCOL_VERSIONS": "5,6", "PLUGIN_CLIENT_CERT": client, "TMPDIR": sockets,
                     "PLUGIN_UNIX_SOCKET_DIR": sockets, "PATH": os.environ["PATH"], "HOME": sockets}
        begun = time.perf_counter()
        process = subprocess.Popen([binary], env=variables, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            line = process.stdout.readline()
            took = 1000 * (time.perf_counter() - begun)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
    if not line.startswith(b"1|"):
        raise SystemExit(f"{binary} printed no handshake but {line!r}")
    return took


class Watch:
    """Watches the processes of a binary while Terraform runs: how many there are, and the most memory of each."""

    def __init__(self, binary):
        self.binary = os.path.realpath(binary)
        self.peaks = {}
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)

    def look(self):
        while not self.ended.is_set():
            # A small provider is gone after a few milliseconds.
            self.discover()
            for process in list(self.peaks):
                self.peaks[process] = max(self.peaks[process], peak(process))
            time.sleep(0.001)

    def discover(self):
        for process in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{process}/exe") == self.binary:
                    self.peaks.setdefault(process, 0)
            except OSError:
                pass

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    @property
    def mebibytes(self):
        """The peaks of all processes together; the largest where one run starts several one after the other."""
        return sum(self.peaks.values()) / MEBIBYTE

    @property
    def largest(self):
        return max(self.peaks.values(), default=0) / MEBIBYTE


def peak(process):
    """The most memory that a process ever had, in bytes; nothing where it has gone."""
    try:
        status = pathlib.Path(f"/proc/{process}/status").read_text()
        return 1024 * int(re.search(r"VmHWM:\s+(\d+)", status)[1])
    except (OSError, TypeError):
        return 0


def timed(run):
    """Seconds that something takes, and what it answers."""
    begun = time.perf_counter()
    answer = run()
    return time.perf_counter() - begun, answer


def load():
    """The machine's load average, for the reader of figures."""
    return os.getloadavg()[0]
