//===- Budget.cpp - registers, threads, named barriers, shared memory -------===//
#include "Verify.h"
#include "ssm/Layout/Layout.h"

#include "mlir/Analysis/Liveness.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace ssm::tile {
namespace {

/// Registers that a value takes in each thread; scalars are uniform and not counted.
int64_t wordsOf(Value value) {
  Type type = value.getType();
  if (auto flight = dyn_cast<FlightType>(type))
    type = flight.getTile();
  if (auto warps = dyn_cast<WarpsType>(type))
    type = warps.getValue();
  auto tile = dyn_cast<RankedTensorType>(type);
  if (!tile || !isRegisterTile(tile))
    return 0;
  Operation *op = value.getDefiningOp();
  // Constants and replicated values need no register an element.
  if (op && (op->hasTrait<OpTrait::ConstantLike>() || isa<BroadcastOp>(op)))
    return 0;
  Operation *scope = op ? op : cast<BlockArgument>(value).getOwner()->getParentOp();
  bool inWarp = scope->getParentOfType<PerWarpOp>() || (!op && isa<PerWarpOp>(scope)) || isa<WarpsType>(value.getType());
  std::string why;
  std::optional<layout::Registers> registers = layout::Registers::make(tile, inWarp ? 1 : warpsOf(scope), why);
  return registers && !tile.getElementType().isInteger(1) ? registers->words() : 0;
}

/// A chain of elementwise operations is worked through register by register, so what
/// counts is what must be whole: values that something other than arithmetic makes or takes.
bool isWhole(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op || !OpTrait::hasElementwiseMappableTraits(op))
    return true;
  return llvm::any_of(value.getUsers(), [](Operation *user) { return !OpTrait::hasElementwiseMappableTraits(user); });
}

struct Peak {
  int64_t words = 0;
  Operation *at = nullptr;
};

class Registers {
public:
  explicit Registers(RoleOp role) : liveness(role) {}

  Peak peakOf(Block &block, const llvm::DenseSet<Value> &around) {
    Peak peak;
    const LivenessBlockInfo *info = liveness.getLiveness(&block);
    for (Operation &op : block) {
      llvm::DenseSet<Value> live = around;
      if (info)
        for (Value value : info->currentlyLiveValues(&op))
          live.insert(value);
      // What an operation takes over (an accumulator, a tile that dies here) and what it gives share registers.
      llvm::DenseSet<Value> counted;
      int64_t words = 0, given = 0, taken = 0;
      for (Value value : live)
        if (isWhole(value) && counted.insert(value).second)
          words += wordsOf(value);
      for (Value result : op.getResults())
        if (live.contains(result) && isWhole(result))
          given += wordsOf(result);
      for (Value operand : op.getOperands())
        if (counted.contains(operand) && isWhole(operand) && info && !info->isLiveOut(operand) &&
            info->getEndOperation(operand, &op) == &op)
          taken += wordsOf(operand);
      words -= std::min(given, taken);
      if (words > peak.words)
        peak = {words, &op};
      for (Region &region : op.getRegions())
        for (Block &inner : region) {
          // What lives on after the operation; in a loop, what its iterations read from outside as well.
          llvm::DenseSet<Value> through;
          bool loops = isa<LoopLikeOpInterface>(op);
          for (Value value : live) {
            bool own = llvm::is_contained(op.getResults(), value);
            bool ends = info && !around.contains(value) && !info->isLiveOut(value) && info->getEndOperation(value, &op) == &op;
            bool handedOver = llvm::is_contained(op.getOperands(), value);
            if (!own && !(ends && (handedOver || !loops)))
              through.insert(value);
          }
          if (Peak nested = peakOf(inner, through); nested.words > peak.words)
            peak = nested;
        }
    }
    return peak;
  }

private:
  Liveness liveness;
};

Peak peakOf(RoleOp role) { return Registers(role).peakOf(role.getBody().front(), {}); }

