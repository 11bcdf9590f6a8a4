"""A compiled layer and its entries, callable with arrays."""
import ctypes
import json
import operator
import os
import weakref
from ctypes import byref
from typing import NamedTuple, Optional, Tuple

import numpy as np

from . import _abi, _arrays, _cuda, _fast
from ._abi import Error, NoEntry, check
from ._listing import entry_text, layer_text, typed


class Dim(NamedTuple):
    """A dimension: `kind` is "open", "constant" or "computed"; `size` is None unless constant."""
    name: str
    kind: str
    size: Optional[int]
    text: str


class Value(NamedTuple):
    """An argument or result: `role` is "input", "param", "state" or "output"; `dtype` "f32", "bf16",
    "c64", ...; an `optional` argument may be left out; one with an
    initialiser is then drawn."""
    name: str
    role: str
    dtype: str
    dims: Tuple[str, ...]
    optional: bool


def load(path):
    """Opens the artifact at `path` (made by `ssmc FILE.ssm -o PATH`) and returns its Layer.

    Raises ssm.Error if there is no such file, if it is something else, truncated, or of another version.
    The file may change or vanish afterwards.
    """
    try:
        name = os.fsencode(path)
    except TypeError:
        raise Error(f"load takes the path of an artifact, not {type(path).__name__}") from None
    if b"\0" in name:
        raise Error("load: the path holds a zero byte", "FILE")
    handle = ctypes.c_void_p()
    check("ssm_open", name, byref(handle))
    return Layer(handle)


class _Entries(dict):
    def __repr__(self):
        return "\n\n".join(map(entry_text, self.values()))


class Layer:
    """A compiled layer. Its entries, `forward` and (for a layer with states) `step`, are its methods.

    `name` and `source` say what was compiled; `entries` maps the entries' names to them and prints as
    what `ssm-run --list` says. Several threads may call one Layer at once.
    """

    def __init__(self, handle):
        lib = _abi.library()
        self._handle = handle
        weakref.finalize(self, lib.ssm_close, handle)
        self.name, self.source = (text.decode() for text in (lib.ssm_layer(handle), lib.ssm_source(handle)))
        self.entries = _Entries()
        for index in range(lib.ssm_entry_count(handle)):
            info = _abi.EntryInfo()
            check("ssm_entry", handle, index, byref(info))
            if not info.hidden:
                self.entries[info.name.decode()] = Entry(self, index, info)

    @property
    def description(self):
        """All that the artifact says about itself, as runtime/README.md lists it."""
        return json.loads(_abi.library().ssm_description(self._handle))

    def __getattr__(self, name):
        entries = self.__dict__.get("entries", {})
        if name in entries:
            return entries[name]
        if name.startswith("_"):
            raise AttributeError(name)
        raise NoEntry(f"layer '{self.name}' has no entry '{name}'; it has {', '.join(entries)}"
                      + (" (a layer without states cannot be stepped)" if name == "step" else ""))

    def __dir__(self):
        return [*super().__dir__(), *self.entries]

    def __repr__(self):
        return layer_text(self)


