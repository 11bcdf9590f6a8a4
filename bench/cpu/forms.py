#!/usr/bin/env python3
"""Times a recurrence in the forms that it may take, beside what the ledger says of each.

    python3 bench/cpu/forms.py [--build build] [--rounds N] [--only TEXT]

One thread, its processor time, the forms one after the other in one process in shuffled order: ratios count. `predicted` is
of `ssmc --explain` for the plan, where both threads work; so it is the two columns' ratios that can be compared.
"""
import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--build", default=os.path.join(ROOT, "build"), help="build folder")
parser.add_argument("--rounds", type=int, default=7, help="repetitions; the median counts")
parser.add_argument("--only", default="", help="recurrences whose name holds this text")
args = parser.parse_args()
os.environ["SSM_NUM_THREADS"] = "1"
os.environ.setdefault("SSM_RUNTIME", os.path.join(args.build, "lib"))
sys.path.insert(0, os.path.join(ROOT, "runtime", "python"))
import numpy as np  # noqa: E402
import ssm  # noqa: E402

draw = np.random.default_rng(0)
UNITS = {"us": 1e-3, "ms": 1, "s": 1e3}


def normal(*shape):
    return draw.standard_normal(shape).astype(np.float32)


def heads(D, *names, L=2048, H=4):
    return {"B": 1, "H": H, "L": L, "D": D, "E": D}, {name: normal(1, L, H, D) for name in names}


def own(D):
    return f"own = [B : 1, H : 1, E : {D}]"


GATED, LINEAR = "layers/gated_linear_attention_f32.ssm", "layers/linear_attention_f32.ssm"
# name, layer, sizes and arguments, plans by name
RECURRENCES = [(f"gated D{D}", GATED, heads(D, "q", "k", "v", "g"),
                {"sequential": f"<form = sequential, {own(D)}, step = [L : 16, D : 16]>",
                 "chunk_factored 8": f"<form = chunk, {own(D)}, step = [L : 8]>",
                 "chunk_factored 16": f"<form = chunk, {own(D)}, step = [L : 16]>",
                 "chunk_factored 32": f"<form = chunk, {own(D)}, step = [L : 32]>"}) for D in (64, 128)]
RECURRENCES += [(f"linear attention D{D}", LINEAR, heads(D, "q", "k", "v"),
                 {"sequential": f"<form = sequential, {own(D)}, step = [L : 16, D : 16]>",
                  "chunk 32": f"<form = chunk, {own(D)}, step = [L : 32]>"}) for D in (64, 128)]


def compiled(folder, layer, sizes, plan):
    path = os.path.join(folder, f"{abs(hash((layer, plan)))}")
    with open(path, "w") as file:
        file.write(f"forward.0 = {plan}\n")
    command = [os.path.join(args.build, "bin", "ssmc"), os.path.join(HERE, layer), "--plan", path,
               "--dims", ",".join(f"{k}={v}" for k, v in sizes.items())]
    said = subprocess.run([*command, "--explain", "--emit", "plan", "-o", path + ".mlir"], capture_output=True, text=True, check=True)
    predicted, unit = re.search(r"predicted ([\d.]+) (\w+)", said.stdout).groups()
    subprocess.run([*command, "-o", path + ".so"], check=True)
    return ssm.load(path + ".so"), float(predicted) * UNITS[unit]


def main():
    print(f"{'':22}{'form':20}{'predicted ms':>14}{'ratio':>7}{'ms':>9}{'ratio':>7}")
    with tempfile.TemporaryDirectory() as folder:
        for name, layer, (sizes, inputs), plans in RECURRENCES:
            if args.only not in name:
                continue
            made = {form: compiled(folder, layer, sizes, plan) for form, plan in plans.items()}
            times = {form: [] for form in made}
            for turn in range(args.rounds + 1):
                for form in random.sample(list(made), len(made)):
                    start = time.thread_time()
                    made[form][0].forward(**inputs, threads=1)
                    if turn:
                        times[form].append(1e3 * (time.thread_time() - start))
            first = next(iter(made))
            median = {form: sorted(own)[len(own) // 2] for form, own in times.items()}
            for form, (_, predicted) in made.items():
                print(f"{name:22}{form:20}{predicted:14.2f}{predicted / made[first][1]:7.2f}{median[form]:9.2f}"
                      f"{median[form] / median[first]:7.2f}", flush=True)


if __name__ == "__main__":
    main()
