//===- WarnQuadratic.cpp - ssm-warn-quadratic: what grows with a square -----===//
//
// A value that is stored between two operations and grows with the square of an
// open dimension, where no argument or result does, is the usual reason for a
// layer that runs out of memory on long sequences:
//
//   let s = sum[D] q * k[L -> M]       M = L, so s has L**2 elements
//
// Maps are left out: they are computed where they are used.
//
//===----------------------------------------------------------------------===//
#include "ssm/Algebra/Passes.h"
#include "ssm/Dialect/Ssm/Ssm.h"

#include "llvm/ADT/MapVector.h"

using namespace mlir;

namespace ssm {

namespace {

/// Exponents of the open dimensions: {L: 2, B: 1}.
using Degrees = llvm::MapVector<StringAttr, unsigned>;

/// The sizes of a function's dimensions.
class Sizes {
public:
  explicit Sizes(ArrayAttr table) {
    for (auto dim : table.getAsRange<DimAttr>())
      entries[dim.getName()] = dim.getSize();
  }

  Degrees degrees(Type type) const {
    Degrees all;
    for (const NamedDim &dim : getDims(type))
      multiply(all, degrees(dim.name));
    return all;
  }

  /// "4 * B * L**2", the constant sizes multiplied out.
  std::string bytes(Type type, unsigned element) const {
    uint64_t constant = element;
    Degrees all;
    for (const NamedDim &dim : getDims(type)) {
      SizeAttr size = entries.lookup(dim.name);
      std::optional<int64_t> known = size ? size.constantValue() : std::nullopt;
      if (known)
        constant = llvm::SaturatingMultiply<uint64_t>(constant, *known);
      else // what is computed of one dimension counts as that dimension
        multiply(all, degrees(dim.name));
    }
    std::string text = std::to_string(constant);
    for (auto [name, degree] : all)
      text += " * " + name.str() + (degree > 1 ? "**" + std::to_string(degree) : "");
    return text;
  }

private:
  static void multiply(Degrees &into, const Degrees &factor) {
    for (auto [name, degree] : factor)
      into[name] += degree;
  }

  static Degrees larger(const Degrees &a, const Degrees &b) {
    Degrees result = a;
    for (auto [name, degree] : b)
      result[name] = std::max(result[name], degree);
    return result;
  }

  Degrees degrees(StringAttr name) const {
    if (SizeAttr size = entries.lookup(name))
      return degrees(size);
    Degrees open;
    open[name] = 1;
    return open;
  }

  Degrees degrees(SizeAttr size) const {
    switch (size.getOp()) {
    case SizeOp::Dim:
      return degrees(size.getDim());
    case SizeOp::Add:
    case SizeOp::Sub:
    case SizeOp::Max: {
      Degrees most;
      for (unsigned i = 0; i < size.getOperands().size(); ++i)
        most = larger(most, degrees(size.operand(i)));
      return most;
    }
    case SizeOp::Mul: {
      Degrees product;
      for (unsigned i = 0; i < size.getOperands().size(); ++i)
        multiply(product, degrees(size.operand(i)));
      return product;
    }
    case SizeOp::FloorDiv:
    case SizeOp::CeilDiv:
    case SizeOp::Div:
      // Divided by what is open it need not grow.
      return degrees(size.operand(1)).empty() ? degrees(size.operand(0)) : Degrees();
    default: // bounded by a constant, or not known to grow
      return {};
    }
  }

  llvm::DenseMap<StringAttr, SizeAttr> entries;
};

/// Operations whose result is written to memory on the plain path.
bool isStored(Operation *op) {
  return !isa<MapOp, PosOp, AlignOp, RenameOp, SizeOfOp, YieldOp, arith::ConstantOp>(op) &&
         op->getName().getDialectNamespace() == SsmDialect::getDialectNamespace();
}

unsigned bytesOf(Type element) {
  if (auto complex = dyn_cast<ComplexType>(element))
    return 2 * bytesOf(complex.getElementType());
  return llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
}

class WarnQuadraticPass : public PassWrapper<WarnQuadraticPass, OperationPass<func::FuncOp>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(WarnQuadraticPass)
  StringRef getArgument() const final { return "ssm-warn-quadratic"; }
  StringRef getDescription() const final { return "Warn of values that grow with the square of an open dimension"; }

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    auto table = function->getAttrOfType<ArrayAttr>(kDimsAttr);
    if (!table)
      return;
    Sizes sizes(table);
    Degrees allowed;
    for (Type type : llvm::concat<const Type>(function.getArgumentTypes(), function.getResultTypes()))
      if (isNamedTensor(type))
        for (auto [name, degree] : sizes.degrees(type))
          allowed[name] = std::max(allowed[name], degree);
    function.walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (!isStored(op))
        return;
      for (Value result : op->getResults())
        if (isNamedTensor(result.getType()))
          check(op, result.getType(), sizes, allowed);
    });
    markAllAnalysesPreserved();
  }

private:
  /// One warning for a dimension: what follows from the value has its size too.
  static void check(Operation *op, Type type, const Sizes &sizes, Degrees &allowed) {
    for (auto [name, degree] : sizes.degrees(type)) {
      unsigned &known = allowed[name];
      if (degree < 2 || degree <= known)
        continue;
      known = degree;
      op->emitWarning() << "this is written to memory and grows with the " << (degree == 2 ? "square" : "third power or more")
                        << " of '" << name.getValue() << "', as no argument or result does: "
                        << formatDims(getDims(type)) << " takes "
                        << sizes.bytes(type, bytesOf(cast<RankedTensorType>(type).getElementType())) << " bytes";
    }
  }
};

} // namespace

std::unique_ptr<Pass> createWarnQuadraticPass() { return std::make_unique<WarnQuadraticPass>(); }

} // namespace ssm
