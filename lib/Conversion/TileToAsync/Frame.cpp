//===- Frame.cpp - the lane, the blocks, threads and vectors ----------------===//
#include "Frame.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace ssm::tile {

int64_t Frame::blockOf(StringAttr dim) const {
  const auto *place = llvm::find(blocks, dim);
  return place == blocks.end() ? -1 : place - blocks.begin();
}

bool Frame::hasLane(Type tile) const {
  NamedDims dims = getDims(tile);
  return lane && findDim(dims, lane).has_value();
}

RankedTensorType Frame::typeOf(ArrayRef<NamedDim> dims, Type element) const {
  MLIRContext *context = element.getContext();
  if (element.isInteger(64))
    element = IntegerType::get(context, 32);
  if (isProduct()) {
    SmallVector<int64_t, 2> shape;
    std::optional<unsigned> row = findDim(dims, rows), column = findDim(dims, columns);
    if (row || !column)
      shape.push_back(row ? rowsOfGroup(dims[*row].size) : 64);
    if (column)
      shape.push_back(piece ? piece : columnsOf(dims[*column].size));
    if (shape.size() == 2)
      return RankedTensorType::get(shape, element, AccAttr::get(context));
    if (column)
      return RankedTensorType::get(shape, element, ColAttr::get(context));
    if (element.isBF16() || element.isF16())
      element = Float32Type::get(context);
    return RankedTensorType::get(shape, element, RowAttr::get(context, {}));
  }
  auto layout = LanesAttr::get(context, threads, vector);
  SmallVector<int64_t> shape(blocks.size(), 1);
  bool along = false;
  int64_t last = 1;
  for (const NamedDim &d : dims)
    if (isLane(d.name)) {
      along = true;
      last = padded(d.size);
    } else {
      shape[blockOf(d.name)] = d.size;
    }
  if (along) {
    shape.push_back(last);
    return RankedTensorType::get(shape, element, layout);
  }
  if (shape.empty())
    shape.push_back(1);
  if (element.isBF16() || element.isF16())
    element = Float32Type::get(context);
  return RankedTensorType::get(shape, element, RowAttr::get(context, layout));
}

RankedTensorType Frame::typeOf(Type tile) const {
  return typeOf(getDims(tile), cast<RankedTensorType>(tile).getElementType());
}

namespace {

/// What a program says about its dimensions.
struct Survey {
  llvm::MapVector<StringAttr, int64_t> sizes; // the largest tile of each
  llvm::MapVector<StringAttr, double> bytes;  // moved where the dimension is contiguous
  llvm::DenseMap<StringAttr, std::string> barred;
  llvm::SetVector<StringAttr> scanned;
  bool half = false;
  llvm::SmallDenseSet<StringAttr> open; // the innermost of a view, of open size

