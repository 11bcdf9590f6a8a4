//===- Versions.cpp - kernels for different calls ---------------------------===//
//
// A program with open sizes becomes several kernels, of which the launch picks the first
// that fits a call:
//
//   rows of whole vectors       wide loads and tensor maps
//   rows of up to so many       an item holds its row: loops along it have one step, and
//                               what they read again is in registers
//   few items                   smaller tiles of a product, so that there are more
//   anything                    the last one, which checks every element
//
// They differ in the sizes of tiles alone, so they are made of copies of the program with
// other ones: `tensor<4x1024xf32, #ssm.dims<L, D>>` becomes `tensor<1x4096xf32, ..>`.
//
//===----------------------------------------------------------------------===//
#include "Kernel.h"
#include "Matrix.h"

#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace ssm::tile {
namespace {

/// Another tile of a dimension: those of `from` elements have `to`.
struct Retiled {
  StringAttr dim;
  int64_t from, to;
};

struct Version {
  std::string suffix;
  SmallVector<Retiled> tiles;
  Assumptions assumptions;
  SmallVector<Room> where;
};

/// The function with other tiles, beside it.
func::FuncOp retile(func::FuncOp function, ArrayRef<Retiled> tiles) {
  OpBuilder b(function);
  auto copy = cast<func::FuncOp>(b.clone(*function));
  auto sizeOf = [&](StringAttr dim, int64_t size) {
    for (const Retiled &tile : tiles)
      if (tile.dim == dim && tile.from == size)
        return tile.to;
    return size;
  };
  auto changed = [&](Type type) -> Type {
    if (!isTile(type))
      return type;
    auto tile = cast<RankedTensorType>(type);
    SmallVector<int64_t> shape(tile.getShape());
    for (auto [size, d] : llvm::zip(shape, getDims(tile)))
      size = sizeOf(d.name, size);
    return tile.clone(shape);
  };
  copy.walk([&](Operation *op) {
    for (Value result : op->getResults())
      result.setType(changed(result.getType()));
    for (Region &region : op->getRegions())
      for (Block &block : region)
        for (Value argument : block.getArguments())
          argument.setType(changed(argument.getType()));
    if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
      if (auto dense = dyn_cast<DenseElementsAttr>(constant.getValue()); dense && dense.isSplat())
        constant.setValueAttr(DenseElementsAttr::get(cast<ShapedType>(changed(dense.getType())), dense.getSplatValue<Attribute>()));
    } else if (auto loop = dyn_cast<LoopOp>(op)) {
      loop.setStep(sizeOf(loop.getDimAttr(), loop.getStep()));
    } else if (auto program = dyn_cast<ProgramOp>(op)) {
      SmallVector<int64_t> steps(program.getSteps());
      for (auto [step, dim] : llvm::zip(steps, program.getDims().getAsRange<StringAttr>()))
        step = sizeOf(dim, step);
      program.setSteps(steps);
    }
  });
  return copy;
}

