"""Kernels that are given as cubins, to be timed beside ours: the attention and the scan that this compiler is measured by.

DIR holds NAME.cubin and NAME.json: {"symbol", "smem", "threads"}, for attention {"D", "M", "N", "causal"} too (rows of a
query and of a key tile). They are launched by the driver, with the arguments that their pages give.
"""
import ctypes
import json
import math
import os

import torch

BF16, SWIZZLE_128, PROMOTE_128 = 9, 3, 2
MAX_DYNAMIC_SHARED = 8


def driver():
    return ctypes.CDLL("libcuda.so.1")


def check(code, what):
    if code:
        text = ctypes.c_char_p()
        driver().cuGetErrorString(code, ctypes.byref(text))
        raise SystemExit(f"{what} failed: {text.value.decode()}")


def tensor_map(tensor, dims, strides, box):
    """(owner, the 128 bytes); strides in bytes, without the innermost."""
    owner = (ctypes.c_byte * 192)()
    address = (ctypes.addressof(owner) + 63) & ~63
    n = len(dims)
    u64, u32 = ctypes.c_uint64, ctypes.c_uint32
    check(driver().cuTensorMapEncodeTiled(
        ctypes.c_void_p(address), BF16, n, ctypes.c_void_p(tensor.data_ptr()), (u64 * n)(*dims), (u64 * (n - 1))(*strides),
        (u32 * n)(*box), (u32 * n)(*[1] * n), 0, SWIZZLE_128, PROMOTE_128, 0), "encoding a tensor map")
    return owner, (ctypes.c_byte * 128).from_address(address)


class Kernel:
    def __init__(self, folder, name):
        with open(os.path.join(folder, name + ".json")) as file:
            self.about = json.load(file)
        module, self.function = ctypes.c_void_p(), ctypes.c_void_p()
        check(driver().cuModuleLoad(ctypes.byref(module), os.path.join(folder, name + ".cubin").encode()), f"loading {name}")
        check(driver().cuModuleGetFunction(ctypes.byref(self.function), module, self.about["symbol"].encode()), name)
        check(driver().cuFuncSetAttribute(self.function, MAX_DYNAMIC_SHARED, self.about["smem"]), name)

    def launcher(self, grid, maps, values):
        """A function that launches on torch's current stream; keeps what it needs."""
        addresses = [ctypes.addressof(data) for _, data in maps] + [ctypes.addressof(v) for v in values]
        arguments = (ctypes.c_void_p * len(addresses))(*addresses)

        def run(_keep=(maps, values)):
            stream = ctypes.c_void_p(torch.cuda.current_stream().cuda_stream)
            check(driver().cuLaunchKernel(self.function, *grid, self.about["threads"], 1, 1, self.about["smem"], stream,
                                          arguments, None), "launching a reference kernel")
        return run


def pointer(tensor):
    return ctypes.c_void_p(tensor.data_ptr() if tensor is not None else None)


def attention(folder, name, q, k, v):
    kernel = Kernel(folder, name)
    about = kernel.about
    B, H, L, D = q.shape
    M, heads = k.shape[2], B * H
    out, counter = torch.empty_like(q), torch.zeros(1, dtype=torch.int32, device="cuda")
    maps = [tensor_map(t, (64, t.shape[2], D // 64, heads), (2 * D, 128, 2 * D * t.shape[2]), (64, rows, D // 64, 1))
            for t, rows in ((q, about["M"]), (k, about["N"]), (v, about["N"]))]
    section = 1  # heads whose keys and values stay in L2 together
    while section * 2 <= heads and heads % (section * 2) == 0 and section * 2 * M * D * 4 <= 34 << 20:
        section *= 2
    values = [pointer(out), pointer(None), pointer(counter), *map(ctypes.c_int32, (L, M, heads, section)),
              ctypes.c_float(math.log2(math.e) / math.sqrt(D))]
    blocks = min(torch.cuda.get_device_properties(0).multi_processor_count, heads * math.ceil(L / about["M"]))
    run = kernel.launcher((blocks, 1, 1), maps, values)
    run.keep = (q, k, v, out, counter)
    return run


def ssd(folder, name, x, dt, b, c, a_log, skip, state):
    main = Kernel(folder, name)
    split = Kernel(folder, "ssd_state") if name.endswith("split") else None
    B, L, H, P = x.shape
    N, chunks = b.shape[2], math.ceil(L / 64)
    segments = max(1, min(chunks, 132 // (B * H // 2))) if split else 1
    each = math.ceil(chunks / segments)
    segments = math.ceil(chunks / each)
    out, last = torch.empty_like(x), torch.empty_like(state)
    parts = torch.empty(B * H * segments * P * N, device="cuda") if segments > 1 else None
    decays = torch.empty(B * H * segments, device="cuda") if segments > 1 else None
    wide = lambda t, heads: tensor_map(t, (64, L, H, B), (2 * H * P, 2 * P, 2 * L * H * P), (64, 64, heads, 1))
    narrow = lambda t: tensor_map(t, (64, L, 2, B), (2 * N, 128, 2 * L * N), (64, 64, 1, 1))
    maps = [wide(x, 2), wide(out, 1), narrow(b), narrow(c)]
    values = [pointer(t) for t in (dt, a_log, skip, state, last, parts, decays)] + [ctypes.c_int32(n) for n in (L, H, each)]
    launches = [main.launcher((H // 2, segments, B), maps, values)]
    if segments > 1:
        launches.insert(0, split.launcher((H // 2, segments - 1, B), maps, values))

    def run(_keep=(x, dt, b, c, a_log, skip, state, out, last, parts, decays)):
        for launch in launches:
            launch()
    return run


def contender(folder, name, inputs):
    """The reference kernel `name` on these inputs, or None where DIR has none."""
    if not folder or not os.path.exists(os.path.join(folder, name + ".cubin")):
        return None
    torch.zeros(1, device="cuda")  # torch's context is current from here on
    return (ssd if name.startswith("ssd") else attention)(folder, name, *inputs)
