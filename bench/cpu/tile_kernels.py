#!/usr/bin/env python3
"""Kernels of the tile form on one thread, beside the machine's ceilings measured in the same run.

    /usr/bin/python3 bench/cpu/tile_kernels.py

Times are of the thread, not of the clock on the wall; only the ratios count. Each figure is the best of
several rounds that alternate with the ceiling's.
"""
import ctypes
import os
import subprocess
import sys
import tempfile
import time

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "test", "Execute", "Tile", "Inputs"))
import tile_program as tp  # noqa: E402


def imported(name):
    """A test's program without running the test."""
    path = os.path.join(ROOT, "test", "Execute", "Tile", "Inputs", name + ".py")
    with open(path) as file:
        source = file.read().replace("\nmain()\n", "\n")
    scope = {"__name__": name}
    exec(compile(source, path, "exec"), scope)
    return scope


def ceilings():
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "ceilings.so")
    subprocess.run([f"{tp.LLVM}/clang", "-O2", "-march=native", "-mprefer-vector-width=512", "-shared", "-fPIC",
                    os.path.join(ROOT, "bench", "cpu", "ceilings.c"), "-o", path], check=True)
    library = ctypes.CDLL(path)
    library.fma_rounds.restype = ctypes.c_double
    library.fma_rounds.argtypes = [ctypes.c_long, ctypes.POINTER(ctypes.c_float)]
    sink = ctypes.c_float()

    def fma():
        start = time.thread_time()
        flops = library.fma_rounds(500_000, ctypes.byref(sink))
        return flops / (time.thread_time() - start)

    return fma


def best(work, fma, rounds=5):
    """Seconds of the work and the multiply-add rate, each the best of alternating rounds."""
    work()
    seconds, rate = float("inf"), 0.0
    for _ in range(rounds):
        rate = max(rate, fma())
        start = time.thread_time()
        work()
        seconds = min(seconds, time.thread_time() - start)
    return seconds, rate


def product(fma, element, total, tile, order=("IK", "KJ")):
    n = 768
    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal((n, n)).astype(np.float32) for _ in range(2))
    if element == "bf16":
        a, b = tp.to_bf16(a), tp.to_bf16(b)
    c = np.zeros((n, n), np.float32)
    run = tp.build(imported("product_program")["text"](element, total, *tile, *order))
    seconds, rate = best(lambda: run([a, b, c], [n, n, n]), fma)
    flops = 2 * n ** 3 / seconds
    print(f"product {element} {n}^3, tile {tile}, operands {order}: {flops / 1e9:.0f} GFLOP/s, {flops / rate:.2f} of the "
          f"f32 multiply-add rate ({rate / 1e9:.0f})")


def selective_scan(fma):
    length, width = 2048, 512
    rng = np.random.default_rng(0)
    u, y = (rng.standard_normal((1, length, width)).astype(np.float32) for _ in range(2))
    dt = np.abs(u) * 0.1
    b, c = (rng.standard_normal((1, length, 16)).astype(np.float32) for _ in range(2))
    a = -np.abs(rng.standard_normal((width, 16))).astype(np.float32)
    h = np.zeros((1, width, 16), np.float32)
    run = tp.build(imported("scan_program")["SELECTIVE"])
    exps = tp.build(imported("functions_program")["TEXT"].replace("FUNCTION", "exp"))
    x, z = np.full(1 << 13, -0.5, np.float32), np.empty(1 << 13, np.float32)
    count = length * width * 16
    seconds, _ = best(lambda: run([u, dt, b, c, a, y, h], [1, length, width]), fma)

    def all_exps():
        for _ in range(count // x.size):
            exps([x, z], [x.size])

    bound, _ = best(all_exps, fma, 3)
    print(f"selective scan L{length} D{width} N16: {1e3 * seconds:.1f} ms; its {count / 1e6:.0f} M exponentials alone "
          f"{1e3 * bound:.1f} ms; ratio {seconds / bound:.2f}")


def main():
    fma = ceilings()
    product(fma, "f32", "f32", (96, 64, 128))
    product(fma, "f32", "f32", (64, 64, 256))
    product(fma, "f32", "f32", (64, 64, 128), ("KI", "JK"))
    product(fma, "bf16", "f32", (64, 64, 256))
    selective_scan(fma)


main()
