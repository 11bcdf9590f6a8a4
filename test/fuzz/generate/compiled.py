"""A layer compiled by ssmc and called by ssm-run, each a process of its own: a crash is a result."""
import os
import signal
import subprocess
import tempfile
from pathlib import Path

import numpy as np

SECONDS = 60  # of the processor: the machine may have other work


class Failure(Exception):
    """What is wrong, in a class (crash, refused, wrong, ...) and words."""

    def __init__(self, kind, words):
        super().__init__(words)
        self.kind = kind


def _run(kind, command):
    try:
        done = subprocess.run(["/bin/sh", "-c", f'ulimit -t {SECONDS}; exec "$@"', "sh", *command], capture_output=True,
                              text=True, timeout=10 * SECONDS, errors="replace", env={**os.environ, "SSM_NUM_THREADS": "2"})
    except subprocess.TimeoutExpired as error:
        raise Failure(f"{kind} waits", f"{10 * SECONDS} s") from error
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise Failure(f"{kind} does not end", f"{SECONDS} s")
    if done.returncode < 0 or done.returncode > 2:
        raise Failure(f"{kind} crashes", f"status {done.returncode}: {(done.stderr + done.stdout)[-2000:]}")
    if done.returncode:
        raise Failure(f"{kind} refuses", (done.stderr + done.stdout)[-2000:])
    return done.stdout


class Compiled:
    def __init__(self, bin_folder, text, dims=None, passes=(), line="main"):
        self.bin = Path(bin_folder)
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name)
        (self.path / "f.ssm").write_text(text)
        options = ["--dims=" + ",".join(f"{k}={v}" for k, v in dims.items())] if dims else []
        source = self.path / "f.ssm"
        if passes:  # of ssm-opt, between the ssm dialect and the artifact
            _run("ssmc", [self.bin / "ssmc", source, "--emit", "ssm", "-o", self.path / "f.mlir", *options])
            _run("ssm-opt", [self.bin / "ssm-opt", self.path / "f.mlir", "-o", self.path / "g.mlir", *passes])
            source, options = self.path / "g.mlir", []
        self.compile(source, options, line)

    def compile(self, source, options, line):
        _run("ssmc", [self.bin / "ssmc", source, "-o", self.path / "f.so", "--path", line, *options])

    def call(self, entry, arrays, dims):
        """All that the entry returns, by name."""
        out = self.path / "out"
        out.mkdir(exist_ok=True)
        for old in out.iterdir():
            old.unlink()
        self.run(entry, arrays, ["--dims", ",".join(f"{k}={v}" for k, v in dims.items())] if dims else [], out)
        return {file.stem: np.load(file) for file in out.glob("*.npy")}

    def run(self, entry, arrays, sizes, out):
        np.savez(self.path / "in.npz", **arrays)
        _run("ssm-run", [self.bin / "ssm-run", self.path / "f.so", entry, self.path / "in.npz", "--out", out, *sizes])

    def close(self):
        self.folder.cleanup()
