"""Expressions of the language, each by its definition.

An Evaluator walks the tree in an Env: names, and the scans and repeats that are running. With
abstract values it infers kinds and dimensions, with data it computes; a scan or repeat uses the
first to find what it carries. Layers, their parameters and calls are in layer.py.
"""
import numpy as np

from . import fourier, functions, indexing, reductions, syntax
from .lexer import OracleError
from .values import BOOL, FREE, INT, Dim, Value, fill, join, real_line, union


class Env:
    """Names over those of the parent; a scan removes its dimension from what lies outside."""

    def __init__(self, scope, parent=None, scan=None, repeat=None):
        self.scope, self.parent, self.scan = scope, parent, scan
        self.names, self.within_scan = {}, False
        self.repeats = (parent.repeats if parent else []) + ([repeat] if repeat else [])

    def value(self, name):
        if name in self.names:
            return self.names[name]
        if self.parent is None:
            return None
        value = self.parent.value(name)
        if value is None or not self.scan or isinstance(value, tuple):
            return value
        return value.take(*self.scan)

    def step(self, dim):
        """(True, index) where a scan over dim is running."""
        env = self
        while env is not None:
            if env.scan and env.scan[0] is dim:
                return True, env.scan[1]
            env = env.parent
        return False, None

    @property
    def scanning(self):
        return self.scan is not None or (self.parent.scanning if self.parent else self.within_scan)


