"""Random integer, bool and complex expressions."""
from .tree import BOOL, COMPLEX, INT, REAL, Expr

_INTEGER = [("({0} + {1})", 1, 1), ("({0} - {1})", 1, 1), ("({0} * {1})", 2, 0), ("div({0}, {1})", 1, 0), ("mod({0}, {1})", 1, 1),
            ("max({0}, {1})", 1, 1), ("min({0}, {1})", 1, 1), ("clamp({0}, -3, {1})", 1, 4)]
_COMPLEX = [("({0} + {1})", "sum"), ("({0} - {1})", "sum"), ("({0} * {1})", "product"), ("(-{0} * conj({1}))", "product"),
            ("{0} / complex(2 + abs({1}), im({1}))", "first")]
# Of numbers of modulus up to 3; arguments are kept off the cuts and poles.
_ANALYTIC = [("exp({0} / 3)", 3), ("expm1(0.3 * {0})", 2), ("log(complex(1 + abs({0}), im({0})))", 2.5),
             ("log1p(0.2 * {0})", 1), ("sqrt(complex(0.5 + abs({0}), re({0})))", 3), ("rsqrt(complex(0.5 + abs({0}), im({0})))", 1.5),
             ("sin({0} / 3)", 2), ("cos({0} / 3)", 2), ("tanh({0} / 4)", 2), ("sigmoid({0} / 2)", 3), ("silu({0} / 2)", 5),
             ("conj({0})", None), ("{0} ** 2", 9), ("(2.5 + {0} / 2) ** -1", 1), ("complex(1 + abs({0}), re({0})) ** 0.5", 3),
             ("c64({0})", None), ("complex(im({0}), re({0}))", None)]


