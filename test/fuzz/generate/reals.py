"""Random real expressions, each kept of moderate size and inside its function's domain."""
from .scope import real_literal
from .tree import BOOL, COMPLEX, INT, REAL, Expr

# Functions of any real number, with a bound of their value for |x| <= b (b at most 3).
_FUNCTIONS = {
    "tanh": lambda b: 1, "sin": lambda b: 1, "cos": lambda b: 1, "sigmoid": lambda b: 1, "softplus": lambda b: b + 1,
    "relu": lambda b: b, "elu": lambda b: max(b, 1), "gelu": lambda b: b, "gelu_tanh": lambda b: b,
    "silu": lambda b: b, "abs": lambda b: b, "sign": lambda b: 1, "floor": lambda b: b + 1, "ceil": lambda b: b + 1,
    "re": lambda b: b, "conj": lambda b: b, "f32": lambda b: b, "f64": lambda b: b, "bf16": lambda b: b,
    "f16": lambda b: b}
# Functions of a part of the line: an argument made to lie there, and a bound.
_GUARDED = [("exp(tanh({0}))", 2.8), ("expm1(sin({0}))", 1.8), ("log(1 + {0} ** 2)", 2.4), ("log1p({0} ** 2)", 2.4),
            ("sqrt(0.1 + abs({0}))", 2), ("rsqrt(0.5 + {0} ** 2)", 1.5), ("pow(1.5 + {0} ** 2, 0.5)", 4),
            ("(1.5 + {0} ** 2) ** -1.25", 1), ("(2 + {0} ** 2) ** -2", 1), ("1 / (1 + {0} ** 2)", 1),
            ("{0} ** 3", 27), ("clamp({0}, -0.4, 0.8)", 1), ("exp(-abs({0}))", 1), ("im(complex({0}, {0} + 1))", 4)]


