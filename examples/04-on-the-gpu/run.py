"""Compiles the block for a GPU and runs it: on a GPU through PyTorch, or else in the emulator; beside the CPU's code."""
import argparse
import os
import subprocess
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--build", default=os.path.join(HERE, "..", "..", "build"))
parser.add_argument("--out", default="out")
parser.add_argument("--emulate", action="store_true", help="in the emulator, where there is a GPU too")
args = parser.parse_args()
os.environ.setdefault("SSM_RUNTIME", os.path.join(args.build, "lib"))
sys.path.insert(0, os.path.join(HERE, "..", "..", "runtime", "python"))
import ssm  # noqa: E402

os.makedirs(args.out, exist_ok=True)
B, L, D, E = 2, 40, 64, 96
tool = lambda name, *words: subprocess.run([os.path.join(args.build, "bin", name), *words], check=True)
source, sizes = os.path.join(HERE, "block.ssm"), ["--dims", f"D={D},E={E}"]


def bf16(x):
    bits = x.astype(np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).view(np.float32)


rng = np.random.default_rng(0)
given = dict(x=bf16(rng.standard_normal((B, L, D))), scale=np.ones(D, np.float32), gate=bf16(0.1 * rng.standard_normal((E, D))),
             up=bf16(0.1 * rng.standard_normal((E, D))), down=bf16(0.1 * rng.standard_normal((D, E))))
tool("ssmc", source, *sizes, "-o", os.path.join(args.out, "block.so"))
on_cpu = np.asarray(ssm.load(os.path.join(args.out, "block.so")).forward(**given), np.float32)

try:
    import torch
    gpu = torch.cuda.is_available() and not args.emulate
except ImportError:
    gpu = False
if gpu:
    tool("ssmc", source, *sizes, "--target", "sm_90a", "-o", os.path.join(args.out, "gpu.so"))
    layer = ssm.load(os.path.join(args.out, "gpu.so"))
    ours = layer.forward(**{name: torch.from_numpy(value).to("cuda", torch.float32 if name == "scale" else torch.bfloat16)
                            for name, value in given.items()}).float().cpu().numpy()
else:
    kernels = os.path.join(args.out, "kernels.mlir")
    tool("ssmc", source, *sizes, "--target", "sm_90a", "--emit", "async", "-o", kernels)
    for name, value in given.items():
        np.save(os.path.join(args.out, f"{name}.npy"), value)
    tool("ssm-emulate", kernels, *(f"{name}={args.out}/{name}.npy" for name in given), "--seeds", "1", "--out", args.out)
    ours = np.load(os.path.join(args.out, "out.npy"))
off = np.abs(ours - on_cpu).max() / np.abs(on_cpu).max()
print(f"{'on the GPU' if gpu else 'in the emulator'}: {'as on the CPU' if off < 0.02 else f'off by {off:.3g} of the largest'}")
