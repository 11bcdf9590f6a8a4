"""A random program from a seed: arguments, parameters, states, lets, calls, results."""
import random
import re

import oracle

from .expressions import Expressions
from .matrices import structured
from .scope import Name, Scope
from .tree import BOOL, COMPLEX, INT, REAL, Expr, LayerText, Line, Program

_STORAGE = {REAL: ["f32", "f32", "f32", "f64", "bf16", "f16"], INT: ["i32", "i64"], BOOL: ["bool"], COMPLEX: ["c64", "c128"]}
_KINDS = [REAL] * 6 + [INT, INT, BOOL, COMPLEX]
_INITIAL = {REAL: ["normal(0.5)", "uniform(-1, 1)", "0.5", "log(2)", "0.1 * pos({d})", "1 / (1 + size({d}))"],
            COMPLEX: ["normal(1)", "complex(0.5, 0.25)"], INT: ["1", "2"], BOOL: ["1 > 0"]}


class _LayerMaker:
    def __init__(self, rng, scope, name, depth, callees):
        self.rng, self.scope, self.name, self.depth, self.callees = rng, scope, name, depth, callees
        self.lines, self.arguments = [], []

    def some(self, most, pool=None):
        pool = [d for d in (pool if pool is not None else self.scope.dims) if d not in self.scope.kernels]
        return self.rng.sample(pool, self.rng.randint(0, min(most, len(pool))))

    def type(self, kind, dims):
        return f"{self.rng.choice(_STORAGE[kind])}[{', '.join(dims)}]"

    def argument(self, kind, dims):
        name = self.scope.new_name("x")
        self.arguments.append((name, self.type(kind, dims)))
        self.scope.names.append(Name(name, kind, frozenset(dims), 3.0 if kind == INT else 1.0))

    def line(self, head, expr, *names):
        self.flush()
        self.lines.append(Line(head, expr))
        self.scope.names = [n for n in self.scope.names if n.name not in {m.name for m in names}] + list(names)

    def flush(self):
        self.lines += [Line(f"let {name} =", expr) for name, expr in self.scope.before]
        self.scope.before.clear()

    def parameter(self, kind=REAL, dims=None):
        dims = self.some(2, self.scope.usable(whole=True)) if dims is None else dims
        name = self.scope.new_name("p")
        initial = self.rng.choice(_INITIAL[kind] if dims else _INITIAL[kind][:2]).format(d=dims[0] if dims else "")
        self.line(f"param {name}: {self.type(kind, dims)} =", Expr(initial, (), kind), Name(name, kind, frozenset(dims)))

    def exprs(self):
        return Expressions(self.rng, self.scope)

    def let(self):
        e = self.exprs().expr(self.rng.choice(_KINDS), frozenset(self.scope.usable()), self.depth)
        name = self.scope.new_name("v")
        self.line(f"let {name} =", e, Name(name, e.kind, e.dims, e.bound))

    def carries(self, dim, states=()):
        """let (a, b) = scan[dim] ...: several carries, with lets in the body."""
        x, rng = self.exprs(), self.rng
        allowed = frozenset(self.scope.usable()) - {dim}
        names = list(states) + [Name(self.scope.new_name("c"), rng.choice([REAL, REAL, COMPLEX, INT]), frozenset(), 2.0)
                                for _ in range(rng.randint(0 if states else 1, 2))]
        inits, dims = [], []
        for n in names:
            init = n.expr() if n in states else x.expr(n.kind, allowed, 0)
            inits.append(init)
        inner = [Name(n.name, n.kind, i.dims, 2.0) for n, i in zip(names, inits)]
        lets, body = "", []
        scope = self.scope.inside(dim, inner)
        if rng.random() < 0.4:
            own = inner[0].dims if states else allowed
            e = Expressions(rng, Scope(scope.names, scope.dims, scope.gone, scope.stepped, scope.kernels, scope.constants,
                                       scope.fresh, None)).real(own, self.depth - 1)
            name = self.scope.new_name("w")
            lets = f"let {name} = {{{len(names)}}}; "
            local = [Name(name, REAL, e.dims, e.bound)]
        else:
            e, local = None, []
        for k, n in enumerate(inner):
            own = n.dims if n.name in {s.name for s in states} else allowed
            # A state must not gain dimensions: what it reads has no others.
            reading = [m for m in inner if m.dims <= own] + [m for m in local if m.dims <= own]
            maker = Expressions(rng, self.scope.inside(dim, []))
            maker.scope = Scope(self.scope.names, self.scope.dims, self.scope.gone, self.scope.stepped, self.scope.kernels,
                                self.scope.constants, self.scope.fresh, None)
            body.append(maker.recurrence(n.kind, own, self.depth - 1, dim, [n] + [m for m in reading if m is not n]))
        # Carries may widen through one another: every dimension read by any may come.
        wide = frozenset().union(*[i.dims for i in inits], *[b.dims for b in body])
        for n, i, b in zip(names, inits, body):
            dims.append(n.dims if n in states else wide)
        count = len(names)
        slots = [f"{{{k}}}" for k in range(count)]
        result = [f"{{{count + (e is not None) + k}}}" for k in range(count)]
        pack = lambda items: items[0] if len(items) == 1 else f"({', '.join(items)})"
        reverse = "" if states or dim == self.scope.stepped or rng.random() < 0.6 else "reverse "
        newline = "\n    "
        lets = lets.replace("; ", newline)
        template = (f"{reverse}scan[{dim}] {pack([n.name for n in names])} = {pack(slots)} {{{{{newline}{lets}"
                    f"{pack(result)}\n  }}}}")
        operands = inits + ([e] if e is not None else []) + body
        out = names if states else [Name(self.scope.new_name("v"), n.kind, n.dims, n.bound) for n in names]
        out_names = [Name(o.name, o.kind, d | {dim}, 8.0 if o.kind == INT else 4.0) for o, d in zip(out, dims)]
        self.line(f"let {pack([o.name for o in out])} =", Expr(template, tuple(operands), "carries"), *out_names)

    def state(self, dim):
        count, states = self.rng.choice([1, 1, 1, 2]), []
        for _ in range(count):
            kind = self.rng.choice([REAL, REAL, REAL, COMPLEX, INT])
            dims = self.some(2, self.scope.usable(whole=True))
            name = self.scope.new_name("s")
            initial = {REAL: "0" if not dims else self.rng.choice(["0", "0.5", f"0.25 * pos({dims[0]})"]),
                       COMPLEX: "0", INT: "1"}[kind]
            self.line(f"state {name}: {self.type(kind, dims).replace('bf16', 'f32').replace('f16', 'f32')} =",
                      Expr(initial, (), kind), Name(name, kind, frozenset(dims), 2.0))
            states.append(self.scope.names[-1])
        self.scope.names = [n for n in self.scope.names if n not in states]
        # A state is no value to read before its scan; the scans follow its declaration.
        for s in states:
            self.carries(dim, [s])

    def call(self):
        """A call of an earlier layer, its dimensions given, other dimensions mapped over."""
        callee = self.rng.choice(self.callees)
        x, allowed = self.exprs(), frozenset(self.scope.usable())
        bound, values = {}, []
        # The callee's dimensions: each the caller's own, or another of the caller's.
        free = [d for d in self.scope.usable(whole=True) if not d.isdigit()]
        for dim in callee["dims"]:
            if dim == "L" and self.scope.stepped:
                bound[dim] = "L"
            elif free:
                d = dim if dim in free else None
                d = self.rng.choice(free) if d is None or self.rng.random() < 0.3 else d
                free.remove(d)
                bound[dim] = d
            else:
                return
        if callee["stateful"] and not self.scope.stepped:
            return
        # Where mapped dimensions would clash by name with the callee's results they are just the caller's.
        for _, dims, kind in callee["arguments"]:
            wanted = {bound[d] for d in dims}
            e = x.having(x.expr(kind, allowed, 1), wanted)
            values.append(e)
        mapped = frozenset().union(*[v.dims - {bound[d] for d in dims} for v, (_, dims, _) in zip(values, callee["arguments"])])
        renames = ", ".join(f"{d} = {b}" for d, b in bound.items() if d != b)
        if callee["constants"] and self.rng.random() < 0.5:
            renames += (", " if renames else "") + f"{self.rng.choice(callee['constants'])} = {self.rng.choice([1, 2, 3])}"
        sizes = f"<{renames}>" if renames else ""
        if any(d in mapped for d in bound.values()):
            return
        slots = ", ".join(f"{{{k}}}" for k in range(len(values)))
        name = self.scope.new_name("v")
        kind = callee["kind"]
        dims = mapped | {bound[d] for d in callee["result"]}
        if self.rng.random() < 0.3 and kind == REAL and len(values) == 1 and set(callee["result"]) == set(callee["arguments"][0][1]):
            turns = self.rng.choice([1, 2, 3])
            carry = self.scope.new_name("y")
            template = f"repeat {turns} {carry} = {{0}} {{{{ sin({callee['name']}{sizes}({carry}) + {carry}) }}}}"
        else:
            template = f"{callee['name']}{sizes}({slots})"
        self.line(f"let {name} =", Expr(template, tuple(values), kind, dims, 3.0), Name(name, kind, dims, 3.0))

    def result(self, kind=None, dims=None):
        """One returned value and its type."""
        kind = kind or self.rng.choice(_KINDS)
        allowed = frozenset(self.some(3, self.scope.usable()) if dims is None else dims)
        e = self.exprs().expr(kind, allowed, self.depth)
        self.flush()
        order = sorted(allowed)
        self.rng.shuffle(order)
        return e, self.type(kind, order), order


