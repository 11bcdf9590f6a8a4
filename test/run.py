#!/usr/bin/env python3
"""Runs every test of the build through lit and closes with one line of counts.

    test/run.py --build build [--jobs N] [--flags OPTIONS] [PATH ...]

PATH narrows the run to folders or files below test/ (or examples/). OPTIONS are handed to every ssmc that
test/Execute starts: `--flags="--cpu x86-64-v3" test/Execute` runs its tests once more, compiled so.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LIT = "/usr/lib/llvm-22/bin/lit"
PASSED = {"PASS", "FLAKYPASS", "XFAIL"}
SKIPPED = {"UNSUPPORTED", "SKIPPED", "EXCLUDED"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(ROOT, "build"), help="build folder")
    parser.add_argument("--jobs", default=str(os.cpu_count()), help="tests at a time")
    parser.add_argument("--flags", default=os.environ.get("SSM_TEST_FLAGS", ""), help="further options of ssmc in test/Execute")
    parser.add_argument("paths", nargs="*", help="what to run instead of everything")
    args = parser.parse_args()

    paths = args.paths or [os.path.join(ROOT, "test"), os.path.join(ROOT, "examples")]
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report.json")
        lit = subprocess.run([sys.executable, LIT, "-s", "--order=smart", "-j", args.jobs, "--output", report, "-D",
                              f"build={os.path.abspath(args.build)}", "-D", f"flags={args.flags}", "--timeout", "600", *paths])
        if not os.path.exists(report):
            sys.exit(lit.returncode or 1)
        with open(report) as file:
            codes = [test["code"] for test in json.load(file)["tests"]]
    passed = sum(code in PASSED for code in codes)
    skipped = sum(code in SKIPPED for code in codes)
    print(f"{passed} passed, {len(codes) - passed - skipped} failed, {skipped} skipped")
    sys.exit(0 if lit.returncode == 0 and passed else 1)


if __name__ == "__main__":
    main()
