//===- PrintAst.cpp - the syntax tree as text -------------------------------===//
//
// Prints nested lists, broken where a line would pass 80 columns:
//
//   (layer norm
//     (argument x f32[B, D])
//     (result f32[B, D])
//     (let m (mean [D] x))
//     (return (- x m)))
//
//===----------------------------------------------------------------------===//
#include "ssm/Frontend/Program.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"

using namespace ssm;
using namespace ssm::ast;
using llvm::StringRef;

namespace {

/// A list to print: `(head item item)`, or the bare head if it is an atom.
struct Node {
  std::string head;
  std::vector<Node> items;
  bool atom = true;
  size_t width = 0; // of the whole on one line

  Node(std::string text) : head(std::move(text)), width(head.size()) {}
  Node(std::string head, std::vector<Node> list)
      : head(std::move(head)), items(std::move(list)), atom(false) {
    width = this->head.size() + 2;
    for (const Node &item : items)
      width += item.width + 1;
  }
};

void print(const Node &node, llvm::raw_ostream &os, size_t indent, bool broken = false) {
  if (node.atom) {
    os << node.head;
    return;
  }
  broken |= indent + node.width > 80;
  os << '(' << node.head;
  bool leading = true; // atoms stay behind the head
  for (const Node &item : node.items) {
    leading &= item.atom;
    if (broken && !leading)
      (os << '\n').indent(indent + 2);
    else
      os << ' ';
    print(item, os, broken ? indent + 2 : 0);
  }
  os << ')';
}

Node toNode(const Expr &expr);
Node toNode(const Let &let);

std::string join(llvm::ArrayRef<Ident> names, const char *open, const char *close) {
  std::string text = open;
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(names, os, [&](const Ident &name) { os << name.name; });
  return text + close;
}

std::string nameOrTuple(llvm::ArrayRef<Ident> names) {
  return names.size() == 1 ? names[0].name.str() : join(names, "(", ")");
}

StringRef spelling(BinaryOp op) {
  static constexpr StringRef spellings[] = {"+", "-",  "*", "/",  "**", "<",  "<=",
                                            ">", ">=", "==", "!=", "and", "or"};
  return spellings[size_t(op)];
}

/// A real number in few digits that read back as the same.
std::string spelling(const NumberExpr &number) {
  if (number.whole)
    return std::to_string(number.integer);
  std::string text;
  for (int digits = 1; digits <= 17; ++digits) {
    text.clear();
    llvm::raw_string_ostream(text) << llvm::format("%.*g", digits, number.real);
    if (std::strtod(text.c_str(), nullptr) == number.real)
      break;
  }
  if (StringRef(text).find_first_of(".e") == StringRef::npos)
    text += ".0";
  return text;
}

Node toNode(const Block &block) {
  std::vector<Node> items;
  for (const Let &let : block.lets)
    items.push_back(toNode(let));
  items.push_back(toNode(*block.result));
  return Node("block", std::move(items));
}

Node toNode(const Let &let) {
  return Node("let", {Node(nameOrTuple(let.names)), toNode(*let.value)});
}

Node toNode(const CallExpr &call) {
  std::vector<Node> items = {Node(call.callee.str())};
  for (const DimArgument &argument : call.dimArguments)
    items.push_back(Node(argument.name.name.str() + " =", {toNode(*argument.value)}));
  for (const ExprPtr &argument : call.arguments)
    items.push_back(toNode(*argument));
  return Node("call", std::move(items));
}

Node toNode(const IndexExpr &index) {
  std::vector<Node> items = {toNode(*index.base)};
  for (const IndexEntry &entry : index.entries) {
    std::string dim = entry.dim.name.str();
    if (entry.renamed)
      items.push_back(Node("(" + dim + " -> " + entry.renamed->name.str() + ")"));
    else
      items.push_back(Node(dim + " =", {toNode(*entry.index)}));
  }
  return Node("index", std::move(items));
}

Node toNode(const FourierExpr &fourier) {
  std::string dims = "[";
  for (auto &[from, to] : fourier.dims)
    dims += (dims.size() > 1 ? ", " : "") + from.name.str() + " -> " + to.name.str();
  return Node(fourier.name.str(), {Node(dims + "]"), toNode(*fourier.operand)});
}

Node toNode(const WindowExpr &window) {
  std::vector<Node> items = {Node(join(window.dims, "[", "]")), toNode(*window.first),
                             toNode(*window.second)};
  if (window.mode)
    items.push_back(Node(window.mode->name.str()));
  return Node(window.isConv ? "conv" : "shift", std::move(items));
}

Node toNode(const Expr &expr) {
  using llvm::cast;
  switch (expr.kind()) {
  case Expr::Number:
    return Node(spelling(cast<NumberExpr>(expr)));
  case Expr::Name:
    return Node(cast<NameExpr>(expr).name.str());
  case Expr::Tuple: {
    std::vector<Node> items;
    for (const ExprPtr &element : cast<TupleExpr>(expr).elements)
      items.push_back(toNode(*element));
    return Node("tuple", std::move(items));
  }
  case Expr::Unary: {
    auto &unary = cast<UnaryExpr>(expr);
    return Node(unary.op == UnaryOp::Neg ? "-" : "not", {toNode(*unary.operand)});
  }
  case Expr::Binary: {
    auto &binary = cast<BinaryExpr>(expr);
    return Node(spelling(binary.op).str(), {toNode(*binary.lhs), toNode(*binary.rhs)});
  }
  case Expr::Reduction: {
    auto &reduction = cast<ReductionExpr>(expr);
    return Node(reduction.name.str(),
                {Node(join(reduction.dims, "[", "]")), toNode(*reduction.operand)});
  }
  case Expr::Index:
    return toNode(cast<IndexExpr>(expr));
  case Expr::Call:
    return toNode(cast<CallExpr>(expr));
  case Expr::Window:
    return toNode(cast<WindowExpr>(expr));
  case Expr::Fourier:
    return toNode(cast<FourierExpr>(expr));
  case Expr::Scan: {
    auto &scan = cast<ScanExpr>(expr);
    return Node(scan.reverse ? "reverse scan" : "scan",
                {Node(join(scan.dims, "[", "]")), Node(nameOrTuple(scan.names)),
                 toNode(*scan.init), toNode(scan.body)});
  }
  case Expr::Repeat: {
    auto &repeat = cast<RepeatExpr>(expr);
    return Node("repeat", {toNode(*repeat.count), Node(nameOrTuple(repeat.names)),
                           toNode(*repeat.init), toNode(repeat.body)});
  }
  }
  llvm_unreachable("every kind is above");
}

Node toNode(const Type &type) {
  std::vector<Node> items;
  std::string text;
  if (type.structure) {
    std::vector<Node> arguments;
    for (const StructureArgument &argument : type.structure->arguments)
      arguments.push_back(argument.name ? Node(argument.name->name.str() + " =",
                                               {toNode(*argument.value)})
                                        : toNode(*argument.value));
    items.push_back(Node(type.structure->name.name.str(), std::move(arguments)));
  }
  text = type.element.name.str() + "[";
  for (const TypeDim &dim : type.dims)
    text += (&dim != &type.dims.front() ? ", " : "") + dim.name.str() + (dim.ragged ? "[...]" : "");
  text += "]";
  if (items.empty())
    return Node(text);
  items.push_back(Node(text));
  return Node("structured", std::move(items));
}

Node toNode(const Statement &statement) {
  Node name(statement.name.name.str());
  switch (statement.kind) {
  case Statement::Const:
    return Node("const", {name, toNode(*statement.let.value)});
  case Statement::Param:
    return Node("param", {name, toNode(statement.type), toNode(*statement.let.value)});
  case Statement::State:
    return Node("state", {name, toNode(statement.type), toNode(*statement.let.value)});
  case Statement::LetStatement:
    return toNode(statement.let);
  case Statement::Schedule: {
    std::vector<Node> items;
    for (auto &[key, value] : statement.schedule)
      items.push_back(Node(key.name.str() + " =", {Node(value.name.str())}));
    return Node("schedule", std::move(items));
  }
  }
  llvm_unreachable("every kind is above");
}

} // namespace

void ssm::printAst(const Layer &layer, llvm::raw_ostream &os) {
  std::vector<Node> items;
  for (const Argument &argument : layer.arguments)
    items.push_back(Node("argument", {Node(argument.name.name.str()), toNode(argument.type)}));
  for (const Type &type : layer.results)
    items.push_back(Node("result", {toNode(type)}));
  for (const Statement &statement : layer.statements)
    items.push_back(toNode(statement));
  items.push_back(Node("return", {toNode(*layer.result)}));
  print(Node("layer " + layer.name.name.str(), std::move(items)), os, 0, /*broken=*/true);
  os << '\n';
}

void ssm::printAst(const File &file, llvm::raw_ostream &os) {
  for (const Import &import : file.imports)
    os << "(import \"" << import.path << "\")\n";
  for (const std::unique_ptr<Layer> &layer : file.layers)
    printAst(*layer, os);
}