def _inner_layer(rng, index, stepped):
    """A small layer to be called."""
    stateful = stepped and rng.random() < 0.6
    dims = rng.sample(["D", "L", "J"], rng.choice([1, 2]))
    if stateful and "L" not in dims:
        dims[0] = "L"
    scope = Scope(dims=list(dims), stepped="L" if stepped else None)
    maker = _LayerMaker(rng, scope, f"inner{index}", 2, [])
    constants = []
    if rng.random() < 0.4:
        scope.dims.append("N")
        scope.constants["N"] = 3
        maker.lines.append(Line("const N =", Expr("3", (), INT)))
        constants.append("N")
    arguments = []
    for k in range(rng.choice([1, 1, 2])):
        own = dims if k == 0 else maker.some(2, dims)
        kind = REAL if k == 0 else rng.choice(_KINDS)
        maker.argument(kind, own)
        arguments.append((scope.names[-1].name, list(own), kind))
    for _ in range(rng.choice([0, 1])):
        maker.parameter()
    if stateful:
        maker.state("L")
    e, type, order = maker.result(REAL, dims)
    layer = LayerText(maker.name, tuple(maker.arguments), (type,), tuple(maker.lines), (e,))
    return layer, dict(name=maker.name, dims=dims, arguments=arguments, result=order, kind=REAL, constants=constants,
                       stateful=stateful)


