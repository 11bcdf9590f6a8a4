"""Functions of one element: their kinds and their stable forms in numpy."""
import math

import numpy as np

from .lexer import OracleError
from .values import BOOL, F32, F64, INT, KIND_OF_STORAGE, complexed, join, part, real_line

_erfc = np.frompyfunc(math.erfc, 1, 1)


def expm1(x):
    if not np.iscomplexobj(x):
        return np.expm1(x)
    half = np.sin(x.imag / 2)
    real = np.expm1(x.real) * np.cos(x.imag) - 2 * half * half
    return _pair(real, np.exp(x.real) * np.sin(x.imag))


def log1p(x):
    if not np.iscomplexobj(x):
        return np.log1p(x)
    # log|1 + x| by log1p of |1 + x|^2 - 1 near 1, by hypot elsewhere.
    square = x.real * (2 + x.real) + x.imag * x.imag
    near = np.abs(square) < 0.5
    real = np.where(near, 0.5 * np.log1p(np.where(near, square, 0)), np.log(np.hypot(1 + x.real, x.imag)))
    return _pair(real, np.arctan2(x.imag, 1 + x.real))


def sigmoid(x):
    if not np.iscomplexobj(x):
        small = np.exp(-np.abs(x))
        return np.where(x >= 0, 1 / (1 + small), np.where(np.isnan(x), x, small / (1 + small)))
    left = x.real < 0
    small = np.exp(np.where(left, x, -x))
    return np.where(left, small / (1 + small), 1 / (1 + small))


def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def gelu(x):
    tail = np.asarray(_erfc(np.asarray(-x, np.float64) / math.sqrt(2)), np.float64)
    return 0.5 * x * tail.astype(x.dtype)


def gelu_tanh(x):
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x)))


