"""Layers of the library (or of a text) compiled by ssmc and opened, each once a process.

SSM_TEST_FLAGS holds further options of ssmc (test/run.py --flags), so that every test here can be
run through another way of compiling. SSM_TEST_PASSES holds passes of ssm-opt to run on the ssm
dialect in between; what they leave goes on along the reference path.
"""
import atexit
import functools
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

import ssm

ROOT = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("SSM_BUILD", ROOT / "build"))
FLAGS = shlex.split(os.environ.get("SSM_TEST_FLAGS", ""))
PASSES = shlex.split(os.environ.get("SSM_TEST_PASSES", ""))


@functools.lru_cache(maxsize=None)
def _folder():
    folder = tempfile.mkdtemp(prefix="ssm-execute-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


@functools.lru_cache(maxsize=None)
def _compiled(source, layer, dims, changes):
    place = _folder() / str(_compiled.cache_info().misses)
    path = ROOT / source if source.endswith(".ssm") else place.with_suffix(".ssm")
    if changes or path != ROOT / source:
        text = path.read_text() if path.exists() else source
        for old, new in changes:
            assert old in text, f"{source} has no {old}"
            text = text.replace(old, new)
        path = place.with_suffix(".ssm")
        path.write_text(text)
    options = ["--layer", layer] if layer else []
    if dims:
        options += ["--dims", ",".join(f"{name}={size}" for name, size in dims)]
    out = place.with_suffix(".so")
    if PASSES:
        plain, passed = place.with_suffix(".mlir"), place.with_suffix(".passed.mlir")
        subprocess.run([BUILD / "bin" / "ssmc", path, "--emit", "ssm", "-o", plain, *options], check=True)
        subprocess.run([BUILD / "bin" / "ssm-opt", plain, "-o", passed, *PASSES], check=True)
        path, options = passed, ["--path", "reference"]
    done = subprocess.run([BUILD / "bin" / "ssmc", path, "-o", out, *options, *FLAGS], capture_output=True, text=True)
    if done.returncode:
        return RuntimeError(f"ssmc {' '.join([source if source.endswith('.ssm') else '', *options, *FLAGS])}: {done.stderr}")
    return ssm.load(out)


def doubled(source):
    """The text of a layer, and of what it imports, in double precision throughout."""
    text = (ROOT / source).read_text() if source.endswith(".ssm") else source
    text = re.sub(r'^import "(.*)"$', lambda found: doubled(found[1] + ".ssm"), text, flags=re.MULTILINE)
    return re.sub(r"\bc64\b", "c128", re.sub(r"\b(bf16|f16|f32)\b", "f64", text))


def compiled(source, layer=None, changes={}, **dims):
    """The layer of a file below the root ("std/s4d.ssm"), or of a text; `changes` are made to the text first."""
    made = _compiled(source, layer, tuple(sorted(dims.items())), tuple(changes.items()))
    if isinstance(made, RuntimeError):
        raise made
    return made