def program(seed):
    rng = random.Random(seed)
    stepped = rng.random() < 0.35
    layers, callees = [], []
    for index in range(rng.choice([0, 0, 0, 1, 2])):
        layer, callee = _inner_layer(rng, index, stepped)
        layers.append(layer)
        callees.append(callee)
    pool = rng.sample(["B", "H", "D", "E"], rng.choice([1, 2, 3])) + (["L"] if stepped or rng.random() < 0.7 else [])
    if rng.random() < 0.3:
        pool.append("3")
    scope = Scope(stepped="L" if stepped else None, fresh=[20])
    maker = _LayerMaker(rng, scope, "f", rng.choice([1, 2, 2, 3]), callees)
    # Arguments bind their dimensions.
    first = rng.sample(pool, min(len(pool), rng.choice([1, 2, 3])))
    if stepped and "L" not in first:
        first[0] = "L"
    lists = [first] + [maker.some(3, pool) for _ in range(rng.choice([0, 1, 1, 2, 3]))]
    scope.dims = list(dict.fromkeys(d for dims in lists for d in dims))
    for k, dims in enumerate(lists):
        maker.argument(REAL if k == 0 else rng.choice(_KINDS), dims)
    if rng.random() < 0.4:
        size = rng.choice([1, 2, 4])
        maker.lines.append(Line("const N =", Expr(str(size), (), INT)))
        scope.dims.append("N")
        scope.constants["N"] = size
    for _ in range(rng.choice([0, 1, 1, 2])):
        maker.parameter(rng.choice([REAL, REAL, COMPLEX]))
    if rng.random() < 0.5:
        scope.kernels.append("K")
        scope.dims.append("K")
        scope.names.append(Name(scope.new_name("p"), REAL, frozenset(maker.some(1, scope.usable(whole=True)) + ["K"])))
        kernel = scope.names[-1]
        maker.lines.append(Line(f"param {kernel.name}: f32[{', '.join(sorted(kernel.dims))}] =", Expr("normal(0.5)")))
        scope.dims.remove("K")  # of kernels alone
    kinds = [maker.let] * 5 + [lambda: structured(maker)]
    if callees:
        kinds += [maker.call] * 4
    wholes = scope.usable() if stepped else scope.usable(whole=True)
    kinds.append(lambda: maker.carries(rng.choice(wholes)))
    if stepped:
        maker.state("L")
    for _ in range(rng.choice([0, 1, 2, 3])):
        rng.choice(kinds)()
    if callees and rng.random() < 0.7:
        maker.call()
    returned = [maker.result() for _ in range(rng.choice([1, 1, 2, 3]))]
    layer = LayerText("f", tuple(maker.arguments), tuple(t for _, t, _ in returned), tuple(maker.lines),
                      tuple(e for e, _, _ in returned))
    return Program(tuple(layers) + (layer,), stepped)


# What kernels for a GPU have no numbers of; nor, in every other layer, positions, which meet them as f64.
_NOT_ON_GPU = re.compile(r"\b(f64|i64|c64|c128|complex|bool|r?fft|ir?fft)\b")


def on_gpu(text, seed):
    return not _NOT_ON_GPU.search(text) and (seed % 2 or "pos(" not in text)


def valid(seed, accept=lambda text, seed: True):
    """The program of a seed that the evaluator accepts, and the evaluator's layer: a few of the
    random ones break a rule that no part of the generator sees (a state's dimensions, say)."""
    for attempt in range(10000):
        out = program(f"{seed}.{attempt}")
        if not accept(str(out), seed):
            continue
        try:
            layer = oracle.load(str(out))
            layer.signature()
            return out, layer
        except oracle.OracleError:
            continue
    raise AssertionError(f"no valid program of seed {seed}")
