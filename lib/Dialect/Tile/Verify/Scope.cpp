//===- Scope.cpp - operations against the role and the target they run on ---===//
#include "Verify.h"
#include "ssm/Layout/Shared.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace ssm::tile {

int64_t warpsOf(Operation *op) {
  if (op->getParentOfType<PerWarpOp>())
    return 1;
  auto role = op->getParentOfType<RoleOp>();
  return role && role.getKind() == RoleKind::Group ? 4 : 1;
}

/// What the target lacks for an operation; empty where it lacks nothing.
static StringRef lacking(Operation *op, const GpuTarget &target) {
  if (isa<MmaOp, LandOp, RetireOp>(op) && !target.wgmma)
    return "warpgroup products (tile.mma_sync is a warp's)";
  if (auto fetch = dyn_cast<FetchOp>(op); fetch && !target.tensorMaps && !fetch.getSources().empty())
    return "bulk copies (tile.copy is every thread's)";
  if (isa<SendOp>(op) && !target.tensorMaps)
    return "bulk stores";
  if (auto role = dyn_cast<RoleOp>(op); role && role.getRegs() && !target.registerBudgets)
    return "register budgets of roles";
  if (auto kernel = dyn_cast<KernelOp>(op); kernel && kernel.getCluster() && !target.clusters)
    return "clusters";
  if (auto fetch = dyn_cast<FetchOp>(op); fetch && fetch.getAcross() && !target.clusters)
    return "clusters";
  if (auto release = dyn_cast<ReleaseOp>(op); release && (release.getAt() || release.getAcross()) && !target.clusters)
    return "clusters";
  if (isa<CopyOp>(op) && !target.asyncCopies)
    return "asynchronous copies";
  return "";
}

/// A layout of the same shape that moves through the buffer without conflicts, for the message.
static std::string alternative(RankedTensorType tile, SmemType memory, bool transpose, bool isStore, int64_t warps) {
  MLIRContext *context = tile.getContext();
  SmallVector<Attribute> layouts{AccAttr::get(context)};
  for (int64_t width : {32, 16, 8})
    for (int64_t vector : {8, 4, 2, 1})
      layouts.push_back(LanesAttr::get(context, width, vector));
  for (Attribute layout : layouts) {
    auto quiet = [&] {
      InFlightDiagnostic silent = emitRemark(UnknownLoc::get(context));
      silent.abandon();
      return silent;
    };
    if (failed(cast<VerifiableTensorEncoding>(layout).verifyEncoding(tile.getShape(), tile.getElementType(), quiet)))
      continue;
    std::string why;
    auto other = RankedTensorType::get(tile.getShape(), tile.getElementType(), layout);
    std::optional<layout::Registers> registers = layout::Registers::make(other, warps, why);
    if (!registers || layout == tile.getEncoding())
      continue;
    std::optional<layout::AccessPlan> plan = layout::planAccess(*registers, memory, transpose, isStore, why);
    if (plan && plan->conflicts <= 1) {
      std::string text;
      llvm::raw_string_ostream(text) << layout;
      return text;
    }
  }
  return "";
}

/// A load or store of a tile through shared memory has a plan that the banks do not hold up.
template <typename Op> static LogicalResult verifyAccess(Op op, Type memoryType, Type value, bool isStore) {
  auto tile = dyn_cast<RankedTensorType>(value);
  auto memory = dyn_cast<SmemType>(memoryType);
  if (!tile || !memory || op.getImage())
    return success();
  // Tiles that do not lie along the buffer's last dimensions are addressed element by element.
  SmallVector<int64_t> extents = op.getExtents(), shape(tile.getShape());
  if (op.getTranspose())
    std::swap(shape.back(), shape[shape.size() - 2]);
  if (ArrayRef(extents).take_back(shape.size()) != ArrayRef(shape))
    return success();
  std::string why;
  std::optional<layout::Registers> registers = layout::Registers::make(tile, warpsOf(op), why);
  if (!registers)
    return success(); // reported for the value
  if (layout::planAccess(*registers, memory, op.getTranspose(), isStore, why))
    return success();
  InFlightDiagnostic error = op.emitOpError() << "moves " << tile << (op.getTranspose() ? " transposed" : "") << " through "
                                              << memory << ": " << why;
  std::string other = alternative(tile, memory, op.getTranspose(), isStore, warpsOf(op));
  if (!other.empty())
    error << "; " << other << " does not";
  return error;
}

