"""Whether a compiled result is as good as it must be.

With R the evaluation in f64 of the rounded inputs, E an eager one at the layer's own types and O
the result: max|O - R| <= 2 max|E - R| + 2 ulp, rms(O - R) <= 2 rms(E - R) + eps, and
rms(O) >= rms(R) / 2. An ulp and eps are those of the stored type, at the largest |R| and at
rms(R). Integers and bools are equal; NaN and inf stand where R or E has them.
"""
import numpy as np

# The bits of a significand (the first one counted) and the least exponent.
_TYPES = {"f64": (53, -1074), "c128": (53, -1074), "f32": (24, -149), "c64": (24, -149), "bf16": (8, -133),
          "f16": (11, -24)}
# What the error of an evaluation in f32 throughout says of one in f64.
SINGLE_TO_DOUBLE = 2.0 ** -29


def ulp(element, size):
    """The spacing of a storage type at a magnitude."""
    bits, least = _TYPES[element]
    return 2.0 ** max(np.frexp(float(size))[1] - bits, least)


def rms(x):
    return float(np.sqrt(np.mean(np.abs(x) ** 2))) if x.size else 0.0


def mismatch(got, want, eager, element, single=None, factor=2.0, ulps=2.0):
    """None where `got` is good enough, else a sentence. `want` is R, `eager` E, `single` the
    evaluation in f32 throughout (for layers that compute in f64, where E is no better than R)."""
    got, want, eager = np.asarray(got), np.asarray(want), np.asarray(eager)
    if got.shape != want.shape:
        return f"the shape is {got.shape}, not {want.shape}"
    if not got.size:
        return None
    if element in ("i32", "i64", "bool"):
        wrong = np.asarray(got != want)
        return _at(wrong, got, want, "") if wrong.any() else None
    wide = np.complex128 if np.iscomplexobj(want) else np.float64
    got, want, eager = got.astype(wide), want.astype(wide), eager.astype(wide)
    finite = np.isfinite(want) & np.isfinite(eager)
    strange = ~finite & ~(_same(got, want) | _same(got, eager))
    strange |= finite & ~np.isfinite(got)
    if strange.any():
        return _at(strange, got, want, "")
    o, r, e = got[finite], want[finite], eager[finite]
    if not o.size:
        return None
    error, expected = np.abs(o - r), np.abs(e - r)
    if single is not None:
        s = np.abs(np.where(np.isfinite(np.asarray(single)), single, want).astype(wide)[finite] - r)
        expected = np.maximum(expected, s * SINGLE_TO_DOUBLE)
    allowed = factor * expected.max() + ulps * ulp(element, np.abs(r).max())
    if error.max() > allowed:
        wrong = np.zeros(got.shape, bool)
        wrong[finite] = error > allowed
        return _at(wrong, got, want, f"; allowed {allowed:.3g}, an eager evaluation is off by {expected.max():.3g}")
    allowed = factor * rms(expected) + ulps / 2 * ulp(element, rms(r))
    if rms(error) > allowed:
        return f"the error's root mean square is {rms(error):.3g}; allowed {allowed:.3g}"
    if rms(o) < 0.5 * rms(r) - ulps * ulp(element, 0):
        return f"the root mean square is {rms(o):.3g}, the exact one {rms(r):.3g}"
    return None


def check(got, want, eager, element, name="out", **keywords):
    """Raises an AssertionError that says where, what came, what was due and what is allowed."""
    message = mismatch(got, want, eager, element, **keywords)
    if message:
        raise AssertionError(f"{name} ({element}): {message}")


def _same(a, b):
    return (a == b) | (np.isnan(a) & np.isnan(b))


def _at(wrong, got, want, rest):
    """The worst place: the first of those not finite, else that of the largest error."""
    with np.errstate(all="ignore"):
        error = np.abs(np.asarray(got, complex) - np.asarray(want, complex))
    error = np.where(wrong, np.where(np.isfinite(error), error, np.inf), -1)
    place = np.unravel_index(np.argmax(error), got.shape)
    where = f"at {tuple(int(i) for i in place)}" if got.ndim else "it"
    return (f"{where} is {got[place]}, not {want[place]} (off by {error[place]:.3g}{rest}; "
            f"{int(wrong.sum())} of {got.size} are wrong)")