class Entry:
    """One entry of a layer: call it with arrays.

    entry(arguments=None, /, *, states=False, seed=None, dims=None, threads=None, stream=None, **named)

    Arguments are given by name, and those whose names are no Python names (the parts of a structured
    parameter) in a dict: m.forward({"W.blocks": w}, u=u), or m.forward(**{"W.blocks": w}, u=u).
    Each is a numpy array, anything that speaks DLPack, a number, or nested lists. Memory of the entry's type is used where it lies, whatever its strides (the runtime copies what
    is not dense and row-major); another type is converted into a copy, rounded once to the nearest.
    Complex to real, reals to whole numbers and whole numbers out of range are errors.

    Where all arrays lie on a GPU, the call runs there, if the artifact has code for it: its work is put on a
    stream and the call returns. Arrays there must be of the entry's types, dense and row-major.

    states   also return the states after the call: (result, {"h": ..., ...})
    seed     draw the parameters that are not given; without it they are an error. States that are not
             given have their initial values in any case.
    dims     sizes of open dimensions that no argument has: {"O": 64}
    threads  at most so many (default: SSM_NUM_THREADS, else all cores)
    stream   on a GPU: a stream of torch or CuPy, or its address (default: the library's current one)

    Returns what the layer returns, a tuple if several, in new memory, as arrays of the first argument's
    kind (numbers and lists count as none): torch in, torch out. The library's from_dlpack makes
    them; where it has none, and where no argument is an array, they are numpy arrays. bf16 goes through
    DLPack as bf16; a numpy caller gets it as ml_dtypes.bfloat16 if ml_dtypes is installed, else as float32.

    Raises ssm.Error with a sentence that names the argument, what was expected and what was found.
    """

    def __init__(self, layer, index, info):
        # The layer holds its entries: an entry must not outlive the handle, and a cycle is for the collector.
        self._layer, self._index, self._name = layer, index, info.name
        self.name, self.targets = info.name.decode(), tuple(info.targets.decode().split(", "))
        dims = [self._read("ssm_dim", i, _abi.DimInfo()) for i in range(info.dim_count)]
        self.dims = tuple(Dim(d.name.decode(), _abi.KINDS[d.kind], d.size if d.size >= 0 else None, d.text.decode())
                          for d in dims)
        self._drawn = {v.name.decode() for v in (self._read("ssm_argument", i, _abi.ValueInfo()) for i in
                                                 range(info.argument_count)) if v.optional == 1}
        self.arguments = self._values("ssm_argument", info.argument_count)
        self.results = self._values("ssm_result", info.result_count)
        self._wanted = [v for v in self.results if v.role != "state"], list(self.results)  # without states, with them
        self._fast = _fast.Calls(self)
        takes = ", ".join(f"{v.name}: {typed(v)}" + (f" ({self.without(v)})" if v.optional else "") for v in self.arguments)
        self.__doc__ = (f"{self.name}({takes}) -> {', '.join(f'{v.name}: {typed(v)}' for v in self.results)}\n\n"
                        f"{Entry.__doc__}")

    def _read(self, function, item, info):
        check(function, self._layer._handle, self._index, item, byref(info))
        return info

    def _values(self, function, count):
        values = (self._read(function, i, _abi.ValueInfo()) for i in range(count))
        return tuple(Value(v.name.decode(), _abi.ROLES[v.role], _abi.DTYPES[v.dtype],
                           tuple(self.dims[v.dims[i]].name for i in range(v.rank)), bool(v.optional)) for v in values)

    def without(self, value):
        """What happens where an optional argument is left out."""
        return "drawn if not given" if value.name in self._drawn else "may be left out"

    def __repr__(self):
        return entry_text(self)

    def __call__(self, arguments=None, /, *, states=False, seed=None, dims=None, threads=None, stream=None, **named):
        wanted = self._wanted[bool(states)]
        given = named if arguments is None else arguments if type(arguments) is dict and not named else None
        key = self._fast.key(given, bool(states), seed, dims, threads)
        made = self._fast.run(key, given, stream) if key else None
        if made is None:
            call = _Call(self, arguments, named, seed, dims, threads, stream)
            memory = [call.empty("ssm_result_shape", v) for v in wanted]
            results = (_abi.Buffer * len(wanted))(*(call.buffer(v.name, v.dtype, m) for v, m in zip(wanted, memory)))
            call.check("ssm_call", results, len(results), byref(call.options))
            made = [_arrays.finish(m, v.dtype, call.like) for v, m in zip(wanted, memory)]
            if key:
                self._fast.remember(key, call, wanted)
        out = tuple(a for v, a in zip(wanted, made) if v.role != "state")
        result = out[0] if len(out) == 1 else out
        return (result, {v.name: a for v, a in zip(wanted, made) if v.role == "state"}) if states else result

    def draw(self, arguments=None, /, *, seed=0, dims=None, threads=None, **named):
        """What a call with these arguments, seed and dims would draw: a dict of the parameters and states
        that are not given. Arguments may be missing as long as `dims` has the sizes."""
        call = _Call(self, arguments, named, seed, dims, threads)
        drawn = {}
        for value in self.arguments:
            if value.name not in self._drawn or value.name in call.given:
                continue
            memory = call.empty("ssm_argument_shape", value)
            buffer = call.buffer(value.name, value.dtype, memory)
            check("ssm_init", self._layer._handle, self._name, byref(buffer), byref(call.all_sizes()))
            drawn[value.name] = _arrays.finish(memory, value.dtype, call.like)
        return drawn

    def cost(self, arguments=None, /, *, seed=0, dims=None, threads=None, **named):
        """(bytes, flops) of a call with these arguments: bytes of all arguments and results, once each;
        flops by the layer's own formula, None if it has none."""
        call, cost = _Call(self, arguments, named, seed, dims, threads), _abi.Cost()
        call.check("ssm_call_cost", byref(call.options), byref(cost))
        return cost.bytes, (cost.flops if cost.flops >= 0 else None)


