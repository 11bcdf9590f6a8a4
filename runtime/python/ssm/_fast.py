"""Calls on a GPU that were made before: torch tensors of the same types, shapes and options as an earlier call's.

Such a call's structs are kept; what is left is to put in the addresses, to make the results' memory and to call. The
first call of a kind goes the long way, through all checks; so does whatever is not a torch tensor on a GPU.
"""
import ctypes
import sys
from ctypes import byref

from . import _abi, _cuda

MOST = 256  # kinds of calls that are kept of an entry


class _Record:
    """The structs of one call, to be used by one thread at a time."""

    def __init__(self, entry, call, wanted, torch):
        self.outputs = [(call.shape("ssm_result_shape", v.name), getattr(torch, _cuda.TORCH[v.dtype])) for v in wanted]
        self.keep, self.inputs, self.results = [], [], []
        dtypes = {v.name: v.dtype for v in entry.arguments}
        named = [(b.name.decode(), tuple(b.shape[:b.rank])) for b in call.buffers]
        self.arguments = self._array([(n, dtypes[n], shape) for n, shape in named], self.inputs)
        made = self._array([(v.name, v.dtype, shape) for v, (shape, _) in zip(wanted, self.outputs)], self.results)
        sizes = [(call.options.sizes[i].name.decode(), call.options.sizes[i].size) for i in range(call.options.size_count)]
        self.options = call.make_options(sizes, call.options.seed, call.options.draw, call.options.threads)
        self.options.device = _abi.CUDA
        self.error = _abi.ErrorText()
        # Typed already: ctypes converts nothing in the call.
        self.parameters = (ctypes.c_void_p(entry._layer._handle.value), ctypes.c_char_p(entry._name), self.arguments,
                           ctypes.c_int64(len(self.inputs)), made, ctypes.c_int64(len(self.results)), byref(self.options),
                           byref(self.error))

    def _array(self, described, items):
        array = (_abi.Buffer * len(described))()
        for i, (name, dtype, shape) in enumerate(described):
            item, sizes = array[i], (ctypes.c_int64 * len(shape))(*shape)
            item.name, item.dtype, item.rank, item.shape = name.encode(), _abi.DTYPES.index(dtype), len(shape), sizes
            items.append(item)
            self.keep.append(sizes)
        return array


class Calls:
    """Those of one entry."""

    def __init__(self, entry):
        self.entry, self.known = entry, {}
        self.function = None

    def key(self, given, states, seed, dims, threads):
        """What a call's kind is, and the device; None where it goes the long way."""
        torch = sys.modules.get("torch")
        if torch is None or not given:
            return None
        parts, device = [states, seed, threads, tuple(dims.items()) if dims else None], None
        try:
            for name, value in given.items():
                if not isinstance(value, torch.Tensor) or not value.is_cuda or value.requires_grad or not value.is_contiguous():
                    return None
                device = value.device if device is None else device
                parts.append((name, value.dtype, value.shape))
            key = tuple(parts)
            hash(key)
        except (TypeError, AttributeError):
            return None
        return key, device

    def run(self, key, given, stream):
        """The results' tensors, or None where no such call was kept."""
        key, device = key
        pool = self.known.get(key)
        try:
            record = pool.pop()
        except (AttributeError, IndexError):
            return None
        torch = sys.modules["torch"]
        try:
            for item, value in zip(record.inputs, given.values()):
                item.data = value.data_ptr()
            results = [torch.empty(shape, dtype=dtype, device=device) for shape, dtype in record.outputs]
            for item, result in zip(record.results, results):
                item.data = result.data_ptr()
            record.options.stream = _cuda.torch_stream(torch, device) if stream is None else _cuda.stream_of(None, stream)
            if self.function(*record.parameters):
                _abi.raise_error(record.error)
            return results
        finally:
            pool.append(record)

    def remember(self, key, call, wanted):
        """Keeps the structs of a call that went well."""
        if self.function is None:
            self.function = _abi.library()["ssm_call"]  # of its own, without argtypes
        if len(self.known) >= MOST:
            self.known.clear()
        self.known.setdefault(key[0], []).append(_Record(self.entry, call, wanted, sys.modules["torch"]))