class Reals:
    """Mixed into Expressions; self.rng, self.scope, self.expr(kind, allowed, depth)."""

    def real(self, allowed, depth):
        choices = [(self.real_leaf, 1)]
        if depth > 0:
            choices += [(self.real_function, 5), (self.real_binary, 6), (self.real_where, 2), (self.real_reduced, 4),
                        (self.contraction, 4), (self.softmax, 2), (self.cumulated, 2), (self.masked, 1),
                        (self.window, 3), (self.picked, 2), (self.real_of_complex, 2), (self.real_of_int, 1),
                        (self.renamed, 2), (self.fourier, 1), (self.scan, 2)]
        return self.tame(self.choose(choices, allowed, depth))

    def real_leaf(self, allowed, depth):
        rng, names = self.rng, self.scope.of_kind(REAL, allowed)
        if names and rng.random() < 0.85:
            wide = [n for n in names if n.dims]
            return rng.choice(wide if wide and rng.random() < 0.8 else names).expr()
        dims = [d for d in self.scope.dims if d in allowed or d in self.scope.gone]
        if dims and rng.random() < 0.5:
            dim = rng.choice(dims)
            own = frozenset([dim]) & allowed
            if dim != self.scope.stepped and rng.random() < 0.5:
                return Expr(f"(pos({dim}) / (1 + size({dim})))", (), REAL, own, 1)
            return Expr(f"sin(0.7 * pos({dim}))", (), REAL, own, 1)
        return real_literal(rng)

    def real_function(self, allowed, depth):
        x = self.real(allowed, depth - 1)
        if self.rng.random() < 0.4:
            template, bound = self.rng.choice(_GUARDED)
            return self.of(template, x, bound=bound)
        name = self.rng.choice(sorted(_FUNCTIONS))
        return self.of(f"{name}({{0}})", x, bound=_FUNCTIONS[name](x.bound))

    def real_binary(self, allowed, depth):
        a, b = self.real(allowed, depth - 1), self.real(allowed, self.rng.randrange(depth))
        template, bound = self.rng.choice([
            ("({0} + {1})", a.bound + b.bound), ("({0} - {1})", a.bound + b.bound), ("({0} * {1})", a.bound * b.bound),
            ("(-{0} * {1})", a.bound * b.bound), ("{0} / (1 + {1} ** 2)", a.bound), ("max({0}, {1})", max(a.bound, b.bound)),
            ("min({0}, {1}, 0.9)", max(a.bound, b.bound, 1)), ("mod({0}, 1 + abs({1}))", 1 + b.bound),
            ("div({0}, 0.5 + {1} ** 2)", 2 * a.bound + 1), ("pow(1 + abs({0}), sin({1}))", 4),
            ("({0} - {0} * {1})", a.bound * (1 + b.bound))])
        return self.of(template, a, b, bound=bound)

    def real_where(self, allowed, depth):
        c, a, b = self.boolean(allowed, depth - 1), self.real(allowed, depth - 1), self.real(allowed, depth - 1)
        return self.of("where({0}, {1}, {2})", c, a, b, bound=max(a.bound, b.bound))

    def real_reduced(self, allowed, depth):
        taken = self.taken_dims(allowed)
        if not taken:
            return self.real(allowed, depth - 1)
        x = self.having(self.real(allowed | taken, depth - 1), taken)
        name = self.rng.choice(["sum", "prod", "max", "min", "mean", "logsumexp"])
        template = f"({name}[{', '.join(sorted(taken))}] {{0}})"
        if name == "prod":
            x, bound = self.of("(1 + 0.3 * tanh({0}))", x), 20
        elif name in ("max", "min"):
            # Of nothing they are infinite.
            template, bound = ("clamp" if self.rng.random() < 0.5 else "max") + "(" + template + ", -9, 9)", 9
        else:
            bound = {"sum": 8 * len(taken), "mean": 1, "logsumexp": 5}[name] * x.bound
            template = f"max({template}, -9)" if name != "sum" else template
        return self.of(template, x, dims=x.dims - taken, bound=bound)

    def contraction(self, allowed, depth):
        taken = self.taken_dims(allowed)
        if not taken:
            return self.real(allowed, depth - 1)
        a = self.having(self.real(allowed | taken, depth - 1), taken)
        b = self.real(allowed | taken, self.rng.randrange(depth))
        return self.of(f"(sum[{', '.join(sorted(taken))}] {{0}} * {{1}})", a, b, dims=(a.dims | b.dims) - taken,
                       bound=8 ** len(taken) * a.bound * b.bound)

    def softmax(self, allowed, depth):
        dim = self.some_dim(allowed, whole=True)
        if not dim:
            return self.real(allowed, depth - 1)
        x = self.having(self.real(allowed, depth - 1), {dim})
        more = [d for d in x.dims if d in self.scope.usable(whole=True) and d != dim]
        dims = dim if not more or self.rng.random() < 0.8 else f"{dim}, {self.rng.choice(sorted(more))}"
        return self.of(f"(softmax[{dims}] {{0}})", x, bound=1)

    def masked(self, allowed, depth):
        """Attention's masks, also such that hide everything."""
        dim = self.some_dim(frozenset(self.scope.usable()), whole=True)
        if not dim:
            return self.real(allowed, depth - 1)
        x, c = self.having(self.real(allowed | {dim}, depth - 1), {dim}), self.boolean(allowed | {dim}, depth - 1)
        if dim in allowed and self.rng.random() < 0.5:
            return self.of(f"(softmax[{dim}] where({{0}}, {{1}}, -inf))", c, x, bound=1)
        return self.of(f"max(logsumexp[{dim}] where({{0}}, {{1}}, -inf), -5)", c, x,
                       dims=(x.dims | c.dims) - {dim}, bound=5)

    def cumulated(self, allowed, depth):
        dim = self.some_dim(allowed)
        if not dim:
            return self.real(allowed, depth - 1)
        x = self.having(self.real(allowed, depth - 1), {dim})
        name = self.rng.choice(["cumsum", "cumprod", "cummax", "cummin", "cumlogsumexp"])
        if name == "cumprod":
            x = self.of("(1 + 0.3 * sin({0}))", x)
        return self.of(f"({name}[{dim}] {{0}})", x, bound={"cumsum": 8 * x.bound, "cumprod": 10}.get(name, 3 + x.bound))

    def real_of_complex(self, allowed, depth):
        z = self.complex(allowed, depth - 1)
        template = self.rng.choice(["re({0})", "im({0})", "abs({0})", "re({0} * conj({0}))"])
        return self.of(template, z, kind=REAL, bound=z.bound ** (2 if "conj" in template else 1))

    def real_of_int(self, allowed, depth):
        n = self.integer(allowed, depth - 1)
        template = self.rng.choice(["f32({0})", "{0} / 3", "sqrt(abs({0}))", "0.5 * {0}", "sin({0})"])
        return self.of(template, n, kind=REAL, bound=n.bound)

    def tame(self, x, limit=3.0):
        """x, brought back to a moderate size."""
        if x.bound <= limit or x.kind != REAL:
            return x
        template, bound = self.rng.choice([("tanh({0})", 1), ("sin({0})", 1), (f"({1 / x.bound:.3g} * {{0}})", 1),
                                           (f"({{0}} / {x.bound:.3g})", 1), ("sigmoid({0})", 1)])
        return self.of(template, x, bound=bound)
