"""Whether a compiled layer gives what the evaluator gives: whole, in pieces, step by step, on each of the compiler's lines."""
import numpy as np

from oracle import compare

from . import data
from .compiled import Compiled, Failure
from .emulated import Emulated, Refused

STEPPED = "L"
MOST_STEPS = 8  # a process each
ROUNDED_STATE = 2.0 ** -23  # relative; times six, as all that is allowed


def compared(case, got, how, only=None):
    for name, exact in case.exact.items():
        if only and name not in only:
            continue
        if name not in got:
            raise Failure(f"wrong {how}", f"{name} is not returned; there are {', '.join(got)}")
        with np.errstate(all="ignore"):
            expected = case.spread[name]
            if how != "forward" and case.elements[name] in ("f64", "c128") and rounds_states(case):
                expected = expected + ROUNDED_STATE * np.abs(exact[np.isfinite(exact)]).max(initial=1)
            message = compare.mismatch(got[name], exact, expected, case.elements[name], factor=6.0, ulps=6.0)
        if message:
            raise Failure(f"wrong {how}", f"{name} ({case.elements[name]}), sizes {case.sizes}: {message}")


def rounds_states(case):
    """Whether a state is stored in f32: between calls it is rounded, though the steps of one call run in f64."""
    return any(d.role == "state" and d.element in ("f32", "c64") for d in case.declared)


def stored(case):
    """The arrays as their files hold them."""
    types = {"i32": np.int32, "bf16": np.float32, "f16": np.float32}
    return {d.name: np.asarray(case.arguments[d.name]).astype(types.get(d.element, case.arguments[d.name].dtype))
            for d in case.declared if d.role != "output"}


def open_sizes(case):
    return {k: v for k, v in case.sizes.items() if "." not in k}


class Stream:
    """Feeds a layer along the stepped dimension, state after state."""

    def __init__(self, compiled, case):
        self.compiled, self.case, self.arrays = compiled, case, stored(case)
        self.axis = {d.name: d.dim_names.index(STEPPED) for d in case.declared if STEPPED in d.dim_names}
        self.outputs = [d.name for d in case.declared if d.role == "output"]
        self.sizes = {k: v for k, v in open_sizes(case).items() if k != STEPPED}
        self.states, self.pieces = {}, {name: [] for name in self.outputs}

    def feed(self, begin, end, entry):
        arrays = dict(self.arrays, **self.states)
        for name, axis in self.axis.items():
            if name in arrays:
                arrays[name] = np.take(arrays[name], range(begin, end) if entry == "forward" else begin, axis)
        sizes = self.sizes if entry == "step" else dict(self.sizes, **{STEPPED: end - begin})
        got = self.compiled.call(entry, arrays, sizes)
        self.states = {k: v for k, v in got.items() if k not in self.outputs}
        for name in self.outputs:
            axis = self.axis.get(name)
            self.pieces[name].append(got[name] if entry == "forward" or axis is None else np.expand_dims(got[name], axis))

    def whole(self):
        return {**{name: np.concatenate(p, self.axis[name]) if name in self.axis else p[-1] for name, p in self.pieces.items()},
                **self.states}


def run_case(compiled, case, stepped, rng):
    got = compiled.call("forward", stored(case), open_sizes(case))
    compared(case, got, "forward")
    if not stepped or not case.sizes.get(STEPPED):
        return
    length = case.sizes[STEPPED]
    stream, cuts = Stream(compiled, case), sorted({0, length, int(rng.integers(0, length + 1))})
    for begin, end in zip(cuts, cuts[1:]):
        stream.feed(begin, end, "forward")
    compared(case, stream.whole(), "in pieces")
    if length > MOST_STEPS:
        return
    stream = Stream(compiled, case)
    for i in range(length):
        stream.feed(i, i + 1, "step")
    compared(case, stream.whole(), "step by step")


def check(bin_folder, text, layer, seed, stepped, cases=3, passes=(), dims=None, lines=("main",)):
    """The number of input sets compared; raises a Failure."""
    rng, sets = np.random.default_rng([seed, 7]), []
    for k in range(cases):
        try:
            sets.append(data.Case(layer, seed * 16 + k, first=k == 0, dims=dims))
        except data.Skip:
            if k == 0:
                return 0
    fixed = {}
    if rng.random() < 0.25:  # some sizes fixed when compiling
        names = [n for n in sets[0].sizes if n.isalpha() and n != STEPPED]
        fixed = {n: sets[0].sizes[n] for n in names if rng.random() < 0.5}
        sets = [s for s in sets if all(s.sizes[n] == v for n, v in fixed.items())]
    for line in lines:
        try:
            compiled = (Emulated if line == "gpu" else Compiled)(bin_folder, text, fixed, passes, line)
            try:
                for case in sets:
                    run_case(compiled, case, stepped, rng)
            finally:
                compiled.close()
        except Refused:
            return 0
        except Failure as failure:
            raise Failure(f"{line}: {failure.kind}", str(failure)) from failure
    return len(sets)
