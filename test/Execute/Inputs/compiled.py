"""Layers of the library (or of a text) compiled by ssmc and opened, each once a process.

SSM_TEST_FLAGS holds further options of ssmc (test/run.py --flags), so that every test here can be
run through another way of compiling.
"""
import atexit
import functools
import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

import ssm

ROOT = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("SSM_BUILD", ROOT / "build"))
FLAGS = shlex.split(os.environ.get("SSM_TEST_FLAGS", ""))


@functools.lru_cache(maxsize=None)
def _folder():
    folder = tempfile.mkdtemp(prefix="ssm-execute-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


@functools.lru_cache(maxsize=None)
def _compiled(source, layer, dims):
    place = _folder() / str(_compiled.cache_info().misses)
    if source.endswith(".ssm"):
        path = ROOT / source
    else:
        path = place.with_suffix(".ssm")
        path.write_text(source)
    options = ["--layer", layer] if layer else []
    if dims:
        options += ["--dims", ",".join(f"{name}={size}" for name, size in dims)]
    out = place.with_suffix(".so")
    done = subprocess.run([BUILD / "bin" / "ssmc", path, "-o", out, *options, *FLAGS], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"ssmc {source} {' '.join(options + FLAGS)}: {done.stderr}")
    return ssm.load(out)


def compiled(source, layer=None, **dims):
    """The layer of a file below the root ("std/s4d.ssm"), or of a text."""
    return _compiled(source, layer, tuple(sorted(dims.items())))
