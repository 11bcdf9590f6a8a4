#!/usr/bin/env python3
"""What a call costs the host: the driver's launch, the runtime's call beside it, and Python's.

    python3 bench/gpu/host.py --artifacts DIR [--json FILE]

Each figure is the median over batches of calls that fit the device's queue, with the device waited for between them. The
driver's launch and the runtime's call both go through ctypes, so their difference is what the runtime adds; beside
Python's call stands torch's simplest operator.
"""
import argparse
import ctypes
import json
import os
import statistics
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BATCH, ROUNDS = 100, 60

NOTHING = b"""
.version 7.8
.target sm_90
.address_size 64
.visible .entry nothing(.param .u64 a, .param .u64 b, .param .u32 c, .param .u32 d) { ret; }
"""


def microseconds(call, wait):
    for _ in range(BATCH):
        call()
    times = []
    for _ in range(ROUNDS):
        wait()
        start = time.perf_counter()
        for _ in range(BATCH):
            call()
        times.append((time.perf_counter() - start) / BATCH * 1e6)
    wait()
    return statistics.median(times)


def driver_launch(driver, stream):
    """A launch of an empty kernel with four parameters."""
    module, function = ctypes.c_void_p(), ctypes.c_void_p()
    for code in (driver.cuModuleLoadData(ctypes.byref(module), NOTHING),
                 driver.cuModuleGetFunction(ctypes.byref(function), module, b"nothing")):
        if code:
            raise SystemExit(f"the driver refuses an empty kernel: error {code}")
    values = [ctypes.c_uint64(), ctypes.c_uint64(), ctypes.c_uint32(), ctypes.c_uint32()]
    pointers = (ctypes.c_void_p * 4)(*map(ctypes.addressof, values))
    arguments = (function, *map(ctypes.c_uint32, (1, 1, 1, 128, 1, 1, 0)), stream, pointers, ctypes.c_void_p())
    launch = driver.cuLaunchKernel
    return lambda _keep=values: launch(*arguments)


def runtime_call(entry, x):
    """The call of the C interface alone, on structs that an earlier call from Python has left."""
    entry(x=x)
    record = next(iter(entry._fast.known.values()))[-1]
    out = [record]
    import torch
    results = [torch.empty(shape, dtype=dtype, device=x.device) for shape, dtype in record.outputs]
    record.inputs[0].data = x.data_ptr()
    for item, result in zip(record.results, results):
        item.data = result.data_ptr()
    record.options.stream = torch.cuda.current_stream().cuda_stream
    function, parameters = entry._fast.function, record.parameters
    if function(*parameters):
        raise SystemExit(record.error.message.decode())
    return lambda _keep=(out, results, x): function(*parameters)


def measure(artifacts):
    import torch
    import ssm
    x = torch.randn(64, 512, device="cuda").bfloat16()
    driver = ctypes.CDLL("libcuda.so.1")
    stream, version = ctypes.c_void_p(torch.cuda.current_stream().cuda_stream), ctypes.c_int()
    wait = torch.cuda.synchronize
    rows = {"a call by ctypes that does nothing": lambda: driver.cuDriverGetVersion(ctypes.byref(version)),
            "cuLaunchKernel, an empty kernel": driver_launch(driver, stream)}
    for name, text in (("copy_vector", "pointers"), ("copy_bulk", "tensor maps")):
        path = os.path.join(artifacts, name + ".so")
        if os.path.exists(path):
            entry = ssm.load(path).forward
            rows[f"ssm_call, {name} ({text})"] = runtime_call(entry, x)
            rows[f"Python's call, {name}"] = lambda entry=entry: entry(x=x)
    rows["torch, x * 2"] = lambda: x * 2
    return {name: microseconds(call, wait) for name, call in rows.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--artifacts", required=True)
    parser.add_argument("--json", help="also write the figures here")
    args = parser.parse_args()
    os.environ.setdefault("SSM_RUNTIME", os.path.abspath(args.artifacts))
    sys.path[:0] = [os.path.join(os.path.dirname(os.path.dirname(HERE)), "runtime", "python")]
    try:
        import torch
    except ImportError:
        raise SystemExit("skipped: there is no PyTorch here, which makes the inputs and the streams")
    if not torch.cuda.is_available():
        print("skipped: there is no GPU here that PyTorch finds")
        return
    rows = measure(args.artifacts)
    launch = rows["cuLaunchKernel, an empty kernel"]
    for name, us in rows.items():
        beyond = f"  {us - launch:+.2f} beyond the driver's launch" if name.startswith("ssm_call") else ""
        print(f"{name:40s} {us:7.2f} us{beyond}")
    if args.json:
        with open(args.json, "w") as file:
            json.dump({"device": torch.cuda.get_device_name(), "microseconds": rows}, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
