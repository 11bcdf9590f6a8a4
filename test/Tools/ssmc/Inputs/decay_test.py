"""h = exp(a) h + u along L, out = h C: the artifact against numpy, for sizes that are 0, 1, odd and large."""
import os
import subprocess
import sys

import numpy as np

run, folder = sys.argv[1:]
os.chdir(folder)
rng = np.random.default_rng(0)
for B, L, H, O in [(1, 1, 1, 1), (2, 7, 5, 3), (3, 130, 70, 65), (0, 4, 3, 2), (2, 0, 3, 2), (1, 3, 0, 2)]:
    arrays = {"u": (B, L, H), "a": (H,), "c": (H, O), "h": (B, H)}
    given = {name: rng.standard_normal(shape).astype(np.float32) for name, shape in arrays.items()}
    given["a"] = -0.1 - np.abs(given["a"])
    for name, array in given.items():
        np.save(name + ".npy", array)
    for threads in ("1", "2"):
        subprocess.run([run, "decay.so", "forward", *(f"{name}={name}.npy" for name in given), "--out", "results",
                        "--threads", threads], check=True, stdout=subprocess.DEVNULL)
        wide = {name: array.astype(np.float64) for name, array in given.items()}
        state, states = wide["h"], np.zeros((B, L, H))
        for l in range(L):
            state = np.exp(wide["a"]) * state + wide["u"][:, l]
            states[:, l] = state
        np.testing.assert_allclose(np.load("results/out.npy"), states @ wide["c"], rtol=1e-5, atol=1e-4)
        np.testing.assert_allclose(np.load("results/h.npy"), state, rtol=1e-5, atol=1e-5)
