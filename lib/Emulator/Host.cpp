//===- Host.cpp - an entry: sizes, memory, launches -------------------------===//
#include "Machine.h"

#include "ssm/Dialect/Ssm/Ssm.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

#include <numeric>

using namespace mlir;
using llvm::StringMap;

namespace ssm::emulator {

int64_t Array::size() const {
  return std::accumulate(shape.begin(), shape.end(), int64_t(1), std::multiplies<int64_t>());
}

std::string Schedule::name() const {
  switch (kind) {
  case Kind::InTurn:
    return "in turn";
  case Kind::LateCopies:
    return "late copies";
  case Kind::Starve:
    return "starve " + std::to_string(number);
  case Kind::Random:
    return "random " + std::to_string(number);
  }
  return {};
}

std::vector<Schedule> schedules(unsigned cores, unsigned seeds) {
  using Kind = Schedule::Kind;
  std::vector<Schedule> all = {{Kind::InTurn, 0}, {Kind::LateCopies, 0}};
  for (unsigned i = 0; i < cores; ++i)
    all.push_back({Kind::Starve, i});
  for (unsigned i = 0; i < seeds; ++i)
    all.push_back({Kind::Random, i + 1});
  return all;
}

static tile::KernelOp kernelOf(tile::LaunchOp launch) {
  return SymbolTable::lookupNearestSymbolFrom<tile::KernelOp>(launch, launch.getKernelAttr());
}

unsigned countCores(func::FuncOp entry) {
  unsigned most = 0;
  entry.walk([&](tile::LaunchOp launch) {
    unsigned cores = 0;
    if (tile::KernelOp kernel = kernelOf(launch))
      kernel.walk([&](tile::RoleOp role) {
        cores += role.getInstances() * kernel.getClusterDim(0) * kernel.getClusterDim(1) * kernel.getClusterDim(2);
      });
    most = std::max(most, cores);
  });
  return most;
}

namespace {

class Entry {
public:
  Entry(func::FuncOp entry, StringMap<Array> &arguments, const StringMap<int64_t> &sizes, const Schedule &schedule, int64_t sms)
      : entry(entry), arguments(arguments), sizes(sizes), schedule(schedule), sms(sms) {}

  FailureOr<StringMap<Array>> run();

private:
  LogicalResult step(Operation &op);
  LogicalResult launch(tile::LaunchOp op);
  /// Whether a launch that has an alternative takes its arguments.
  FailureOr<bool> fits(tile::LaunchOp op);
  FailureOr<int64_t> size(Operation *op, Attribute attribute);
  FailureOr<SmallVector<int64_t>> sizeList(Operation *op, ArrayAttr list);
  LogicalResult view(Operation *op, Value source, Attribute offset, ArrayAttr shape, ArrayAttr strides, bool isMap);

