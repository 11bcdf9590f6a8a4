//===- Host.cpp - an entry as launches --------------------------------------===//
//
// Buffers become allocations, views of them the kernels' arguments, sizes expressions
// of the entry's dimensions. Nothing runs on the host but launches, so whatever is left
// beside them is refused where it stands.
//
//===----------------------------------------------------------------------===//
#include "Host.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;

namespace ssm::tile {
namespace {

class Launches {
public:
  Launches(func::FuncOp entry, const KernelsOf &kernels)
      : b(entry.getLoc(), entry.getContext()), entry(entry), kernels(kernels) {
    if (auto table = entry->getAttrOfType<ArrayAttr>(kDimsAttr))
      for (auto dim : table.getAsRange<DimAttr>())
        if (dim.getSize())
          expressions[dim.getName()] = dim.getSize();
  }
  LogicalResult run();

private:
  SizeAttr constant(int64_t value) { return SizeAttr::constant(b.getContext(), value); }
  SizeAttr sizeOf(const NamedDim &dim) { return dim.isStatic() ? constant(dim.size) : sizeOf(dim.name); }
  SizeAttr sizeOf(StringAttr dim) {
    SizeAttr known = expressions.lookup(dim);
    return known ? known : SizeAttr::ofDim(dim);
  }
  SizeAttr product(SizeAttr a, SizeAttr c) {
    if (a.constantValue() == 1)
      return c;
    if (c.constantValue() == 1)
      return a;
    return SizeAttr::make(ssm::SizeOp::Mul, {a, c});
  }
  Value allocate(Type type);
  Value makeView(Value tensor, const KernelArgument &argument, Type type);
  void launch(const KernelInterface &kernel, ArrayRef<Value> tensors, llvm::function_ref<SizeAttr(unsigned)> sizeArgument,
              bool otherwise, bool last);
  LogicalResult convert(ssm::LaunchOp op);

