"""Opens 200 damaged copies of an artifact: each must be an error with a sentence, none a crash."""
import random
import sys

import ssm

path = sys.argv[1]
with open(path, "rb") as file:
    whole = file.read()
assert list(ssm.load(path).entries) == ["forward", "step"]

rng = random.Random(1)
for i in range(200):
    changed = bytearray(whole)
    kind = i % 4
    if kind == 0:
        del changed[rng.randrange(len(whole)):]
    elif kind == 1:  # a page of zeros, as a broken disk leaves it
        at = rng.randrange(len(whole)) & ~511
        if not any(whole[at:at + 512]):
            continue
        changed[at:at + 512] = bytes(len(whole[at:at + 512]))
    else:
        at = rng.randrange(len(whole))
        for j in range(at, min(at + (1 if kind == 2 else 8), len(whole))):
            changed[j] ^= rng.randrange(1, 256)
    damaged = path + ".damaged"
    with open(damaged, "wb") as file:
        file.write(changed)
    try:
        ssm.load(damaged)
    except ssm.Error as error:
        assert error.code == "NOT_ARTIFACT" and str(error).startswith(damaged + ": "), (i, error.code, str(error))
    else:
        raise AssertionError(f"copy {i} was loaded")
