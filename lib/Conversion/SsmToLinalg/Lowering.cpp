//===- Lowering.cpp - values, sizes, and which file lowers what -------------===//
#include "Lowering.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace ssm {

Lowering::Lowering(func::FuncOp function, OpBuilder &builder)
    : b(function.getLoc(), builder), module(function->getParentOfType<ModuleOp>()) {
  if (auto table = function->getAttrOfType<ArrayAttr>(kDimsAttr))
    for (auto dim : table.getAsRange<DimAttr>())
      if (SizeAttr size = dim.getSize())
        if (std::optional<int64_t> value = size.constantValue()) {
          // MLIR has no slices of what is statically empty: such a size is read like an open one.
          if (*value == 0)
            emptyDims.insert(dim.getName());
          else
            staticSizes[dim.getName()] = *value;
        }
}

NamedDim Lowering::dim(StringRef name) const {
  NamedDim result{StringAttr::get(b.getContext(), name)};
  if (auto known = staticSizes.find(name); known != staticSizes.end())
    result.size = known->second;
  return result;
}

NamedDims Lowering::dimsOf(Type type) const {
  NamedDims dims = getDims(type);
  for (NamedDim &d : dims)
    if (!d.isStatic() || emptyDims.contains(d.name))
      d = dim(d.name);
  return dims;
}

RankedTensorType Lowering::plainType(ArrayRef<NamedDim> dims, Type element) const {
  SmallVector<int64_t> shape;
  for (const NamedDim &d : dims)
    shape.push_back(d.size);
  return RankedTensorType::get(shape, element);
}

RankedTensorType Lowering::plainType(Type type) const {
  return plainType(dimsOf(type), llvm::cast<RankedTensorType>(type).getElementType());
}

void Lowering::bindSize(StringRef name, Value size) { dynamicSizes[name] = size; }

Value Lowering::constantIndex(int64_t value) { return arith::ConstantIndexOp::create(b, value); }

Value Lowering::size(StringRef name) {
  if (auto known = staticSizes.find(name); known != staticSizes.end())
    return constantIndex(known->second);
  return dynamicSizes.lookup(name);
}

OpFoldResult Lowering::sizeOf(const NamedDim &dim) {
  if (dim.isStatic())
    return b.getIndexAttr(dim.size);
  return size(dim.name);
}

SmallVector<OpFoldResult> Lowering::sizesOf(ArrayRef<NamedDim> dims) {
  SmallVector<OpFoldResult> sizes;
  for (const NamedDim &d : dims)
    sizes.push_back(sizeOf(d));
  return sizes;
}

Value Lowering::empty(ArrayRef<NamedDim> dims, Type element) {
  return tensor::EmptyOp::create(b, sizesOf(dims), element);
}

Value Lowering::filled(ArrayRef<NamedDim> dims, Value scalar) {
  return linalg::FillOp::create(b, scalar, empty(dims, scalar.getType())).getResult(0);
}

Value Lowering::scalar(Value tensor) { return tensor::ExtractOp::create(b, tensor, ValueRange{}); }

Value Lowering::fromScalar(Value element) {
  return tensor::FromElementsOp::create(b, RankedTensorType::get({}, element.getType()), element);
}

// Failures.

func::FuncOp Lowering::external(StringRef name, FunctionType type) {
  if (auto known = module.lookupSymbol<func::FuncOp>(name))
    return known;
  OpBuilder top = OpBuilder::atBlockBegin(module.getBody());
  auto declared = func::FuncOp::create(top, module.getLoc(), name, type);
  declared.setPrivate();
  return declared;
}

Value Lowering::string(OpBuilder &at, StringRef text) {
  std::string value = text.str() + '\0';
  std::string name;
  for (unsigned i = 0;; ++i) {
    name = "ssm_text_" + std::to_string(i);
    auto known = module.lookupSymbol<LLVM::GlobalOp>(name);
    if (!known)
      break;
    if (llvm::cast<StringAttr>(known.getValueAttr()).getValue() == StringRef(value))
      return LLVM::AddressOfOp::create(at, b.getLoc(), known);
  }
  OpBuilder top = OpBuilder::atBlockBegin(module.getBody());
  auto type = LLVM::LLVMArrayType::get(b.getI8Type(), value.size());
  auto global = LLVM::GlobalOp::create(top, module.getLoc(), type, /*isConstant=*/true, LLVM::Linkage::Private, name,
                                       top.getStringAttr(value));
  return LLVM::AddressOfOp::create(at, b.getLoc(), global);
}

/// "layer.ssm:12:9: ", or nothing where the place is not known.
static std::string placeOf(Location loc) {
  auto place = loc->findInstanceOf<FileLineColLoc>();
  if (!place)
    return "";
  return (llvm::sys::path::filename(place.getFilename().getValue()) + ":" + Twine(place.getLine()) + ":" +
          Twine(place.getColumn()) + ": ")
      .str();
}

void Lowering::failIf(OpBuilder &at, Value condition, StringRef message, Value first, Value second) {
  Type pointer = LLVM::LLVMPointerType::get(b.getContext()), i64 = b.getI64Type();
  func::FuncOp fail = external("ssm_rt_fail", b.getFunctionType({pointer, i64, i64}, {}));
  Location loc = b.getLoc();
  scf::IfOp::create(at, loc, condition, [&](OpBuilder &inner, Location) {
    auto number = [&](Value v) -> Value {
      if (!v)
        return arith::ConstantIntOp::create(inner, loc, 0, 64);
      return v.getType().isIndex() ? arith::IndexCastOp::create(inner, loc, i64, v).getResult() : v;
    };
    Value text = string(inner, placeOf(loc) + message.str());
    Value a = number(first), b = number(second);
    func::CallOp::create(inner, loc, fail, ValueRange{text, a, b});
    scf::YieldOp::create(inner, loc);
  });
}

// The walk.

static Value constantTensor(Lowering &l, arith::ConstantOp op) {
  auto type = llvm::dyn_cast<RankedTensorType>(op.getType());
  if (!type)
    return {};
  auto value = llvm::cast<DenseElementsAttr>(op.getValue());
  // The encoding goes; a splat may have dimensions whose size only the table knows.
  auto plain = RankedTensorType::get(type.getShape(), type.getElementType());
  return arith::ConstantOp::create(l.b, value.reshape(plain));
}

LogicalResult Lowering::lower(Operation *op) {
  b.setLoc(op->getLoc());
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<MapOp, PosOp, SizeOfOp, CheckOp, ReduceOp, SoftmaxOp, CumulateOp, ArgmaxOp, ContractOp, AlignOp, RenameOp,
            GatherOp, ScatterAddOp, ShiftOp, ConcatOp, SplitOp, JoinOp, ConvOp, FftOp, RandomOp, ScanOp, LaunchOp>(
          [&](auto typed) { return ssm::lower(*this, typed); })
      .Case([&](arith::ConstantOp constant) -> LogicalResult {
        Value tensor = constantTensor(*this, constant);
        if (!tensor)
          return constant.emitOpError("is no tensor: only tensors have a meaning in the ssm dialect");
        set(constant, tensor);
        return success();
      })
      .Default([&](Operation *) -> LogicalResult {
        return op->emitOpError("has no lowering to linalg; ssm-expand comes before convert-ssm-to-linalg");
      });
}

LogicalResult Lowering::lowerBlock(Block &block) {
  for (Operation &op : block.without_terminator())
    if (failed(lower(&op)))
      return failure();
  b.setLoc(block.getTerminator()->getLoc());
  return success();
}

} // namespace ssm
