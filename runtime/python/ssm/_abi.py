"""The C ABI of include/ssm/runtime.h in ctypes: structs, functions, the error, where the library is.

ctypes releases the interpreter lock during every call through `CDLL`.
"""
import ctypes
import functools
import os
from ctypes import POINTER, byref, c_char, c_char_p, c_double, c_int32, c_int64, c_void_p

MAX_RANK = 32
DTYPES = ("f64", "f32", "bf16", "f16", "c64", "c128", "i32", "i64", "bool")
ROLES = ("input", "param", "state", "seed", "output")
KINDS = ("open", "constant", "computed")
CUDA = 2  # of ssm_device
CODES = ("OK", "FILE", "NOT_ARTIFACT", "VERSION", "LOAD", "ENTRY", "ARGUMENT", "DTYPE", "SHAPE", "SIZE", "POINTER",
         "RUN", "MEMORY", "USE", "INTERNAL", "DEVICE")


class Error(Exception):
    """What the runtime or this module has to say, in one sentence; `code` is the name of the runtime's
    code without SSM_ERROR_: "FILE", "NOT_ARTIFACT", "ARGUMENT", "DTYPE", "SHAPE", "SIZE", "RUN", ..."""

    def __init__(self, message, code="USE"):
        super().__init__(message)
        self.code = code


class NoEntry(Error, AttributeError):
    """The layer has no entry of this name. It is an AttributeError too, so that hasattr(m, "step") works."""

    def __init__(self, message, code="ENTRY"):
        super().__init__(message, code)


class ErrorText(ctypes.Structure):
    _fields_ = [("code", c_int32), ("message", c_char * 1020)]


class Buffer(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("data", c_void_p), ("dtype", c_int32), ("rank", c_int32),
                ("shape", POINTER(c_int64)), ("strides", POINTER(c_int64))]


class Size(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("size", c_int64)]


class Options(ctypes.Structure):
    _fields_ = [("sizes", POINTER(Size)), ("size_count", c_int64), ("seed", c_int64), ("draw", c_int32),
                ("threads", c_int32), ("device", c_int32), ("stream", c_void_p), ("workspace", c_void_p),
                ("workspace_bytes", c_int64)]


class EntryInfo(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("hidden", c_int32), ("dim_count", c_int32), ("argument_count", c_int32),
                ("result_count", c_int32), ("targets", c_char_p)]


class DimInfo(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("kind", c_int32), ("size", c_int64), ("text", c_char_p)]


class ValueInfo(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("role", c_int32), ("dtype", c_int32), ("rank", c_int32), ("optional", c_int32),
                ("dims", POINTER(c_int32))]


class Shape(ctypes.Structure):
    _fields_ = [("dtype", c_int32), ("rank", c_int32), ("sizes", c_int64 * MAX_RANK)]


class Cost(ctypes.Structure):
    _fields_ = [("bytes", c_int64), ("flops", c_double)]


_CALL = [c_void_p, c_char_p, POINTER(Buffer), c_int64]
_ITEM = [c_void_p, c_int32, c_int32]
_SIGNATURES = {  # without the last argument, the error
    "ssm_open": [c_char_p, POINTER(c_void_p)],
    "ssm_entry": [c_void_p, c_int32, POINTER(EntryInfo)],
    "ssm_dim": [*_ITEM, POINTER(DimInfo)],
    "ssm_argument": [*_ITEM, POINTER(ValueInfo)],
    "ssm_result": [*_ITEM, POINTER(ValueInfo)],
    "ssm_call": [*_CALL, POINTER(Buffer), c_int64, POINTER(Options)],
    "ssm_result_shape": [*_CALL, POINTER(Options), c_char_p, POINTER(Shape)],
    "ssm_argument_shape": [*_CALL, POINTER(Options), c_char_p, POINTER(Shape)],
    "ssm_call_cost": [*_CALL, POINTER(Options), POINTER(Cost)],
    "ssm_init": [c_void_p, c_char_p, POINTER(Buffer), POINTER(Options)],
}


def candidates():
    """Where the library is looked for, in this order."""
    chosen = os.environ.get("SSM_RUNTIME")
    if chosen:
        return [os.path.join(chosen, "libssm.so") if os.path.isdir(chosen) else chosen]
    here = os.path.dirname(os.path.abspath(__file__))
    root = os.path.dirname(os.path.dirname(os.path.dirname(here)))
    return [os.path.join(here, "libssm.so"), os.path.join(root, "build", "lib", "libssm.so"),
            os.path.join(root, "build-runtime", "lib", "libssm.so")]


@functools.lru_cache(maxsize=None)
def library():
    """The runtime, loaded once, its functions typed."""
    paths = candidates()
    path = next((p for p in paths if os.path.exists(p)), None)
    if path is None and os.environ.get("SSM_RUNTIME"):
        raise Error(f"the runtime is not at {paths[0]}, where SSM_RUNTIME says", "FILE")
    try:
        lib = ctypes.CDLL(path or "libssm.so")
        lib.ssm_version.restype = c_char_p
        found = lib.ssm_version().decode()
    except (OSError, AttributeError) as error:
        raise Error(f"the runtime libssm.so cannot be loaded ({error}); looked for {', '.join(paths)}; "
                    "build it with make, or set SSM_RUNTIME to the file or its folder", "FILE") from None
    if found.split(".")[0] != "1":
        raise Error(f"the runtime {path or 'libssm.so'} is of version {found}, expected 1", "VERSION")
    for name, arguments in _SIGNATURES.items():
        function = getattr(lib, name)
        function.argtypes, function.restype = [*arguments, POINTER(ErrorText)], c_int32
    lib.ssm_close.argtypes, lib.ssm_close.restype = [c_void_p], None
    lib.ssm_entry_count.argtypes, lib.ssm_entry_count.restype = [c_void_p], c_int32
    for name in ("ssm_layer", "ssm_source", "ssm_description"):
        function = getattr(lib, name)
        function.argtypes, function.restype = [c_void_p], c_char_p
    return lib


def raise_error(error):
    code = CODES[error.code] if 0 <= error.code < len(CODES) else str(error.code)
    raise Error(error.message.decode(errors="replace"), code)


def check(name, *arguments):
    """Calls a function of the runtime; raises its sentence."""
    error = ErrorText()
    if getattr(library(), name)(*arguments, byref(error)):
        raise_error(error)


def version():
    """The runtime's version, "1.0"."""
    return library().ssm_version().decode()
