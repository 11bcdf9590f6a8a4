"""Random layers, compiled and compared: python -m generate --seconds 60 --seed 7 --bin build/bin

Layers of seeds SEED, SEED + 1, ... until the time or --count is over. A layer that fails is made
smaller and printed with its seed; --save keeps it in a folder.
"""
import argparse
import os
import shlex
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

import oracle

from . import check, layers, shrink
from .compiled import Failure


def drawn(seed, args):
    return layers.valid(seed, layers.on_gpu) if "gpu" in args.path else layers.valid(seed)


def one(seed, args):
    """(input sets compared, failing program or None, failure)."""
    program, layer = drawn(seed, args)
    try:
        return check.check(args.bin, str(program), layer, seed, program.stepped, passes=args.passes, lines=args.path), None, None
    except Failure as failure:
        return 0, *shrink.shrink(args.bin, program, seed, failure, args.shrink, args.passes, args.path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/bin", help="folder of ssmc and ssm-run")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=10**9, help="layers at most")
    parser.add_argument("--seconds", type=float, default=10**9, help="time at most, without that for making smaller")
    parser.add_argument("--shrink", type=float, default=60, help="seconds to make one failing layer smaller")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--save", help="folder for what fails")
    parser.add_argument("--file", help="check this layer instead, on the sizes and inputs of --seed")
    parser.add_argument("--passes", type=shlex.split, default=[], metavar="'--PASS ..'",
                        help="of ssm-opt, run on the ssm dialect before the rest")
    parser.add_argument("--path", choices=("main", "reference", "both", "gpu"), default="both",
                        help="the compiler's lines to check; gpu: kernels in the emulator, or refusals in words")
    parser.add_argument("--show", action="store_true", help="print the layer of the seed, nothing else")
    args = parser.parse_args()
    # Passes stand where the main line's would: what they leave is for the other.
    args.path = ("reference",) if args.passes else ("main", "reference") if args.path == "both" else (args.path,)
    if args.show:
        print(drawn(args.seed, args)[0])
        return 0
    if args.file:
        return saved(args)
    end, total, compared, failed = time.monotonic() + args.seconds, 0, 0, 0
    with ThreadPoolExecutor(args.jobs) as pool:
        seeds = iter(range(args.seed, args.seed + args.count))
        waiting = {pool.submit(one, s, args): s for _, s in zip(range(args.jobs), seeds)}
        while waiting:
            done = next(as_completed(waiting))
            seed = waiting.pop(done)
            sets, program, failure = done.result()
            total, compared = total + 1, compared + sets
            if failure:
                failed += 1
                report(seed, program, failure, args.save)
            following = next(seeds, None) if time.monotonic() < end else None
            if following is not None:
                waiting[pool.submit(one, following, args)] = following
    print(f"{total} layers, {compared} input sets compared, {failed} failed")
    return 1 if failed else 0


def saved(args):
    """A layer from a file, which must be compared."""
    layer = oracle.load(args.file)
    with open(args.file, encoding="utf-8") as file:
        text = file.read()
    try:
        sets = check.check(args.bin, text, layer, args.seed, any(d.role == "state" for d in layer.signature()),
                           passes=args.passes, lines=args.path)
    except Failure as failure:
        print(f"{failure.kind}: {failure}")
        return 1
    print(f"{sets} input sets compared")
    return 0 if sets else 1


def report(seed, program, failure, folder):
    print(f"--- seed {seed}: {failure.kind}: {failure}\n{program}", flush=True)
    if folder:
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, f"layer-{seed}.ssm"), "w", encoding="utf-8") as file:
            first = str(failure).split("\n")[0]
            file.write(f"# seed {seed}: {failure.kind}: {first}\n{program}")


if __name__ == "__main__":
    sys.exit(main())
