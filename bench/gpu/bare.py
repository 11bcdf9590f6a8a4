#!/usr/bin/env python3
"""The C interface and ssm-run on a GPU, without PyTorch: memory and copies are the driver's own.

    python3 bench/gpu/bare.py --artifacts DIR

A product in f16 is called through the C interface on memory of cuMemAlloc, on a stream of its own, and run by ssm-run from
files, and both are compared with numpy's; data on the host with the GPU asked for must be refused in a sentence.
"""
import argparse
import ctypes
import os
import subprocess
import sys
import tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
M, N, K = 300, 200, 136


class Device:
    """The first GPU's primary context, as any program without a framework has it."""

    def __init__(self):
        self.driver = ctypes.CDLL("libcuda.so.1")
        device, context, self.stream = ctypes.c_int(), ctypes.c_void_p(), ctypes.c_void_p()
        self.do("cuInit", 0)
        self.do("cuDeviceGet", ctypes.byref(device), 0)
        self.do("cuDevicePrimaryCtxRetain", ctypes.byref(context), device)
        self.do("cuCtxSetCurrent", context)
        self.do("cuStreamCreate", ctypes.byref(self.stream), 1)

    def do(self, name, *arguments):
        code = getattr(self.driver, name)(*arguments)
        if code:
            raise SystemExit(f"{name}: error {code}")

    def put(self, array):
        """The address of a copy."""
        address = ctypes.c_uint64()
        self.do("cuMemAlloc_v2", ctypes.byref(address), ctypes.c_size_t(array.nbytes))
        self.do("cuMemcpyHtoD_v2", address, array.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(array.nbytes))
        return address.value

    def get(self, address, like):
        array = np.empty_like(like)
        self.do("cuStreamSynchronize", self.stream)
        self.do("cuMemcpyDtoH_v2", array.ctypes.data_as(ctypes.c_void_p), ctypes.c_uint64(address), ctypes.c_size_t(array.nbytes))
        return array


def buffer(abi, name, address, array):
    item = abi.Buffer()
    item.name, item.data, item.rank = name.encode(), address, array.ndim
    item.dtype = abi.DTYPES.index("f16")
    item.shape = (ctypes.c_int64 * array.ndim)(*array.shape)
    return item


def by_c(abi, artifact, a, b, like):
    """The product through ssm_open and ssm_call; and what is said of data on the host."""
    device, layer = Device(), ctypes.c_void_p()
    abi.check("ssm_open", artifact.encode(), ctypes.byref(layer))
    options = abi.Options()
    options.device, options.stream = abi.CUDA, device.stream.value

    def call(addresses, out):
        arguments = (abi.Buffer * 2)(buffer(abi, "a", addresses[0], a), buffer(abi, "b", addresses[1], b))
        results = (abi.Buffer * 1)(buffer(abi, "out", out, like))
        abi.check("ssm_call", layer, b"forward", arguments, 2, results, 1, ctypes.byref(options))

    out = device.put(np.full_like(like, 7))
    call([device.put(a), device.put(b)], out)
    result = device.get(out, like)
    try:
        call([a.ctypes.data, b.ctypes.data], like.ctypes.data)
    except abi.Error as error:
        return result, str(error)
    return result, None


def by_tool(folder, a, b):
    """The product by ssm-run, from files."""
    with tempfile.TemporaryDirectory() as work:
        for name, array in (("a", a), ("b", b)):
            np.save(os.path.join(work, name + ".npy"), array)
        command = [os.path.join(folder, "ssm-run"), os.path.join(folder, "gemm_f16.so"), f"a={work}/a.npy", f"b={work}/b.npy",
                   "--device", "cuda", "--out", work]
        run = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "LD_LIBRARY_PATH": os.path.abspath(folder)})
        if run.returncode:
            return None, (run.stderr or run.stdout).strip()
        return np.load(os.path.join(work, "out.npy")), None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--artifacts", required=True)
    folder = parser.parse_args().artifacts
    os.environ.setdefault("SSM_RUNTIME", os.path.abspath(folder))
    sys.path[:0] = [os.path.join(os.path.dirname(os.path.dirname(HERE)), "runtime", "python")]
    from ssm import _abi as abi
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(M, K)).astype(np.float16), rng.normal(size=(N, K)).astype(np.float16)
    exact = a.astype(np.float64) @ b.astype(np.float64).T
    like, good = np.empty((M, N), np.float16), True

    def report(what, problem):
        print(f"{'BAD  ' if problem else 'ok   '} {what}{': ' + problem if problem else ''}", flush=True)
        return not problem

    def wrong(result):
        off = np.abs(result.astype(np.float64) - exact).max()
        return "" if off <= 2.0 ** -9 * np.abs(exact).max() else f"its largest error is {off:.2e}"

    result, sentence = by_c(abi, os.path.join(folder, "gemm_f16.so"), a, b, like)
    good &= report("the C interface, without PyTorch", wrong(result))
    good &= report(f"data on the host is refused ({sentence})", "" if sentence else "it was taken")
    if os.path.exists(os.path.join(folder, "ssm-run")):
        result, problem = by_tool(folder, a, b)
        good &= report("ssm-run --device cuda", problem or wrong(result))
    else:
        print("none  ssm-run is not among the artifacts")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
