#!/usr/bin/env python3
"""The second example: layers of the library stacked, and one text fed to them in three ways.

Compiles stack.ssm, draws its parameters from a seed, and feeds it a text at once, in two pieces, and a
prompt followed by one byte after another: the state that goes from call to call makes them the same.

    run.py [--build build] [--out out]
"""
import argparse
import os
import subprocess
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "..", "runtime", "python"))
TEXT, LENGTH, PROMPT = "/usr/share/common-licenses/Apache-2.0", 1000, 800  # Debian: base-files


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build", help="where ssmc was built")
    parser.add_argument("--out", default="out", help="where the artifact goes")
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    artifact = os.path.join(args.out, "stack.so")
    command = [os.path.join(args.build, "bin", "ssmc"), os.path.join(HERE, "stack.ssm"), "-o", artifact]
    print("$", *(os.path.relpath(word) if os.path.isabs(word) else word for word in command), flush=True)
    if subprocess.run(command).returncode:
        sys.exit("run.py: stack.ssm does not compile")

    os.environ.setdefault("SSM_RUNTIME", os.path.join(os.path.abspath(args.build), "lib"))
    import ssm
    m = ssm.load(artifact)
    text = np.fromfile(TEXT, np.uint8)[None, :LENGTH].astype(np.int32)
    params = m.forward.draw(bytes=text, seed=7)
    states = {name: params.pop(name) for name in [v.name for v in m.entries["forward"].arguments if v.role == "state"]}
    print(f"{len(params)} parameters, {sum(a.size for a in params.values())} numbers; "
          f"the state: {', '.join(f'{name} {a.shape}' for name, a in states.items())}")

    whole = m.forward({**params, "bytes": text})
    first, states = m.forward({**params, "bytes": text[:, :PROMPT]}, states=True)
    second = m.forward({**params, **states, "bytes": text[:, PROMPT:]})
    steps = []
    for byte in text[0, PROMPT:]:
        logits, states = m.step({**params, **states, "bytes": [byte]}, states=True)
        steps.append(logits)
    largest = np.abs(whole).max()
    for how, tail in (("in two pieces", second), (f"a prompt of {PROMPT} bytes, then byte by byte", np.stack(steps, 1))):
        error = np.abs(np.concatenate([first, tail], 1) - whole).max() / largest
        print(f"{how}: {'the same' if error < 1e-5 else 'not the same'} as at once (off by {error:.1e} of the largest)")


if __name__ == "__main__":
    main()
