#!/usr/bin/env python3
"""Checks layers on the CPU against float64 and times them beside PyTorch's best composition.

    python3 bench/cpu/run.py [--build build] [--parts rows,kin,growth] [--only TEXT] [--rounds N] [--threads N]
                             [--path main|reference] [--out FOLDER]

One process, two threads on each side, the same inputs. Prints each row's ratio beside the machine's own ceilings, measured
in the same run, and the memory that a call holds; how much longer layers that nobody published take than their nearest kin;
and time over length, 1k to 64k. Writes bench/results/DATE-cpu-PATH.json, all in a few minutes. With --threads 1 the thread's
processor time counts: for a machine that others use too. Needs numpy and PyTorch (pip install torch), and a build. Times move
from run to run: only ratios of one run count.
"""
import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(ROOT, "build"), help="build folder")
    parser.add_argument("--only", default="", help="rows whose name holds this text (several: with commas)")
    parser.add_argument("--rounds", type=int, default=7, help="repetitions; the median counts")
    parser.add_argument("--threads", type=int, default=2, help="on each side; of one the processor time counts")
    parser.add_argument("--path", default="main", choices=("main", "reference"), help="ssmc's line")
    parser.add_argument("--parts", default="rows,kin,growth", help="of these, which")
    parser.add_argument("--out", default=os.path.join(ROOT, "bench", "results"), help="folder of the recorded results")
    return parser.parse_args()


