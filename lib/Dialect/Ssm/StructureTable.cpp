//===- StructureTable.cpp - the table of matrix structures ------------------===//
//
// One function a structure, in the order of the language's table.
//
//===----------------------------------------------------------------------===//
#include "ssm/Dialect/Ssm/Structure.h"

#include "llvm/ADT/StringMap.h"

using namespace mlir;

namespace ssm {

namespace {

/// Writes a layout: names dimensions, makes sizes.
class Table {
public:
  Table(llvm::ArrayRef<int64_t> arguments, llvm::StringRef name, MatrixSide rows, MatrixSide columns)
      : arguments(arguments), name(name), rows(rows), columns(columns), context(rows.name.getContext()) {}

  StructureLayout make(Structure structure) {
    switch (structure) {
    case Structure::Diagonal:
      layout.isSquare = true;
      part("diagonal", {columnDim()}, constant(1));
      break;
    case Structure::LowRank: {
      StructureDim R = dim("R", constant(arguments[0]));
      part("left", {rowDim(), R}, R.size);
      part("right", {R, columnDim()}, columns.size);
      break;
    }
    case Structure::BlockDiagonal: {
      SizeAttr n = constant(arguments[0]);
      part("blocks", {dim("n", n), dim("o", exact(rows.size, n)), dim("i", exact(columns.size, n))}, columns.size, n);
      break;
    }
    case Structure::FlatButterfly:
      flatButterfly();
      break;
    case Structure::BlockSparse: {
      SizeAttr b = constant(arguments[0]), z = constant(arguments[1]);
      // A block of rows meets z b / O blocks on average, each with b columns.
      part("blocks", {dim("z", z), dim("b", b), dim("c", b)}, op(SizeOp::Mul, z, op(SizeOp::Mul, b, b)), rows.size);
      index("rows", dim("z", z));
      index("columns", dim("z", z));
      break;
    }
    case Structure::Monarch: {
      SizeAttr k = constant(arguments[0]), p = exact(columns.size, k);
      StructureDim K = dim("k", k), Q = dim("q", p);
      part("first", {K, Q, dim("p", p)}, p);
      part("second", {Q, dim("s", exact(op(SizeOp::Mul, rows.size, k), columns.size)), K}, k);
      break;
    }
    case Structure::Butterfly:
      layout.isSquare = true;
      part("twiddles",
           {dim("m", SizeAttr::make(SizeOp::Log2, {columns.size})), dim("h", op(SizeOp::FloorDiv, columns.size, constant(2))),
            dim("r", constant(2)), dim("c", constant(2))},
           constant(2));
      break;
    case Structure::Toeplitz:
      part("diagonals", {dim("d", op(SizeOp::Sub, op(SizeOp::Add, rows.size, columns.size), constant(1)))},
           columns.size);
      break;
    case Structure::Circulant:
      layout.isSquare = true;
      part("column", {columnDim()}, columns.size);
      break;
    }
    return std::move(layout);
  }

private:
  /// n is the largest power of two with n b dividing both sides; that it holds 2^k
  /// is said by an exact division.
  void flatButterfly() {
    SizeAttr b = constant(arguments[0]), span = constant(int64_t(1) << arguments[1]);
    SizeAttr largest = SizeAttr::make(
        SizeOp::Pow2Part, {op(SizeOp::Gcd, exact(rows.size, b), exact(columns.size, b))});
    SizeAttr n = op(SizeOp::Mul, exact(largest, span), span);
    SizeAttr slots = constant(arguments[1] + 1);
    part("blocks",
         {dim("n", n), dim("f", slots), dim("o", exact(rows.size, largest)), dim("i", exact(columns.size, largest))},
         op(SizeOp::Mul, slots, columns.size), largest);
  }

  SizeAttr constant(int64_t value) { return SizeAttr::constant(context, value); }
  SizeAttr op(SizeOp kind, SizeAttr a, SizeAttr b) { return SizeAttr::make(kind, {a, b}); }
  SizeAttr exact(SizeAttr a, SizeAttr b) { return op(SizeOp::Div, a, b); }
  StructureDim dim(llvm::StringRef key, SizeAttr size) {
    return {key, StringAttr::get(context, name + "." + key), size};
  }
  StructureDim rowDim() { return {"O", rows.name, rows.size}; }
  StructureDim columnDim() { return {"I", columns.name, columns.size}; }

  void part(llvm::StringRef partName, llvm::ArrayRef<StructureDim> dims, SizeAttr fanIn, SizeAttr divisor = {}) {
    layout.parts.push_back({partName, false, llvm::SmallVector<StructureDim, 4>(dims), fanIn,
                            divisor ? divisor : constant(1)});
  }
  void index(llvm::StringRef partName, StructureDim dim) { layout.parts.push_back({partName, true, {dim}, {}, {}}); }

