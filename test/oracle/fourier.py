"""Fourier transforms with a choice of modes, one dimension at a time, by the definition.

A transform is a product with its matrix of roots of unity, made in f64 (and rounded to f32 in
the eager mode), so nothing here rests on a fast algorithm.
"""
import numpy as np

from .lexer import OracleError
from .values import F64, complexed, part, real_line


def kept(modes, n):
    """The frequencies of `modes` modes of both signs, in the order of the full transform."""
    if modes > n:
        raise OracleError(f"{modes} modes of a transform that has {n}")
    return np.concatenate([np.arange((modes + 1) // 2), np.arange(n - modes // 2, n)]).astype(np.int64)


def half(modes, n):
    if modes > n // 2 + 1:
        raise OracleError(f"{modes} modes of a real transform that has {n // 2 + 1}")
    return np.arange(modes)


def _roots(rows, columns, n, sign):
    """exp(sign 2 pi i r c / n), the product taken modulo n first."""
    turns = np.outer(rows, columns) % n if n else np.zeros((len(rows), len(columns)))
    return np.exp(sign * 2j * np.pi * turns / max(n, 1))


def transform(arithmetic, name, value, source, target, size):
    """One dimension of a transform; size is that of target (None where it is not known)."""
    axis = value.dims.index(source)
    kind = real_line(value.kind)
    if name == "rfft":
        if value.is_complex:
            raise OracleError("rfft of complex values (use fft)")
    out = part(complexed(kind)) if name == "irfft" else complexed(kind)
    kind = (F64 if out == "c128" else "f32") if name == "rfft" else complexed(kind)
    value = arithmetic.convert(value, kind)
    dims = tuple(target if d is source else d for d in value.dims)

    def compute():
        n = value.data.shape[axis]
        x = np.moveaxis(value.data, axis, -1)
        if name == "rfft":
            y = _product(x, _roots(half(size, n), np.arange(n), n, -1))
        elif name == "fft":
            y = _product(x, _roots(kept(size, n), np.arange(n), n, -1))
        elif name == "ifft":
            y = _product(x, _roots(np.arange(size), kept(n, size), size, +1)) / max(size, 1)
        else:
            y = _inverse_real(x, n, size)
        return np.moveaxis(y, -1, axis)

    return arithmetic.make(out, dims, compute, value)


def _product(x, matrix):
    return np.matmul(x, matrix.T.astype(np.result_type(x.dtype, np.complex64)))


def _inverse_real(x, modes, n):
    """Modes 0 and n / 2 count once and lose their imaginary part, the others twice."""
    k = half(modes, n)
    once = (k == 0) | (2 * k == n)
    weight = (np.where(once, 1, 2) / max(n, 1)).astype(x.real.dtype)
    roots = _roots(np.arange(n), k, n, +1)
    real, imaginary = x.real * weight, np.where(once, 0, x.imag * weight)
    return np.matmul(real, roots.real.T.astype(real.dtype)) - np.matmul(imaginary, roots.imag.T.astype(real.dtype))