args = parse()
THREADS = args.threads
os.environ["SSM_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = str(THREADS)
os.environ.setdefault("SSM_RUNTIME", os.path.join(args.build, "lib"))
sys.path[:0] = [os.path.join(ROOT, "runtime", "python"), HERE]
try:
    import torch
except ImportError:
    sys.exit("bench/cpu needs PyTorch for the peers: pip install torch")
import ssm  # noqa: E402
import measure  # noqa: E402
from measure import ceilings, held_bytes, median_seconds  # noqa: E402
from rows import GROWING, KIN, ROWS  # noqa: E402

torch.set_num_threads(THREADS)
measure.clock = time.thread_time if THREADS == 1 else time.perf_counter


def compile_layer(row, folder):
    path = os.path.join(folder, row.name.replace(" ", "-").replace("^", "") + ".so")
    command = [os.path.join(args.build, "bin", "ssmc"), os.path.join(ROOT, row.file), "-o", path, "--path", args.path]
    if row.dims:
        command += ["--dims", ",".join(f"{k}={v}" for k, v in row.dims.items())]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        return None, done.stderr.strip().splitlines()[0]
    return ssm.load(path), done.stderr.strip()


def error_of(ours, exact, eager):
    """performance.md's rule, and the largest error over the largest value."""
    scale = exact.abs().max().item()
    ulp = scale * 2.0 ** (-8 if ours.dtype == torch.bfloat16 else -23)
    ours, eager = ours.double(), eager.double()
    off, theirs = (ours - exact).abs().max().item(), (eager - exact).abs().max().item()
    fits = off <= 2 * theirs + 2 * ulp and ours.square().mean() >= 0.25 * exact.square().mean()
    return off / scale, bool(fits)


def run_row(row, folder, machine):
    layer, said = compile_layer(row, folder)
    if layer is None:
        return {"row": row.name, "error": said}
    torch.manual_seed(0)
    inputs = row.inputs()
    call = lambda: layer.forward(inputs, threads=THREADS)
    peers = [lambda peer=peer: peer(inputs) for peer in row.peers]
    held = held_bytes(call)
    relative, fits = error_of(call(), row.exact(inputs), peers[0]())
    ours, *theirs = median_seconds([call, *peers], args.rounds)
    theirs = min(theirs)
    result = {"row": row.name, "ours_ms": ours * 1e3, "torch_ms": theirs * 1e3, "ratio": theirs / ours, "asked": row.ratio,
              "error": relative, "fits": fits, "held_bytes": held, "floor_ms": row.floor(machine) * 1e3}
    return result


def wanted(name):
    return not args.only or any(text in name for text in args.only.split(",") if text)


def time_rows(folder, machine):
    print(f"{'row':34}{'ours ms':>10}{'torch ms':>10}{'ratio':>8}{'asked':>7}{'x floor':>9}{'error':>10}{'held MB':>9}")
    results = []
    for row in ROWS:
        if not wanted(row.name):
            continue
        r = run_row(row, folder, machine)
        results.append(r)
        if "ours_ms" not in r:
            print(f"{row.name:34}{r['error']}")
            continue
        print(f"{row.name:34}{r['ours_ms']:10.2f}{r['torch_ms']:10.2f}{r['ratio']:8.2f}{r['asked']:7.1f}"
              f"{r['ours_ms'] / r['floor_ms']:9.1f}{r['error']:10.1e}{r['held_bytes'] / 1e6:9.1f}"
              f"{'' if r['fits'] else '  WRONG'}{'' if r['ratio'] >= r['asked'] else '  missed'}", flush=True)
    return results


def time_kin(folder):
    print(f"\n{'unpublished':34}{'ms':>10}   {'nearest kin':18}{'ms':>10}{'times':>8}{'at most':>9}")
    results = []
    for own, kin, most in KIN:
        if not wanted(own.name):
            continue
        calls = []
        for layer in (own, kin):
            compiled, said = compile_layer(layer, folder)
            if compiled is None:
                print(f"{layer.name:34}{said}")
                break
            if said:
                print(f"{layer.name:34}{said.splitlines()[0]}")
            torch.manual_seed(0)
            inputs = layer.inputs()
            calls.append(lambda compiled=compiled, inputs=inputs: compiled.forward(inputs, threads=THREADS))
        if len(calls) < 2:
            continue
        ours, theirs = (seconds * 1e3 for seconds in median_seconds(calls, args.rounds))
        results.append({"row": own.name, "kin": kin.name, "ours_ms": ours, "kin_ms": theirs, "times": ours / theirs, "at_most": most})
        print(f"{own.name:34}{ours:10.2f}   {kin.name:18}{theirs:10.2f}{ours / theirs:8.2f}{most:9.1f}"
              f"{'' if ours <= most * theirs else '  missed'}", flush=True)
    return results


def time_growth(folder):
    print("\nms by length, 1k, 8k and 64k, and what eight times the length costs")
    growth = {}
    for layer in GROWING:
        if not wanted(layer.name):
            continue
        compiled, said = compile_layer(layer, folder)
        if compiled is None:
            print(f"{layer.name:34}{said}")
            continue
        times = {}
        for length in (1024, 8192, 65536):
            inputs = layer.inputs(length)
            times[length] = median_seconds([lambda: compiled.forward(inputs, threads=THREADS)], 3)[0] * 1e3
        growth[layer.name] = times
        steps = list(times.values())
        print(f"{layer.name:34}" + "".join(f"{t:12.2f}" for t in steps) + "   x " +
              ", ".join(f"{b / a:.1f}" for a, b in zip(steps, steps[1:])), flush=True)
    return growth


def main():
    machine = ceilings()
    print(f"{platform.processor() or platform.machine()}, {THREADS} threads, torch {torch.__version__}, ssmc --path {args.path}")
    print(f"copy {machine.copy / 1e9:.1f} GB/s, f32 product {machine.product / 1e9:.0f} GFLOP/s, "
          f"bf16 product {machine.product16 / 1e9:.0f} GFLOP/s (torch's, in this run)\n")
    parts = args.parts.split(",")
    with tempfile.TemporaryDirectory() as folder:
        rows = time_rows(folder, machine) if "rows" in parts else []
        kin = time_kin(folder) if "kin" in parts else []
        growth = time_growth(folder) if "growth" in parts else {}
    date = datetime.date.today().isoformat()
    os.makedirs(args.out, exist_ok=True)
    path = os.path.join(args.out, f"{date}-cpu-{args.path}.json")
    with open(path, "w") as file:
        json.dump({"date": date, "machine": platform.processor() or platform.machine(), "threads": THREADS, "torch": torch.__version__,
                   "ceilings": vars(machine), "rows": rows, "kin": kin, "growth": growth}, file, indent=1)
    print(f"\nwritten to {path}")


if __name__ == "__main__":
    main()