class Kinds:
    """Mixed into Expressions."""

    def integer(self, allowed, depth):
        choices = [(self.integer_leaf, 2)]
        if depth > 0:
            choices += [(self.integer_binary, 5), (self.integer_function, 3), (self.integer_reduced, 3), (self.argmax, 2),
                        (self.integer_where, 1), (self.integer_of_real, 1)]
        n = self.choose(choices, allowed, depth)
        return n if n.bound <= 50 else self.of("mod({0}, 7)", n, bound=7)

    def integer_leaf(self, allowed, depth):
        names, rng = self.scope.of_kind(INT, allowed), self.rng
        dims = [d for d in self.scope.dims if d in allowed or d in self.scope.gone]
        if names and rng.random() < 0.5:
            return rng.choice(names).expr()
        if dims and rng.random() < 0.7:
            dim = rng.choice(dims)
            if dim != self.scope.stepped and rng.random() < 0.4:
                return Expr(f"size({dim})", (), INT, frozenset(), 8)
            return Expr(f"pos({dim})", (), INT, frozenset([dim]) & allowed, 8)
        if self.scope.constants and rng.random() < 0.3:
            name = rng.choice(sorted(self.scope.constants))
            return Expr(name, (), INT, frozenset(), 8)
        return Expr(str(rng.choice([0, 1, 2, 3, 5])), (), INT, frozenset(), 5)

    def integer_binary(self, allowed, depth):
        a, b = self.integer(allowed, depth - 1), self.integer(allowed, self.rng.randrange(depth))
        template, power, more = self.rng.choice(_INTEGER)
        bound = a.bound * b.bound if power == 2 else a.bound + more * b.bound
        return self.of(template, a, b, bound=bound)

    def integer_function(self, allowed, depth):
        n = self.integer(allowed, depth - 1)
        template, bound = self.rng.choice([("abs({0})", n.bound), ("sign({0})", 1), ("relu({0})", n.bound), ("(-{0})", n.bound),
                                           ("{0} ** 2", n.bound ** 2), ("i32({0})", n.bound), ("i64(bool({0}))", 1)])
        return self.of(template, n, bound=bound)

    def integer_reduced(self, allowed, depth):
        taken = self.taken_dims(allowed)
        if not taken:
            return self.integer(allowed, depth - 1)
        dims = ", ".join(sorted(taken))
        if self.rng.random() < 0.3:
            c = self.having(self.boolean(allowed | taken, depth - 1), taken)
            return self.of(f"(sum[{dims}] {{0}})", c, kind=INT, dims=c.dims - taken, bound=64)
        n = self.having(self.integer(allowed | taken, depth - 1), taken)
        if len(taken) == 1 and taken <= allowed and self.rng.random() < 0.4:
            name = self.rng.choice(["cumsum", "cummax", "cummin"])
            return self.of(f"({name}[{dims}] {{0}})", n, bound=8 * n.bound)
        template, bound = self.rng.choice([("(sum[{d}] {{0}})", 64 * n.bound), ("clamp(max[{d}] {{0}}, -20, 20)", 20),
                                           ("clamp(min[{d}] {{0}}, -20, 20)", 20), ("mod(prod[{d}] {{0}}, 11)", 11)])
        return self.of(template.format(d=dims), n, dims=n.dims - taken, bound=bound)

    def argmax(self, allowed, depth):
        taken = self.taken_dims(allowed, most=1)
        if not taken:
            return self.integer(allowed, depth - 1)
        x = self.having(self.real(allowed | taken, depth - 1), taken)
        return self.of(f"(argmax[{min(taken)}] {{0}})", x, kind=INT, dims=x.dims - taken, bound=8)

    def integer_where(self, allowed, depth):
        c, a, b = self.boolean(allowed, depth - 1), self.integer(allowed, depth - 1), self.integer(allowed, 0)
        return self.of("where({0}, {1}, {2})", c, a, b, kind=INT, bound=max(a.bound, b.bound))

    def integer_of_real(self, allowed, depth):
        x = self.real(allowed, depth - 1)
        return self.of(self.rng.choice(["i32(3 * {0})", "i64({0} * 5)"]), x, kind=INT, bound=5 * x.bound)

    def boolean(self, allowed, depth):
        names = self.scope.of_kind(BOOL, allowed)
        if names and (depth <= 0 or self.rng.random() < 0.2):
            return self.rng.choice(names).expr()
        if depth > 1 and self.rng.random() < 0.3:
            a, b = self.boolean(allowed, depth - 1), self.boolean(allowed, depth - 2)
            return self.of(self.rng.choice(["({0} and {1})", "({0} or not {1})", "(not {0} or {1})"]), a, b, kind=BOOL)
        if self.rng.random() < 0.5:
            a, b = self.real(allowed, max(depth - 1, 0)), self.real(allowed, 0)
            return self.of(f"({{0}} {self.rng.choice(['<', '<=', '>', '>='])} {{1}})", a, b, kind=BOOL)
        a, b = self.integer(allowed, max(depth - 1, 0)), self.integer(allowed, 0)
        return self.of(f"({{0}} {self.rng.choice(['<', '<=', '>', '>=', '==', '!='])} {{1}})", a, b, kind=BOOL)

    def complex(self, allowed, depth):
        choices = [(self.complex_leaf, 2)]
        if depth > 0:
            choices += [(self.complex_binary, 5), (self.complex_function, 4), (self.complex_reduced, 3), (self.complex_mixed, 2),
                        (self.spectrum, 2)]
        z = self.choose(choices, allowed, depth)
        return z if z.bound <= 3 else self.of(f"({1 / z.bound:.3g} * {{0}})", z, bound=1)

    def complex_leaf(self, allowed, depth):
        names = self.scope.of_kind(COMPLEX, allowed)
        if names and self.rng.random() < 0.7:
            return self.rng.choice(names).expr()
        a, b = self.real_leaf(allowed, 0), self.real_leaf(allowed, 0)
        return self.of("complex({0}, {1})", a, b, kind=COMPLEX, bound=a.bound + b.bound)

    def complex_binary(self, allowed, depth):
        a, b = self.complex(allowed, depth - 1), self.complex(allowed, self.rng.randrange(depth))
        template, rule = self.rng.choice(_COMPLEX)
        return self.of(template, a, b, bound={"sum": a.bound + b.bound, "product": a.bound * b.bound, "first": a.bound}[rule])

    def complex_mixed(self, allowed, depth):
        x, z = self.real(allowed, depth - 1), self.complex(allowed, depth - 1)
        template = self.rng.choice(["({0} * {1})", "where({0} > 0.25, {1}, conj({1}))", "{1} / (1 + {0} ** 2)"])
        return self.of(template, x, z, kind=COMPLEX, bound=max(1, x.bound) * z.bound)

    def complex_function(self, allowed, depth):
        z = self.complex(allowed, depth - 1)
        template, bound = self.rng.choice(_ANALYTIC)
        return self.of(template, z, bound=bound or z.bound)

    def complex_reduced(self, allowed, depth):
        taken = self.taken_dims(allowed, most=1)
        if not taken:
            return self.complex(allowed, depth - 1)
        dim, z = min(taken), self.having(self.complex(allowed | taken, depth - 1), taken)
        if dim in allowed and self.rng.random() < 0.3:
            return self.of(f"(cumsum[{dim}] {{0}})", z, bound=8 * z.bound)
        other = self.complex(allowed | taken, 0)
        if self.rng.random() < 0.5:
            return self.of(f"(sum[{dim}] {{0}} * {{1}})", z, other, dims=(z.dims | other.dims) - taken,
                           bound=8 * z.bound * other.bound)
        if self.rng.random() < 0.5:
            return self.of(f"(prod[{dim}] (1 + 0.1 * {{0}}))", z, dims=z.dims - taken, bound=9)
        return self.of(f"(sum[{dim}] {{0}})", z, dims=z.dims - taken, bound=8 * z.bound)
