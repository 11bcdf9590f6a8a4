"""Reductions, running reductions and contractions over named dimensions."""
import numpy as np

from .lexer import OracleError
from .values import BOOL, INT, join, real_line, union

_LEAST, _MOST = np.iinfo(np.int64).min, np.iinfo(np.int64).max
_CUMULATIVE = {"cumsum": np.add, "cumprod": np.multiply, "cummax": np.maximum, "cummin": np.minimum,
               "cumlogsumexp": np.logaddexp}
_COMPLEX = {"sum", "prod", "mean", "cumsum", "cumprod"}
_REAL_LINE = {"mean", "softmax", "logsumexp", "cumlogsumexp"}
# Above so many elements a sum of products is not written out before it is summed.
_LARGE = 1 << 20


def reduce(arithmetic, name, value, dims):
    if len(set(dims)) != len(dims):
        raise OracleError(f"{name} names a dimension twice")
    for d in dims:
        if d not in value.dims:
            raise OracleError(f"{name} over {d}, which the operand lacks")
    if value.is_complex and name not in _COMPLEX:
        raise OracleError(f"{name} of complex values")
    kind = real_line(value.kind) if name in _REAL_LINE else INT if value.kind == BOOL else value.kind
    value = arithmetic.convert(value, kind)
    axes = tuple(value.dims.index(d) for d in dims)
    if name in _CUMULATIVE or name == "argmax":
        if len(dims) != 1:
            raise OracleError(f"{name} takes one dimension")
        if name == "argmax":
            return arithmetic.make(INT, [d for d in value.dims if d not in dims], lambda: _argmax(value.data, axes[0]), value)
        return arithmetic.make(kind, value.dims, lambda: _CUMULATIVE[name].accumulate(value.data, axis=axes[0]), value)
    if name == "softmax":
        return arithmetic.make(kind, value.dims, lambda: _softmax(value.data, axes), value)
    compute = {"sum": _sum, "prod": np.prod, "mean": np.mean, "max": _max, "min": _min, "logsumexp": _logsumexp}[name]
    rest = [d for d in value.dims if d not in dims]
    if name == "mean":
        compute = lambda x, axis: _sum(x, axis) / _count(x, axis, x.dtype)
    return arithmetic.make(kind, rest, lambda: compute(value.data, axes), value)


def contract(arithmetic, factors, dims):
    """sum over dims of a product, [(operator, value)]; None where it is to be written out first."""
    values = [f for _, f in factors]
    every = union(*[f.dims for f in values])
    kind = join(*[f.kind for f in values])
    if len(values) < 2 or any(f.data is None for f in values) or any(d not in every for d in dims):
        return None
    shape = np.broadcast_shapes(*[a.shape for a in arithmetic.aligned(values, every)])
    if kind in (BOOL, INT) or np.prod(shape, dtype=float) < _LARGE:
        return None
    rest = tuple(d for d in every if d not in dims)
    letter = {d: i for i, d in enumerate(every)}
    operands = []
    for op, f in factors:
        data = arithmetic.convert(f, kind).data
        operands += [1 / data if op == "/" else data, [letter[d] for d in f.dims]]
    return arithmetic.make(kind, rest, lambda: np.einsum(*operands, [letter[d] for d in rest], optimize="greedy"), *values)


def _sum(x, axis):
    return np.sum(x, axis=axis, dtype=x.dtype)


def _count(x, axes, dtype):
    return np.asarray(np.prod([x.shape[a] for a in axes], dtype=np.int64), np.float64).astype(x.real.dtype)


def _max(x, axes):
    return np.max(x, axis=axes, initial=_LEAST if x.dtype == np.int64 else -np.inf)


def _min(x, axes):
    return np.min(x, axis=axes, initial=_MOST if x.dtype == np.int64 else np.inf)


def _argmax(x, axis):
    if x.shape[axis] == 0:
        if x.size == 0 and np.prod([n for a, n in enumerate(x.shape) if a != axis]) == 0:
            return np.zeros(x.shape[:axis] + x.shape[axis + 1:], np.int64)
        raise OracleError("argmax over an empty dimension")
    return np.argmax(x, axis=axis)  # numpy's: the first of equals, NaN largest


def _peak(x, axes):
    """The maximum, kept as a dimension, 0 where it is infinite."""
    top = np.max(x, axis=axes, keepdims=True, initial=-np.inf)
    return top, np.where(np.isinf(top), 0, top).astype(x.dtype)


def _softmax(x, axes):
    top, shift = _peak(x, axes)
    e = np.exp(x - shift)
    total = np.sum(e, axis=axes, keepdims=True, dtype=x.dtype)
    return np.where(np.isneginf(top), 0, e / np.where(np.isneginf(top), 1, total))


def _logsumexp(x, axes):
    top, shift = _peak(x, axes)
    total = np.log(np.sum(np.exp(x - shift), axis=axes, keepdims=True, dtype=x.dtype)) + shift
    return np.squeeze(np.where(np.isinf(top), top, total), axis=axes)