class _Call:
    """The arguments and options of one call, as the C ABI takes them."""

    def __init__(self, entry, arguments, named, seed, dims, threads, stream=None):
        self.entry, self.keep = entry, []
        if arguments is not None and not hasattr(arguments, "keys"):
            raise Error(f"{entry.name}: arguments are given by name, as in {entry.name}(u=u); only a dict of them "
                        f"may stand alone, not {type(arguments).__name__}", "ARGUMENT")
        self.given = dict(arguments or {})
        for name, value in named.items():
            if name in self.given:
                raise Error(f"{entry.name}: argument '{name}' is given twice", "ARGUMENT")
            self.given[name] = value
        self.like = next((value for value in self.given.values() if _arrays.is_array(value)), None)
        self.options = self.read_options(seed, dims, threads)
        known = {v.name: v for v in entry.arguments}
        buffers, self.beside = [], None
        for name, value in self.given.items():
            if name not in known:
                raise Error(f"{entry.name}: there is no argument '{name}'; it has {', '.join(known) or 'none'}", "ARGUMENT")
            try:
                ready = _arrays.argument(value, known[name].dtype)
            except Error as error:
                raise Error(f"{entry.name}: argument '{name}': {error}", error.code) from None
            if ready.on_gpu and self.beside is None:
                self.beside = value
            buffers.append(self.buffer(name, known[name].dtype, ready))
        if self.beside is not None:
            self.options.device, self.options.stream = _abi.CUDA, _cuda.stream_of(self.beside, stream)
        self.buffers = (_abi.Buffer * len(buffers))(*buffers)

    def read_options(self, seed, dims, threads):
        def whole(value, what, low=-2**63, high=2**63 - 1):
            try:
                value = operator.index(value)
            except TypeError:
                raise Error(f"{self.entry.name}: {what} is {value!r}, expected a whole number") from None
            if not low <= value <= high:
                raise Error(f"{self.entry.name}: {what} is {value}, expected {low} to {high}")
            return value

        if dims is not None and not hasattr(dims, "keys"):
            raise Error(f"{self.entry.name}: dims is {dims!r}, expected a dict of sizes such as {{\"O\": 64}}")
        sizes = [(str(name), whole(size, f"the size of {name}")) for name, size in (dims or {}).items()]
        return self.make_options(sizes, 0 if seed is None else whole(seed, "seed"), seed is not None,
                                 0 if threads is None else whole(threads, "threads", 1, 65536))

    def make_options(self, sizes, seed, draw, threads):
        table = (_abi.Size * len(sizes))(*(_abi.Size(name.encode(), size) for name, size in sizes))
        return _abi.Options(table, len(sizes), seed, draw, threads, 0, None, None, 0)

    def all_sizes(self):
        """The options with every open size that an argument fixes, for ssm_init."""
        sizes = {self.options.sizes[i].name.decode(): self.options.sizes[i].size for i in range(self.options.size_count)}
        is_open = {d.name for d in self.entry.dims if d.kind == "open"}
        dims = {v.name: v.dims for v in self.entry.arguments}
        for buffer in self.buffers:
            for i, dim in enumerate(dims[buffer.name.decode()]):
                if dim in is_open:
                    sizes[dim] = buffer.shape[i]
        return self.make_options(list(sizes.items()), self.options.seed, 1, self.options.threads)

    def buffer(self, name, dtype, memory):
        """`memory` is an Argument or an array for a result."""
        if not isinstance(memory, (_arrays.Argument, np.ndarray)):
            memory = _arrays.argument(memory, dtype)
        rank = len(memory.shape)
        shape, strides = ((ctypes.c_int64 * rank)(*numbers) for numbers in (memory.shape, memory.strides))
        address = memory.address if isinstance(memory, _arrays.Argument) else memory.ctypes.data
        self.keep += [memory, shape, strides]
        return _abi.Buffer(name.encode(), address, _abi.DTYPES.index(dtype), rank, shape, strides)

    def empty(self, function, value):
        """New memory for a value, where the arguments lie."""
        return _arrays.empty(self.shape(function, value.name), value.dtype, self.beside)

    def check(self, function, *rest):
        check(function, self.entry._layer._handle, self.entry._name, self.buffers, len(self.buffers), *rest)

    def shape(self, function, name):
        shape = _abi.Shape()
        self.check(function, byref(self.options), name.encode(), byref(shape))
        return tuple(shape.sizes[:shape.rank])
