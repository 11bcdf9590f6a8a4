//===- SsmToTile.cpp - the pass convert-ssm-to-tile -------------------------===//
//
// A kernel becomes a function on buffers with a `tile.program`, and `ssm.launch`
// stands in its place. A kernel that the tile form cannot carry gives a warning with
// the reason, and its operations go back to where it stood.
//
//===----------------------------------------------------------------------===//
#include "Emitter.h"
#include "ssm/Conversion/SsmToTile.h"
#include "ssm/Plan/Anchors.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace ssm {
namespace {

/// Dimensions whose length the kernel must be told.
SmallVector<StringAttr> openDims(KernelOp kernel) {
  llvm::StringSet<> known;
  if (auto table = kernel->getParentOfType<func::FuncOp>()->getAttrOfType<ArrayAttr>(kDimsAttr))
    for (auto dim : table.getAsRange<DimAttr>())
      if (dim.getSize() && dim.getSize().constantValue())
        known.insert(dim.getName());
  llvm::SetVector<StringAttr> open;
  for (const NamedDim &d : kernel.allDims())
    if (!d.isStatic() && !known.contains(d.name.getValue()))
      open.insert(d.name);
  kernel.walk([&](Operation *op) {
    // What runs in order may read nothing of the sequence and leave nothing along it.
    StringAttr dim = sequentialDim(op);
    if (auto size = llvm::dyn_cast<SizeOfOp>(op))
      dim = size.getDimAttr();
    if (dim && !known.contains(dim.getValue()))
      open.insert(dim);
  });
  return open.takeVector();
}

MemRefType bufferType(func::FuncOp function, Value value) {
  llvm::StringMap<int64_t> known;
  if (auto table = function->getAttrOfType<ArrayAttr>(kDimsAttr))
    for (auto dim : table.getAsRange<DimAttr>())
      if (dim.getSize() && dim.getSize().constantValue())
        known[dim.getName()] = *dim.getSize().constantValue();
  SmallVector<int64_t> shape;
  for (const NamedDim &d : getDims(value)) {
    auto size = known.find(d.name.getValue());
    shape.push_back(d.isStatic() || size == known.end() ? d.size : size->second);
  }
  Type element = getElement(value);
  return MemRefType::get(shape, element.isInteger(1) ? IntegerType::get(element.getContext(), 8) : element);
}

/// Puts a kernel's operations back where it stands.
void inlineKernel(KernelOp kernel) {
  OpBuilder b(kernel);
  IRMapping map;
  map.map(kernel.getBody().getArguments(), kernel.getInputs());
  for (Operation &op : kernel.getBody().front().without_terminator())
    b.clone(op, map);
  for (auto [value, result] : llvm::zip(kernel.getYielded(), kernel.getOutputs()))
    result.replaceAllUsesWith(map.lookupOrDefault(value));
  kernel.erase();
}

/// The language lets a product and a sum be rounded once.
void allowContraction(func::FuncOp function) {
  function.walk([](arith::ArithFastMathInterface op) {
    if (llvm::isa<arith::MulFOp, arith::AddFOp, arith::SubFOp>(op))
      op->setAttr(op.getFastMathAttrName(), arith::FastMathFlagsAttr::get(op->getContext(), arith::FastMathFlags::contract));
  });
}

/// False where the kernel stays on the reference path.
bool convert(KernelOp kernel, SymbolTable &symbols, const SsmToTileOptions &options) {
  auto parent = kernel->getParentOfType<func::FuncOp>();
  SmallVector<StringAttr> dims = openDims(kernel);
  SmallVector<Type> arguments;
  for (Value value : llvm::concat<Value>(SmallVector<Value>(kernel.getInputs()), SmallVector<Value>(kernel.getOutputs())))
    arguments.push_back(bufferType(parent, value));
  OpBuilder b(parent);
  arguments.append(dims.size(), b.getIndexType());
  auto function = func::FuncOp::create(b, kernel.getLoc(), kernel.getName(), b.getFunctionType(arguments, {}));
  function.setPrivate();
  function.addEntryBlock();
  symbols.insert(function);

  std::string why = "it has no plan";
  Location loc = kernel.getLoc();
  bool made = false;
  if (kernel.getPlanAttr()) {
    Emitter emitter(kernel, function, dims, options);
    made = succeeded(emitter.run());
    why = emitter.reason();
    loc = emitter.reasonLoc();
  }
  if (!made) {
    symbols.erase(function);
    if (options.required)
      emitError(loc) << "this has no kernel for the GPU: " << why;
    else
      emitWarning(loc) << "this is computed on the reference path, which is slow: " << why;
    return false;
  }
  OpBuilder end = OpBuilder::atBlockEnd(&function.getBody().front());
  func::ReturnOp::create(end, kernel.getLoc());
  allowContraction(function);
  b.setInsertionPoint(kernel);
  SmallVector<StringRef> names;
  for (StringAttr dim : dims)
    names.push_back(dim);
  auto launch = LaunchOp::create(b, kernel.getLoc(), kernel.getResultTypes(), FlatSymbolRefAttr::get(function.getNameAttr()),
                                 kernel.getInputs(), b.getStrArrayAttr(names));
  kernel.replaceAllUsesWith(launch.getOutputs());
  kernel.erase();
  return true;
}

struct ConvertSsmToTile : PassWrapper<ConvertSsmToTile, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ConvertSsmToTile)
  explicit ConvertSsmToTile(const SsmToTileOptions &options) : options(options) {}
  StringRef getArgument() const override { return "convert-ssm-to-tile"; }
  StringRef getDescription() const override { return "Make planned kernels programs over tiles"; }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, func::FuncDialect, math::MathDialect, scf::SCFDialect, tile::TileDialect>();
  }
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    SmallVector<KernelOp> kernels;
    getOperation().walk([&](KernelOp kernel) { kernels.push_back(kernel); });
    for (KernelOp kernel : kernels) {
      if (convert(kernel, symbols, options))
        continue;
      if (options.required)
        return signalPassFailure();
      inlineKernel(kernel);
    }
  }

private:
  SsmToTileOptions options;
};

} // namespace

std::unique_ptr<Pass> createConvertSsmToTilePass() { return createConvertSsmToTilePass({}); }
std::unique_ptr<Pass> createConvertSsmToTilePass(const SsmToTileOptions &options) {
  return std::make_unique<ConvertSsmToTile>(options);
}

} // namespace ssm
