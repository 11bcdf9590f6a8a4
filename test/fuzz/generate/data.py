"""Sizes and inputs for a random layer, what the evaluator makes of them, and its error."""
import numpy as np

import oracle
from oracle.values import BOOL, C64, C128, F32, F64, FREE, INT, Arithmetic

_NOISE = {F32: 2.0 ** -23, C64: 2.0 ** -23, F64: 2.0 ** -52, C128: 2.0 ** -52, FREE: 2.0 ** -52}
_STORED = {"bf16": 2.0 ** -8, "f16": 2.0 ** -11, "f32": 2.0 ** -24, "c64": 2.0 ** -24, "f64": 2.0 ** -53, "c128": 2.0 ** -53}
RUNS = 3


class Noisy(Arithmetic):
    """The exact arithmetic with every operation off by a random rounding of its type: several runs
    say what error is to be expected, and whether anything discrete hangs on it."""

    def __init__(self, seed):
        super().__init__("f64")
        self.rng = np.random.default_rng(seed)

    def off(self, data, size):
        data = np.asarray(data)
        with np.errstate(all="ignore"):
            return np.where(np.isfinite(data), data * (1 + size * self.rng.uniform(-1, 1, data.shape)), data)

    def make(self, kind, dims, compute, *operands):
        value = super().make(kind, dims, compute, *operands)
        if value.data is not None and kind in _NOISE:
            value.data = self.off(value.data, _NOISE[kind])
        return value

    def rounded(self, data, element):
        data = super().rounded(data, element)
        return self.off(data, _STORED[element]) if element in _STORED else data


def draw(declaration, rng):
    """An array of what a declaration stores, rounded to its type."""
    shape, element = [d.size for d in declaration.dims], declaration.element
    if declaration.matrix and declaration.matrix[2] in ("rows", "columns"):
        block, (rows, columns) = declaration.matrix[1][0], declaration.matrix[4:]
        high = (rows if declaration.matrix[2] == "rows" else columns).size // block
        return rng.integers(0, high, shape)
    if element == "bool":
        return rng.random(shape) < 0.5
    if element in ("i32", "i64"):
        return rng.integers(-4, 5, shape)
    data = rng.uniform(-1, 1, shape)
    if element in ("c64", "c128"):
        data = data + 1j * rng.uniform(-1, 1, shape)
    return oracle.round_to(data, element)


def sizes(layer, rng, first):
    """A size for every open dimension; the first set is of ordinary ones, of the others every second has a
    dimension longer than what a processor holds at once."""
    out = {}
    for declaration in layer.signature():
        for d in declaration.dims:
            if d.size is None and "." not in d.name and declaration.role != "output":
                out.setdefault(d.name, int(rng.choice([2, 3, 5] if first else [0, 1, 1, 2, 3, 5, 8])))
    if out and not first and rng.random() < 0.5:
        out[str(rng.choice(sorted(out)))] = int(rng.choice([17, 33, 70, 150]))
    return out


class Skip(Exception):
    """Not to be compared: the evaluator refuses, or something discrete hangs on rounding."""


class Case:
    """One set of arguments with the exact results and the error to be expected of each."""

    def __init__(self, layer, seed, first=True, dims=None):
        rng = np.random.default_rng(seed)
        try:
            self.sizes = layer.bind({}, {**sizes(layer, rng, first), **(dims or {})})
            self.declared = layer.signature(self.sizes)
            self.arguments = {d.name: draw(d, rng) for d in self.declared if d.role != "output"}
            self.exact = self.evaluate(layer, "f64")
            # What a result's type names first is the caller's to say, as the evaluator took it.
            for d in self.declared:
                for dim, size in zip(d.dims, self.exact[d.name].shape if d.role == "output" else ()):
                    if not dim.name.isdigit():
                        self.sizes.setdefault(dim.name, size)
            self.eager = self.evaluate(layer, "f32")
            noisy = [self.evaluate(layer, Noisy([seed, k])) for k in range(RUNS)]
        except oracle.OracleError as error:
            raise Skip(str(error)) from error
        self.elements = {d.name: d.element for d in self.declared}
        self.spread = {name: self.expected(name, [self.eager] + noisy) for name in self.exact}

    def evaluate(self, layer, mode):
        """Outputs and last states by name."""
        inputs = {k: v for k, v in self.arguments.items()}
        results, states = layer.forward(inputs, dims=self.sizes, mode=mode)
        names = [d.name for d in self.declared if d.role == "output"]
        return {**dict(zip(names, results)), **states}

    def expected(self, name, runs):
        """The exact result with the largest error of the runs added at each place."""
        exact = self.exact[name]
        if self.elements[name] in ("i32", "i64", "bool"):
            if any((r[name] != exact).any() for r in runs):
                raise Skip("something discrete hangs on rounding")
            return exact
        error = np.zeros(exact.shape)
        for run in runs:
            same = np.isfinite(run[name]) == np.isfinite(exact)
            if not same.all():
                raise Skip("finite or not hangs on rounding")
            with np.errstate(all="ignore"):
                error = np.maximum(error, np.where(np.isfinite(exact), np.abs(run[name] - exact), 0))
        scale = np.abs(exact[np.isfinite(exact)]).max(initial=1e-3)
        coarse = any(d.element in ("bf16", "f16") for d in self.declared) or True
        if error.max(initial=0) > (0.05 if coarse else 1e-3) * scale + 1e-4:
            raise Skip("the result hangs on rounding")
        with np.errstate(all="ignore"):
            return exact + error
