#!/usr/bin/env python3
"""The first example: a voice through a bank of S4D filters, a text through a low-rank HMM.

Compiles voice.ssm and text.ssm with ssmc, runs them with ssm-run on real input, and shows
every command. Results go to --out: bands.wav, responses.png, and the arrays.

    run.py [--build build] [--out out]
"""
import argparse
import os
import subprocess
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
VOICE = "/usr/share/sounds/alsa/Front_Center.wav"  # Debian: alsa-utils
LICENCES = "/usr/share/common-licenses"            # Debian: base-files
LEARN, SCORE = ["GPL-2", "LGPL-2.1", "GFDL-1.3", "MPL-2.0"], "Apache-2.0"


def run(*command):
    shown = " ".join(os.path.relpath(word) if os.path.isabs(word) and not word.startswith("/usr/") else word
                     for word in command)
    print(f"$ {shown}", flush=True)
    if subprocess.run(command).returncode:
        sys.exit(f"run.py: this failed: {shown}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build", help="where ssmc and ssm-run were built")
    parser.add_argument("--out", default="out", help="where results go")
    args = parser.parse_args()
    if not os.path.exists(VOICE):
        sys.exit(f"run.py: {VOICE} is missing: install Debian's alsa-utils")

    out = os.path.abspath(args.out)
    ssmc, ssm_run = (os.path.join(os.path.abspath(args.build), "bin", tool) for tool in ("ssmc", "ssm-run"))
    os.makedirs(out, exist_ok=True)
    path = lambda *parts: os.path.join(out, *parts)

    print("# A voice through 8 S4D filters")
    run(ssmc, os.path.join(HERE, "voice.ssm"), "-o", path("voice.so"))
    run(ssm_run, path("voice.so"), f"u={VOICE}", "--dims", "H=8", "--rate", "48000", "--out", path("voice"))
    impulse = np.zeros(2400, np.float32)
    impulse[0] = 1
    np.save(path("impulse.npy"), impulse)
    run(ssm_run, path("voice.so"), f"u={path('impulse.npy')}", "--dims", "H=8", "--out", path("impulse"))
    np.save(path("centres.npy"), 150 * 2 ** (5.5 * np.arange(8) / 8))
    run(sys.executable, os.path.join(HERE, "plot.py"), path("impulse", "out.npy"), path("centres.npy"),
        path("voice", "out.npy"), path("responses.png"), path("bands.wav"))
    print(f"wrote {os.path.relpath(path('bands.wav'))} and {os.path.relpath(path('responses.png'))}\n")

    print("# A text through the low-rank hidden Markov model")
    run(ssmc, os.path.join(HERE, "text.ssm"), "-o", path("text.so"))
    run(sys.executable, os.path.join(HERE, "fit_text.py"), path("text-model.npz"),
        *(os.path.join(LICENCES, name) for name in LEARN))
    text = np.fromfile(os.path.join(LICENCES, SCORE), np.uint8)
    np.save(path("text.npy"), text[None, :])
    run(ssm_run, path("text.so"), f"bytes={path('text.npy')}", path("text-model.npz"), "--out", path("text"))
    bits = -float(np.load(path("text", "out.npy"))[0]) / np.log(2) / len(text)
    print(f"{SCORE}: {len(text)} bytes, {bits:.3f} bits a byte (8 without a model)")


if __name__ == "__main__":
    main()
