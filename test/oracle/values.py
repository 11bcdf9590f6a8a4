"""Named arrays and the element kinds in which the reference evaluator computes.

A value without data is abstract: its kind and dimensions are known, its numbers are not. The
same code then infers types (no data) and evaluates (data).
"""
from dataclasses import dataclass
from typing import Any, Optional, Tuple

import numpy as np

from .lexer import OracleError

# In the order of promotion; "real" is the free real.
BOOL, INT, FREE, F32, F64, C64, C128 = "bool", "int", "real", "f32", "f64", "c64", "c128"
KIND_OF_STORAGE = {"bool": BOOL, "i32": INT, "i64": INT, "bf16": F32, "f16": F32, "f32": F32, "f64": F64,
                   "c64": C64, "c128": C128}
EXACT = {BOOL: np.bool_, INT: np.int64, FREE: np.float64, F32: np.float64, F64: np.float64,
         C64: np.complex128, C128: np.complex128}
EAGER = dict(EXACT, **{F32: np.float32, C64: np.complex64})
SINGLE = dict(EAGER, **{FREE: np.float32, F64: np.float32, C128: np.complex64})
MODES = {"f64": EXACT, "f32": EAGER, "single": SINGLE}


@dataclass(eq=False)
class Dim:
    """A dimension: equal to itself only. Its name is for messages and signatures."""
    name: str
    size: Optional[int] = None

    def __repr__(self):
        return self.name


@dataclass(eq=False)
class Value:
    kind: str
    dims: Tuple[Dim, ...]
    data: Any = None
    state: Optional[str] = None  # the state that this is the initial value of
    stored: Optional[str] = None  # "bf16", "f16" where it lies in memory so

    @property
    def is_complex(self):
        return self.kind in (C64, C128)

    def renamed(self, mapping):
        return Value(self.kind, tuple(mapping.get(d, d) for d in self.dims), self.data, None, self.stored)

    def take(self, dim, index):
        """The element at an index (None: unknown) of a dimension."""
        if dim not in self.dims:
            return self
        axis = self.dims.index(dim)
        rest = self.dims[:axis] + self.dims[axis + 1:]
        data = None if self.data is None or index is None else self.data[(slice(None),) * axis + (index,)]
        return Value(self.kind, rest, data, None, self.stored)

    def item(self):
        return None if self.data is None or self.dims else self.data.item()


def join(*kinds):
    """The kind in which values of these kinds meet."""
    order = [BOOL, INT, FREE, F32, F64]
    reals = [k for k in kinds if k in order]
    real = max(reals, key=order.index) if reals else BOOL
    if len(reals) == len(kinds):
        return real
    return C128 if real == F64 or C128 in kinds else C64


def part(kind):
    """The kind of the parts of a complex value."""
    return {C64: F32, C128: F64}.get(kind, kind)


def complexed(kind):
    return C128 if kind in (F64, C128) else C64


def real_line(kind):
    """The kind in which a function of the real line takes an operand."""
    return FREE if kind in (BOOL, INT) else kind


def union(*lists):
    """Dimensions in the order of their first appearance."""
    return tuple(dict.fromkeys(d for dims in lists for d in dims))


def spread(value, dims):
    """The data with axes in the order of dims, of size 1 where the value lacks one."""
    order = [value.dims.index(d) for d in dims if d in value.dims]
    return value.data.transpose(order).reshape([size_in(value, d) for d in dims])


def size_in(value, dim):
    return value.data.shape[value.dims.index(dim)] if dim in value.dims else 1


def fill(value, dims):
    """The data broadcast to all of dims, which have sizes."""
    for d in dims:
        if d.size is None:
            raise OracleError(f"the size of {d} is not known: give it in dims")
    missing = [d for d in value.dims if d not in dims]
    if missing:
        raise OracleError(f"the value has a dimension {missing[0]} that the type lacks")
    data = spread(value, dims)
    for d, n in zip(dims, data.shape):
        if n != d.size and d in value.dims:
            raise OracleError(f"{d} is {d.size} here and {n} there")
    return np.broadcast_to(data, [d.size for d in dims])


