"""Layers: their signatures, parameters, states and calls.

`load` reads a text or a file, `Layer.signature` lists what the artifact lists, `Layer.forward`
evaluates. Arrays given are values already rounded to their storage type.
"""
import os
import re
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Tuple

import numpy as np

from . import functions, structure, syntax
from .evaluate import Env, Evaluator
from .lexer import OracleError
from .parser import parse
from .values import INT, KIND_OF_STORAGE, Arithmetic, Dim, Value, fill, round_to

_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


@dataclass(eq=False)
class Declaration:
    """An argument or result: what it is, its storage type and its dimensions."""
    name: str
    role: str  # input, param, state, output
    element: str
    dims: Tuple[Dim, ...]
    matrix: Optional[tuple] = None  # of a part: (structure, arguments, part, leading, O, I)
    initial: Any = None  # (node, env) of its initialiser

    @property
    def dim_names(self):
        return [d.name for d in self.dims]


@dataclass(eq=False)
class Run:
    """One evaluation: what is given, and what it finds."""
    concrete: bool
    arithmetic: Arithmetic
    layers: Dict[str, syntax.Layer]
    given: Dict[str, np.ndarray] = field(default_factory=dict)
    sizes: Dict[str, int] = field(default_factory=dict)
    declared: Dict[str, Declaration] = field(default_factory=dict)
    after: Dict[str, np.ndarray] = field(default_factory=dict)
    dims: Dict[str, Dim] = field(default_factory=dict)
    advanced: set = field(default_factory=set)
    inferring: int = 0  # bodies being walked for the types that they carry


class Scope:
    """The dimensions and constants of one layer, called once."""

    def __init__(self, run, layer, prefix):
        self.run, self.layer, self.prefix = run, layer, prefix
        self.dims, self.constants, self.mapped, self.carried, self.repeated = {}, {}, (), {}, {}
        self.constant_sizes = {}
        count, self.instances = {}, {}
        for call in syntax.calls([layer.statements, layer.result]):
            if call.callee in run.layers and (call.callee not in functions.NAMES or call.sizes):
                count[call.callee] = n = count.get(call.callee, 0) + 1
                self.instances[call] = call.callee if n == 1 else f"{call.callee}_{n}"

    def known_dim(self, name):
        return self.dims.get(name)

    def dim(self, name):
        """The dimension that a type names, bound here if it is new."""
        if name not in self.dims:
            full = name if name.isdigit() else self.prefix + name
            size = int(name) if name.isdigit() else self.run.sizes.get(full)
            self.dims[name] = self.run.dims.setdefault(full, Dim(full, size))
        return self.dims[name]

    def made_dim(self, name, size):
        """The target of a rename or a transform, which gives it a size if it has none."""
        new = name not in self.dims
        dim = self.dim(name)
        if dim.size is None and (new or self.run.concrete):
            dim.size = size
        return dim

    def repeat_dim(self, name, turns):
        if name in self.constants:
            return self.dim(name)
        return self.repeated.setdefault(turns, Dim(str(turns), turns))


