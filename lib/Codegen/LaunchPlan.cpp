//===- LaunchPlan.cpp - an entry's launches as JSON -------------------------===//
//
//   tile.launch @scale grid [ceildiv(L, 128), 1, 1] (%xv, %n) : !tile.global<f32, 1, 4>, index
//
//   {"kernel": "scale", "grid": [["ceildiv", "L", 128], 1, 1], "block": [128, 1, 1], ...
//    "arguments": [{"pointer": {"argument": "x"}, "align": 16, "extent": ...}, {"i32": "L"}, {"i32": ...}],
//    "requires": [{"of": {"argument": "x"}, "size": "L", "multiple": 4}]}
//
// In the order of the kernel's machine parameters, as Abi.h says.
//
//===----------------------------------------------------------------------===//
#include "ssm/Codegen/LaunchPlan.h"

#include "ssm/Codegen/Description.h"
#include "ssm/Codegen/Gpu.h"
#include "ssm/Dialect/Tile/Abi.h"
#include "ssm/Dialect/Tile/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

#include <cmath>

using namespace mlir;
using llvm::json::Array;
using llvm::json::Object;
using JsonValue = llvm::json::Value;

namespace ssm {

bool launchesKernels(func::FuncOp function) {
  return function.walk([](tile::LaunchOp) { return WalkResult::interrupt(); }).wasInterrupted();
}

/// Simplified where an operand is a number, so that plans stay readable.
static JsonValue sum(JsonValue a, JsonValue b) {
  if (a == JsonValue(0))
    return b;
  if (b == JsonValue(0))
    return a;
  if (a.getAsInteger() && b.getAsInteger())
    return *a.getAsInteger() + *b.getAsInteger();
  return Array{"add", std::move(a), std::move(b)};
}
static JsonValue product(JsonValue a, JsonValue b) {
  if (a == JsonValue(1))
    return b;
  if (b == JsonValue(1))
    return a;
  if (a == JsonValue(0) || b == JsonValue(0))
    return 0;
  if (a.getAsInteger() && b.getAsInteger())
    return *a.getAsInteger() * *b.getAsInteger();
  return Array{"mul", std::move(a), std::move(b)};
}
static JsonValue oneLess(JsonValue a) {
  return a.getAsInteger() ? JsonValue(*a.getAsInteger() - 1) : JsonValue(Array{"sub", std::move(a), 1});
}

static Array toJson(ArrayAttr sizes) {
  Array result;
  for (Attribute size : sizes)
    result.push_back(toJson(cast<SizeAttr>(size)));
  return result;
}

static JsonValue real(double value) {
  if (std::isnan(value))
    return "nan";
  if (std::isinf(value))
    return value > 0 ? "inf" : "-inf";
  return value;
}

namespace {

class PlanMaker {
public:
  PlanMaker(func::FuncOp entry, const GpuCode &code) : entry(entry), code(code) {}

  FailureOr<JsonValue> make() {
    if (failed(nameBuffers()))
      return failure();
    for (Operation &op : entry.getBody().front())
      if (auto launch = dyn_cast<tile::LaunchOp>(op)) {
        FailureOr<JsonValue> result = makeLaunch(launch);
        if (failed(result))
          return failure();
        launches.push_back(std::move(*result));
      }
    Object plan{{"target", code.target}, {"launches", std::move(launches)}};
    if (!workspaces.empty())
      plan["workspaces"] = std::move(workspaces);
    if (!cleared.empty())
      plan["clear"] = std::move(cleared);
    return JsonValue(std::move(plan));
  }

private:
  struct Buffer {
    JsonValue json = nullptr; // {"argument": "x"}
    bool optional = false;
  };

  LogicalResult nameBuffers();
  LogicalResult nameAllocation(tile::AllocOp alloc);
  LogicalResult checkBody();
  FailureOr<JsonValue> makeLaunch(tile::LaunchOp launch);
  FailureOr<JsonValue> makeArgument(tile::LaunchOp launch, const tile::KernelParam &param, Array &requirements);
  FailureOr<JsonValue> makeScalar(tile::LaunchOp launch, const tile::KernelParam &param);
  JsonValue makeMap(tile::TensorMapOp map);
  JsonValue makePointer(tile::GlobalViewOp view, Array &requirements);