class Arithmetic:
    """Makes values in one of the modes: "f64" does not round at all, "f32" computes each kind in
    its own type and rounds where the language does, "single" has f32 for f64 too: its error,
    scaled, says what is to be expected of f64."""

    def __init__(self, mode):
        if mode not in MODES:
            raise OracleError(f"the mode is one of {', '.join(MODES)}, not {mode!r}")
        self.exact = mode == "f64"
        self.types = MODES[mode]

    def make(self, kind, dims, compute, *operands):
        """A value; compute() gives its data, if every operand has data."""
        dims = tuple(dims)
        if any(o.data is None for o in operands):
            return Value(kind, dims)
        with np.errstate(all="ignore"):
            return Value(kind, dims, np.asarray(compute()).astype(self.types[kind], copy=False))

    def scalar(self, kind, number):
        return Value(kind, (), np.asarray(number, self.types[kind]))

    def convert(self, value, kind):
        if value.kind == kind:
            return value
        if value.is_complex and kind not in (C64, C128):
            raise OracleError("a complex value where a real one is needed (use re)")
        return self.make(kind, value.dims, lambda: value.data.astype(self.types[kind]), value)

    def pointwise(self, kind, compute, *operands, compute_in=None):
        """compute() of the operands' data, converted to one kind and broadcast by name."""
        compute_in = compute_in or join(*[o.kind for o in operands])
        operands = [self.convert(o, compute_in) for o in operands]
        dims = union(*[o.dims for o in operands])
        return self.make(kind or compute_in, dims, lambda: compute(*self.aligned(operands, dims)), *operands)

    @staticmethod
    def aligned(operands, dims):
        arrays = [spread(o, dims) for o in operands]
        for d in dims:
            sizes = {size_in(o, d) for o in operands if d in o.dims}
            if len(sizes) > 1:
                raise OracleError(f"{d} has the sizes {sorted(sizes)}")
        return arrays

    def store(self, value, element, dims):
        """Brings a value to a type: its order of dimensions, broadcast, rounded."""
        kind = KIND_OF_STORAGE[element]
        if kind in (BOOL, INT) and value.kind not in (BOOL, INT) or kind == BOOL and value.kind != BOOL:
            raise OracleError(f"a value of kind {value.kind} stored as {element}: cast it")
        value = self.convert(value, kind)
        if any(d.size is None for d in dims):
            return Value(kind, tuple(dims))
        out = self.make(kind, dims, lambda: self.rounded(fill(value, dims), element), value)
        out.stored = element if element in ("bf16", "f16") else None
        return out

    def rounded(self, data, element):
        if element == "i32":
            return data.astype(np.int32).astype(np.int64)
        return data if self.exact else round_to(data, element)


def round_to(data, element):
    """An array rounded (to nearest even) to a storage type, in a type of numpy that holds it."""
    data = np.asarray(data)
    with np.errstate(all="ignore"):
        if element == "bf16":
            return _bfloat16(data.astype(np.float64))
        if element == "f16":
            return data.astype(np.float16).astype(np.float32)
        return data.astype({"f32": np.float32, "f64": np.float64, "c64": np.complex64, "c128": np.complex128,
                            "i32": np.int32, "i64": np.int64, "bool": np.bool_}[element])


def _bfloat16(data):
    """8 bits of significand, once rounded; the exponents are those of f32."""
    _, exponent = np.frexp(data)
    unit = np.ldexp(1.0, np.maximum(exponent - 8, -133))
    rounded = np.where(np.isfinite(data), np.rint(data / unit) * unit, data)
    limit = np.ldexp(255.0, 120)
    rounded = np.where(np.isfinite(data) & (np.abs(rounded) > limit), np.copysign(np.inf, data), rounded)
    return rounded.astype(np.float32)
