"""Arguments from arrays of any kind, and results of the first argument's kind.

Memory is used where it lies if its type is the entry's (strides of any kind go to the runtime);
another type is converted into a copy: to a narrower one by rounding once, to the nearest.
"""
import ctypes
import importlib
import sys

import numpy as np

from . import _cuda, _dlpack
from ._abi import DTYPES, Error

NUMPY = {"f64": np.float64, "f32": np.float32, "f16": np.float16, "c64": np.complex64, "c128": np.complex128,
         "i32": np.int32, "i64": np.int64, "bool": np.bool_, "i8": np.int8, "i16": np.int16, "u8": np.uint8,
         "u16": np.uint16, "u32": np.uint32, "u64": np.uint64}
_NAMES = {np.dtype(kind): name for name, kind in NUMPY.items()}


class Argument:
    """What a buffer points at. `keep` holds the memory's owner."""

    def __init__(self, address, shape, strides, keep, on_gpu=False):
        self.address, self.shape, self.strides, self.keep, self.on_gpu = address, shape, strides, keep, on_gpu


def is_array(value):
    return (isinstance(value, (np.ndarray, np.generic)) or hasattr(value, "__dlpack__")
            or hasattr(value, "__cuda_array_interface__"))


def argument(value, dtype):
    """`value` as an argument of type `dtype` ("f32"); raises Error without the argument's name."""
    if not isinstance(value, np.ndarray) and _cuda.lies_here(value):
        try:
            return Argument(*_cuda.borrow(value, dtype), on_gpu=True)
        except (BufferError, RuntimeError, TypeError, ValueError) as error:
            raise Error(f"it cannot be read where it lies: {error}", "USE") from None
    if not isinstance(value, np.ndarray) and hasattr(value, "__dlpack__"):
        try:
            address, name, shape, strides, keep = _dlpack.borrow(value)
        except (BufferError, RuntimeError, TypeError, ValueError) as error:
            raise Error(f"it cannot be read through DLPack: {error}", "USE") from None
        if name == dtype:
            return Argument(address, shape, strides, keep)
        array = _view(address, name, shape, strides, keep)
    else:
        array = value if isinstance(value, np.ndarray) else _from_plain(value)
        name = "bf16" if array.dtype.name == "bfloat16" else _NAMES.get(array.dtype.newbyteorder("="))
        if name is None and array.dtype.kind not in "fc":
            raise Error(f"it holds {array.dtype}, expected {dtype}", "DTYPE")
        if name == dtype and array.dtype.isnative and array.flags.aligned:
            return Argument(array.ctypes.data, array.shape, array.strides, array)
        if name == "bf16":
            array = array.view(np.uint16)
    if name == "bf16":  # to f32, exactly
        array = (array.astype(np.uint32) << 16).view(np.float32)
    array = np.ascontiguousarray(convert(array, dtype)).reshape(array.shape)
    return Argument(array.ctypes.data, array.shape, array.strides, array)


def _from_plain(value):
    try:
        return np.asarray(value)
    except Exception as error:
        raise Error(f"it is no array: {error}", "DTYPE") from None


def _view(address, name, shape, strides, keep):
    """A numpy array over borrowed memory."""
    kind = np.dtype(np.uint16 if name == "bf16" else NUMPY[name])
    if 0 in shape or not address:
        return np.zeros(shape, kind)
    low = sum(min(0, (size - 1) * step) for size, step in zip(shape, strides))
    high = sum(max(0, (size - 1) * step) for size, step in zip(shape, strides)) + kind.itemsize
    memory = (ctypes.c_char * (high - low)).from_address(address + low)
    memory.keep = keep
    return np.ndarray(shape, kind, memory, -low, strides)


def convert(array, dtype):
    """Other element types. bf16 comes as its bits in uint16."""
    have, kind = array.dtype, array.dtype.kind
    if kind == "c" and not dtype.startswith("c"):
        raise Error(f"it holds complex numbers ({have}), expected {dtype}", "DTYPE")
    if dtype in ("i32", "i64", "bool"):
        if kind not in "biu":
            raise Error(f"it holds {have}, expected whole numbers ({dtype})", "DTYPE")
        low, high = (0, 1) if dtype == "bool" else (np.iinfo(NUMPY[dtype]).min, np.iinfo(NUMPY[dtype]).max)
        for extreme in (int(array.min()), int(array.max())) if array.size else ():
            if not low <= extreme <= high:
                raise Error(f"the value {extreme} does not fit {dtype}", "DTYPE")
    with np.errstate(all="ignore"):
        return to_bf16(array) if dtype == "bf16" else array.astype(NUMPY[dtype])


def to_bf16(array):
    """The bits of the nearest bf16, ties to even; rounded once from f64 too."""
    with np.errstate(all="ignore"):
        wide = np.atleast_1d(array.astype(np.float64))
        narrow = wide.astype(np.float32)
        lost = np.nan_to_num(np.abs(wide) - np.abs(narrow))
    bits = narrow.view(np.uint32).astype(np.int64)
    # Where rounding to f32 made a tie of what was none, undo half of it.
    tie = (bits & 0xFFFF) == 0x8000
    bits += np.where(tie, np.sign(lost), 0).astype(np.int64)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
    return np.where(np.isnan(narrow), (bits >> 16) | 0x40, rounded).astype(np.uint16).reshape(array.shape)


def empty(shape, dtype, beside=None):
    """Memory for a result, to be handed to `finish`; on the GPU of the array `beside` if there is one."""
    if beside is not None:
        return _cuda.empty(beside, shape, dtype)
    return np.empty(shape, np.uint16 if dtype == "bf16" else NUMPY[dtype])


def finish(array, dtype, like):
    """The result in `array` as the caller's kind of array, without a copy."""
    if not isinstance(array, np.ndarray):
        return array
    importer = _importer(like)
    if importer is None:
        return _numpy_bf16(array) if dtype == "bf16" else array
    if dtype == "bf16":
        return importer(_dlpack.Typed(array, _dlpack.BFLOAT))
    if dtype == "bool":
        return importer(_dlpack.Typed(array.view(np.uint8), _dlpack.BOOL))
    return importer(array)


def _numpy_bf16(bits):
    try:
        return bits.view(importlib.import_module("ml_dtypes").bfloat16)
    except ImportError:
        return (bits.astype(np.uint32) << 16).view(np.float32).reshape(bits.shape)


def _importer(like):
    """from_dlpack of the library that `like` is of; None for numpy, and for one without it."""
    if like is None or isinstance(like, (np.ndarray, np.generic)):
        return None
    if hasattr(like, "__array_namespace__"):
        return getattr(like.__array_namespace__(), "from_dlpack", None)
    for kind in type(like).__mro__:
        module = sys.modules.get(kind.__module__.split(".")[0])
        if hasattr(module, "from_dlpack"):
            return module.from_dlpack
    return None


assert set(DTYPES) <= {*NUMPY, "bf16"}