  func::FuncOp entry;
  const GpuCode &code;
  DenseMap<Value, Buffer> buffers;
  Array workspaces, cleared, launches;
};

int64_t bytesOf(Type element) {
  if (auto complex = dyn_cast<ComplexType>(element))
    return 2 * bytesOf(complex.getElementType());
  return llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
}

JsonValue offsetOf(std::optional<Attribute> offset) { return offset ? toJson(cast<SizeAttr>(*offset)) : JsonValue(0); }

} // namespace

LogicalResult PlanMaker::checkBody() {
  if (!llvm::hasSingleElement(entry.getBody()))
    return entry.emitOpError() << "launches kernels and branches; a launch plan is a list";
  for (Operation &op : entry.getBody().front())
    if (!isa<tile::AllocOp, tile::TensorMapOp, tile::GlobalViewOp, tile::SizeOp, tile::LaunchOp, func::ReturnOp>(op) &&
        !op.hasTrait<OpTrait::ConstantLike>())
      return op.emitOpError() << "cannot stand in an entry that launches kernels: nothing runs on the host but launches";
  return success();
}

LogicalResult PlanMaker::nameBuffers() {
  if (failed(checkBody()))
    return failure();
  for (BlockArgument argument : entry.getArguments()) {
    auto name = entry.getArgAttrOfType<StringAttr>(argument.getArgNumber(), kNameAttr);
    if (!name)
      return entry.emitOpError() << "argument " << argument.getArgNumber() << " has no " << kNameAttr;
    buffers[argument] = {Object{{"argument", name.getValue().str()}},
                         bool(entry.getArgAttr(argument.getArgNumber(), kOptionalAttr))};
  }
  auto returned = cast<func::ReturnOp>(entry.getBody().front().getTerminator());
  for (OpOperand &operand : returned->getOpOperands()) {
    auto alloc = operand.get().getDefiningOp<tile::AllocOp>();
    auto name = entry.getResultAttrOfType<StringAttr>(operand.getOperandNumber(), kNameAttr);
    if (!alloc || buffers.contains(operand.get()))
      return returned.emitOpError() << "operand " << operand.getOperandNumber()
                                    << " is not memory of its own: each result is a tile.alloc";
    if (!name)
      return entry.emitOpError() << "result " << operand.getOperandNumber() << " has no " << kNameAttr;
    Object json{{"result", name.getValue().str()}};
    if (alloc.getInit() == tile::AllocInit::ZeroOnce)
      return alloc.emitOpError() << "is a result, which is the caller's memory: it can be zero at each call, not once";
    if (alloc.getInit() == tile::AllocInit::Zero)
      cleared.push_back(Object(json));
    buffers[operand.get()] = {std::move(json), bool(entry.getResultAttr(operand.getOperandNumber(), kOptionalAttr))};
  }
  for (auto alloc : entry.getBody().front().getOps<tile::AllocOp>())
    if (!buffers.contains(alloc) && failed(nameAllocation(alloc)))
      return failure();
  return success();
}

LogicalResult PlanMaker::nameAllocation(tile::AllocOp alloc) {
  auto type = cast<RankedTensorType>(alloc.getResult().getType());
  JsonValue bytes = bytesOf(type.getElementType());
  auto named = isNamedTensor(type) ? getDims(type) : decltype(getDims(type))();
  for (int64_t i = 0; i < type.getRank(); ++i) {
    if (alloc.getSizes())
      bytes = product(std::move(bytes), ssm::toJson(cast<SizeAttr>((*alloc.getSizes())[i])));
    else if (!type.isDynamicDim(i))
      bytes = product(std::move(bytes), type.getDimSize(i));
    else
      bytes = product(std::move(bytes), named[i].name.str());
  }
  std::string name = "w" + std::to_string(workspaces.size());
  Object workspace{{"name", name}, {"bytes", std::move(bytes)}};
  if (alloc.getInit() != tile::AllocInit::None)
    workspace["zero"] = alloc.getInit() == tile::AllocInit::Zero ? "call" : "once";
  workspaces.push_back(std::move(workspace));
  buffers[alloc] = {Object{{"workspace", name}}, false};
  return success();
}

FailureOr<JsonValue> PlanMaker::makeLaunch(tile::LaunchOp launch) {
  auto found = code.kernels.find(launch.getKernel());
  auto kernel = SymbolTable::lookupNearestSymbolFrom<tile::KernelOp>(launch, launch.getKernelAttr());
  if (found == code.kernels.end() || !kernel)
    return launch.emitOpError() << "the code for " << code.target << " has no kernel @" << launch.getKernel();
  const KernelShape &shape = found->second;
  Array arguments, requirements;
  for (const tile::KernelParam &param : tile::kernelParams(kernel.getFunctionType())) {
    FailureOr<JsonValue> argument = makeArgument(launch, param, requirements);
    if (failed(argument))
      return failure();
    arguments.push_back(std::move(*argument));
  }
  Object result{{"module", 0},
                {"kernel", launch.getKernel().str()},
                {"grid", toJson(launch.getGrid())},
                {"block", Array{shape.threads, 1, 1}},
                {"smem", shape.sharedBytes},
                {"arguments", std::move(arguments)}};
  if (shape.cluster != std::array<int64_t, 3>{1, 1, 1})
    result["cluster"] = Array{shape.cluster[0], shape.cluster[1], shape.cluster[2]};
  if (!requirements.empty())
    result["requires"] = std::move(requirements);
  if (launch.getWhere())
    result["where"] = toJson(*launch.getWhere());
  if (launch.getOtherwise())
    result["otherwise"] = true;
  return JsonValue(std::move(result));
}

FailureOr<JsonValue> PlanMaker::makeArgument(tile::LaunchOp launch, const tile::KernelParam &param,
                                             Array &requirements) {
  Value value = launch.getArgs()[param.argument];
  auto view = value.getDefiningOp<tile::GlobalViewOp>();
  auto map = value.getDefiningOp<tile::TensorMapOp>();
  using Kind = tile::KernelParam::Kind;
  bool known = param.kind == Kind::Map ? bool(map) : param.kind == Kind::Integer || param.kind == Kind::Float || view;
  if (!known)
    return launch.emitOpError() << "argument " << param.argument << " is not made in this entry";
  switch (param.kind) {
  case Kind::Map: return makeMap(map);
  case Kind::Pointer: return makePointer(view, requirements);
  case Kind::Size: return JsonValue(Object{{"i32", ssm::toJson(cast<SizeAttr>(view.getSizes()[param.dim]))}});
  case Kind::Stride: return JsonValue(Object{{"i64", ssm::toJson(cast<SizeAttr>(view.getStrides()[param.dim]))}});
  case Kind::Integer:
  case Kind::Float: return makeScalar(launch, param);
  }
  return failure();
}

FailureOr<JsonValue> PlanMaker::makeScalar(tile::LaunchOp launch, const tile::KernelParam &param) {
  Value value = launch.getArgs()[param.argument];
  if (auto size = value.getDefiningOp<tile::SizeOp>())
    return JsonValue(Object{{"i32", ssm::toJson(size.getExpression())}});
  Attribute constant;
  if (matchPattern(value, m_Constant(&constant))) {
    if (auto number = dyn_cast<FloatAttr>(constant))
      return JsonValue(Object{{"f32", real(number.getValueAsDouble())}});
    if (auto number = dyn_cast<IntegerAttr>(constant))
      return JsonValue(Object{{"i32", number.getType().isInteger(1) ? int64_t(number.getValue().getBoolValue())
                                                                   : number.getValue().getSExtValue()}});
  }
  return launch.emitOpError() << "argument " << param.argument << " is neither a size nor a constant";
}

JsonValue PlanMaker::makeMap(tile::TensorMapOp map) {
  tile::MapType type = map.getMap().getType();
  int64_t element = bytesOf(type.getElementType());
  std::string dtype;
  llvm::raw_string_ostream(dtype) << type.getElementType();
  if (map.getTf32())
    dtype = "tf32";
  Array strides;
  for (Attribute stride : map.getStrides())
    strides.push_back(product(element, ssm::toJson(cast<SizeAttr>(stride))));
  Object result{{"map", buffers[map.getSource()].json},
                {"dtype", dtype == "i8" ? "u8" : dtype},
                {"dims", toJson(map.getDims())},
                {"strides", std::move(strides)},
                {"box", Array(type.getBox())},
                // 256 fetches twice too much where rows are 16-byte but not 32-byte aligned (a product of
                // 5000 x 3000 x 1000 takes 0.075 ms for 0.067, H200, 2026-11-24), and gains nothing elsewhere.
                {"l2", 128}};
  if (type.getSwizzle())
    result["swizzle"] = type.getSwizzle();
  if (map.getOffset())
    result["offset"] = product(element, offsetOf(map.getOffset()));
  return std::move(result);
}

JsonValue PlanMaker::makePointer(tile::GlobalViewOp view, Array &requirements) {
  tile::GlobalType type = view.getView().getType();
  int64_t element = bytesOf(type.getElementType());
  const Buffer &buffer = buffers[view.getSource()];
  JsonValue reach = 1;
  for (auto [size, stride] : llvm::zip_equal(view.getSizes(), view.getStrides()))
    reach = sum(std::move(reach), product(oneLess(ssm::toJson(cast<SizeAttr>(size))), ssm::toJson(cast<SizeAttr>(stride))));
  Object result{{"pointer", buffer.json}, {"extent", product(element, std::move(reach))}};
  if (type.getVector() > 1) {
    result["align"] = type.getVector() * element;
    SmallVector<Attribute> multiples(view.getStrides().begin(), view.getStrides().end());
    if (!multiples.empty())
      multiples.back() = view.getSizes().getValue().back(); // the innermost stride is 1, its size is promised
    for (Attribute size : multiples) {
      std::optional<int64_t> constant = cast<SizeAttr>(size).constantValue();
      if (constant && *constant % type.getVector() == 0)
        continue;
      JsonValue requirement =
          Object{{"of", buffer.json}, {"size", ssm::toJson(cast<SizeAttr>(size))}, {"multiple", type.getVector()}};
      if (!llvm::is_contained(requirements, requirement))
        requirements.push_back(std::move(requirement));
    }
  }
  if (view.getOffset())
    result["offset"] = product(element, offsetOf(view.getOffset()));
  if (buffer.optional)
    result["optional"] = true;
  return std::move(result);
}

LogicalResult readKernels(ModuleOp lowered, GpuCode &code) {
  auto cubin = lowered->getAttrOfType<StringAttr>(kCubinAttr);
  if (!cubin)
    return lowered.emitOpError() << "has no machine code (" << kCubinAttr << ")";
  code.cubin = cubin.getValue().str();
  if (auto version = lowered->getAttrOfType<StringAttr>(kPtxasVersionAttr))
    code.ptxas = version.getValue().str();
  for (auto function : lowered.getOps<LLVM::LLVMFuncOp>()) {
    if (!function->hasAttr("nvvm.kernel"))
      continue;
    KernelShape shape;
    if (auto threads = function->getAttrOfType<DenseI32ArrayAttr>("nvvm.maxntid"))
      for (int32_t dim : threads.asArrayRef())
        shape.threads = std::max<int64_t>(shape.threads, 1) * dim;
    if (auto bytes = function->getAttrOfType<IntegerAttr>("tile.smem"))
      shape.sharedBytes = bytes.getInt();
    if (auto cluster = function->getAttrOfType<DenseI32ArrayAttr>("nvvm.cluster_dim"))
      llvm::copy(cluster.asArrayRef().take_front(3), shape.cluster.begin());
    if (shape.threads == 0)
      return function.emitOpError() << "does not say how many threads it has (nvvm.maxntid)";
    code.kernels[function.getName()] = shape;
  }
  return success();
}

FailureOr<JsonValue> makeLaunchPlan(func::FuncOp entry, const GpuCode &code) { return PlanMaker(entry, code).make(); }

} // namespace ssm