/// The budgets of a kernel's warpgroups.
LogicalResult verifyRegs(KernelOp kernel, int64_t groups, int64_t entry) {
  bool failed = false;
  llvm::SmallVector<RoleOp> ownerOf(groups); // the role whose budget a warpgroup has
  llvm::SmallVector<int64_t> budgets(groups, entry);
  bool any = false;
  int64_t warp = 0;
  for (auto role : kernel.getBody().getOps<RoleOp>()) {
    if (role.getKind() == RoleKind::Group)
      warp = llvm::alignTo(warp, 4);
    for (int64_t i = 0; i < role.getNumWarps(); ++i, ++warp) {
      RoleOp &owner = ownerOf[warp / 4];
      if (owner && owner != role && owner.getRegs() != role.getRegs()) {
        InFlightDiagnostic error = role.emitError();
        error << "has " << (role.getRegs() ? std::to_string(*role.getRegs()) : "no budget of")
              << " registers a thread; setmaxnreg is for a whole warpgroup, which it shares with role @" << owner.getName();
        error.attachNote(owner.getLoc()) << "that role has " << (owner.getRegs() ? std::to_string(*owner.getRegs()) : "none");
        return failure();
      }
      owner = role;
      if (role.getRegs()) {
        any = true;
        budgets[warp / 4] = *role.getRegs();
      }
    }
  }
  if (!any)
    return success();
  int64_t sum = 0;
  for (int64_t budget : budgets)
    sum += budget;
  if (sum > groups * entry) {
    failed = true;
    kernel.emitError() << "its roles want " << sum << " registers over " << groups << " warpgroups (a thread of each); at entry "
                       << entry << " each are there, " << groups * entry << " together";
  }
  return failure(failed);
}

} // namespace

int64_t estimateRegisters(RoleOp role) { return peakOf(role).words; }

LogicalResult verifyBudget(KernelOp kernel, const GpuTarget &target) {
  bool failed = false;
  int64_t warps = 0, barriers = 1;
  for (auto role : kernel.getBody().getOps<RoleOp>()) {
    if (role.getKind() == RoleKind::Group)
      warps = llvm::alignTo(warps, 4);
    warps += role.getNumWarps();
    bool meets = role.getKind() == RoleKind::Group && role.walk([](Operation *op) {
                                                          auto reduce = dyn_cast<ReduceOp>(op);
                                                          return isa<SyncOp>(op) || (reduce && reduce.getVia())
                                                                     ? WalkResult::interrupt()
                                                                     : WalkResult::advance();
                                                        }).wasInterrupted();
    barriers += meets ? role.getInstances() : 0;
  }
  for (auto turns : kernel.getBody().getOps<TurnsOp>())
    barriers += turns.getTurns().getType().getCount();
  int64_t groups = std::max<int64_t>(1, llvm::divideCeil(warps, 4)), threads = 128 * groups;
  if (threads > target.threads) {
    kernel.emitError() << "its roles take " << threads << " threads; a CTA has at most " << target.threads;
    return failure();
  }
  if (barriers > target.namedBarriers) {
    failed = true;
    kernel.emitError() << "takes " << barriers << " named barriers (the CTA's, one an instance that meets, one a turn); a CTA has "
                       << target.namedBarriers;
  }

  int64_t shared = 0;
  for (Operation &op : kernel.getBody().front()) {
    if (auto ring = dyn_cast<RingOp>(op)) {
      RingType type = ring.getRing().getType();
      shared += type.getBytes() + 16 * type.getSlots() * type.getCopies();
    } else if (auto buffer = dyn_cast<BufferOp>(op)) {
      shared += buffer.getBuffer().getType().getBytes();
    }
  }
  if (shared > target.sharedBytes) {
    failed = true;
    InFlightDiagnostic error = kernel.emitError();
    error << "takes " << shared << " bytes of shared memory; a CTA has " << target.sharedBytes;
    for (auto ring : kernel.getBody().getOps<RingOp>()) {
      RingType type = ring.getRing().getType();
      if (type.getSlotBytes() > 1024)
        error.attachNote(ring.getLoc()) << type.getSlots() * type.getCopies() << " slots of " << type.getSlotBytes() << " bytes";
    }
  }

  int64_t ctas = kernel.getCtasPerSm().value_or(1);
  int64_t entry = std::min<int64_t>(255, llvm::alignDown(target.registers / (threads * ctas), 8));
  if (entry < 16) {
    kernel.emitError() << ctas << " CTAs of " << threads << " threads leave " << entry << " registers a thread";
    return failure();
  }
  if (mlir::failed(verifyRegs(kernel, groups, entry)))
    return failure();
  for (auto role : kernel.getBody().getOps<RoleOp>()) {
    Peak peak = peakOf(role);
    int64_t budget = role.getRegs().value_or(entry);
    // An estimate of whole tiles: ptxas takes one apart while it makes the next, and has fitted
    // 168 into 160. A quarter more than there is does not fit.
    if (peak.words * 4 <= budget * 5)
      continue;
    failed = true;
    InFlightDiagnostic error = role.emitError();
    error << "its tiles take " << peak.words << " registers a thread, it has " << budget;
    error.attachNote(peak.at->getLoc()) << "here";
  }
  return failure(failed);
}

} // namespace ssm::tile
