"""Every layer of a file as kernels through ptxas: none spills, and ptxas does what it is asked."""
import os
import re
import subprocess
import sys
import tempfile

import oracle

BIN = os.path.join(os.environ["SSM_BUILD"], "bin")


def reports(source, layer, dims):
    with tempfile.TemporaryDirectory() as folder:
        kernels = os.path.join(folder, "kernels.mlir")
        fixed = ["--dims", dims] if dims else []
        subprocess.run([f"{BIN}/ssmc", source, "--layer", layer, *fixed, "--target", "sm_90a", "--emit", "async", "-o", kernels],
                       check=True)
        done = subprocess.run([f"{BIN}/ssm-opt", kernels, "--tile-to-ptx-pipeline"], check=True, stdout=subprocess.PIPE, text=True)
        return re.findall(r"tile\.ptxas = \{(.*?)\}", done.stdout)


source = sys.argv[1]
bad = []
for layer in re.findall(r"^layer (\w+)", open(source).read(), re.M):
    used = {d.name for s in oracle.load(source, layer).signature() for d in s.dims}
    for sizes in ({}, dict(D=1024, I=512, O=1024)):
        dims = ",".join(f"{n}={s}" for n, s in sizes.items() if n in used)
        found = reports(source, layer, dims)
        bad += [f"{layer} {dims}: {r}" for r in found if not re.search(r"codes = \[\].*spill_loads = 0 .*spill_stores = 0 ", r)]
        bad += [f"{layer} {dims}: no report"] * (not found)
sys.exit("\n".join(bad) if bad else 0)
