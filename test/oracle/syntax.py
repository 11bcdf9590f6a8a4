"""The syntax tree of the reference evaluator: one class a form of the grammar."""
from dataclasses import dataclass, field
from typing import Any, List, Optional, Tuple


@dataclass(eq=False)
class Node:
    line: int


@dataclass(eq=False)
class Number(Node):
    value: Any  # an int where the literal is whole, else a float


@dataclass(eq=False)
class Name(Node):
    name: str


@dataclass(eq=False)
class TupleOf(Node):
    elements: List[Node]


@dataclass(eq=False)
class Unary(Node):
    op: str  # - not
    operand: Node


@dataclass(eq=False)
class Binary(Node):
    op: str
    left: Node
    right: Node


@dataclass(eq=False)
class Reduction(Node):
    name: str
    dims: List[str]
    operand: Node


@dataclass(eq=False)
class Index(Node):
    base: Node
    renames: List[Tuple[str, str]]
    picks: List[Tuple[str, Node]]


@dataclass(eq=False)
class Call(Node):
    callee: str
    sizes: List[Tuple[str, Node]]  # <D = H, N = 16>
    arguments: List[Node]


@dataclass(eq=False)
class Window(Node):
    name: str  # shift, conv
    dims: List[str]
    first: Node
    second: Node
    mode: Optional[str]


@dataclass(eq=False)
class Fourier(Node):
    name: str
    dims: List[Tuple[str, str]]
    operand: Node


@dataclass(eq=False)
class Block(Node):
    lets: list
    result: Node


@dataclass(eq=False)
class Scan(Node):
    reverse: bool
    dim: str
    names: List[str]
    init: Node
    body: Block


@dataclass(eq=False)
class Repeat(Node):
    count: Node
    names: List[str]
    init: Node
    body: Block


@dataclass(eq=False)
class Type(Node):
    element: str
    dims: List[str]
    structure: Optional[str] = None
    arguments: List[Tuple[Optional[str], Node]] = field(default_factory=list)


@dataclass(eq=False)
class Statement(Node):
    kind: str  # const, param, state, let
    names: List[str]
    type: Optional[Type]
    value: Node


@dataclass(eq=False)
class Layer(Node):
    name: str
    arguments: List[Tuple[str, Type]]
    results: List[Type]
    statements: List[Statement]
    result: Node
    schedule: List[Tuple[str, str]]


def calls(node):
    """Every Call below a node, in the order of the text."""
    if isinstance(node, Call):
        yield node
    if isinstance(node, Node):
        for value in vars(node).values():
            yield from calls(value)
    elif isinstance(node, (list, tuple)):
        for value in node:
            yield from calls(value)
