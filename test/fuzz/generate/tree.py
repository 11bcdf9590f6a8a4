"""A random program as a tree of text: what can be written out and made smaller.

An Expr is a template with its operands in braces; beside the text it knows what the generator
needs to stay well-typed and of moderate size: kind, dimensions and a bound of the magnitude.
"""
from dataclasses import dataclass, field, replace
from typing import FrozenSet, List, Tuple

REAL, INT, BOOL, COMPLEX = "real", "int", "bool", "complex"


@dataclass(frozen=True, eq=False)
class Expr:
    template: str
    operands: Tuple["Expr", ...] = ()
    kind: str = REAL
    dims: FrozenSet[str] = frozenset()
    bound: float = 1.0

    def __str__(self):
        return self.template.format(*self.operands)

    def walk(self, path=()):
        """Every (path, node), the root first."""
        yield path, self
        for i, operand in enumerate(self.operands):
            yield from operand.walk(path + (i,))

    def with_at(self, path, node):
        if not path:
            return node
        operands = list(self.operands)
        operands[path[0]] = operands[path[0]].with_at(path[1:], node)
        return replace(self, operands=tuple(operands))


@dataclass(frozen=True)
class Line:
    """A statement: what stands before its expression, and the expression."""
    head: str
    expr: Expr

    def __str__(self):
        return f"  {self.head} {self.expr}"


@dataclass(frozen=True)
class LayerText:
    name: str
    arguments: Tuple[Tuple[str, str], ...]  # name, type
    results: Tuple[str, ...]
    lines: Tuple[Line, ...]
    returned: Tuple[Expr, ...]

    def __str__(self):
        arguments = ", ".join(f"{n}: {t}" for n, t in self.arguments)
        results = self.results[0] if len(self.results) == 1 else f"({', '.join(self.results)})"
        returned = str(self.returned[0]) if len(self.returned) == 1 else f"({', '.join(map(str, self.returned))})"
        lines = "".join(f"{line}\n" for line in self.lines)
        return f"layer {self.name}({arguments}) -> {results} {{\n{lines}  return {returned}\n}}\n"


@dataclass(frozen=True)
class Program:
    layers: Tuple[LayerText, ...]
    stepped: bool = False  # whether the last layer has states
    fixed: dict = field(default_factory=dict)  # sizes that several dimensions must have: {name: name or number}

    def __str__(self):
        return "\n".join(map(str, self.layers))


def smaller(program) -> List[Program]:
    """Programs with one thing less, the largest cuts first. They need not be well-typed."""
    for i, layer in enumerate(program.layers[:-1]):
        yield replace(program, layers=program.layers[:i] + program.layers[i + 1:])
    for i, layer in enumerate(program.layers):
        for changed in _smaller_layer(layer):
            yield replace(program, layers=program.layers[:i] + (changed,) + program.layers[i + 1:])


def _smaller_layer(layer):
    def without(sequence, k):
        return sequence[:k] + sequence[k + 1:]

    for k in range(len(layer.returned)) if len(layer.returned) > 1 else []:
        yield replace(layer, returned=without(layer.returned, k), results=without(layer.results, k))
    for k in reversed(range(len(layer.lines))):
        yield replace(layer, lines=without(layer.lines, k))
    for k in range(len(layer.arguments)):
        yield replace(layer, arguments=without(layer.arguments, k))
    for k, expr in enumerate(layer.returned):
        for e in _smaller_expr(expr):
            yield replace(layer, returned=layer.returned[:k] + (e,) + layer.returned[k + 1:])
    for k, line in enumerate(layer.lines):
        for e in _smaller_expr(line.expr):
            yield replace(layer, lines=layer.lines[:k] + (replace(line, expr=e),) + layer.lines[k + 1:])


def _smaller_expr(expr):
    literal = {INT: "1", BOOL: "true", REAL: "0.5", COMPLEX: "complex(0.5, 0.25)"}
    for path, node in expr.walk():
        for operand in node.operands:
            yield expr.with_at(path, operand)
        if node.operands and node.kind != BOOL and node.kind in literal:  # several carries have no literal
            yield expr.with_at(path, Expr(literal[node.kind], kind=node.kind))
