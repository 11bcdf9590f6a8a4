//===- Lowering.cpp - the walk, and what all families need ------------------===//
#include "Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace ssm::tile::gpu {

Lowering::Lowering(KernelOp kernel, const LoweringTable &table, bool checked)
    : b(kernel.getLoc(), kernel), ptx(b), kernel(kernel), checked(checked), table(table) {}

Values &Lowering::of(Value value) {
  auto at = values.find(value);
  assert(at != values.end() && "a value is lowered before its uses");
  // Constants are shared by roles of other sizes: one register's value, as often as here.
  if (isa_and_nonnull<arith::ConstantOp, ub::PoisonOp>(value.getDefiningOp()) && !at->second.empty())
    if (size_t count = types(value.getType()).size(); count != at->second.size())
      at->second = Values(count, Value(at->second.front()));
  return at->second;
}

Values Lowering::flat(ValueRange range) {
  Values all;
  for (Value value : range)
    llvm::append_range(all, of(value));
  return all;
}

void Lowering::bindFlat(ValueRange range, ValueRange registers) {
  for (Value value : range) {
    unsigned count = types(value.getType()).size();
    bind(value, Values(registers.take_front(count)));
    registers = registers.drop_front(count);
  }
  assert(registers.empty() && "registers and types agree");
}

LogicalResult Lowering::lower(Operation *op) {
  b.setLoc(op->getLoc());
  if (LowerFunction function = table.find(op))
    return function(op, *this);
  return lowerGeneric(op);
}

LogicalResult Lowering::lowerGeneric(Operation *op) {
  bool tiles = llvm::any_of(op->getOperandTypes(), isRegisterTile) || llvm::any_of(op->getResultTypes(), isRegisterTile);
  if (tiles && isElementwise(op))
    return lowerElementwise(op, *this);
  if (tiles || op->getNumRegions() || !isa<arith::ArithDialect, math::MathDialect>(op->getDialect()))
    return op->emitOpError("has no lowering to this GPU");
  return lowerScalar(op, *this);
}

LogicalResult Lowering::lowerBody(Block &block) {
  for (Operation &op : block.without_terminator())
    if (failed(lower(&op)))
      return failure();
  return success();
}

LogicalResult lowerScalar(Operation *op, Lowering &l) {
  // index_cast between index and i32 has nothing left to do.
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp>(op)) {
    Type to = l.types(op->getResult(0).getType()).front();
    Value from = l.single(op->getOperand(0));
    if (from.getType() != to) {
      if (from.getType().getIntOrFloatBitWidth() > to.getIntOrFloatBitWidth())
        from = arith::TruncIOp::create(l.b, to, from);
      else if (isa<arith::IndexCastOp>(op))
        from = arith::ExtSIOp::create(l.b, to, from);
      else
        from = arith::ExtUIOp::create(l.b, to, from);
    }
    l.bind(op->getResult(0), {from});
    return success();
  }
  Values operands = l.flat(op->getOperands());
  if (!operands.empty())
    if (Value fast = approximate(op, operands, l)) {
      l.bind(op->getResult(0), {fast});
      return success();
    }
  OperationState state(op->getLoc(), op->getName());
  state.addOperands(operands);
  state.addTypes(l.types(op->getResultTypes()));
  for (NamedAttribute attr : op->getAttrs()) {
    Attribute value = attr.getValue();
    if (auto integer = dyn_cast<IntegerAttr>(value); integer && integer.getType().isIndex())
      value = l.b.getI32IntegerAttr(integer.getInt());
    state.addAttribute(attr.getName(), value);
  }
  Operation *made = l.b.create(state);
  for (auto [result, value] : llvm::zip(op->getResults(), made->getResults()))
    l.bind(result, {value});
  return success();
}

//===----------------------------------------------------------------------===//
// Scalars
//===----------------------------------------------------------------------===//

Value Lowering::constant(int64_t value) { return arith::ConstantOp::create(b, b.getI32IntegerAttr(value)); }
Value Lowering::constant(double value) { return arith::ConstantOp::create(b, b.getF32FloatAttr(value)); }