static bool isDynamic(ArrayRef<int64_t> offsets) {
  return llvm::any_of(offsets, [](int64_t offset) { return ShapedType::isDynamic(offset); });
}

/// LLVM sinks the packing of a register operand with one user past a branch, next to the product.
static void warnOfSinking(MmaOp mma) {
  Operation *pack = mma.getA().getDefiningOp();
  if (!isa_and_nonnull<arith::TruncFOp>(pack) || pack->getBlock() != mma->getBlock())
    return;
  for (Operation *op = pack->getNextNode(); op != mma; op = op->getNextNode())
    if (op->getNumRegions()) {
      InFlightDiagnostic warning = mma.emitWarning();
      warning << "takes a tile that is packed before a branch: the packing will move behind it; tile.pin it for llvm";
      warning.attachNote(op->getLoc()) << "the branch";
      return;
    }
}

/// 16-bit tiles are packed in pairs: they are moved, chosen and converted, not computed with.
static bool computesInPairs(Operation *op) {
  if (!OpTrait::hasElementwiseMappableTraits(op) || isa<arith::TruncFOp, arith::ExtFOp, arith::SelectOp, arith::BitcastOp>(op))
    return false;
  return llvm::any_of(op->getOperandTypes(), [](Type type) {
    auto tile = dyn_cast<RankedTensorType>(type);
    return tile && isRegisterTile(tile) && tile.getElementTypeBitWidth() == 16;
  });
}

static LogicalResult verifyOne(Operation *op, const GpuTarget &target) {
  if (StringRef what = lacking(op, target); !what.empty())
    return op->emitError() << target.name << " has no " << what;
  if (isa<func::CallOp>(op))
    return op->emitError() << "a call stands in a kernel: its body is not known to be right; run the inliner first";
  if (computesInPairs(op))
    return op->emitError() << "computes with 16-bit elements, which are packed in pairs: extend them to f32 and truncate the result";
  if (auto slice = dyn_cast<SliceOp>(op); slice && isDynamic(slice.getStaticOffsets()))
    return op->emitError() << "takes registers at an offset that is no constant: unroll the loop that counts it";
  if (auto insert = dyn_cast<InsertOp>(op); insert && isDynamic(insert.getStaticOffsets()))
    return op->emitError() << "puts registers at an offset that is no constant: unroll the loop that counts it";
  // Each tile divides among the warps that hold it. Warps apart see their own rows.
  auto role = op->getParentOfType<RoleOp>();
  for (Value result : op->getResults()) {
    auto tile = dyn_cast<RankedTensorType>(result.getType());
    if (auto flight = dyn_cast<FlightType>(result.getType()))
      tile = flight.getTile();
    if (!tile || !isRegisterTile(tile))
      continue;
    if (role && role.getKind() == RoleKind::Thread)
      return op->emitError() << "role @" << role.getName() << " is one thread: it has scalars, no tiles such as " << tile;
    std::string why;
    if (role && !layout::Registers::make(tile, warpsOf(op), why))
      return op->emitError() << tile << " cannot be held by a " << stringifyRoleKind(role.getKind()) << ": " << why;
  }
  if (auto mma = dyn_cast<MmaOp>(op))
    warnOfSinking(mma);
  if (auto load = dyn_cast<LoadOp>(op))
    return verifyAccess(load, load.getSource().getType(), load.getResult().getType(), false);
  if (auto store = dyn_cast<StoreOp>(op))
    return verifyAccess(store, store.getTarget().getType(), store.getValue().getType(), true);
  return success();
}

LogicalResult verifyScope(KernelOp kernel, const GpuTarget &target) {
  bool failed = false;
  kernel->walk([&](Operation *op) { failed |= mlir::failed(verifyOne(op, target)); });
  return failure(failed);
}

} // namespace ssm::tile