class _Machine:
    """Evaluates layers in one run."""

    def __init__(self, run):
        self.run = run
        self.evaluator = Evaluator(run.arithmetic, self.call, run.layers, self.advance)

    def top(self, layer):
        scope = Scope(self.run, layer, "")
        env = Env(scope)
        self.head(scope)
        for name, type in layer.arguments:
            env.names[name] = self.declare(scope, env, "input", name, type, None)
        values = self.statements(layer, env)
        for i, (value, type) in enumerate(zip(values, layer.results)):
            name = "out" if len(values) == 1 else f"out{i}"
            dims = tuple(scope.dim(d) for d in type.dims)
            self.run.declared[name] = Declaration(name, "output", type.element, dims)
        return [self.run.arithmetic.store(v, t.element, tuple(scope.dim(d) for d in t.dims))
                for v, t in zip(values, layer.results)]

    def head(self, scope):
        layer = scope.layer
        for type in [t for _, t in layer.arguments] + layer.results:
            for d in type.dims:
                scope.dim(d)

    def statements(self, layer, env):
        """The values that a layer returns."""
        scope = env.scope
        for statement in layer.statements:
            name = statement.names[0]
            if statement.kind == "let":
                self.evaluator.let(statement, env)
            elif statement.kind == "const":
                self.constant(scope, env, name, statement)
            else:
                env.names[name] = self.declare(scope, env, statement.kind, name, statement.type, statement.value)
        out = self.evaluator.evaluate(layer.result, env)
        out = out if isinstance(out, tuple) else (out,)
        if len(out) != len(layer.results):
            raise OracleError(f"{layer.name} returns {len(out)} values, not {len(layer.results)}")
        return out

    def constant(self, scope, env, name, statement):
        size = scope.constant_sizes.get(name, self.run.sizes.get(scope.prefix + name))
        value = self.evaluator.value(statement.value, env)
        if size is not None:
            value = self.run.arithmetic.scalar(INT, size)
        if value.data is None or value.dims:
            raise OracleError(f"const {name} is not known when compiling", statement.line)
        scope.constants[name] = env.names[name] = value
        if value.kind == INT:
            dim = scope.dim(name)
            if dim.size is not None and dim.size != int(value.data):
                raise OracleError(f"const {name} is {int(value.data)}, but the dimension has size {dim.size}")
            dim.size = int(value.data)

    # Arguments, parameters, states.
    def declare(self, scope, env, role, name, type, initial):
        full = scope.prefix + name
        if role == "state" and env.scanning:
            raise OracleError(f"a state ({full}) inside a scan")
        leading = tuple(d for d, _ in env.repeats) if role != "input" else ()
        own = tuple(scope.dim(d) for d in type.dims)
        if type.structure:
            return self.matrix(scope, env, full, type, leading, own, initial)
        dims = leading + (scope.mapped if role == "state" else ()) + own
        self.run.declared[full] = Declaration(full, role, type.element, dims, None, (initial, env))
        value = self.given(full, type.element, dims)
        for d, index in env.repeats if leading else []:
            value = value.take(d, index)
        value.state = full if role == "state" else None
        return value

    def given(self, full, element, dims):
        kind = KIND_OF_STORAGE[element]
        stored = element if element in ("bf16", "f16") else None
        if not self.run.concrete or self.run.inferring:
            return Value(kind, dims, None, None, stored)
        if full not in self.run.given:
            raise OracleError(f"{full} is not given")
        data = np.asarray(self.run.given[full])
        if data.shape != tuple(d.size for d in dims):
            raise OracleError(f"{full} has the shape {data.shape}, not {tuple(d.size for d in dims)} "
                              f"({', '.join(d.name for d in dims)})")
        return Value(kind, dims, data.astype(self.run.arithmetic.types[kind]), None, stored)

    def matrix(self, scope, env, full, type, leading, own, initial):
        """A structured parameter, as a dense matrix of its parts."""
        if type.structure not in structure.ARGUMENTS or len(own) != 2:
            raise OracleError(f"{type.structure} {type.element}[{', '.join(type.dims)}]", type.line)
        order, named = structure.ARGUMENTS[type.structure], {}
        for place, (key, node) in enumerate(type.arguments):
            named[key or order[place]] = int(self.evaluator.value(node, env).item())
        arguments = [named[key] for key in order]
        rows, columns = own
        if type.structure in structure.SQUARE:
            rows.size = columns.size if rows.size is None else rows.size
            columns.size = rows.size if columns.size is None else columns.size
        shapes = None
        if rows.size is not None and columns.size is not None:
            shapes = structure.shapes(type.structure, arguments, rows.size, columns.size)
        parts = []
        for i, part in enumerate(structure.PARTS[type.structure]):
            element = "i32" if part in structure.INDEX_PARTS and type.structure == "block_sparse" else type.element
            rank = _RANKS[type.structure][i]
            dims = tuple(Dim(f"{full}.{part}.{a}", shapes and shapes[i][a]) for a in range(rank))
            matrix = (type.structure, arguments, part, leading, rows, columns)
            name = f"{full}.{part}"
            self.run.declared[name] = Declaration(name, "param", element, leading + dims, matrix, (initial, env))
            value = self.given(name, element, leading + dims)
            for d, index in env.repeats:
                value = value.take(d, index)
            parts.append(value)
        return self.run.arithmetic.make(
            KIND_OF_STORAGE[type.element], own,
            lambda: structure.dense(type.structure, arguments, [p.data for p in parts], rows.size, columns.size), *parts)

    def advance(self, env, states, carries, dim):
        """After a scan from states: they hold the last values."""
        for full, carry in zip(states, carries):
            if full is None:
                continue
            declaration = self.run.declared[full]
            if env.scanning:
                raise OracleError(f"the state {full} advanced inside a scan")
            extra = [d for d in carry.dims if d not in declaration.dims]
            if extra:
                raise OracleError(f"the state {full} gains the dimension {extra[0]}")
            if dim is None:
                continue
            place = tuple(index for d, index in env.repeats)
            if (full, place) in self.run.advanced:
                raise OracleError(f"the state {full} is advanced twice")
            self.run.advanced.add((full, place))
            own = declaration.dims[len(place):]
            value = self.run.arithmetic.store(carry, declaration.element, own)
            self.run.after[full][place] = value.data

    # Calls of layers.
    def call(self, node, env, values):
        caller, layer = env.scope, self.run.layers[node.callee]
        if len(values) != len(layer.arguments):
            raise OracleError(f"{node.callee} takes {len(layer.arguments)} arguments, not {len(values)}")
        scope = Scope(self.run, layer, caller.prefix + caller.instances[node] + ".")
        given = {}
        for name, size in node.sizes:
            bound = caller.known_dim(size.name) if isinstance(size, syntax.Name) else None
            given[name] = bound
            constant = self.evaluator.value(size, env).item() if bound is None or bound.name in caller.constants else None
            number = constant if constant is not None else bound.size
            if any(s.kind == "const" and s.names == [name] for s in layer.statements):
                scope.constant_sizes[name] = int(number)
            if bound is None:
                given[name] = scope.dim(name)
                given[name].size = int(number)
        for type in [t for _, t in layer.arguments] + layer.results:
            for d in type.dims:
                scope.dims[d] = given[d] if d in given else caller.dim(d)
        for d, bound in given.items():
            scope.dims.setdefault(d, bound)
        for d in [d for d in scope.dims if d in scope.constant_sizes]:
            if any(other is scope.dims[d] for name, other in scope.dims.items() if name != d):
                del scope.dims[d]
                scope.dim(d).size = scope.constant_sizes[d]
        if len({id(d) for d in scope.dims.values()}) < len(scope.dims):
            raise OracleError(f"two dimensions of {node.callee} would be one of the caller's")
        named = {scope.dims[d] for _, t in layer.arguments + [("", t) for t in layer.results] for d in t.dims}
        for value in values:
            scope.mapped += tuple(d for d in value.dims if d not in named and d not in scope.mapped)
        inner = Env(scope, repeat=None)
        inner.repeats = env.repeats
        inner.within_scan = env.scanning
        stepped = next((d for d in named if env.step(d)[0]), None)
        if stepped:
            raise OracleError(f"{node.callee} names {stepped}, which does not exist inside a scan over it")
        for value, (name, type) in zip(values, layer.arguments):
            own = tuple(scope.dims[d] for d in type.dims)
            extra = tuple(d for d in value.dims if d not in own)
            inner.names[name] = self.run.arithmetic.store(value, type.element, extra + own)
        try:
            out = self.statements(layer, inner)
            stored = []
            for value, type in zip(out, layer.results):
                own = tuple(scope.dims[d] for d in type.dims)
                extra = tuple(d for d in value.dims if d not in own)
                lacking = [d for d in extra if d not in scope.mapped]
                if lacking:
                    raise OracleError(f"the result has the dimension {lacking[0]}, which its type lacks")
                stored.append(self.run.arithmetic.store(value, type.element, extra + own))
        except OracleError as error:
            raise OracleError(f"in {node.callee}: {error}") from error
        return stored[0] if len(stored) == 1 else tuple(stored)


