"""Renaming, picking, shifting and convolving along named dimensions."""
import numpy as np

from .lexer import OracleError
from .values import INT, Value, join, spread, union


def pick(arithmetic, value, picks):
    """value[D = index, ...]; picks maps dimensions to values of integers."""
    for d, index in picks.items():
        if d not in value.dims:
            raise OracleError(f"an index along {d}, which the value lacks")
        if index.kind != INT:
            raise OracleError(f"the index along {d} is {index.kind}, not an integer")
    indices = list(picks.values())
    dims = []
    for d in value.dims:  # the dimensions of an index take the place of what it picks along
        dims += picks[d].dims if d in picks else [d]
    dims = union(dims)

    def compute():
        sizes = {}
        for v in [value] + indices:
            for d, n in zip(v.dims, v.data.shape):
                if not (v is value and d in picks) and sizes.setdefault(d, n) != n:
                    raise OracleError(f"{d} has the sizes {sizes[d]} and {n}")
        coordinates = []
        for d, n in zip(value.dims, value.data.shape):
            if d in picks:
                at = spread(picks[d], dims)
                if np.any((at < -n) | (at >= n)):
                    raise OracleError(f"an index along {d} is out of range (size {n})")
                at = np.where(at < 0, at + n, at)
            else:
                at = np.arange(n).reshape([n if e is d else 1 for e in dims])
            coordinates.append(np.broadcast_to(at, [sizes[e] for e in dims]))
        return value.data[tuple(coordinates)] if coordinates else value.data

    out = arithmetic.make(value.kind, dims, compute, value, *indices)
    out.stored = value.stored
    return out


def shift(arithmetic, value, dim, amount):
    """value[l - amount], zero outside."""
    if dim not in value.dims:
        raise OracleError(f"shift along {dim}, which the value lacks")
    if amount.kind != INT or amount.dims:
        raise OracleError("shift by a scalar integer")
    axis = value.dims.index(dim)
    out = arithmetic.make(value.kind, value.dims, lambda: shifted(value.data, axis, int(amount.data)), value, amount)
    out.stored = value.stored
    return out


def shifted(data, axis, k):
    n = data.shape[axis]
    k = max(-n, min(n, k))
    out = np.zeros_like(data)
    at = lambda part: (slice(None),) * axis + (part,)
    out[at(slice(max(k, 0), n + min(k, 0)))] = data[at(slice(max(-k, 0), n - max(k, 0)))]
    return out


def convolve(arithmetic, signal, dim, kernel, kernel_dim, mode):
    """y[l] = sum over j of kernel[j] signal[i(l, j)], zero outside."""
    mode = mode or "causal"
    if mode not in ("causal", "anticausal", "circular", "same"):
        raise OracleError(f"conv has no mode {mode}")
    if dim not in signal.dims or kernel_dim not in kernel.dims:
        raise OracleError(f"conv needs {dim} in the signal and {kernel_dim} in the kernel")
    if kernel_dim is not dim and (kernel_dim in signal.dims or dim in kernel.dims):
        raise OracleError(f"conv[{dim}, {kernel_dim}]: {dim} is the signal's alone, {kernel_dim} the kernel's")
    kind = join(signal.kind, kernel.kind)
    kind = INT if kind == "bool" else kind
    signal, kernel = arithmetic.convert(signal, kind), arithmetic.convert(kernel, kind)
    dims = union(signal.dims, [d for d in kernel.dims if d is not kernel_dim])
    axis = dims.index(dim)

    def compute():
        x, along = spread(signal, dims), kernel.dims.index(kernel_dim)
        taps = kernel.data.shape[along]
        nothing = Value(kind, kernel.dims[:along] + kernel.dims[along + 1:], np.zeros_like(kernel.data.sum(axis=along)))
        total = np.zeros(np.broadcast_shapes(x.shape, spread(nothing, dims).shape), x.dtype)
        for j in range(taps):
            if mode == "circular":
                read = np.roll(x, j, axis=axis)
            else:
                read = shifted(x, axis, {"causal": j, "anticausal": -j, "same": j - (taps - 1) // 2}[mode])
            total = total + spread(kernel.take(kernel_dim, j), dims) * read
        return total

    return arithmetic.make(kind, dims, compute, signal, kernel)