/// Whether tiles lie along a contiguous dimension of open size.
bool hasOpenRows(ProgramOp program) {
  auto isOpen = [](Value view, Type tile) {
    auto type = dyn_cast<ViewType>(view.getType());
    return type && !type.getDims().empty() && !type.getDims().back().isStatic() &&
           findDim(getDims(tile), type.getDims().back().name);
  };
  return program
      ->walk([&](Operation *op) {
        bool open = false;
        if (auto read = dyn_cast<ReadOp>(op))
          open = isOpen(read.getView(), read.getResultTypes().front());
        else if (auto write = dyn_cast<WriteOp>(op))
          open = isOpen(write.getView(), write.getValues().front().getType());
        return open ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

class VersionsOf {
public:
  VersionsOf(func::FuncOp function, ProgramOp program) : function(function), program(program) {}
  SmallVector<Version> list();

private:
  void addRows(StringAttr lane);
  void addProducts();
  /// The step of the loops over all of a dimension of open size, in tiles of that size
  /// alone; its size's argument, and whether whole tiles have loops of their own.
  std::optional<int64_t> stepAlong(StringAttr dim, unsigned &argument, bool &split);
  SmallVector<Retiled> tilesOf(std::initializer_list<std::pair<StringAttr, int64_t>> wanted);

  func::FuncOp function;
  ProgramOp program;
  SmallVector<Version> versions;
};

std::optional<int64_t> VersionsOf::stepAlong(StringAttr dim, unsigned &argument, bool &split) {
  if (llvm::is_contained(program.getDims().getAsRange<StringAttr>(), dim))
    return std::nullopt;
  std::optional<int64_t> step;
  bool plain = true;
  auto see = [&](Type type) {
    if (!isTile(type))
      return;
    for (const NamedDim &d : getDims(type))
      if (d.name == dim) {
        plain &= !step || *step == d.size;
        step = d.size;
      }
  };
  program.walk([&](Operation *op) {
    for (Type type : op->getResultTypes())
      see(type);
    if (auto loop = dyn_cast<LoopOp>(op); loop && loop.getDimAttr() == dim) {
      auto size = dyn_cast<BlockArgument>(loop.getTo());
      if (getConstantIntValue(loop.getFrom()) != 0) { // the rest after whole tiles
        plain &= size && sizeOfWholeTiles(loop.getFrom(), loop.getStep()) == size;
        split = true;
      } else if (!size) {
        size = dyn_cast_or_null<BlockArgument>(sizeOfWholeTiles(loop.getTo(), loop.getStep()));
        split = true;
      }
      plain &= size && size.getOwner() == &function.getBody().front();
      if (plain)
        argument = size.getArgNumber();
      plain &= !step || *step == int64_t(loop.getStep());
      step = loop.getStep();
    } else if (auto recur = dyn_cast<RecurOp>(op)) {
      plain &= recur.getDimAttr() != dim;
    }
  });
  return plain && argument ? step : std::nullopt;
}

SmallVector<Retiled> VersionsOf::tilesOf(std::initializer_list<std::pair<StringAttr, int64_t>> wanted) {
  SmallVector<Retiled> tiles;
  for (auto [dim, size] : wanted)
    for (auto [owned, step] : llvm::zip(program.getDims().getAsRange<StringAttr>(), program.getSteps()))
      if (owned == dim && step != size)
        tiles.push_back({dim, step, size});
  return tiles;
}

/// Rows along the lane: short ones are held, several by an item.
void VersionsOf::addRows(StringAttr lane) {
  unsigned argument = 0;
  bool split = false;
  std::optional<int64_t> step = stepAlong(lane, argument, split);
  if (!step)
    return;
  constexpr int64_t held = 4096; // elements of an item: 32 in each of a warpgroup's threads
  auto add = [&](int64_t along, bool aligned, bool whole) {
    Version version;
    version.suffix = llvm::formatv("_{0}{1}{2}", whole ? "row" : "rows", along, aligned ? "" : "u");
    if (!whole && split)
      along = *step; // where whole tiles end is known for that
    version.tiles.push_back({lane, *step, along});
    int64_t rows = std::max<int64_t>(1, (along <= 768 ? held / 4 : held) / along);
    for (auto [dim, own] : llvm::zip(program.getDims().getAsRange<StringAttr>(), program.getSteps()))
      if (own > rows)
        version.tiles.push_back({dim, own, rows});
    version.assumptions.aligned = aligned;
    if (whole) {
      version.assumptions.single.push_back(lane);
      version.where = {{Room::AtMost, argument, along}, {Room::AtLeast, argument, 1}};
    }
    versions.push_back(std::move(version));
  };
  for (int64_t along : {512, 2048, 4096})
    add(along, /*aligned=*/true, /*whole=*/true);
  add(2048, /*aligned=*/true, /*whole=*/false);
  add(2048, /*aligned=*/false, /*whole=*/true);
  add(1024, /*aligned=*/false, /*whole=*/false);
}

/// Tiles of a product, the largest first: each where there is one for every multiprocessor.
void VersionsOf::addProducts() {
  MatrixDims dims = findMatrixDims(program);
  int64_t rows = dims.rowTile, columns = dims.columnTile;
  bool openItems = llvm::any_of(program.getExtents(), [](Value extent) { return !getConstantIntValue(extent); });
  bool openRows = hasOpenRows(program);
  // Where there is a version for the rest, these need not ask whether there is something to sum.
  Assumptions assumptions{/*aligned=*/true, /*something=*/openRows, {}};
  SmallVector<Room> where;
  program.walk([&](LoopOp loop) {
    auto size = dyn_cast<BlockArgument>(loop.getTo());
    if (openRows && size && size.getOwner() == &function.getBody().front())
      where.push_back({Room::AtLeast, size.getArgNumber(), 1});
  });
  if (openItems)
    for (auto [r, c] : {std::pair(128, 256), {128, 128}, {128, 64}, {64, 64}})
      if (r <= rows && c <= columns) {
        Version version{llvm::formatv("_{0}x{1}", r, c), tilesOf({{dims.rows, r}, {dims.columns, c}}), assumptions, where};
        version.where.push_back({Room::Busy});
        versions.push_back(std::move(version));
      }
  if (versions.empty())
    versions.push_back({"", {}, assumptions, where});
  versions.back().where = where; // the smallest takes what is left
  if (openRows) // by registers, one warpgroup
    versions.push_back({"_any", tilesOf({{dims.rows, std::min<int64_t>(rows, 64)}, {dims.columns, std::min<int64_t>(columns, 128)}}),
                        {}, {}});
}

SmallVector<Version> VersionsOf::list() {
  if (hasMatrixProduct(program)) {
    addProducts();
    return std::move(versions);
  }
  bool open = hasOpenRows(program);
  if (FailureOr<Frame> frame = Frame::make(program, /*aligned=*/true); succeeded(frame) && frame->lane && open)
    addRows(frame->lane);
  if (!versions.empty())
    return std::move(versions);
  if (open)
    versions.push_back({"_wide", {}, {/*aligned=*/true, /*something=*/false, {}}, {}});
  versions.push_back({open ? "_any" : "", {}, {}, {}});
  return std::move(versions);
}

} // namespace

FailureOr<Versions> makeKernels(func::FuncOp function, ProgramOp program, StringRef name) {
  SmallVector<Version> wanted = VersionsOf(function, program).list();
  // Each program of a function by its place.
  SmallVector<ProgramOp> programs;
  function.walk([&](ProgramOp other) { programs.push_back(other); });
  unsigned place = llvm::find(programs, program) - programs.begin();
  Versions made;
  for (Version &version : wanted) {
    func::FuncOp copy = retile(function, version.tiles);
    SmallVector<ProgramOp> copies;
    copy.walk([&](ProgramOp other) { copies.push_back(other); });
    FailureOr<KernelInterface> kernel = makeKernel(copy, copies[place], name.str() + version.suffix, version.assumptions);
    if (succeeded(kernel)) {
      kernel->where.append(version.where);
      made.push_back(*kernel);
    }
    copy.erase();
    if (failed(kernel))
      return failure();
  }
  return made;
}

} // namespace ssm::tile