  void see(Type type) {
    if (!isTile(type))
      return;
    for (const NamedDim &d : getDims(type))
      sizes[d.name] = std::max(sizes[d.name], d.size);
  }
  void access(ViewType view, Type tile) {
    NamedDims dims = getDims(tile), memory = view.getDims();
    Type element = cast<RankedTensorType>(tile).getElementType();
    half |= element.isBF16() || element.isF16();
    if (!memory.empty() && !memory.back().isStatic())
      open.insert(memory.back().name);
    if (memory.empty() || !findDim(dims, memory.back().name))
      return;
    double count = element.getIntOrFloatBitWidth() / 8.0;
    for (const NamedDim &d : dims)
      count *= d.size;
    bytes[memory.back().name] += count;
  }
  void bar(StringAttr dim, const Twine &why) { barred.try_emplace(dim, why.str()); }
};

void survey(ProgramOp program, Survey &s) {
  program.walk([&](Operation *op) {
    for (Type type : llvm::concat<const Type>(op->getOperandTypes(), op->getResultTypes()))
      s.see(type); // operands: constants stand before the program
    for (Region &region : op->getRegions())
      for (Block &block : region)
        for (Type type : block.getArgumentTypes())
          s.see(type);
    if (auto read = dyn_cast<ReadOp>(op)) {
      for (Type type : read.getResultTypes())
        s.access(read.getView().getType(), type);
      for (Value at : read.getCoordinates())
        if (isTile(at.getType()))
          for (const NamedDim &d : getDims(at))
            s.bar(d.name, "elements are picked along it by a table");
    } else if (auto write = dyn_cast<WriteOp>(op)) {
      for (Type type : write.getValues().getTypes())
        s.access(write.getView().getType(), type);
    } else if (auto recur = dyn_cast<RecurOp>(op)) {
      std::string why;
      StringAttr dim = recur.getDimAttr();
      if (asRunning(recur, why))
        s.scanned.insert(dim);
      else
        s.bar(dim, "a recurrence runs along it: " + why);
    } else if (auto running = dyn_cast<RunningOp>(op)) {
      s.scanned.insert(running.getDimAttr());
    } else if (auto rename = dyn_cast<RenameOp>(op)) {
      for (auto [from, to] : llvm::zip(getDims(rename.getOperand()), getDims(rename.getResult())))
        if (from.name != to.name) {
          s.bar(from.name, "it is renamed");
          s.bar(to.name, "it is another one's name");
        }
    } else if (auto part = dyn_cast<PartOp>(op)) {
      s.bar(part.getDimAttr(), "it is taken apart");
      for (auto dim : part.getParts().getAsRange<StringAttr>())
        s.bar(dim, "it is a part of another");
    } else if (auto join = dyn_cast<JoinOp>(op)) {
      s.bar(join.getDimAttr(), "it is joined from others");
      for (auto dim : join.getParts().getAsRange<StringAttr>())
        s.bar(dim, "it is joined with others");
    } else if (auto pick = dyn_cast<PickOp>(op)) {
      for (auto dim : pick.getDims().getAsRange<StringAttr>())
        s.bar(dim, "one of its elements is picked");
    }
  });
}

/// Threads and vector that hold the lane with the least filling; wide vectors win ties.
void chooseThreads(Frame &frame, int64_t size, bool half, bool scanned, bool narrow) {
  frame.threads = size > 768 && !scanned ? 128 : 32;
  int64_t narrowest = half ? 2 : 1, widest = narrow ? narrowest : half ? 8 : 4;
  double best = 0;
  for (int64_t vector = widest; vector >= narrowest; vector /= 2) {
    int64_t round = frame.threads * vector, filled = llvm::divideCeil(size, round) * round;
    double cost = double(filled) * (1 + 0.1 * llvm::Log2_64(widest / vector));
    if (best == 0 || cost < best) {
      best = cost;
      frame.vector = vector;
    }
  }
}

} // namespace

FailureOr<Frame> Frame::make(ProgramOp program, bool aligned) {
  Survey s;
  survey(program, s);
  Frame frame;
  double most = -1;
  for (auto [dim, size] : s.sizes) {
    if (s.barred.contains(dim))
      continue;
    // By what it moves; else by its length.
    double weight = s.bytes.lookup(dim) * 1e6 + size;
    if (weight > most) {
      most = weight;
      frame.lane = dim;
    }
  }
  if (!frame.lane && !s.sizes.empty()) {
    InFlightDiagnostic error = program.emitError() << "this has no kernel for the GPU: none of its dimensions can lie along threads";
    for (auto &[dim, why] : s.barred)
      error.attachNote() << "not '" << dim.getValue() << "': " << why;
    return failure();
  }
  for (auto [dim, size] : s.sizes)
    if (dim != frame.lane)
      frame.blocks.push_back(dim);
  chooseThreads(frame, frame.lane ? s.sizes[frame.lane] : 1, s.half, s.scanned.contains(frame.lane),
                !aligned && s.open.contains(frame.lane));
  return frame;
}

} // namespace ssm::tile