  func::FuncOp entry;
  StringMap<Array> &arguments;
  const StringMap<int64_t> &sizes;
  Schedule schedule;
  int64_t sms;
  bool launched = false; ///< the last launch, or one before it that it is an alternative of
  DenseMap<Value, Array *> memory;
  DenseMap<Value, Datum> values;
  std::deque<Array> allocated;
};

FailureOr<int64_t> Entry::size(Operation *op, Attribute attribute) {
  auto expr = cast<SizeAttr>(attribute);
  SmallVector<int64_t, 4> in;
  for (unsigned i = 0; i < expr.getOperands().size(); ++i) {
    FailureOr<int64_t> operand = size(op, expr.getOperands()[i]);
    if (failed(operand))
      return failure();
    in.push_back(*operand);
  }
  auto all = [&](auto f) {
    int64_t value = in.front();
    for (int64_t x : ArrayRef(in).drop_front())
      value = f(value, x);
    return value;
  };
  auto nonZero = [&]() -> LogicalResult {
    return in[1] != 0 ? success() : LogicalResult(op->emitOpError("divides by a size of 0"));
  };
  switch (expr.getOp()) {
  case SizeOp::Const:
    return expr.getValue();
  case SizeOp::Dim: {
    StringRef name = expr.getDim().getValue();
    if (name == "%sms")
      return sms;
    if (name == "%l2")
      return int64_t(50) << 20;
    auto it = sizes.find(name);
    if (it == sizes.end())
      return op->emitOpError() << "needs the size of " << name;
    return it->second;
  }
  case SizeOp::Add:
    return all([](int64_t a, int64_t b) { return a + b; });
  case SizeOp::Sub:
    return in[0] - in[1];
  case SizeOp::Mul:
    return all([](int64_t a, int64_t b) { return a * b; });
  case SizeOp::Min:
    return all([](int64_t a, int64_t b) { return std::min(a, b); });
  case SizeOp::Max:
    return all([](int64_t a, int64_t b) { return std::max(a, b); });
  case SizeOp::FloorDiv:
  case SizeOp::Div:
    return failed(nonZero()) ? FailureOr<int64_t>(failure()) : FailureOr<int64_t>(llvm::divideFloorSigned(in[0], in[1]));
  case SizeOp::CeilDiv:
    return failed(nonZero()) ? FailureOr<int64_t>(failure()) : FailureOr<int64_t>(llvm::divideCeilSigned(in[0], in[1]));
  case SizeOp::Mod:
    return failed(nonZero()) ? FailureOr<int64_t>(failure()) : FailureOr<int64_t>(in[0] - in[1] * llvm::divideFloorSigned(in[0], in[1]));
  case SizeOp::Gcd:
    return std::gcd(in[0], in[1]);
  case SizeOp::Log2:
    return int64_t(llvm::Log2_64(in[0]));
  case SizeOp::Pow2:
    return int64_t(1) << in[0];
  case SizeOp::Pow2Part:
    return in[0] ? int64_t(1) << llvm::countr_zero(uint64_t(in[0])) : 1;
  }
  return failure();
}

FailureOr<SmallVector<int64_t>> Entry::sizeList(Operation *op, ArrayAttr list) {
  SmallVector<int64_t> result;
  for (Attribute attribute : list) {
    FailureOr<int64_t> value = size(op, attribute);
    if (failed(value))
      return failure();
    result.push_back(*value);
  }
  return result;
}

LogicalResult Entry::view(Operation *op, Value source, Attribute offset, ArrayAttr shapeList, ArrayAttr strideList, bool isMap) {
  FailureOr<SmallVector<int64_t>> shape = sizeList(op, shapeList), strides = sizeList(op, strideList);
  FailureOr<int64_t> start = offset ? size(op, offset) : FailureOr<int64_t>(0);
  if (failed(shape) || failed(strides) || failed(start))
    return failure();
  Datum datum;
  datum.kind = Datum::Kind::Global;
  datum.global.array = memory.lookup(source);
  datum.global.offset = *start;
  datum.global.shape.assign(shape->begin(), shape->end());
  datum.global.strides.assign(strides->begin(), strides->end());
  if (isMap)
    datum.global.strides.insert(datum.global.strides.begin(), 1);
  if (Array *array = datum.global.array) {
    int64_t last = *start;
    bool empty = false;
    for (auto [n, s] : llvm::zip(datum.global.shape, datum.global.strides)) {
      last += (n - 1) * s;
      empty |= n == 0;
    }
    if (!empty && (last < 0 || last >= array->size()))
      return op->emitOpError() << "reaches element " << last << " of a tensor of " << array->size();
  }
  values[op->getResult(0)] = std::move(datum);
  return success();
}

FailureOr<bool> Entry::fits(tile::LaunchOp op) {
  FailureOr<SmallVector<int64_t>> room = sizeList(op, op.getWhere().value_or(ArrayAttr::get(op.getContext(), {})));
  if (failed(room))
    return failure();
  bool fitting = llvm::none_of(*room, [](int64_t size) { return size < 0; });
  for (Value argument : op.getArgs()) {
    const auto &given = values[argument].global;
    int64_t rank = given.shape.size(), multiple = 1;
    if (auto map = dyn_cast<tile::MapType>(argument.getType())) {
      multiple = 128 / map.getElementType().getIntOrFloatBitWidth();
      for (int64_t i = 1; i < rank; ++i)
        fitting &= given.shape[i] <= 1 || given.strides[i] % multiple == 0;
    } else if (auto view = dyn_cast<tile::GlobalType>(argument.getType())) {
      multiple = view.getVector();
      for (int64_t i = 0; i < rank; ++i)
        fitting &= (i + 1 < rank ? given.strides[i] : given.shape[i]) % multiple == 0;
    }
    fitting &= given.offset % multiple == 0;
  }
  return fitting;
}

LogicalResult Entry::launch(tile::LaunchOp op) {
  if (op.getOtherwise() && launched)
    return success();
  launched = true;
  if (op.getAlternative()) {
    FailureOr<bool> fitting = fits(op);
    if (failed(fitting))
      return failure();
    launched = *fitting;
    if (!launched)
      return success();
  }
  tile::KernelOp kernel = kernelOf(op);
  if (!kernel)
    return op.emitOpError() << "launches " << op.getKernel() << ", which is no kernel here";
  FailureOr<SmallVector<int64_t>> grid = sizeList(op, op.getGrid());
  if (failed(grid))
    return failure();
  SymbolTable symbols(SymbolTable::getNearestSymbolTable(op));
  Launch launch{kernel, &symbols, {}, {}, {}};
  for (Value argument : op.getArgs())
    launch.arguments.push_back(values[argument]);
  grid->resize(3, 1);
  std::copy(grid->begin(), grid->end(), launch.grid);
  for (unsigned i = 0; i < 3; ++i)
    if (launch.grid[i] % kernel.getClusterDim(i))
      return op.emitOpError() << "launches a grid of " << launch.grid[i] << " along dimension " << i << ", no multiple of its clusters of "
                              << kernel.getClusterDim(i);
  for (launch.cta[2] = 0; launch.cta[2] < launch.grid[2]; launch.cta[2] += kernel.getClusterDim(2))
    for (launch.cta[1] = 0; launch.cta[1] < launch.grid[1]; launch.cta[1] += kernel.getClusterDim(1))
      for (launch.cta[0] = 0; launch.cta[0] < launch.grid[0]; launch.cta[0] += kernel.getClusterDim(0))
        if (failed(Machine(launch, schedule).run()))
          return failure();
  return success();
}

LogicalResult Entry::step(Operation &op) {
  if (auto alloc = dyn_cast<tile::AllocOp>(op)) {
    auto type = cast<RankedTensorType>(alloc.getType());
    Array &array = allocated.emplace_back();
    array.element = type.getElementType();
    if (alloc.getSizes()) {
      FailureOr<SmallVector<int64_t>> shape = sizeList(alloc, *alloc.getSizes());
      if (failed(shape))
        return failure();
      array.shape.assign(shape->begin(), shape->end());
    } else {
      NamedDims dims = type.getRank() && type.getEncoding() ? getDims(type) : NamedDims();
      for (auto [i, n] : llvm::enumerate(type.getShape())) {
        if (!ShapedType::isDynamic(n)) {
          array.shape.push_back(n);
          continue;
        }
        auto it = sizes.find(dims[i].name.getValue());
        if (it == sizes.end())
          return alloc.emitOpError() << "needs the size of " << dims[i].name;
        array.shape.push_back(it->second);
      }
    }
    if (auto complex = dyn_cast<ComplexType>(array.element)) { // its parts side by side
      array.element = complex.getElementType();
      array.shape.push_back(2);
    }
    // Memory that nothing has written holds anything.
    if (isa<FloatType>(array.element))
      array.floats.assign(array.size(), alloc.getInit() == tile::AllocInit::None ? poison() : 0);
    else
      array.integers.assign(array.size(), alloc.getInit() == tile::AllocInit::None ? 0x5a5a5a5a : 0);
    memory[alloc.getResult()] = &array;
    return success();
  }
  if (auto number = dyn_cast<tile::SizeOp>(op)) {
    FailureOr<int64_t> value = size(&op, number.getSize());
    if (failed(value))
      return failure();
    values[number.getResult()] = Datum::ofScalar(*value);
    return success();
  }
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    if (auto real = dyn_cast<FloatAttr>(constant.getValue()))
      values[constant] = Datum::ofFloat(float(real.getValueAsDouble()));
    else
      values[constant] = Datum::ofScalar(cast<IntegerAttr>(constant.getValue()).getInt());
    return success();
  }
  if (auto v = dyn_cast<tile::GlobalViewOp>(op))
    return view(v, v.getSource(), v.getOffset().value_or(Attribute()), v.getSizes(), v.getStrides(), false);
  if (auto m = dyn_cast<tile::TensorMapOp>(op)) {
    if (failed(view(m, m.getSource(), m.getOffset().value_or(Attribute()), m.getDims(), m.getStrides(), true)))
      return failure();
    values[m.getResult()].global.tf32 = m.getTf32();
    return success();
  }
  if (auto start = dyn_cast<tile::LaunchOp>(op))
    return launch(start);
  return op.emitOpError("cannot stand in an entry that the emulator runs");
}

FailureOr<StringMap<Array>> Entry::run() {
  for (auto [i, argument] : llvm::enumerate(entry.getArguments())) {
    auto name = entry.getArgAttrOfType<StringAttr>(i, kNameAttr);
    auto it = name ? arguments.find(name.getValue()) : arguments.end();
    memory[argument] = it == arguments.end() ? nullptr : &it->second;
  }
  for (Operation &op : entry.getBody().front().without_terminator())
    if (failed(step(op)))
      return failure();
  StringMap<Array> results;
  for (auto [i, value] : llvm::enumerate(entry.getBody().front().getTerminator()->getOperands())) {
    auto name = entry.getResultAttrOfType<StringAttr>(i, kNameAttr);
    Array *array = memory.lookup(value);
    if (array)
      results[name ? name.getValue().str() : "out" + std::to_string(i)] = *array;
  }
  return results;
}

} // namespace

FailureOr<StringMap<Array>> emulate(func::FuncOp entry, StringMap<Array> &arguments, const StringMap<int64_t> &sizes,
                                    const Schedule &schedule, int64_t multiprocessors) {
  return Entry(entry, arguments, sizes, schedule, multiprocessors).run();
}

} // namespace ssm::emulator
