#!/usr/bin/env python3
"""Makes the folder that bench/gpu/run.py takes: the hand-written kernels and some layers as artifacts, and the runtime.

    python3 bench/gpu/build.py --build build --out build/gpu [NAME ...]

For a machine with the compiler; the folder can then be carried to one with a GPU, together with this tree. In OUT/checked
are the same kernels with bounded waits, in which every thread arrives and waits by itself: racecheck follows those.
"""
import argparse
import glob
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
# Artifact, file of layers/, sizes that are fixed when compiling: then vectors are known to fit.
LAYERS = [("layer_chain", "chain", "N=4096"), ("layer_rms_norm", "rms_norm", "N=4096"), ("layer_softmax", "softmax", "N=4096"),
          ("layer_cumsum", "cumsum", "D=4096"), ("layer_linear", "linear", "N=4096,K=4096"),
          ("layer_chain_open", "chain", ""), ("layer_rms_norm_open", "rms_norm", ""), ("layer_linear_open", "linear", "")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(ROOT, "build"), help="build folder")
    parser.add_argument("--out", required=True, help="folder to make")
    parser.add_argument("names", nargs="*", help="kernels instead of all")
    args = parser.parse_args()
    os.makedirs(os.path.join(args.out, "checked"), exist_ok=True)

    good = True
    kernels = [(path, os.path.splitext(os.path.basename(path))[0], "")
               for path in sorted(glob.glob(os.path.join(ROOT, "test", "Kernels", "*.mlir")))]
    layers = [(os.path.join(HERE, "layers", layer + ".ssm"), name, dims) for name, layer, dims in LAYERS]
    for path, name, dims in kernels + layers:
        if args.names and name not in args.names:
            continue
        problem = ""
        for folder, options in ((args.out, []), (os.path.join(args.out, "checked"), ["--checked"])):
            command = [os.path.join(args.build, "bin", "ssmc"), path, "--target", "sm_90a", "--cpu", "x86-64-v3",
                       "-o", os.path.join(folder, name + ".so"), *options] + (["--dims", dims] if dims else [])
            done = subprocess.run(command, capture_output=True, text=True)
            problem = problem or (done.stderr.strip() if done.returncode else "")
        print(f"{name}: {problem or 'ok'}", flush=True)
        good &= not problem

    # The runtime and ssm-run, and what they need that a bare machine may lack: the runtime looks beside itself first.
    everywhere = ("libc.", "libm.", "libstdc++.", "libgcc_s.", "ld-linux", "linux-vdso")
    for path in (os.path.join(args.build, "lib", "libssm.so"), os.path.join(args.build, "bin", "ssm-run")):
        shutil.copy2(path, args.out)
        for line in subprocess.run(["ldd", path], capture_output=True, text=True, check=True).stdout.splitlines():
            name, *rest = line.split()
            if len(rest) > 1 and not name.startswith(everywhere):
                shutil.copy2(rest[1], os.path.join(args.out, name))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
