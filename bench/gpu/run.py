#!/usr/bin/env python3
"""Checks the GPU's kernels against float64 and times them beside their peers.

    python3 bench/gpu/run.py --artifacts DIR [--reference DIR] [--only TEXT] [--rounds N] [--out FOLDER]
    python3 bench/gpu/run.py --artifacts DIR --check [--sanitize]

Needs Python with numpy, PyTorch with CUDA, and DIR as bench/gpu/build.py makes it; nothing is built here. Prints a table
and writes bench/results/DATE-GPU.json. Where there is no GPU it says so and ends with 0. --sanitize checks once more under
compute-sanitizer's memcheck and, with the artifacts of DIR/checked, racecheck, on small sizes.
"""
import argparse
import datetime
import glob
import json
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def skip(why):
    print(f"skipped: {why}")
    sys.exit(0)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--artifacts", required=True, help="folder with NAME.so for the rows, libssm.so and what it needs")
    parser.add_argument("--reference", help="folder with cubins of reference kernels")
    parser.add_argument("--only", default="", help="rows whose name holds this text (several: with commas)")
    parser.add_argument("--rounds", type=int, default=60, help="repetitions; the rules ask for at least 50")
    parser.add_argument("--out", default=os.path.join(ROOT, "bench", "results"), help="folder of the recorded results")
    parser.add_argument("--check", action="store_true", help="compare results only")
    parser.add_argument("--small", action="store_true", help="with --check: the small sizes only")
    parser.add_argument("--sanitize", action="store_true", help="with --check: also under compute-sanitizer")
    return parser.parse_args()


args = parse()
os.environ.setdefault("SSM_RUNTIME", os.path.abspath(args.artifacts))
sys.path[:0] = [os.path.join(ROOT, "runtime", "python"), HERE]
try:
    import torch
except ImportError:
    skip("there is no PyTorch here, which makes the inputs and the peers")
if not torch.cuda.is_available():
    skip("there is no GPU here that PyTorch finds")

import ssm  # noqa: E402
from accuracy import Verdict  # noqa: E402
from floors import floor_ms  # noqa: E402
from rows import ROWS  # noqa: E402
import reference  # noqa: E402
import timing  # noqa: E402


class Artifacts:
    """Those of the folder, opened when they are first needed."""

    def __init__(self, folder):
        self.folder, self.opened = folder, {}

    def entry(self, name):
        """The entry to call, or None where the folder has no such artifact."""
        if name not in self.opened:
            path = os.path.join(self.folder, name + ".so")
            self.opened[name] = ssm.load(path) if os.path.exists(path) else None
        layer = self.opened[name]
        return layer and layer.forward


def call(entry, inputs):
    """All results, states last, as a list."""
    given = dict(zip((v.name for v in entry.arguments), inputs))
    if not any(v.role == "state" for v in entry.results):
        out = entry(given)
        return list(out) if isinstance(out, tuple) else [out]
    out, states = entry(given, states=True)
    return (list(out) if isinstance(out, tuple) else [out]) + list(states.values())


def check(entry, family):
    """The verdicts of one set of sizes, and whether a second run gave the same bits."""
    torch.manual_seed(0)
    inputs = family.inputs()
    first, second = call(entry, inputs), call(entry, inputs)
    torch.cuda.synchronize()
    same = all(torch.equal(a, b) or bool(torch.isnan(a).any()) for a, b in zip(first, second))
    return [(name, Verdict(*outcome)) for name, *outcome in family.outcomes(inputs, first)], same


def report_check(row, sizes, entry):
    text = " ".join(f"{k}{v}" for k, v in sizes.items())
    try:
        verdicts, same = check(entry, row.family(**sizes))
    except (ssm.Error, RuntimeError) as error:
        print(f"BAD   {row.artifact} {text}: {error}", flush=True)
        return False
    problems = [f"{name}: {v.problem}" for name, v in verdicts if v.problem] + ([] if same else ["two runs differ"])
    worst = max((v for _, v in verdicts), key=lambda v: v.worst)
    print(f"{'BAD  ' if problems else 'ok   '} {row.artifact} {text}: largest error {worst.worst:.2e} (eager {worst.eager_worst:.2e}), "
          f"rms {worst.rms:.2e} ({worst.eager_rms:.2e}) {'; '.join(problems)}", flush=True)
    return not problems


