"""Random expressions of all kinds: movement along dimensions, windows, transforms, recurrences."""
from .kinds import Kinds
from .reals import Reals
from .scope import Name
from .tree import BOOL, COMPLEX, INT, REAL, Expr


class Expressions(Reals, Kinds):
    def __init__(self, rng, scope):
        self.rng, self.scope = rng, scope

    def expr(self, kind, allowed, depth):
        return {REAL: self.real, INT: self.integer, BOOL: self.boolean, COMPLEX: self.complex}[kind](allowed, depth)

    def choose(self, choices, allowed, depth):
        make = self.rng.choices([c for c, _ in choices], [w for _, w in choices])[0]
        return make(allowed, depth)

    @staticmethod
    def of(template, *operands, kind=None, dims=None, bound=None):
        if dims is None:
            dims = frozenset().union(*[o.dims for o in operands])
        return Expr(template, operands, kind or operands[-1].kind, frozenset(dims),
                    max(o.bound for o in operands) if bound is None else float(bound))

    def some_dim(self, allowed, whole=False):
        dims = sorted(d for d in self.scope.usable(whole) if d in allowed)
        return self.rng.choice(dims) if dims else None

    def taken_dims(self, allowed, most=2):
        """Dimensions to reduce over."""
        dims = self.scope.usable(whole=True)
        if not dims:
            return frozenset()
        return frozenset(self.rng.sample(dims, min(len(dims), self.rng.choice([1] * 4 + [most]))))

    def having(self, x, dims):
        """x, made to have these dimensions."""
        for dim in sorted(set(dims) - x.dims):
            factor = {REAL: "sin(1 + 0.7 * pos({d}))", COMPLEX: "exp(complex(0, 0.3) * pos({d}))",
                      INT: "mod(pos({d}) + 1, 3)", BOOL: "(mod(pos({d}), 3) != 1)"}[x.kind].format(d=dim)
            joined = "({0} and {1})" if x.kind == BOOL else "({0} * {1})"
            x = self.of(joined, x, Expr(factor, (), x.kind, frozenset([dim])), bound=2 * x.bound if x.kind == INT else x.bound)
        return x

    # Movement.
    def picked(self, allowed, depth):
        dims = self.scope.usable(whole=True)
        if not dims:
            return self.real(allowed, depth - 1)
        dim = self.rng.choice(dims)
        rest = allowed - {dim}
        x = self.having(self.real(rest | {dim}, depth - 1), {dim})
        if dim in allowed and self.rng.random() < 0.4:  # reversed
            return self.of(f"{{0}}[{dim} = size({dim}) - 1 - pos({dim})]", self.bracketed(x))
        if self.rng.random() < 0.3:
            return self.of(f"{{0}}[{dim} = {self.rng.choice([0, -1])}]", self.bracketed(x), dims=x.dims - {dim})
        index = self.integer(allowed, depth - 1)
        back = self.rng.choice(["", f" - size({dim})"])
        return self.of(f"{{0}}[{dim} = mod({{1}}, size({dim})){back}]", self.bracketed(x), index, kind=REAL,
                       dims=(x.dims - {dim}) | index.dims, bound=x.bound)

    def bracketed(self, x):
        return self.of("({0})", x)

    def renamed(self, allowed, depth):
        """Under a new name and then contracted, as attention's keys."""
        dims = [d for d in self.scope.usable(whole=True) if not d.isdigit() and d in allowed]
        if not dims or self.scope.before is None:
            return self.real(allowed, depth - 1)
        dim = self.rng.choice(dims)
        x = self.having(self.real(allowed, depth - 1), {dim})
        new = self.scope.new_name("R")
        x = self.scope.hoist(self.of(f"({{0}})[{dim} -> {new}]", x, dims=(x.dims - {dim}) | {new}))
        self.scope.dims.append(new)
        y = self.real(allowed | {new}, max(depth - 2, 0))
        template = self.rng.choice([
            f"(sum[{new}] {{0}} * {{1}})", f"max(max[{new}] ({{0}} - {{1}}), -9)", f"(softmax[{new}] ({{0}} * {{1}}))",
            f"(sum[{new}] {{0}} * where(pos({new}) <= pos({dim}), {{1}}, 0))"])
        dims = x.dims | y.dims | ({dim} if "pos" in template else set())
        out = self.of(template, x, y, kind=REAL, dims=dims - {new}, bound=8 * x.bound * max(1, y.bound) + y.bound)
        return out if "softmax" not in template else self.of(f"(sum[{new}] {{0}} * sin(pos({new})))", out, dims=out.dims)

    def window(self, allowed, depth):
        dim = self.some_dim(allowed)
        if not dim:
            return self.real(allowed, depth - 1)
        stepped = dim == self.scope.stepped
        x = self.having(self.real(allowed, depth - 1), {dim})
        kernels = [n for n in self.scope.of_kind(REAL) if len(n.dims & set(self.scope.kernels)) == 1
                   and dim not in n.dims and n.dims - set(self.scope.kernels) <= allowed
                   and not n.dims & set(self.scope.kernels) & x.dims]
        if self.rng.random() < 0.4 or not kernels and stepped:
            k = self.rng.choice([0, 1, 2, 3] if stepped else [0, 1, 2, -1, -2, f"size({dim}) - 1", f"div(size({dim}), 2)"])
            return self.of(f"shift[{dim}]({{0}}, {k})", x)
        mode = self.rng.choice(["", ", causal"] + ([] if stepped else [", anticausal", ", circular", ", same"]))
        if kernels and (stepped or self.rng.random() < 0.6):
            kernel = self.rng.choice(kernels)
            k, = kernel.dims & set(self.scope.kernels)
            return self.of(f"conv[{dim}, {k}]({{0}}, {{1}}{mode})", x, kernel.expr(),
                           dims=x.dims | kernel.dims - {k}, bound=8 * x.bound * kernel.bound)
        kernel = self.having(self.real(allowed, max(depth - 2, 0)), {dim})
        return self.of(f"conv[{dim}]({{0}}, {{1}}{mode})", x, kernel, bound=8 * x.bound * kernel.bound)

    # Fourier transforms: into new modes, and back.
    def fourier(self, allowed, depth):
        dims = [d for d in self.scope.usable(whole=True) if d in allowed and not d.isdigit()]
        if not dims or self.scope.before is None:
            return self.real(allowed, depth - 1)
        chosen = self.rng.sample(dims, min(len(dims), self.rng.choice([1, 1, 2])))
        real, y, new = self.transformed(allowed, depth, chosen)
        back = ", ".join(f"{n} -> {d}" for d, n in zip(chosen, new))
        scale = self.rng.choice(["exp(-0.2 * pos({n}))", "complex(0.5, sin(pos({n})))", "1 / (1 + pos({n}))"]).format(n=new[-1])
        dims = (y.dims - set(new)) | set(chosen)
        template = f"(irfft[{back}] ({{0}} * {scale}))" if real else f"re(ifft[{back}] ({{0}} * {scale}))"
        return self.of(template, y, kind=REAL, dims=dims, bound=4)

    def transformed(self, allowed, depth, chosen):
        """A transform into all modes or fewer, in a let of its own: (real?, it, the modes' names)."""
        new = [self.scope.new_name("F") for _ in chosen]
        there = ", ".join(f"{d} -> {n}" for d, n in zip(chosen, new))
        real = self.rng.random() < 0.6
        x = self.having((self.real if real else self.complex)(allowed, depth - 1), chosen)
        name = "rfft" if real else self.rng.choice(["fft", "fft", "ifft"])
        y = self.scope.hoist(self.of(f"{name}[{there}] ({{0}})", x, kind=COMPLEX, dims=(x.dims - set(chosen)) | set(new),
                                     bound=(8 if name != "ifft" else 1) * x.bound))
        self.scope.dims += new
        return real, y, new

    def spectrum(self, allowed, depth):
        """A complex transform and a sum over its modes."""
        dims = [d for d in self.scope.usable(whole=True) if not d.isdigit()]
        if not dims or self.scope.before is None:
            return self.complex(allowed, depth - 1)
        dim = self.rng.choice(dims)
        real, y, (new,) = self.transformed(allowed | {dim}, depth, [dim])
        return self.of(f"(sum[{new}] {{0}} * cos(pos({new})))", y, kind=COMPLEX, dims=y.dims - {new}, bound=8 * y.bound)

    # Recurrences.
    def scan(self, allowed, depth):
        """One carry that is forgotten at a rate below 1, of any kind."""
        dim = self.some_dim(allowed)
        if not dim:
            return self.real(allowed, depth - 1)
        kind = self.rng.choice([REAL, REAL, COMPLEX, INT])
        carry = self.scope.new_name("c")
        init = self.expr(kind, allowed - {dim}, 0)
        body = self.recurrence(kind, allowed - {dim}, depth - 1, dim, [Name(carry, kind, init.dims, 2.0)])
        reverse = "" if dim == self.scope.stepped or self.rng.random() < 0.6 else "reverse "
        whole = self.of(f"({reverse}scan[{dim}] {carry} = {{0}} {{{{ {{1}} }}}})", init, body, kind=kind,
                        dims=init.dims | body.dims | {dim}, bound=4)
        return whole if kind == REAL else self.of({COMPLEX: "re({0})", INT: "(0.25 * {0})"}[kind], whole, kind=REAL)

    def recurrence(self, kind, allowed, depth, dim, carries):
        """The next value of carries[0], in a scan along dim."""
        inner = Expressions(self.rng, self.scope.inside(dim, carries))
        carry = carries[0].expr()
        x = inner.expr(kind, allowed - {dim}, max(depth, 0))
        if kind == INT:
            return self.of("mod({0} + {1}, 7)", carry, x, bound=7)
        if kind == COMPLEX:
            return self.of(self.rng.choice(["(complex(0.6, 0.5) * {0} + 0.3 * {1})", "(0.5 * conj({0}) + 0.2 * {1})"]), carry, x, bound=4)
        decay = inner.real(allowed - {dim}, 0)
        template = self.rng.choice(["(0.7 * {0} + 0.3 * {1})", "(tanh({2}) * {0} * 0.8 + 0.2 * {1})", "tanh({0} + {1})",
                                    "(exp(-abs({2})) * {0} * 0.9 + 0.1 * {1})", "max(0.5 * {0}, {1})"])
        return self.of(template, carry, x, decay, bound=4, dims=carry.dims | x.dims | (decay.dims if "{2}" in template else set()))
