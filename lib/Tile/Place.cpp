//===- Place.cpp - tile-place -----------------------------------------------===//
//
// Shared memory: swizzled buffers first, at multiples of 1024, so that none is lost
// between them; then plain ones; then mbarriers, a full and an empty one a slot.
// Named barrier 0 is the CTA's; roles whose threads meet and turns take the next.
//
//===----------------------------------------------------------------------===//
#include "ssm/Tile/Passes.h"

#include "ssm/Dialect/Tile/Tile.h"

#include "mlir/IR/Builders.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace ssm::tile;

namespace ssm {
namespace {

constexpr int64_t kSharedLimit = 227 * 1024, kNamedBarriers = 16, kThreadLimit = 1024;

bool isSwizzled(SmemType type) { return type.getSwizzle() != 0; }
bool isSwizzled(RingType type) {
  return llvm::any_of(type.getParts(), [](Type part) { return isSwizzled(cast<SmemType>(part)); });
}

class Placer {
public:
  explicit Placer(KernelOp kernel) : kernel(kernel), b(kernel.getContext()) {}

  LogicalResult run() {
    placeRoles();
    if (failed(placeBarriers()))
      return failure();
    return placeShared();
  }

private:
  void placeRoles() {
    int64_t warp = 0;
    bool budgets = false;
    for (auto role : kernel.getBody().getOps<RoleOp>()) {
      if (role.getKind() == RoleKind::Group)
        warp = llvm::alignTo(warp, 4);
      role.setFirstWarp(warp);
      warp += role.getNumWarps();
      budgets |= role.getRegs().has_value();
    }
    // setmaxnreg is met by whole warpgroups.
    if (budgets)
      warp = llvm::alignTo(warp, 4);
    kernel.setThreads(std::max<int64_t>(warp, 1) * 32);
  }

  /// Whether the threads of an instance meet outside of mbarriers.
  static bool meets(RoleOp role) {
    return role.getKind() == RoleKind::Group &&
           role.walk([](Operation *op) {
                 bool crosses = isa<SyncOp>(op);
                 if (auto reduce = dyn_cast<tile::ReduceOp>(op))
                   crosses = bool(reduce.getVia());
                 return crosses ? WalkResult::interrupt() : WalkResult::advance();
               }).wasInterrupted();
  }

  LogicalResult placeBarriers() {
    int64_t next = 1;
    for (auto turns : kernel.getBody().getOps<TurnsOp>()) {
      turns.setFirst(next);
      next += turns.getTurns().getType().getCount();
    }
    for (auto role : kernel.getBody().getOps<RoleOp>())
      if (meets(role)) {
        role.setBarrier(next);
        next += role.getInstances();
      }
    if (next > kNamedBarriers)
      return kernel.emitError("needs ")
             << next << " named barriers, a turn and a meeting role one each beside the CTA's; there are " << kNamedBarriers;
    if (*kernel.getThreads() > kThreadLimit)
      return kernel.emitError("has roles for ") << *kernel.getThreads() << " threads; a CTA has at most " << kThreadLimit;
    return success();
  }

  LogicalResult placeShared() {
    int64_t at = 0;
    auto take = [&](int64_t bytes, int64_t alignment) {
      at = llvm::alignTo(at, alignment);
      return std::exchange(at, at + bytes);
    };
    for (bool swizzled : {true, false}) {
      int64_t alignment = swizzled ? 1024 : 16;
      for (Operation &op : kernel.getBody().front()) {
        if (auto ring = dyn_cast<RingOp>(op)) {
          RingType type = ring.getRing().getType();
          if (isSwizzled(type) == swizzled)
            ring.setData(take(type.getBytes(), alignment));
        } else if (auto buffer = dyn_cast<BufferOp>(op)) {
          SmemType type = buffer.getBuffer().getType();
          if (isSwizzled(type) == swizzled)
            buffer.setData(take(type.getBytes(), alignment));
        }
      }
    }
    for (auto ring : kernel.getBody().getOps<RingOp>()) {
      RingType type = ring.getRing().getType();
      ring.setBarriers(take(16 * type.getSlots() * type.getCopies(), 8));
    }
    kernel.setSmem(at);
    if (at <= kSharedLimit)
      return success();
    InFlightDiagnostic error = kernel.emitError("takes ") << at << " bytes of shared memory; a CTA has at most " << kSharedLimit;
    for (auto ring : kernel.getBody().getOps<RingOp>())
      error.attachNote(ring.getLoc()) << ring.getRing().getType().getBytes() << " bytes here";
    for (auto buffer : kernel.getBody().getOps<BufferOp>())
      error.attachNote(buffer.getLoc()) << buffer.getBuffer().getType().getBytes() << " bytes here";
    return failure();
  }

  KernelOp kernel;
  Builder b;
};

struct TilePlace : PassWrapper<TilePlace, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TilePlace)
  StringRef getArgument() const final { return "tile-place"; }
  StringRef getDescription() const final { return "Decide where a kernel's buffers, barriers and roles are"; }

  void runOnOperation() final {
    WalkResult result = getOperation()->walk([](KernelOp kernel) {
      return failed(Placer(kernel).run()) ? WalkResult::interrupt() : WalkResult::skip();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};

} // namespace

std::unique_ptr<Pass> createTilePlacePass() { return std::make_unique<TilePlace>(); }

} // namespace ssm
