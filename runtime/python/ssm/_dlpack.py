"""DLPack by hand, for what numpy cannot import or export: bf16, bool before numpy 1.25, read-only memory.

An import borrows: the capsule is not consumed, it is kept while the call runs and its owner's
destructor gives the memory back. An export is numpy's own capsule with the element type put right.
"""
import ctypes
from ctypes import POINTER, c_char_p, c_int32, c_int64, c_uint8, c_uint16, c_uint32, c_uint64, c_void_p

from ._abi import Error

_TYPES = {(2, 64): "f64", (2, 32): "f32", (2, 16): "f16", (4, 16): "bf16", (5, 64): "c64", (5, 128): "c128",
          (0, 32): "i32", (0, 64): "i64", (6, 8): "bool", (0, 8): "i8", (0, 16): "i16", (1, 8): "u8", (1, 16): "u16",
          (1, 32): "u32", (1, 64): "u64"}
BFLOAT, BOOL = 4, 6
# Memory that the CPU reads: its own, pinned for CUDA, pinned for ROCm, managed by CUDA.
_HOST = {1, 3, 11, 13}
_DEVICES = {2: "cuda", 4: "opencl", 7: "vulkan", 8: "metal", 10: "rocm", 14: "oneapi", 15: "webgpu"}


class Tensor(ctypes.Structure):
    _fields_ = [("data", c_void_p), ("device", c_int32), ("device_id", c_int32), ("ndim", c_int32), ("code", c_uint8),
                ("bits", c_uint8), ("lanes", c_uint16), ("shape", POINTER(c_int64)), ("strides", POINTER(c_int64)),
                ("byte_offset", c_uint64)]


class Managed(ctypes.Structure):
    _fields_ = [("tensor", Tensor), ("context", c_void_p), ("deleter", c_void_p)]


class Versioned(ctypes.Structure):
    _fields_ = [("major", c_uint32), ("minor", c_uint32), ("context", c_void_p), ("deleter", c_void_p),
                ("flags", c_uint64), ("tensor", Tensor)]


_is_valid = ctypes.pythonapi.PyCapsule_IsValid
_is_valid.argtypes, _is_valid.restype = [ctypes.py_object, c_char_p], ctypes.c_int
_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.argtypes, _pointer.restype = [ctypes.py_object, c_char_p], c_void_p


def _tensor(capsule):
    for name, kind in ((b"dltensor", Managed), (b"dltensor_versioned", Versioned)):
        if _is_valid(capsule, name):
            return kind.from_address(_pointer(capsule, name)).tensor
    raise Error("its __dlpack__ returns no DLPack capsule that this module knows", "USE")


def borrow(value, on_gpu=False):
    """(address, type's name, shape, strides in bytes, what must live as long) of what speaks DLPack."""
    if hasattr(value, "__dlpack_device__") and not on_gpu:
        device, index = value.__dlpack_device__()
        if int(device) not in _HOST:
            name = _DEVICES.get(int(device), f"device kind {int(device)}")
            raise Error(f"it lies on {name}:{index}, expected the memory of the CPU or of an NVIDIA GPU", "POINTER")
    try:
        capsule = value.__dlpack__(max_version=(1, 0))
    except TypeError:  # older than the versioned form
        capsule = value.__dlpack__()
    tensor = _tensor(capsule)
    name = _TYPES.get((tensor.code, tensor.bits)) if tensor.lanes == 1 else None
    if name is None:
        raise Error(f"its elements are of DLPack type ({tensor.code}, {tensor.bits} bits, {tensor.lanes} lanes), "
                    "which is not known here", "DTYPE")
    shape = tuple(tensor.shape[i] for i in range(tensor.ndim))
    if tensor.strides:
        strides = tuple(tensor.strides[i] * (tensor.bits // 8) for i in range(tensor.ndim))
    else:
        strides, step = [], tensor.bits // 8
        for size in reversed(shape):
            strides.append(step)
            step *= size
        strides = tuple(reversed(strides))
    return (tensor.data or 0) + tensor.byte_offset, name, shape, strides, capsule


class Typed:
    """A numpy array of plain bits that other libraries import as elements of DLPack type `code`."""

    def __init__(self, bits, code):
        self.bits, self.code = bits, code

    def __dlpack_device__(self):
        return (1, 0)

    def __dlpack__(self, **_):
        capsule = self.bits.__dlpack__()
        _tensor(capsule).code = self.code
        return capsule
