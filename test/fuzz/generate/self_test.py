"""python -m generate.self_test SSMC FIRST COUNT: the generator against itself.

Every layer parses, evaluates in both modes (or is skipped, few of them) and is the same text each
time; and all of them together use most of the language.
"""
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from . import data, layers
from .tree import smaller

USED = """softmax logsumexp argmax cumsum cumprod cummax mean prod where scan reverse repeat conv shift rfft irfft fft ifft
state param const complex monarch toeplitz lowrank circulant pos size i32 bf16 f64 not and inner0< circular""".split()


def parses(ssmc, text, path):
    path.write_text(text)
    return subprocess.run([ssmc, path, "--emit", "ast", "-o", "-"], capture_output=True, text=True).stderr


def main(ssmc, first, count):
    texts, skipped = {}, 0
    for seed in range(first, first + count):
        program, layer = layers.valid(seed)
        texts[seed] = str(program)
        try:
            case = data.Case(layer, seed)
        except data.Skip:
            skipped += 1
            continue
        assert all(np.shape(case.eager[name]) == np.shape(case.exact[name]) for name in case.exact), f"seed {seed}"
    assert skipped <= count // 10, f"{skipped} of {count} layers are skipped"
    for seed in range(first, first + count, 10):
        assert str(layers.valid(seed)[0]) == texts[seed], f"seed {seed} gives two texts"
    program, _ = layers.valid(first)
    assert all(len(str(p)) < 2 * len(texts[first]) for p in smaller(program)), "what is smaller has grown"
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        for seed, message in zip(texts, pool.map(lambda s: parses(ssmc, texts[s], Path(folder, f"{s}.ssm")), texts)):
            assert not message, f"seed {seed}:\n{message}\n{texts[seed]}"
    everything = "\n".join(texts.values())
    unused = [word for word in USED if not re.search(rf"(?<!\w){re.escape(word)}", everything)]
    assert not unused or count < 100, f"never written: {', '.join(unused)}"
    print(f"{count} layers, {skipped} skipped, {len(everything)} characters")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
