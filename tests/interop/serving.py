"""Portolan's own registry as a process, for tests and benchmarks."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading


class Serving:
    """`portolan serve` on a free port of loopback. A context manager: the process ends, and its storage goes, with the block."""

    def __init__(self, portolan, *arguments, root=None, environment=None, command=("serve",)):
        self._portolan = portolan
        self._arguments = [str(argument) for argument in arguments]
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="portolan-serve."))
        self.root = pathlib.Path(root) if root else self._folder / "root"
        self._environment = environment
        self._command = list(command)
        self.process = None
        self.lines = []
        self.address = None
        self.metrics = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()
        shutil.rmtree(self._folder)

    def start(self, address="127.0.0.1:0"):
        command = [self._portolan, *self._command, "--root", str(self.root), "--listen", address, "--access-log", "off",
                   *self._arguments]
        alone = self._command != ["serve"]  # a token service, which has no metrics
        if not alone:
            command += ["--metrics", "127.0.0.1:0"]
        self.lines = []
        self.process = subprocess.Popen(command, env=self._environment, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            self.lines.append(line.rstrip("\n"))
            served = re.search(r"serving \S+ on (\S+)", line)
            if served:
                self.url = served[1]
                self.address = served[1].split("://")[1].replace("127.0.0.1", "localhost")
                if alone:
                    break
            metrics = re.search(r"metrics on (\S+)", line)
            if metrics:
                self.metrics = metrics[1]
                break
        else:
            raise RuntimeError("portolan serve ended: " + "\n".join(self.lines))
        threading.Thread(target=self._drain, args=(self.process.stderr,), daemon=True).start()

    def _drain(self, lines):
        with lines:
            for line in lines:
                self.lines.append(line.rstrip("\n"))

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.process.wait(timeout=60)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def peak_mib(self):
        return self._status("VmHWM") / 1024

    def resident_mib(self):
        return self._status("VmRSS") / 1024

    def _status(self, name):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1])
        raise KeyError(name)

    def cpu_seconds(self):
        """User and system time so far."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