def elu(x):
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def floor_div(a, b):
    if a.dtype.kind in "iu":
        return np.where(b == 0, 0, a // np.where(b == 0, 1, b))
    return np.floor(a / b)


def floor_mod(a, b):
    if a.dtype.kind in "iu":
        return np.where(b == 0, 0, a % np.where(b == 0, 1, b))
    return a - b * np.floor(a / b)


def to_integer(x, element):
    """Towards zero, saturated; NaN gives 0."""
    low, high = (-2**31, 2**31 - 1) if element == "i32" else (-2**63, 2**63 - 1)
    if x.dtype.kind in "biu":
        return x.astype(np.int32 if element == "i32" else np.int64)
    whole = np.trunc(np.nan_to_num(np.asarray(x, np.float64), nan=0.0))
    inside = np.where((whole > low) & (whole < high), whole, 0).astype(np.int64)
    return np.where(whole >= high, high, np.where(whole <= low, low, inside))


# Of the real line; those of _COMPLEX take complex values too.
_REAL_LINE = {
    "exp": np.exp, "expm1": expm1, "log": np.log, "log1p": log1p, "sqrt": np.sqrt, "rsqrt": lambda x: 1 / np.sqrt(x),
    "sin": np.sin, "cos": np.cos, "tanh": np.tanh, "sigmoid": sigmoid, "silu": lambda x: x * sigmoid(x),
    "softplus": softplus, "elu": elu, "gelu": gelu, "gelu_tanh": gelu_tanh, "floor": np.floor, "ceil": np.ceil}
_COMPLEX = {"exp", "expm1", "log", "log1p", "sqrt", "rsqrt", "sin", "cos", "tanh", "sigmoid", "silu"}
_KEEPS_INTEGERS = {"sign": np.sign, "relu": lambda x: np.maximum(x, 0), "abs": np.abs}
_CASTS = set(KIND_OF_STORAGE)
_SEVERAL = {"min": np.minimum, "max": np.maximum}
NAMES = (set(_REAL_LINE) | set(_KEEPS_INTEGERS) | _CASTS | set(_SEVERAL)
         | {"where", "pow", "clamp", "re", "im", "conj", "complex", "div", "mod"})


def apply(arithmetic, name, args):
    """A call of a built-in function of values."""
    def need(count):
        if len(args) != count:
            raise OracleError(f"{name} takes {count} arguments, not {len(args)}")

    def refuse_complex():
        if any(a.is_complex for a in args):
            raise OracleError(f"{name} is not defined for complex values")

    if name in _REAL_LINE:
        need(1)
        if name not in _COMPLEX:
            refuse_complex()
        return arithmetic.pointwise(None, _REAL_LINE[name], args[0], compute_in=real_line(args[0].kind))
    if name in _KEEPS_INTEGERS:
        need(1)
        if name != "abs":
            refuse_complex()
        kind = _counted(args[0].kind)
        return arithmetic.pointwise(part(kind), _KEEPS_INTEGERS[name], args[0], compute_in=kind)
    if name in _CASTS:
        need(1)
        return cast(arithmetic, args[0], name)
    if name in _SEVERAL or name == "clamp":
        refuse_complex()
        kind = _counted(join(*[a.kind for a in args]))
        if name == "clamp":
            need(3)
            return arithmetic.pointwise(None, lambda x, lo, hi: np.minimum(np.maximum(x, lo), hi), *args, compute_in=kind)
        if len(args) < 2:
            raise OracleError(f"{name} takes two or more arguments")
        out = args[0]
        for other in args[1:]:
            out = arithmetic.pointwise(None, _SEVERAL[name], out, other, compute_in=kind)
        return out
    if name in ("div", "mod"):
        need(2)
        refuse_complex()
        kind = _counted(join(*[a.kind for a in args]))
        return arithmetic.pointwise(None, floor_div if name == "div" else floor_mod, *args, compute_in=kind)
    if name == "where":
        need(3)
        return where(arithmetic, *args)
    if name == "complex":
        need(2)
        refuse_complex()
        kind = join(*[a.kind for a in args])
        kind = F64 if kind == F64 else F32
        return arithmetic.pointwise(complexed(kind), _pair, *args,
                                    compute_in=kind)
    need(1)
    x = args[0]
    if name == "re":
        return x if not x.is_complex else arithmetic.pointwise(part(x.kind), lambda v: v.real, x)
    if name == "im":
        return arithmetic.pointwise(part(x.kind), lambda v: v.imag if x.is_complex else np.zeros_like(v), x)
    return x if not x.is_complex else arithmetic.pointwise(None, np.conj, x)  # conj


def _pair(a, b):
    a, b = np.broadcast_arrays(a, b)
    out = np.empty(a.shape, np.result_type(a.dtype, np.complex64))
    out.real, out.imag = a, b
    return out


def _counted(kind):
    return INT if kind == BOOL else kind


def where(arithmetic, condition, yes, no):
    if condition.kind != BOOL:
        raise OracleError("the condition of where is bool")
    kind = join(yes.kind, no.kind)
    yes, no = arithmetic.convert(yes, kind), arithmetic.convert(no, kind)
    operands = [condition, yes, no]
    dims = tuple(dict.fromkeys(condition.dims + yes.dims + no.dims))
    return arithmetic.make(kind, dims, lambda: np.where(*arithmetic.aligned(operands, dims)), *operands)


def cast(arithmetic, x, element):
    kind = KIND_OF_STORAGE[element]
    if x.is_complex and kind not in ("c64", "c128", BOOL):
        raise OracleError("a cast of a complex value to a real one (use re)")
    if kind == BOOL:
        return arithmetic.make(BOOL, x.dims, lambda: x.data != 0, x)
    if kind == INT:
        return arithmetic.make(INT, x.dims, lambda: to_integer(x.data, element), x)
    out = arithmetic.make(kind, x.dims, lambda: arithmetic.rounded(x.data, element), x)
    out.stored = element if element in ("bf16", "f16") else None
    return out


def power(arithmetic, base, exponent, whole):
    """base ** exponent; whole is the exponent where it is a whole literal or constant."""
    if whole is not None:
        kind = base.kind if whole >= 0 else real_line(base.kind)
        return arithmetic.pointwise(None, lambda x: _repeated(x, whole), base, compute_in=_counted(kind))
    kind = real_line(join(base.kind, exponent.kind))
    return arithmetic.pointwise(None, _powers, base, exponent, compute_in=kind)


def _repeated(x, n):
    """x to the n by squaring."""
    result, square, left = np.ones_like(x), x, abs(n)
    while left:
        if left & 1:
            result = result * square
        square, left = square * square, left >> 1
    return result if n >= 0 else 1 / result


def _powers(a, b):
    if not np.iscomplexobj(a):
        return np.power(a, b)
    a, b = np.broadcast_arrays(a, b)
    zero = a == 0
    general = np.exp(b * np.log(np.where(zero, 1, a)))
    return np.where(zero, np.where(b == 0, 1, np.where(b.real > 0, 0, np.nan)), general)