  llvm::ArrayRef<int64_t> arguments;
  llvm::StringRef name;
  MatrixSide rows, columns;
  MLIRContext *context;
  StructureLayout layout;
};

} // namespace

llvm::ArrayRef<llvm::StringRef> getStructureArguments(Structure structure) {
  static const llvm::StringRef rank[] = {"R"}, blocks[] = {"n"}, flat[] = {"block", "factors"},
                               sparse[] = {"block", "count"}, monarch[] = {"k"};
  switch (structure) {
  case Structure::LowRank:
    return rank;
  case Structure::BlockDiagonal:
    return blocks;
  case Structure::FlatButterfly:
    return flat;
  case Structure::BlockSparse:
    return sparse;
  case Structure::Monarch:
    return monarch;
  default:
    return {};
  }
}

llvm::ArrayRef<llvm::StringRef> getStructureParts(Structure structure) {
  static const llvm::StringRef diagonal[] = {"diagonal"}, lowRank[] = {"left", "right"}, blocks[] = {"blocks"},
                               sparse[] = {"blocks", "rows", "columns"}, monarch[] = {"first", "second"},
                               butterfly[] = {"twiddles"}, toeplitz[] = {"diagonals"}, circulant[] = {"column"};
  switch (structure) {
  case Structure::Diagonal:
    return diagonal;
  case Structure::LowRank:
    return lowRank;
  case Structure::BlockDiagonal:
  case Structure::FlatButterfly:
    return blocks;
  case Structure::BlockSparse:
    return sparse;
  case Structure::Monarch:
    return monarch;
  case Structure::Butterfly:
    return butterfly;
  case Structure::Toeplitz:
    return toeplitz;
  case Structure::Circulant:
    return circulant;
  }
  return {};
}

std::string checkStructureArguments(Structure structure, llvm::ArrayRef<int64_t> arguments) {
  llvm::ArrayRef<llvm::StringRef> names = getStructureArguments(structure);
  for (auto [name, value] : llvm::zip(names, arguments)) {
    // No factors or no blocks are matrices all the same.
    int64_t least = name == "factors" || name == "count" ? 0 : 1;
    if (value < least)
      return (name + " is " + llvm::Twine(value) + ", it must be at least " + llvm::Twine(least)).str();
    if (name == "factors" && value > 32)
      return (name + " is " + llvm::Twine(value) + ", more than a matrix of 2^32 blocks has").str();
  }
  return "";
}

StructureLayout getStructureLayout(Structure structure, llvm::ArrayRef<int64_t> arguments, llvm::StringRef name,
                                   MatrixSide rows, MatrixSide columns) {
  return Table(arguments, name, rows, columns).make(structure);
}

llvm::FailureOr<llvm::StringMap<NamedDim>> bindStructure(StructuredOp op, std::string &why) {
  MatrixType type = op.getType();
  MLIRContext *context = op.getContext();
  MatrixSide rows = {type.getRows(), SizeAttr::ofDim(type.getRows())};
  MatrixSide columns = {type.getColumns(), SizeAttr::ofDim(type.getColumns())};
  StructureLayout layout = getStructureLayout(op.getStructure(), op.getParameters(), "", rows, columns);
  llvm::StringMap<NamedDim> bound;
  llvm::StringMap<llvm::StringRef> keyOf;
  bound["O"] = {type.getRows()};
  bound["I"] = {type.getColumns()};
  keyOf[type.getRows()] = "O";
  keyOf[type.getColumns()] = "I";
  (void)context;
  for (auto [part, value] : llvm::zip(layout.parts, op.getParts())) {
    NamedDims dims = getDims(value);
    auto fail = [&](const llvm::Twine &text) {
      why = ("part '" + part.name + "' " + text).str();
      return failure();
    };
    if (dims.size() < part.dims.size())
      return fail("has " + llvm::Twine(dims.size()) + " dimensions, it needs " + llvm::Twine(part.dims.size()));
    for (auto [expected, dim] : llvm::zip(part.dims, llvm::ArrayRef(dims).take_back(part.dims.size()))) {
      auto [known, fresh] = bound.try_emplace(expected.key, dim);
      if (!fresh && known->second.name != dim.name)
        return fail("has dimension '" + dim.name.getValue() + "' where '" + known->second.name.getValue() +
                    "' is needed");
      auto [key, isNew] = keyOf.try_emplace(dim.name.getValue(), expected.key);
      if (key->second != expected.key)
        return fail("has dimension '" + dim.name.getValue() + "' in two places");
      if (!known->second.isStatic())
        known->second.size = dim.size;
      std::optional<int64_t> size = expected.size.constantValue();
      if (size && dim.isStatic() && *size != dim.size)
        return fail("has size " + llvm::Twine(dim.size) + " along '" + dim.name.getValue() + "', it needs " +
                    llvm::Twine(*size));
      if (known->second.isStatic() && dim.isStatic() && known->second.size != dim.size)
        return fail("has size " + llvm::Twine(dim.size) + " along '" + dim.name.getValue() + "', another part has " +
                    llvm::Twine(known->second.size));
    }
    for (const NamedDim &dim : llvm::ArrayRef(dims).drop_back(part.dims.size()))
      if (keyOf.count(dim.name.getValue()))
        return fail("has dimension '" + dim.name.getValue() + "' in two places");
  }
  return bound;
}

} // namespace ssm
