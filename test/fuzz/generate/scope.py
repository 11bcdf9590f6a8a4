"""What an expression may use where it stands: names, dimensions, and what the place forbids."""
from dataclasses import dataclass, field
from typing import Dict, FrozenSet, List, Optional

from .tree import REAL, Expr


@dataclass(frozen=True)
class Name:
    name: str
    kind: str
    dims: FrozenSet[str]
    bound: float = 1.0

    def expr(self):
        return Expr(self.name, (), self.kind, self.dims, self.bound)


@dataclass
class Scope:
    names: List[Name] = field(default_factory=list)
    dims: List[str] = field(default_factory=list)  # every dimension bound so far
    gone: FrozenSet[str] = frozenset()  # scanned over: they exist for pos and size only
    stepped: Optional[str] = None  # the dimension of a layer's states: only what looks back is allowed
    kernels: List[str] = field(default_factory=list)  # dimensions meant for kernels of convolutions
    constants: Dict[str, int] = field(default_factory=dict)
    fresh: List[int] = field(default_factory=lambda: [0])
    before: Optional[list] = field(default_factory=list)  # (name, Expr) of lets to stand before this statement; None in a body

    def usable(self, whole=False):
        """Dimensions of values; whole: those that may be reduced, renamed, reversed."""
        return [d for d in self.dims if d not in self.gone and not (whole and d == self.stepped)]

    def inside(self, dim, names):
        """The scope of a scan's body."""
        gone = self.gone | {dim}
        inner = [Name(n.name, n.kind, n.dims - gone, n.bound) for n in self.names if n.name not in {m.name for m in names}]
        return Scope(inner + names, self.dims, gone, self.stepped, self.kernels, self.constants, self.fresh, None)

    def of_kind(self, kind, allowed=None):
        return [n for n in self.names if n.kind == kind and (allowed is None or n.dims <= allowed)]

    def new_name(self, stem):
        self.fresh[0] += 1
        return f"{stem}{self.fresh[0]}"


    def hoist(self, expr):
        """A let before the statement at hand; the expression that names it."""
        name = Name(self.new_name("h"), expr.kind, expr.dims, expr.bound)
        self.before.append((name.name, expr))
        self.names.append(name)
        return name.expr()


def real_literal(rng):
    return Expr(str(rng.choice([0.5, 0.25, 1.5, 0.3, 0.7, 1.1, 2e-1, 1e-3, 2.0])), (), REAL, frozenset(), 2.0)
