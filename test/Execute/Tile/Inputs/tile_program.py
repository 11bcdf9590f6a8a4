"""Compiles a hand-written tile program to machine code and calls it on numpy arrays.

    run = tile_program.build(text)          # one function with ssm.symbol = "entry"
    run([q, k, out], [B, L])                # buffers, then the sizes of ssm.dims
"""
import ctypes
import os
import re
import subprocess
import tempfile

import numpy as np

LLVM = "/usr/lib/llvm-22/bin"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))))
BUILD = os.environ.get("SSM_BUILD", os.path.join(ROOT, "build"))
_folder = tempfile.TemporaryDirectory()


def _run(command, **kwargs):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **kwargs)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr.decode()[:4000]}")
    return done.stdout


def has_dot_bf16():
    with open("/proc/cpuinfo") as file:
        return "avx512_bf16" in file.read()


def machine():
    """This machine's data, as options of the pipeline."""
    with open("/proc/cpuinfo") as file:
        flags = file.read()
    wide = "avx512f" in flags and "avx512vl" in flags
    return f"vector-bits={512 if wide else 256} registers={32 if wide else 16} dot-bf16={int('avx512_bf16' in flags)}"


def build(text, options=None, keep=None):
    path = tempfile.mktemp(dir=_folder.name)
    passes = f"--tile-to-llvm-pipeline={machine() if options is None else options}"
    llvm = _run([os.path.join(BUILD, "bin", "ssm-opt"), passes], input=text.encode())
    llvm = re.sub(rb"ssm\.dims = \[[^\]]*\],? ?", b"", llvm)  # no dialect of mlir-translate's
    ir = _run([f"{LLVM}/mlir-translate", "--mlir-to-llvmir"], input=llvm)
    with open(path + ".ll", "wb") as file:
        file.write(ir)
    flags = ["-O2", "-march=native", "-mprefer-vector-width=512", "-fPIC", "-Wno-override-module"]
    _run([f"{LLVM}/clang", *flags, "-shared", "-I", f"{ROOT}/runtime/include", path + ".ll",
          f"{ROOT}/runtime/artifact/stub.c", "-o", path + ".so", "-lm", "-lpthread"])
    if keep:
        _run([f"{LLVM}/clang", *flags, "-S", path + ".ll", "-o", keep])
    entry = ctypes.CDLL(path + ".so").entry
    entry.restype = ctypes.c_int32

    def call(buffers, sizes):
        for buffer in buffers:
            assert buffer.flags["C_CONTIGUOUS"]
        pointers = (ctypes.c_void_p * len(buffers))(*[buffer.ctypes.data for buffer in buffers])
        lengths = (ctypes.c_int64 * max(len(sizes), 1))(*sizes)
        code = entry(pointers, lengths)
        assert code == 0, f"the entry failed with {code}"

    return call


def guarded(array):
    """A copy at the end of mapped memory: reading one element more is a fault."""
    import mmap
    page = mmap.PAGESIZE
    length = max((array.nbytes + page - 1) // page * page, page)
    memory = mmap.mmap(-1, length + page)
    base = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    protect = ctypes.CDLL(None, use_errno=True).mprotect
    assert protect(ctypes.c_void_p(base + length), ctypes.c_size_t(page), 0) == 0
    copy = np.frombuffer(memory, array.dtype, array.size, length - array.nbytes).reshape(array.shape)
    copy[...] = array
    _kept.append(memory)
    return copy


_kept = []


def to_bf16(values):
    """Rounded to nearest even, as uint16."""
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def from_bf16(bits):
    return (bits.astype(np.uint32) << 16).view(np.float32)


def check(name, got, want, tolerance):
    scale = np.sqrt(np.mean(np.abs(want) ** 2)) + 1e-30
    error = np.max(np.abs(got - want)) / scale if want.size else 0
    assert np.isfinite(error) and error <= tolerance, f"{name}: off by {error:.3g} of its size, allowed {tolerance:.3g}"
