//===- Loops.cpp - linalg.generic over named dimensions ---------------------===//
#include "Lowering.h"

using namespace mlir;

namespace ssm {

Value Loop::index(StringRef dim) const {
  return linalg::IndexOp::create(b, *findDim(dims, dim));
}

AffineMap Lowering::mapFor(ArrayRef<NamedDim> operand, ArrayRef<NamedDim> loop) const {
  SmallVector<AffineExpr> places;
  for (const NamedDim &d : operand)
    places.push_back(getAffineDimExpr(*findDim(loop, d.name), b.getContext()));
  return AffineMap::get(loop.size(), 0, places, b.getContext());
}

Named Lowering::elementwise(ArrayRef<NamedDim> dims, Type element, ArrayRef<Named> operands, LoopBody body,
                            Value into) {
  Value target = into ? into : empty(dims, element);
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  for (const Named &operand : operands) {
    inputs.push_back(operand.tensor);
    maps.push_back(mapFor(operand.dims, dims));
  }
  maps.push_back(mapFor(dims, dims));
  SmallVector<utils::IteratorType> iterators(dims.size(), utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      b, TypeRange{target.getType()}, inputs, ValueRange{target}, maps, iterators,
      [&](OpBuilder &nested, Location loc, ValueRange elements) {
        ImplicitLocOpBuilder inner(loc, nested);
        Loop loop{inner, elements.drop_back(), dims};
        linalg::YieldOp::create(inner, body(loop));
      });
  return {generic.getResult(0), NamedDims(dims)};
}

Named Lowering::reduction(ArrayRef<NamedDim> kept, ArrayRef<NamedDim> removed, Value identity,
                          ArrayRef<Named> operands, CombineBody combine) {
  NamedDims all(kept);
  all.append(removed.begin(), removed.end());
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  auto covers = [&](const NamedDim &d) {
    return llvm::any_of(operands, [&](const Named &o) { return findDim(o.dims, d.name).has_value(); });
  };
  for (const Named &operand : operands) {
    inputs.push_back(operand.tensor);
    maps.push_back(mapFor(operand.dims, all));
  }
  // Every loop needs an operand to take its length from.
  NamedDims bare;
  for (const NamedDim &d : removed)
    if (!covers(d))
      bare.push_back(d);
  if (!bare.empty()) {
    inputs.push_back(empty(bare, b.getI8Type()));
    maps.push_back(mapFor(bare, all));
  }
  maps.push_back(mapFor(kept, all));
  SmallVector<utils::IteratorType> iterators(kept.size(), utils::IteratorType::parallel);
  iterators.append(removed.size(), utils::IteratorType::reduction);
  Value target = filled(kept, identity);
  auto generic = linalg::GenericOp::create(
      b, TypeRange{target.getType()}, inputs, ValueRange{target}, maps, iterators,
      [&](OpBuilder &nested, Location loc, ValueRange elements) {
        ImplicitLocOpBuilder inner(loc, nested);
        Loop loop{inner, elements.take_front(operands.size()), all};
        linalg::YieldOp::create(inner, combine(loop, elements.back()));
      });
  return {generic.getResult(0), NamedDims(kept)};
}

Named Lowering::align(Named operand, ArrayRef<NamedDim> dims) {
  if (ArrayRef<NamedDim>(operand.dims) == dims)
    return operand;
  Type element = llvm::cast<RankedTensorType>(operand.tensor.getType()).getElementType();
  return elementwise(dims, element, {operand}, [](Loop &loop) { return loop.elements[0]; });
}

} // namespace ssm