  ImplicitLocOpBuilder b;
  func::FuncOp entry;
  const KernelsOf &kernels;
  llvm::StringMap<SizeAttr> expressions;
  llvm::DenseMap<Value, Value> memory; // what lies in the memory of another value
};

Value Launches::allocate(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<Attribute> sizes;
  bool derived = false;
  for (const NamedDim &d : getDims(tensor)) {
    sizes.push_back(sizeOf(d));
    derived |= !d.isStatic() && expressions.contains(d.name);
  }
  return AllocOp::create(b, tensor, AllocInit::None, derived ? b.getArrayAttr(sizes) : ArrayAttr());
}

Value Launches::makeView(Value tensor, const KernelArgument &argument, Type type) {
  const KernelArgument::View &view = *argument.view;
  NamedDims dims = view.type.getDims();
  SmallVector<Attribute> sizes, strides;
  SizeAttr parts = constant(isa<ComplexType>(view.type.getElementType()) ? 2 : 1);
  for (StringAttr name : view.order) {
    if (!name) {
      sizes.push_back(constant(1));
      strides.push_back(parts);
      continue;
    }
    unsigned place = *findDim(dims, name);
    SizeAttr stride = parts;
    for (const NamedDim &d : ArrayRef(dims).drop_front(place + 1))
      stride = product(stride, sizeOf(d));
    sizes.push_back(sizeOf(dims[place]));
    strides.push_back(stride);
  }
  if (parts.constantValue() == 2) {
    sizes.push_back(parts);
    strides.push_back(constant(1));
  }
  if (argument.isMap) // all strides but the innermost, which is 1
    return TensorMapOp::create(b, type, tensor, Attribute(), b.getArrayAttr(sizes), b.getArrayAttr(ArrayRef(strides).drop_front()));
  return GlobalViewOp::create(b, type, tensor, Attribute(), b.getArrayAttr(sizes), b.getArrayAttr(strides));
}

void Launches::launch(const KernelInterface &kernel, ArrayRef<Value> tensors, llvm::function_ref<SizeAttr(unsigned)> sizeArgument,
                      bool otherwise, bool last) {
  KernelOp code = kernel.kernel;
  SmallVector<Value> arguments;
  for (auto [argument, type] : llvm::zip(kernel.arguments, code.getArgumentTypes()))
    arguments.push_back(argument.view ? makeView(tensors[argument.view->buffer], argument, type)
                                      : SizeOp::create(b, sizeArgument(argument.size)).getResult());
  SizeAttr items = constant(1), cores = SizeAttr::ofDim(b.getStringAttr("%sms"));
  for (const OwnedRange &range : kernel.ranges) {
    SizeAttr extent = range.argument ? sizeArgument(*range.argument) : constant(range.constant);
    if (range.atLeastOne)
      extent = SizeAttr::make(ssm::SizeOp::Max, {extent, constant(1)});
    items = product(items, range.step == 1 ? extent : SizeAttr::make(ssm::SizeOp::CeilDiv, {extent, constant(range.step)}));
  }
  SizeAttr ctas = kernel.itemsOfCta == 1 ? items
                                         : SizeAttr::make(ssm::SizeOp::CeilDiv, {items, constant(kernel.itemsOfCta)});
  if (kernel.ctasOfCore)
    ctas = SizeAttr::make(ssm::SizeOp::Min, {ctas, product(constant(kernel.ctasOfCore), cores)});
  SmallVector<Attribute> where;
  for (const Room &room : kernel.where) {
    switch (room.kind) {
    case Room::AtMost:
      where.push_back(SizeAttr::make(ssm::SizeOp::Sub, {constant(room.size), sizeArgument(room.argument)}));
      break;
    case Room::AtLeast:
      where.push_back(SizeAttr::make(ssm::SizeOp::Sub, {sizeArgument(room.argument), constant(room.size)}));
      break;
    case Room::Busy:
      where.push_back(SizeAttr::make(ssm::SizeOp::Sub, {items, cores}));
      break;
    }
  }
  LaunchOp::create(b, code.getSymName(), otherwise, b.getArrayAttr({ctas, constant(1), constant(1)}),
                   where.empty() || last ? ArrayAttr() : b.getArrayAttr(where), arguments);
}

LogicalResult Launches::convert(ssm::LaunchOp op) {
  auto found = kernels.find(op.getKernel());
  if (found == kernels.end())
    return op.emitOpError() << "launches @" << op.getKernel() << ", which has no tile program";
  b.setInsertionPoint(op);
  b.setLoc(op.getLoc());
  SmallVector<Value> tensors;
  for (Value input : op.getInputs()) {
    Value there = memory.lookup(input);
    tensors.push_back(there ? there : input);
  }
  for (Value output : op.getOutputs()) {
    Value made = allocate(output.getType());
    memory[output] = made;
    tensors.push_back(made);
  }
  auto names = llvm::to_vector(op.getDims().getAsRange<StringAttr>());
  auto sizeArgument = [&](unsigned argument) { return sizeOf(names[argument - tensors.size()]); };
  for (const Versions &versions : found->second)
    for (auto [i, kernel] : llvm::enumerate(versions))
      launch(kernel, tensors, sizeArgument, /*otherwise=*/i > 0, /*last=*/i + 1 == versions.size());
  return success();
}

LogicalResult Launches::run() {
  Block &block = entry.getBody().front();
  SmallVector<Operation *> done;
  for (auto check : block.getOps<ssm::CheckOp>())
    return check.emitError() << "this has no kernel for the GPU: an index that must be checked while the entry runs; an index "
                                "and a size that are known when compiling need no check";
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (auto launch = dyn_cast<ssm::LaunchOp>(op)) {
      if (failed(convert(launch)))
        return failure();
      done.push_back(&op);
    } else if (isa<ssm::JoinOp, ssm::RenameOp>(op)) {
      Value there = memory.lookup(op.getOperand(0));
      memory[op.getResult(0)] = there ? there : op.getOperand(0);
      done.push_back(&op);
    } else if (op.hasTrait<OpTrait::ConstantLike>() || isa<SizeOfOp>(op)) {
      done.push_back(&op); // what computes with it is in a kernel, or refused
    } else if (!isa<func::ReturnOp, AllocOp, GlobalViewOp, SizeOp, LaunchOp>(op)) {
      return op.emitError() << "this has no kernel for the GPU yet: '" << op.getName().stripDialect()
                            << "'; without --target, or with --target cpu, it is compiled for the CPU";
    }
  }
  auto returned = cast<func::ReturnOp>(block.getTerminator());
  llvm::SmallPtrSet<Value, 8> seen;
  for (OpOperand &operand : returned->getOpOperands()) {
    Value there = memory.lookup(operand.get());
    if (!there || !there.getDefiningOp<AllocOp>() || !seen.insert(there).second)
      return returned.emitError() << "result " << operand.getOperandNumber()
                                  << " has no kernel for the GPU: it is an argument, or another result, as it is";
    operand.set(there);
  }
  for (Operation *op : llvm::reverse(done)) {
    op->dropAllUses();
    op->erase();
  }
  return success();
}

} // namespace

LogicalResult makeLaunches(func::FuncOp entry, const KernelsOf &kernels) { return Launches(entry, kernels).run(); }

} // namespace ssm::tile
