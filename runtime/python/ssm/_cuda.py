"""Arrays in a GPU's memory: where they lie, memory for results, streams.

torch's tensors are asked directly, which is quicker than DLPack; CuPy, Numba and others through
`__cuda_array_interface__`, the rest through DLPack. Memory is used where it lies: nothing is converted
or copied on a GPU.
"""
import sys

from . import _dlpack
from ._abi import Error

TORCH = {"f64": "float64", "f32": "float32", "bf16": "bfloat16", "f16": "float16", "c64": "complex64",
          "c128": "complex128", "i32": "int32", "i64": "int64", "bool": "bool"}
_FROM_TORCH = {f"torch.{theirs}": ours for ours, theirs in TORCH.items()}
_TYPESTR = {"f8": "f64", "f4": "f32", "f2": "f16", "c8": "c64", "c16": "c128", "i4": "i32", "i8": "i64", "b1": "bool"}
_SIZES = {"f64": 8, "f32": 4, "bf16": 2, "f16": 2, "c64": 8, "c128": 16, "i32": 4, "i64": 8, "bool": 1}
_CUDA, _MANAGED = 2, 13


def is_torch(value):
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def lies_here(value):
    """Whether it is an array in a GPU's memory."""
    if is_torch(value):
        return value.is_cuda
    if hasattr(value, "__cuda_array_interface__"):
        return True
    return hasattr(value, "__dlpack_device__") and int(value.__dlpack_device__()[0]) in (_CUDA, _MANAGED)


def borrow(value, dtype):
    """(address, shape, strides in bytes, what must live as long)."""
    if is_torch(value):
        if value.requires_grad:
            raise Error("it requires a gradient, which a compiled layer does not give; pass it detached")
        name, size = _FROM_TORCH.get(str(value.dtype), str(value.dtype)), value.element_size()
        address, shape, keep = value.data_ptr(), tuple(value.shape), value
        strides = tuple(stride * size for stride in value.stride())
    elif hasattr(value, "__cuda_array_interface__"):
        described = value.__cuda_array_interface__
        typestr = described["typestr"]
        name = _TYPESTR.get(typestr[1:], typestr) if typestr[0] in "<|" else typestr
        address, shape, keep = described["data"][0], tuple(described["shape"]), value
        strides = described.get("strides") or _dense(shape, _SIZES.get(name, 1))
    else:
        address, name, shape, strides, keep = _dlpack.borrow(value, on_gpu=True)
    if name != dtype:
        raise Error(f"it lies on a GPU and holds {name}, expected {dtype}; convert it there", "DTYPE")
    return address, shape, strides, keep


def _dense(shape, size):
    strides = []
    for length in reversed(shape):
        strides.append(size)
        size *= length
    return tuple(reversed(strides))


def empty(like, shape, dtype):
    """Memory for a result beside `like`, of its library."""
    if is_torch(like):
        torch = sys.modules["torch"]
        return torch.empty(shape, dtype=getattr(torch, TORCH[dtype]), device=like.device)
    cupy = sys.modules.get("cupy")
    if cupy is not None and isinstance(like, cupy.ndarray) and dtype != "bf16":
        with like.device:
            return cupy.empty(shape, TORCH[dtype])
    raise Error(f"results on a GPU can be made for torch and for CuPy (without bf16), not for {type(like).__name__}; "
                "pass torch tensors: torch.from_dlpack makes them without a copy")


def torch_stream(torch, device):
    """The address of torch's current stream; by a function of its own that makes no object, where it has that."""
    raw = getattr(getattr(torch, "_C", None), "_cuda_getCurrentRawStream", None)
    return raw(device.index) if raw and device.index is not None else torch.cuda.current_stream(device).cuda_stream


def stream_of(like, given):
    """The address of the stream that work goes to: the one given, else the library's current one."""
    if given is not None:
        for name in ("cuda_stream", "ptr", "handle"):
            if hasattr(given, name):
                return int(getattr(given, name))
        try:
            return int(given)
        except (TypeError, ValueError):
            raise Error(f"stream is {given!r}, expected a stream of torch or CuPy, or its address") from None
    if is_torch(like):
        return torch_stream(sys.modules["torch"], like.device)
    cupy = sys.modules.get("cupy")
    return cupy.cuda.get_current_stream().ptr if cupy is not None and isinstance(like, cupy.ndarray) else 0