def check_all(rows, artifacts):
    good = True
    for row in rows:
        entry = artifacts.entry(row.artifact)
        if entry is None:
            print(f"none  {row.name}: there is no {row.artifact}.so", flush=True)
            continue
        for sizes in [*row.checks, *([] if args.small else [row.sizes])]:
            good &= report_check(row, {k: v for k, v in sizes.items() if k != "quoted"}, entry)
            torch.cuda.empty_cache()
    return good


def time_row(row, entry, flush):
    """One row of the table, as a dict."""
    family = row.family(**row.sizes)
    torch.manual_seed(0)
    inputs = family.inputs()
    given = dict(zip((v.name for v in entry.arguments), inputs))
    states = any(v.role == "state" for v in entry.results)
    contenders = {"ours": lambda: entry(given, states=states), **family.peers(*inputs)}
    if row.reference:
        beside = reference.contender(args.reference, row.reference, inputs)
        if beside:
            contenders["reference"] = beside
    eager = timing.measure(contenders, args.rounds, flush)
    graphs = {}
    if eager["ours"] < 0.1:
        graphs = timing.measure({name: timing.captured(f) for name, f in contenders.items()}, args.rounds, flush)
    device = torch.cuda.get_device_name()
    return {"name": row.name, "artifact": row.artifact, "sizes": {k: v for k, v in row.sizes.items() if k != "quoted"},
            "ms": eager, "graph_ms": graphs, "floor_ms": floor_ms(family, device), "bytes": family.bytes,
            "flops": family.flops, "exponentials": family.exps, "target": row.target,
            "quoted_ms": getattr(family, "quoted", None) or {}}


def print_row(result):
    def beside(times):
        return ", ".join(f"{name} {ms:.4f} ({ms / times['ours']:.2f})" for name, ms in times.items() if name != "ours")

    ours, floor, target = result["ms"]["ours"], result["floor_ms"], result["target"]
    line = f"{result['name']:52s} {ours:9.4f} ms"
    line += f"  {ours / floor:5.2f} x floor" if floor else ""
    line += f"  {result['flops'] / ours / 1e9:5.0f} TFLOP/s" if result["flops"] else ""
    line += f"  {result['bytes'] / ours / 1e9:5.2f} TB/s" if not result["flops"] else ""
    print(line + f"  {beside(result['ms'])}", flush=True)
    for name, ms in result["quoted_ms"].items():
        print(f"{'':52s} {name} {ms:.4f} ms, quoted ({ms / ours:.2f})")
    if result["graph_ms"]:
        print(f"{'':52s} {result['graph_ms']['ours']:9.4f} ms in a graph  {beside(result['graph_ms'])}")
    if target and target[0] in result["ms"]:
        ratio = result["ms"][target[0]] / ours
        result["reached"] = ratio >= target[1]
        print(f"{'':52s} {'reached' if result['reached'] else 'MISSED'}: {ratio:.3f} of {target[0]}, asked for {target[1]}", flush=True)


def time_all(rows, artifacts):
    flush, results, good = timing.Flush(), [], True
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}, median of {args.rounds}, in brackets their time over ours")
    for row in rows:
        entry = artifacts.entry(row.artifact)
        if entry is None:
            print(f"{row.name:52s} there is no {row.artifact}.so")
            continue
        if not row.timed:
            continue
        try:
            verdicts, same = check(entry, row.family(**row.sizes))
            torch.cuda.empty_cache()
            result = time_row(row, entry, flush)
        except (ssm.Error, RuntimeError) as error:
            print(f"{row.name:52s} BAD: {error}", flush=True)
            good = False
            continue
        result["checks"] = [{"result": name, "largest_error": v.worst, "rms_error": v.rms, "eager_largest": v.eager_worst,
                             "eager_rms": v.eager_rms, "problem": v.problem} for name, v in verdicts]
        result["repeats"] = same
        print_row(result)
        for name, v in verdicts:
            if v.problem:
                good = False
                print(f"{'':52s} WRONG {name}: {v.problem}")
        results.append(result)
        torch.cuda.empty_cache()
    return results, good