class Evaluator:
    def __init__(self, arithmetic, call_layer, layer_names, advance):
        self.arithmetic, self.call_layer = arithmetic, call_layer
        self.layer_names, self.advance = layer_names, advance

    def value(self, node, env):
        """The one value of an expression."""
        out = self.evaluate(node, env)
        if isinstance(out, tuple):
            raise OracleError("several values where one is needed", node.line)
        return out

    def evaluate(self, node, env):
        """A Value, or a tuple of Values."""
        try:
            return getattr(self, type(node).__name__)(node, env)
        except OracleError as error:
            if str(error).startswith("line ") or str(error).startswith("in "):
                raise
            raise OracleError(str(error), node.line) from error

    # Leaves.
    def Number(self, node, env):
        return self.arithmetic.scalar(INT if isinstance(node.value, int) else FREE, node.value)

    def Name(self, node, env):
        value = env.value(node.name)
        if value is None and node.name in ("pi", "inf"):
            return self.arithmetic.scalar(FREE, np.pi if node.name == "pi" else np.inf)
        if value is None:
            raise OracleError(f"unknown name {node.name}")
        return value

    def TupleOf(self, node, env):
        return tuple(self.value(e, env) for e in node.elements)

    # Operators.
    def Unary(self, node, env):
        x = self.value(node.operand, env)
        if node.op == "not":
            if x.kind != BOOL:
                raise OracleError("not of a value that is no bool")
            return self.arithmetic.pointwise(BOOL, np.logical_not, x)
        return self.arithmetic.pointwise(None, np.negative, x, compute_in=INT if x.kind == BOOL else x.kind)

    def Binary(self, node, env):
        left, right = self.value(node.left, env), self.value(node.right, env)
        if node.op == "**":
            return functions.power(self.arithmetic, left, right, self.whole_exponent(node.right, env))
        return self.binary(node.op, left, right)

    def binary(self, op, left, right):
        make, kind = self.arithmetic.pointwise, join(left.kind, right.kind)
        if op in ("and", "or"):
            if left.kind != BOOL or right.kind != BOOL:
                raise OracleError(f"{op} of a value that is no bool")
            return make(BOOL, np.logical_and if op == "and" else np.logical_or, left, right)
        if op in _COMPARE:
            if op not in ("==", "!=") and (left.is_complex or right.is_complex):
                raise OracleError(f"{op} of complex values")
            return make(BOOL, _COMPARE[op], left, right)
        if op == "/":
            return make(None, np.divide, left, right, compute_in=real_line(kind))
        return make(None, _ARITHMETIC[op], left, right, compute_in=INT if kind == BOOL else kind)

    def whole_exponent(self, node, env):
        """The exponent where it is a whole literal or constant."""
        if isinstance(node, syntax.Unary) and node.op == "-":
            value = self.whole_exponent(node.operand, env)
            return None if value is None else -value
        if isinstance(node, syntax.Number):
            return node.value if isinstance(node.value, int) else None
        if isinstance(node, syntax.Name):
            constant = env.scope.constants.get(node.name)
            if constant is not None and constant is env.value(node.name) and constant.kind == INT:
                return int(constant.data)
        return None

    # Reductions; a sum of products need not be written out.
    def Reduction(self, node, env):
        dims = [self.dim(d, env) for d in node.dims]
        if node.name != "sum":
            return reductions.reduce(self.arithmetic, node.name, self.value(node.operand, env), dims)
        factors = self.factors(node.operand, env)
        out = reductions.contract(self.arithmetic, factors, dims)
        if out is not None:
            return out
        product = factors[0][1]
        for op, factor in factors[1:]:
            product = self.binary(op, product, factor)
        return reductions.reduce(self.arithmetic, "sum", product, dims)

    def factors(self, node, env):
        """The operands of a product, each with the operator before it."""
        if isinstance(node, syntax.Binary) and node.op in ("*", "/"):
            return self.factors(node.left, env) + [(node.op, self.value(node.right, env))]
        return [("*", self.value(node, env))]

    def dim(self, name, env):
        dim = env.scope.known_dim(name)
        if dim is None:
            raise OracleError(f"unknown dimension {name}")
        return dim

    # Indices.
    def Index(self, node, env):
        base = self.value(node.base, env)
        mapping = {}
        for old, new in node.renames:
            source = self.dim(old, env)
            if source not in base.dims:
                raise OracleError(f"{old} renamed, which the value lacks")
            mapping[source] = env.scope.made_dim(new, self.size_of(base, source))
        picks = {}
        for name, index in node.picks:
            picks[self.dim(name, env)] = self.value(index, env)
        for source, target in mapping.items():
            if target in base.dims and target not in mapping and target not in picks:
                raise OracleError(f"{target} is already a dimension of the value")
            actual = self.size_of(base, source)
            if actual is not None and target.size is not None and actual != target.size:
                raise OracleError(f"{source} has size {actual} and {target} {target.size}")
        if picks and mapping:
            # All at once: what is picked goes under names of its own before the renaming.
            own = {d: Dim(d.name, d.size) for d in picks}
            base = base.renamed(own)
            base = base.renamed({d: t for d, t in mapping.items()})
            return indexing.pick(self.arithmetic, base, {own[d]: i for d, i in picks.items()})
        if mapping:
            return base.renamed(mapping)
        return indexing.pick(self.arithmetic, base, picks)

    @staticmethod
    def size_of(value, dim):
        return dim.size if value.data is None else value.data.shape[value.dims.index(dim)]

    def Window(self, node, env):
        dims = [self.dim(d, env) for d in node.dims]
        first, second = self.value(node.first, env), self.value(node.second, env)
        if node.name == "shift":
            return indexing.shift(self.arithmetic, first, dims[0], second)
        return indexing.convolve(self.arithmetic, first, dims[0], second, dims[-1], node.mode)

    def Fourier(self, node, env):
        value, inverse, real = self.value(node.operand, env), node.name[0] == "i", "r" in node.name
        pairs = []
        for i, (old, new) in enumerate(node.dims):
            source = self.dim(old, env)
            if source not in value.dims:
                raise OracleError(f"{node.name} of {old}, which the value lacks")
            n, halved = self.size_of(value, source), real and i == len(node.dims) - 1
            full = None if n is None or inverse and halved else n // 2 + 1 if halved else n
            target = env.scope.made_dim(new, full)
            if value.data is not None and target.size is None:
                raise OracleError(f"the size of {new} is not known: give it in dims")
            kind = node.name if halved or not real else ("ifft" if inverse else "fft")
            pairs.append((kind, source, target))
        # The real transform comes first, its inverse last.
        own = {s: Dim(s.name, s.size) for _, s, _ in pairs}
        value = value.renamed(own)
        for kind, source, target in (pairs if inverse else pairs[::-1]):
            value = fourier.transform(self.arithmetic, kind, value, own[source], target, target.size)
        return value

    # Calls.
    def Call(self, node, env):
        if node.callee in ("pos", "size"):
            return self.position(node, env)
        if node.callee == "pow" and not node.sizes:
            if len(node.arguments) != 2:
                raise OracleError(f"pow takes 2 arguments, not {len(node.arguments)}")
            base, exponent = [self.value(a, env) for a in node.arguments]
            return functions.power(self.arithmetic, base, exponent, self.whole_exponent(node.arguments[1], env))
        if node.callee in functions.NAMES and not node.sizes:
            return functions.apply(self.arithmetic, node.callee, [self.value(a, env) for a in node.arguments])
        if node.callee in ("normal", "uniform", "kaiming"):
            raise OracleError(f"{node.callee} is random: give the parameter")
        if node.callee not in self.layer_names:
            raise OracleError(f"unknown function {node.callee}")
        return self.call_layer(node, env, [self.value(a, env) for a in node.arguments])

    def position(self, node, env):
        argument, = node.arguments
        name = argument.name if isinstance(argument, syntax.Name) else str(getattr(argument, "value", argument))
        dim = self.dim(name, env)
        inside, index = env.step(dim)
        if node.callee == "size":
            return self.arithmetic.scalar(INT, dim.size) if dim.size is not None else Value(INT, ())
        if inside:
            return Value(INT, ()) if index is None else self.arithmetic.scalar(INT, index)
        return Value(INT, (dim,)) if dim.size is None else Value(INT, (dim,), np.arange(dim.size, dtype=np.int64))

    # Recurrences.
    def Scan(self, node, env):
        dim = self.dim(node.dim, env)
        if env.step(dim)[0]:
            raise OracleError(f"a scan over {node.dim} inside one")
        inits, states = self.initial(node, env)
        if any(dim in v.dims for v in inits):
            raise OracleError(f"an initial value has the dimension {node.dim}, over which the scan runs")
        carries, known = self.carried(node, env, inits, lambda: Env(env.scope, env, scan=(dim, None)))
        if not known or dim.size is None:
            if any(states):
                self.advance(env, states, carries, None)
            return self.several(node, [Value(c.kind, (dim,) + c.dims) for c in carries])
        order = range(dim.size - 1, -1, -1) if node.reverse else range(dim.size)
        history = [np.zeros((dim.size,) + c.data.shape, c.data.dtype) for c in carries]
        dims = [c.dims for c in carries]
        for i in order:
            carries = self.turn(node, Env(env.scope, env, scan=(dim, i)), carries)
            for h, c in zip(history, carries):
                h[i] = c.data
        if any(states):
            self.advance(env, states, carries, dim)
        return self.several(node, [Value(c.kind, (dim,) + d, h) for c, d, h in zip(carries, dims, history)])

    def Repeat(self, node, env):
        count = self.value(node.count, env)
        if count.item() is None or count.kind != INT:
            raise OracleError("the number of turns of a repeat is a constant")
        turns = int(count.item())
        name = node.count.name if isinstance(node.count, syntax.Name) else str(turns)
        dim = env.scope.repeat_dim(name, turns)
        inits, _ = self.initial(node, env)
        carries, known = self.carried(node, env, inits, lambda: Env(env.scope, env, repeat=(dim, None)))
        for i in range(turns) if known else []:
            carries = self.turn(node, Env(env.scope, env, repeat=(dim, i)), carries)
        return self.several(node, carries)

    def initial(self, node, env):
        inits = self.evaluate(node.init, env)
        inits = inits if isinstance(inits, tuple) else (inits,)
        if len(inits) != len(node.names):
            raise OracleError(f"{len(node.names)} names for {len(inits)} initial values")
        return inits, [v.state for v in inits]

    def carried(self, node, env, inits, inside):
        """The initial values in the kinds and dimensions that the body keeps, and whether the
        whole of the loop is known."""
        kinds, dims = [v.kind for v in inits], [v.dims for v in inits]
        run = env.scope.run
        known = run.concrete and not run.inferring and all(v.data is not None for v in inits)
        if known and node in env.scope.carried:
            kinds, dims = env.scope.carried[node]
            return [self.widened(v, k, d) for v, k, d in zip(inits, kinds, dims)], True
        while True:
            before = kinds, dims
            run.inferring += 1
            body = self.body(node, inside(), [Value(k, d) for k, d in zip(kinds, dims)])
            run.inferring -= 1
            kinds = [join(k, v.kind) for k, v in zip(kinds, body)]
            dims = [union(d, v.dims) for d, v in zip(dims, body)]
            if (kinds, dims) == before:
                break
        if not known:
            return [Value(k, d) for k, d in zip(kinds, dims)], False
        env.scope.carried[node] = kinds, dims
        return [self.widened(v, k, d) for v, k, d in zip(inits, kinds, dims)], True

    def widened(self, value, kind, dims):
        value = self.arithmetic.convert(value, kind)
        return Value(kind, dims, np.array(fill(value, dims)))

    def turn(self, node, env, carries):
        body = self.body(node, env, carries)
        return [self.widened(v, c.kind, c.dims) for v, c in zip(body, carries)]

    def body(self, node, env, carries):
        env.names.update(zip(node.names, carries))
        for let in node.body.lets:
            self.let(let, env)
        out = self.evaluate(node.body.result, env)
        out = out if isinstance(out, tuple) else (out,)
        if len(out) != len(node.names):
            raise OracleError(f"the body gives {len(out)} values for {len(node.names)} names")
        return out

    @staticmethod
    def several(node, values):
        return values[0] if len(node.names) == 1 else tuple(values)

    def let(self, node, env):
        out = self.evaluate(node.value, env)
        values = out if isinstance(out, tuple) else (out,)
        if len(node.names) == 1 and len(values) == 1:
            env.names[node.names[0]] = values[0]
        elif len(node.names) == len(values):
            env.names.update(zip(node.names, values))
        else:
            raise OracleError(f"{len(node.names)} names for {len(values)} values", node.line)


_ARITHMETIC = {"+": np.add, "-": np.subtract, "*": np.multiply}
_COMPARE = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
            "==": np.equal, "!=": np.not_equal}
