//===- Ptx.h - the instructions that have no operation in MLIR --------------===//
//
// One function an instruction or a fixed group of them; every string of PTX in this
// project stands in Ptx/. Addresses in shared memory are i32 values with a
// constant offset that goes into the instruction; registers are f32, or i32 for
// two 16-bit elements and for tf32.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace ssm::tile::gpu {

/// A shared or global address: a value and bytes past it.
struct Address {
  mlir::Value base;
  int64_t offset = 0;
  Address plus(int64_t bytes) const { return {base, offset + bytes}; }
};

/// One wgmma group: `blocks` x 64 rows, N columns, a chain of k-steps, committed.
struct WgmmaGroup {
  int64_t blocks = 1, n = 0;
  mlir::Type element; // bf16, f16, or f32 for tf32
  bool transposeA = false, transposeB = false;
  /// A in shared memory: descriptor words of a step's block are lowA + offsetA(block, step).
  mlir::Value lowA, lowB;
  int64_t highA = 0, highB = 0;
  llvm::SmallVector<llvm::SmallVector<int64_t>> offsetsA; // [block][step], in units of 16 bytes
  llvm::SmallVector<int64_t> offsetsB;                    // [step]
  /// A in registers: four a block and step, in the order [block][step].
  mlir::ValueRange registersA;
  /// Accumulators, blocks x n/2; none: the first step overwrites.
  mlir::ValueRange accumulators;
  /// Where it holds, the accumulators count as zero; null: they are added.
  mlir::Value unless;
};

/// In a checked build: what a stuck wait leaves behind before it traps.
struct WaitRecord {
  mlir::Value where; // i64 address of four words that the host reads, or null: unbounded
  int64_t barrier = 0, role = 0;
};

class Ptx {
public:
  explicit Ptx(mlir::ImplicitLocOpBuilder &builder) : b(builder) {}
  using Values = llvm::SmallVector<mlir::Value>;

  // mbarriers
  void mbarrierInit(Address barrier, int64_t count);
  void mbarrierArrive(Address barrier, mlir::Value predicate = {});
  /// All lanes have met; lane 0 arrives.
  void mbarrierArriveWarp(Address barrier, mlir::Value isLane0, mlir::Value predicate = {});
  /// In another CTA of the cluster; `fence`: for what was read and written here before.
  void mbarrierArriveRemote(Address barrier, mlir::Value cta, mlir::Value predicate, bool fence);
  void mbarrierExpect(Address barrier, int64_t bytes);
  /// `cluster`: for what other CTAs did before they arrived.
  void mbarrierWait(Address barrier, mlir::Value parity, const WaitRecord &record, bool cluster = false);
  /// Arrives when this thread's copies so far have landed; one of the barrier's count.
  void mbarrierArriveOnCopies(Address barrier);

  // Ordering
  void fenceProxyAsync();
  void fenceBarrierInit();
  void barSync(mlir::Value id, int64_t threads);
  void barArrive(mlir::Value id, int64_t threads);
  void warpSync();
  /// All threads of the cluster meet; `converged`: those of each warp are together.
  void clusterSync(bool converged);

  // Copies
  /// Coordinates innermost first. `mask`: to these CTAs of the cluster.
  void bulkTensorLoad(Address to, mlir::Value map, mlir::ValueRange coordinates, Address barrier, mlir::Value mask,
                      mlir::Value cachePolicy);
  void bulkTensorStore(mlir::Value map, mlir::ValueRange coordinates, Address from, bool add);
  void bulkLoad(Address to, mlir::Value from, mlir::Value bytes, Address barrier);
  void bulkCommit();
  void bulkWait(int64_t groups, bool read);
  /// cp.async of 4, 8 or 16 bytes; where the predicate does not hold, zeros.
  void asyncCopy(Address to, Address from, int64_t bytes, mlir::Value predicate);
  void asyncCopyCommit();
  void asyncCopyWait(int64_t groups);
  mlir::Value cachePolicy(bool evictFirst);
  void prefetchTensorMap(mlir::Value map);

  // Memory. `words` registers of 32 bits, one vector.
  Values loadShared(Address from, unsigned words, mlir::Type type);
  void storeShared(Address to, mlir::ValueRange words, mlir::Value predicate = {});
  mlir::Value loadSharedHalf(Address from); // 16 bits, in the low half of an i32
  void storeSharedHalf(Address to, mlir::Value low);
  Values loadMatrix(Address from, unsigned count, bool transpose);
  void storeMatrix(Address to, mlir::ValueRange words, bool transpose);
  /// Where the predicate does not hold: zeros.
  Values loadGlobal(Address from, unsigned words, mlir::Type type, mlir::Value predicate);
  void storeGlobal(Address to, mlir::ValueRange words, mlir::Value predicate);
  mlir::Value loadGlobalHalf(Address from, mlir::Value predicate);
  void storeGlobalHalf(Address to, mlir::Value low, mlir::Value predicate);
  mlir::Value loadGlobalRelaxed(Address from);
  mlir::Value loadSharedRelaxed(Address from, mlir::Type type);

  // Products
  Values wgmma(const WgmmaGroup &group);
  /// Waits until at most `groups` are in flight. `landed` pass through it; `held` (A
  /// registers of retired groups) are read by it.
  Values wgmmaWait(int64_t groups, mlir::ValueRange landed, mlir::ValueRange held);
  /// m16n8k16 (m16n8k8 for tf32): 4 accumulators.
  Values mmaSync(mlir::ValueRange a, mlir::ValueRange operandB, mlir::ValueRange c, mlir::Type element);
  void setMaxRegisters(int64_t count, bool increase);

  // Arithmetic
  mlir::Value exp2(mlir::Value x);
  mlir::Value log2(mlir::Value x);
  mlir::Value reciprocal(mlir::Value x);
  mlir::Value divide(mlir::Value x, mlir::Value y); ///< two units off
  mlir::Value reciprocalSqrt(mlir::Value x);
  mlir::Value squareRoot(mlir::Value x);
  mlir::Value tanh(mlir::Value x);
  mlir::Value sine(mlir::Value x);
  mlir::Value cosine(mlir::Value x);
  /// Two f32 rounded to 16 bits; `low` in the lower half.
  mlir::Value pack(mlir::Value low, mlir::Value high, mlir::Type element);
  mlir::Value packOne(mlir::Value low, mlir::Type element);
  mlir::Value unpack(mlir::Value pair, bool high, mlir::Type element);

  // Within a warp
  mlir::Value shuffleXor(mlir::Value x, int64_t mask);
  mlir::Value shuffleUp(mlir::Value x, int64_t delta, int64_t width);
  mlir::Value shuffleDown(mlir::Value x, int64_t delta, int64_t width);
  mlir::Value shuffleIndex(mlir::Value x, mlir::Value lane, int64_t width);
  mlir::Value voteAny(mlir::Value x);
  mlir::Value electOne();

  /// Computed here: the values pass through an empty statement.
  Values pinForLlvm(mlir::ValueRange values);
  /// The same for ptxas: a store that never happens and depends on all of them.
  void pinForPtxas(mlir::ValueRange values, Address scratch);

private:
  Values assemble(llvm::StringRef text, llvm::StringRef constraints, mlir::ValueRange operands,
                  llvm::ArrayRef<mlir::Type> results = {}, bool effects = true);
  mlir::Value intrinsic(llvm::StringRef name, mlir::ValueRange operands, mlir::Type result);
  mlir::Value shuffle(llvm::StringRef kind, mlir::Value x, mlir::Value lane, int64_t clamp);

  mlir::ImplicitLocOpBuilder &b;
};

} // namespace ssm::tile::gpu