std::optional<int64_t> Lowering::constantOf(Value value) {
  APInt constant;
  if (value && matchPattern(value, m_ConstantInt(&constant)))
    return constant.getSExtValue();
  return std::nullopt;
}
std::optional<int64_t> Lowering::constantOf(OpFoldResult offset) {
  if (auto attr = dyn_cast<Attribute>(offset))
    return cast<IntegerAttr>(attr).getInt();
  return constantOf(cast<Value>(offset));
}
Value Lowering::valueOf(OpFoldResult offset) {
  if (std::optional<int64_t> known = constantOf(offset))
    return constant(*known);
  return single(cast<Value>(offset));
}

Value Lowering::add(Value a, Value c) {
  if (!a || !c)
    return a ? a : c;
  if (constantOf(a))
    std::swap(a, c);
  if (std::optional<int64_t> known = constantOf(c)) {
    if (*known == 0)
      return a;
    if (std::optional<int64_t> other = constantOf(a))
      return arith::ConstantOp::create(b, b.getIntegerAttr(a.getType(), *known + *other));
  }
  return arith::AddIOp::create(b, a, c);
}
Value Lowering::add(Value a, int64_t c) {
  if (!a || c == 0)
    return a ? a : constant(c);
  return add(a, arith::ConstantOp::create(b, b.getIntegerAttr(a.getType(), c)).getResult());
}
Value Lowering::mul(Value a, int64_t c) {
  if (!a || c == 0)
    return Value();
  if (c == 1)
    return a;
  if (std::optional<int64_t> known = constantOf(a))
    return arith::ConstantOp::create(b, b.getIntegerAttr(a.getType(), *known * c));
  bool shift = llvm::isPowerOf2_64(c);
  Value by = arith::ConstantOp::create(b, b.getIntegerAttr(a.getType(), shift ? llvm::Log2_64(c) : c));
  return shift ? arith::ShLIOp::create(b, a, by).getResult() : arith::MulIOp::create(b, a, by).getResult();
}
Value Lowering::divide(Value a, int64_t powerOfTwo) {
  if (!a || powerOfTwo == 1)
    return a;
  return arith::ShRUIOp::create(b, a, constant(int64_t(llvm::Log2_64(powerOfTwo))));
}
Value Lowering::modulo(Value a, int64_t powerOfTwo) {
  if (!a || powerOfTwo == 1)
    return Value();
  return arith::AndIOp::create(b, a, constant(powerOfTwo - 1));
}
Value Lowering::exclusiveOr(Value a, int64_t c) {
  if (!a)
    return c ? constant(c) : Value();
  return c ? arith::XOrIOp::create(b, a, constant(c)).getResult() : a;
}
Value Lowering::both(Value a, Value c) {
  if (!a || !c)
    return a ? a : c;
  return arith::AndIOp::create(b, a, c);
}
Value Lowering::compare(arith::CmpIPredicate predicate, Value a, Value c) {
  return arith::CmpIOp::create(b, predicate, a, c);
}
Value Lowering::select(Value condition, Value a, Value c) { return arith::SelectOp::create(b, condition, a, c); }
Value Lowering::widen(Value a) { return arith::ExtSIOp::create(b, b.getI64Type(), a); }

//===----------------------------------------------------------------------===//
// Registers of 16-bit elements
//===----------------------------------------------------------------------===//

Values Lowering::unpacked(ValueRange registers, Type element) {
  if (!isHalf(element))
    return Values(registers);
  Values elements;
  for (Value pair : registers)
    for (bool high : {false, true})
      elements.push_back(ptx.unpack(pair, high, element));
  return elements;
}

Values Lowering::packed(ValueRange elements, Type element) {
  if (!isHalf(element))
    return Values(elements);
  Values registers;
  for (unsigned i = 0; i + 1 < elements.size(); i += 2)
    registers.push_back(ptx.pack(elements[i], elements[i + 1], element));
  if (elements.size() % 2)
    registers.push_back(ptx.packOne(elements.back(), element));
  return registers;
}

} // namespace ssm::tile::gpu
