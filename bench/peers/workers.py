"""Programs that wait for a line and answer with seconds."""

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

# Long enough for an epoch of the slowest peer on a busy machine.
PATIENCE_SECONDS = 300

# A peer chooses its kernels and threads by what its worker is told, not by what the shell happens to say.
FOREIGN = ("OPENBLAS_", "OMP_", "GOMP_", "KMP_", "MKL_", "RAYON_", "XLA_", "JAX_", "NPROC")


@dataclass(frozen=True)
class Peer:
    """A program to compare with: how it is started, the cases it knows, and whether it can use several threads."""

    name: str
    command: tuple
    cases: str
    threaded: bool = True


def peers(target):
    """All peers there are."""
    python = lambda name: (sys.executable, str(HERE / f"peer_{name}.py"))
    rust = lambda name: (str(target / "bench-rust" / "release" / f"peer-{name}"),)
    return [
        Peer("scikit-learn", python("sklearn"), "ABCDEFGH"),
        Peer("torch", python("torch"), "ABCDEFGH"),
        Peer("jax", python("jax"), "ABCDEGH"),
        Peer("onnxruntime", python("onnxruntime"), "GH"),
        Peer("burn", rust("burn"), "ABCDGH"),
        Peer("candle", rust("candle"), "ABCDGH"),
        Peer("fann", (str(target / "bench-fann"),), "CD", threaded=False),
    ]


def own_peer(target):
    return Peer("retrograde", (str(target / "release" / "examples" / "epoch"), "--loop"), "ABCDEFGHP")


class Missing(Exception):
    """A worker that cannot be asked (any more), and why."""


@dataclass
class Worker:
    """A started program for one case and number of threads, with what it has answered."""

    peer: Peer
    case: str
    threads: int
    cost: float
    about: dict = field(default_factory=dict)
    seconds: list = field(default_factory=list)
    notes: dict = field(default_factory=dict)
    count: int = 1

    def start(self):
        if not Path(self.peer.command[0]).exists():
            raise Missing(f"{self.peer.command[0]} is not there")
        given = {"--case": self.case, "--threads": self.threads, "--cost": self.cost}
        words = [str(word) for pair in given.items() for word in pair]
        environment = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        # The libraries that take their number of threads from the environment alone.
        for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "RAYON_NUM_THREADS"):
            environment[name] = str(self.threads)
        self.process = subprocess.Popen(
            [*self.peer.command, *words],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        # Read on the side: a worker that warns a lot would else wait for somebody to read.
        self.complaints = []
        threading.Thread(target=lambda: self.complaints.extend(self.process.stderr), daemon=True).start()
        self.about = json.loads(self.line())
        return self

    def line(self):
        timer = threading.Timer(PATIENCE_SECONDS, self.process.kill)
        timer.start()
        line = self.process.stdout.readline()
        timer.cancel()
        if not line:
            self.process.wait()
            said = "".join(self.complaints).strip().splitlines() or [f"it ended with {self.process.returncode}"]
            raise Missing(f"{self.peer.name} failed in case {self.case}: {said[-1]}")
        return line

    def ask(self, count):
        """The median seconds of `count` measurements."""
        try:
            self.process.stdin.write(f"{count}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        seconds, *notes = self.line().split()
        self.notes = {name: float(value) for name, value in (note.split("=") for note in notes)}
        return float(seconds)

    def memory(self):
        """The most memory it has had at once, in bytes; None where the system does not tell."""
        try:
            lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        except OSError:
            return None
        return next((1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), None)

    def stop(self):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Busy:
    """A process that keeps a core busy while it is there."""

    def __init__(self, wanted):
        self.wanted = wanted

    def __enter__(self):
        if self.wanted:
            self.process = subprocess.Popen([sys.executable, "-c", "while True: pass"])

    def __exit__(self, *_):
        if self.wanted:
            self.process.kill()
            self.process.wait()
