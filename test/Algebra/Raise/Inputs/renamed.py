"""Renames every symbol of a layer's text and compares what is recognised: renamed.py BIN FILE..."""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

# Words of the language; all others are names of the program's own.
WORDS = set("""layer const param state let schedule return import scan reverse repeat and or not
f64 f32 bf16 f16 c64 c128 i32 i64 bool
sum prod max min mean logsumexp argmax softmax cumsum cumprod cummax cummin cumlogsumexp
abs ceil clamp complex conj cos div elu exp expm1 floor gelu gelu_tanh im log log1p mod normal uniform kaiming
pos pow re relu rsqrt sigmoid sign silu sin size softplus sqrt tanh where pi inf
shift conv causal anticausal circular same fft ifft rfft irfft
diagonal lowrank block_diagonal flat_butterfly block_sparse monarch butterfly toeplitz circulant
block factors count precision""".split())
NAME = re.compile(r"[A-Za-z_]\w*")


def renamed(text):
    """The text with other names, and the old name of each."""
    text = re.sub(r"#.*", "", text)
    old = {}

    def rename(match):
        word = match.group()
        if word in WORDS or (match.start() and text[match.start() - 1].isdigit()):
            return word
        new = next((n for n, o in old.items() if o == word), None)
        if new is None:
            new = f"zq{len(old)}x"
            old[new] = word
        return new

    return NAME.sub(rename, text), old


def raised(folder, text, name):
    path = Path(name)
    source = path / "f.ssm"
    source.write_text(text, encoding="utf-8")
    emitted = subprocess.run([folder / "ssmc", "--emit", "ssm", source], capture_output=True, text=True, check=True)
    return subprocess.run([folder / "ssm-opt", "--ssm-raise-pipeline"], input=emitted.stdout, capture_output=True,
                          text=True, check=True).stdout


def main(folder, *files):
    failed = 0
    for file in files:
        text = re.sub(r"#.*", "", Path(file).read_text(encoding="utf-8"))
        if "import" in text:
            continue
        other, old = renamed(text)
        with tempfile.TemporaryDirectory() as scratch:
            first, second = raised(folder, text, scratch), raised(folder, other, scratch)
        second = re.sub(r"zq\d+x", lambda m: old[m.group()], second)
        if first != second or len(old) < 3:
            failed += 1
            lines = [f"- {a}\n+ {b}" for a, b in zip(first.split("\n"), second.split("\n")) if a != b]
            print(f"{file}: recognised differently under other names\n" + "\n".join(lines[:4]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