_RANKS = {"diagonal": [1], "lowrank": [2, 2], "block_diagonal": [3], "flat_butterfly": [4], "block_sparse": [3, 1, 1],
          "monarch": [3, 3], "butterfly": [4], "toeplitz": [1], "circulant": [1]}


class Layer:
    """A layer that can be listed and evaluated."""

    def __init__(self, layers, name, sizes):
        self.layers, self.layer, self.sizes = layers, layers[name], dict(sizes or {})

    @property
    def name(self):
        return self.layer.name

    def signature(self, dims=None):
        """The declarations of everything given and returned, in order, and the dimensions."""
        run = Run(False, Arithmetic("f64"), self.layers, sizes={**self.sizes, **(dims or {})})
        _Machine(run).top(self.layer)
        return list(run.declared.values())

    def bind(self, arrays, dims=None):
        """All sizes: of arrays' shapes, of dims, of what follows from them."""
        sizes = {**self.sizes, **(dims or {})}
        for _ in range(8):
            before = dict(sizes)
            for declaration in self.signature(sizes):
                array = arrays.get(declaration.name)
                for axis, dim in enumerate(declaration.dims):
                    if dim.size is not None and not dim.name.isdigit() and declaration.matrix is None:
                        sizes.setdefault(dim.name, dim.size)
                    elif dim.size is None and array is not None and np.ndim(array) == len(declaration.dims) \
                            and declaration.matrix is None:
                        sizes.setdefault(dim.name, np.shape(array)[axis])
                if declaration.matrix:
                    self._bind_matrix(declaration, array, sizes)
            if sizes == before:
                break
        return sizes

    @staticmethod
    def _bind_matrix(declaration, array, sizes):
        structured, arguments, part, leading, rows, columns = declaration.matrix
        shapes = {} if array is None else {part: np.shape(array)[len(leading):]}
        found = structure.infer(structured, arguments, shapes, sizes.get(rows.name, rows.size),
                                sizes.get(columns.name, columns.size))
        for dim, size in zip((rows, columns), found):
            if size is not None and not dim.name.isdigit():
                sizes.setdefault(dim.name, size)

    def forward(self, inputs, params=None, states=None, dims=None, mode="f64"):
        """(results, states after the call), arrays of the mode's types (a mode's name or an
        Arithmetic of one's own). States that are not
        given begin at their initial values, as do parameters whose initialiser is not random."""
        arrays = {**inputs, **(params or {}), **(states or {})}
        sizes = self.bind(arrays, dims)
        arithmetic = mode if isinstance(mode, Arithmetic) else Arithmetic(mode)
        declared = self.signature(sizes)
        known = {d.name for d in declared if d.role != "output"}
        unknown = [name for name in arrays if name not in known]
        if unknown:
            raise OracleError(f"{unknown[0]} is no argument; there are {', '.join(sorted(known))}")
        for declaration in declared:
            if declaration.name not in arrays and declaration.role in ("param", "state"):
                arrays[declaration.name] = self.initial(declaration)
        run = Run(True, arithmetic, self.layers, arrays, sizes)
        for declaration in declared:
            if declaration.role == "state":
                kind = KIND_OF_STORAGE[declaration.element]
                run.after[declaration.name] = np.array(arrays[declaration.name]).astype(arithmetic.types[kind])
        results = _Machine(run).top(self.layer)
        open_dims = [d.name for d in run.declared.values() if d.role == "output" for d in d.dims if d.size is None]
        if open_dims:
            raise OracleError(f"the size of {open_dims[0]} is not known: give it in dims")
        return [r.data for r in results], run.after

    def initial(self, declaration):
        """The initial value, where it is no random one."""
        node, env = declaration.initial
        if declaration.matrix and declaration.matrix[2] in structure.INDEX_PARTS:
            return self.default_index(declaration)
        machine = Evaluator(Arithmetic("f64"), None, {}, None)
        try:
            value = machine.value(node, Env(env.scope, env))
            data = fill(value, [d for d in declaration.dims])
        except OracleError as error:
            raise OracleError(f"{declaration.name} is not given: {error}") from error
        return round_to(data, declaration.element)

    @staticmethod
    def default_index(declaration):
        """Blocks on successive diagonals."""
        _, (block, count), part, leading, rows, columns = declaration.matrix
        s, high, wide = np.arange(count), rows.size // block, columns.size // block
        index = s % high if part == "rows" else (s + s // high) % wide
        return np.broadcast_to(index, [d.size for d in declaration.dims]).astype(np.int64)


def load(source, layer=None, dims=None):
    """The layer (the last, if not named) of a text or of a file's path."""
    path = source if re.fullmatch(r"[^\n]*\.ssm", str(source)) else None
    layers = {}
    last = _read(path, _text(path) if path else source, layers, set())
    name = layer or last
    if name not in layers:
        raise OracleError(f"no layer {name}")
    return Layer(layers, name, dims)


def _text(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def _read(path, text, layers, seen):
    imports, found = parse(text)
    for name in imports:
        file = name if name.endswith(".ssm") else name + ".ssm"
        folders = [os.path.dirname(path)] if path else []
        candidates = [os.path.join(f, file) for f in folders + [_ROOT, os.path.join(_ROOT, "std")]]
        full = next((os.path.realpath(c) for c in candidates if os.path.exists(c)), None)
        if full is None:
            raise OracleError(f"import {name!r}: no such file")
        if full not in seen:
            seen.add(full)
            _read(full, _text(full), layers, seen)
    for item in found:
        layers.setdefault(item.name, item)
    return found[-1].name if found else None