def write(results, artifacts):
    device = torch.cuda.get_device_name()
    properties = torch.cuda.get_device_properties(0)
    info = {"date": datetime.date.today().isoformat(), "device": device, "driver": _driver_version(),
            "torch": torch.__version__, "cuda": torch.version.cuda, "cudnn": torch.backends.cudnn.version(),
            "multiprocessors": properties.multi_processor_count, "rounds": args.rounds,
            "command": "python3 bench/gpu/run.py " + " ".join(a for a in sys.argv[1:]),
            "ptxas": sorted({m.get("ptxas", "") for layer in artifacts.opened.values() if layer
                             for m in layer.description.get("modules", [])})}
    os.makedirs(args.out, exist_ok=True)
    path = os.path.join(args.out, f"{info['date']}-{device.replace(' ', '-').lower()}.json")
    with open(path, "w") as file:
        json.dump({**info, "rows": results}, file, indent=1)
        file.write("\n")
    print(f"written to {path}")


def _driver_version():
    try:
        return subprocess.run(["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"], capture_output=True,
                              text=True, check=True).stdout.split()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return ""


def sanitize(artifacts):
    """The small checks again, under each tool. What it reports of libraries' kernels, which the checks run too, is theirs."""
    tool = shutil.which("compute-sanitizer") or next(iter(glob.glob("/usr/local/cuda*/bin/compute-sanitizer")), None)
    if not tool:
        print("skipped: there is no compute-sanitizer here")
        return True
    good = True
    own = {step["kernel"] for row in chosen() if artifacts.entry(row.artifact)
           for entry in artifacts.opened[row.artifact].description["entries"] for step in _launches(entry)}
    runs = {}
    # The runtime asks the driver for one parameter more than a kernel has: a refusal there is no error.
    for name, options, folder in (("memcheck", ["--report-api-errors", "no"], args.artifacts),
                                  ("racecheck", [], os.path.join(args.artifacts, "checked"))):
        command = [tool, "--tool", name, *options, "--print-limit", "10000", sys.executable, __file__,
                   "--artifacts", folder, "--only", args.only or ",", "--check", "--small"]
        runs[name] = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    for name, run in runs.items():
        lines = [line for line in run.communicate()[0].splitlines() if line.startswith(("=========", "BAD"))]
        races = [re.findall(r"access at (\w+)\+", line) for line in lines]
        theirs = sum(bool(names) and not own & set(names) for names in races)
        found = [line for line, names in zip(lines, races) if own & set(names) or line.startswith("BAD")]
        if name == "memcheck" and "ERROR SUMMARY: 0 errors" not in "".join(lines):
            found = lines
        ok = not found and run.returncode == 0 and any("SUMMARY" in line for line in lines)
        print(f"{name}: {'ok' if ok else 'BAD'}" + (f" ({theirs} reports of libraries' kernels)" if theirs else ""))
        print("\n".join((found or lines)[-40:] if not ok else lines[-1:]), flush=True)
        good &= ok
    return good


def _launches(entry):
    """The steps of an entry's plan that launch a kernel, however deep they lie in it."""
    open_, found = [entry], []
    while open_:
        part = open_.pop()
        if isinstance(part, dict) and "kernel" in part:
            found.append(part)
        open_ += part.values() if isinstance(part, dict) else part if isinstance(part, list) else []
    return found


def chosen():
    return [row for row in ROWS if any(text in row.name for text in args.only.split(","))]


def without_torch():
    """The C interface and ssm-run, in a process that has no PyTorch."""
    return subprocess.run([sys.executable, os.path.join(HERE, "bare.py"), "--artifacts", args.artifacts]).returncode == 0


def main():
    rows = chosen()
    artifacts = Artifacts(args.artifacts)
    if args.check:
        good = check_all(rows, artifacts)
        if not args.only:
            good &= without_torch()
        if args.sanitize:
            good &= sanitize(artifacts)
        sys.exit(0 if good else 1)
    results, good = time_all(rows, artifacts)
    write(results, artifacts)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
