"""Every layer of a folder (or file), through passes of ssm-opt, against the evaluator.

A comment `# sizes: X=32, R=16` in a file fixes sizes that cannot be drawn.
"""
import argparse
import re
import shlex
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import oracle
from generate import check
from generate.compiled import Failure


def one(path, args):
    layer, text = oracle.load(str(path)), path.read_text(encoding="utf-8")
    fixed = re.search(r"^# sizes: (.*)$", text, re.M)
    dims = {name: int(size) for name, size in re.findall(r"(\w+)=(\d+)", fixed.group(1))} if fixed else None
    stepped = any(d.role == "state" for d in layer.signature())
    try:
        sets = check.check(args.bin, text, layer, args.seed, stepped, cases=2, passes=args.passes,
                           dims=dims)
    except Failure as failure:
        return f"{path.name}: {failure.kind}: {failure}"
    return None if sets else f"{path.name}: no inputs that could be compared"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--passes", type=shlex.split, required=True)
    args = parser.parse_args()
    paths = sorted(args.path.glob("*.ssm")) if args.path.is_dir() else [args.path]
    with ThreadPoolExecutor(2) as pool:
        problems = [p for p in pool.map(lambda path: one(path, args), paths) if p]
    print("\n".join(problems) or f"{len(paths)} layers agree")
    return 1 if problems or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
