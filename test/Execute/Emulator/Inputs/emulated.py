"""Runs a kernel of test/Kernels in the emulator, as it is or changed."""
import os
import shutil
import subprocess
import tempfile

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))))
KERNELS = os.path.join(ROOT, "test", "Kernels")
TOOL = os.path.join(os.environ["SSM_BUILD"], "bin", "ssm-emulate")


def bf16(x):
    """Rounded to bf16, as f32."""
    bits = np.asarray(x, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32)


def emulate(kernel, arrays, *options, change=None, part=None):
    """Results by name, or the text of the errors. `change` turns the text of the kernel, or of a part of it, into another one."""
    with tempfile.TemporaryDirectory() as folder:
        kernels = KERNELS
        if change:
            kernels = shutil.copytree(KERNELS, os.path.join(folder, "kernels"))
            path = os.path.join(kernels, part or kernel)
            with open(path) as file:
                text = file.read()
            changed = change(text)
            assert changed != text, f"{part or kernel} has nothing to change there"
            with open(path, "w") as file:
                file.write(changed)
        path = os.path.join(kernels, kernel)
        command = [TOOL, path, "--out", folder, *options]
        for name, array in arrays.items():
            np.save(os.path.join(folder, "in_" + name + ".npy"), array)
            command.append(f"{name}={folder}/in_{name}.npy")
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode:
            return run.stderr
        return {name[:-4]: np.load(os.path.join(folder, name))
                for name in os.listdir(folder) if name.endswith(".npy") and not name.startswith("in_")}


def close(ours, exact, eager):
    """performance.md's rule: at most twice what an eager computation at the same precision is off."""
    scale = np.abs(exact).max()
    ulp = scale * 2.0 ** -8
    assert np.abs(ours - exact).max() <= 2 * np.abs(eager - exact).max() + 2 * ulp, (np.abs(ours - exact).max(), scale)
    rms = lambda x: np.sqrt(np.mean(np.square(x)))
    assert rms(ours - exact) <= 2 * rms(eager - exact) + 1e-3 * rms(exact)
    assert rms(ours) >= 0.5 * rms(exact)
