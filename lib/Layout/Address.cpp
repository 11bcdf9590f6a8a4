//===- Address.cpp - accesses to shared memory that banks do not hold up ----===//
//
// The candidate instructions of a tile and a buffer are laid out lane by lane, and
// their banks counted: the first one without conflicts is the plan.
//
//===----------------------------------------------------------------------===//
#include "ssm/Layout/Shared.h"

#include <map>
#include <set>

using namespace mlir;
using namespace ssm::tile;

namespace ssm::layout {

/// Lanes that are served together: as many as move 128 bytes.
static double conflictsOfPhase(ArrayRef<int64_t> offsets, int64_t bytes) {
  std::map<int64_t, std::set<int64_t>> words; // of each bank, those that are wanted
  for (int64_t offset : offsets)
    for (int64_t byte = 0; byte < bytes; byte += 4)
      words[(offset + byte) / 4 % 32].insert((offset + byte) / 4);
  size_t visits = 0, total = 0;
  for (auto &[bank, wanted] : words) {
    visits = std::max(visits, wanted.size());
    total += wanted.size();
  }
  return double(visits) / std::max<size_t>(1, (total + 31) / 32);
}

double conflicts(const WarpAccess &access) {
  int64_t bytes = access.matrices ? 16 : access.bytes;
  int64_t lanes = access.matrices ? 8 : std::max<int64_t>(1, std::min<int64_t>(32, 128 / std::max<int64_t>(4, bytes)));
  double worst = 1;
  for (size_t first = 0; first < access.offsets.size(); first += lanes)
    worst = std::max(worst, conflictsOfPhase(ArrayRef(access.offsets).slice(first, std::min<size_t>(lanes, access.offsets.size() - first)), bytes));
  return worst;
}

/// A tile's element as an index of the buffer, which may have more dimensions.
static SmallVector<int64_t> place(ArrayRef<int64_t> element, SmemType type, bool transpose) {
  SmallVector<int64_t> index(type.getRank(), 0), from(element);
  if (transpose && from.size() >= 2)
    std::swap(from.back(), from[from.size() - 2]);
  for (size_t i = 0; i < from.size() && i < index.size(); ++i)
    index[index.size() - 1 - i] = from[from.size() - 1 - i];
  return index;
}

/// Vectors of `vector` registers: nullopt where they are not contiguous bytes.
static std::optional<AccessPlan> vectors(const Registers &registers, SmemType type, bool transpose, int64_t vector) {
  int64_t bytes = type.getElementBits() / 8;
  AccessPlan plan;
  plan.vector = vector;
  plan.instructions = registers.count() / vector;
  for (int64_t reg = 0; reg < registers.count(); reg += vector)
    for (int64_t warp = 0; warp < registers.threads() / 32; ++warp) {
      WarpAccess access;
      access.bytes = vector * bytes;
      for (int64_t lane = 0; lane < 32; ++lane) {
        int64_t first = byteOffset(type, place(registers.element(32 * warp + lane, reg), type, transpose));
        if (first % (vector * bytes))
          return std::nullopt;
        for (int64_t e = 1; e < vector; ++e)
          if (byteOffset(type, place(registers.element(32 * warp + lane, reg + e), type, transpose)) != first + e * bytes)
            return std::nullopt;
        access.offsets.push_back(first);
      }
      plan.conflicts = std::max(plan.conflicts, conflicts(access));
    }
  return plan;
}

/// Matrices of 8 x 8 elements of 16 bits: acc both ways, opb from memory.
static std::optional<AccessPlan> matrices(const Registers &registers, SmemType type, bool transpose, bool isStore) {
  Attribute layout = layoutOf(registers.type());
  bool operandB = isa<OpbAttr>(layout);
  if (type.getElementBits() != 16 || type.getRank() < 2 || !(isa<AccAttr>(layout) || (operandB && !isStore)))
    return std::nullopt;
  AccessPlan plan;
  plan.instruction = transpose != operandB ? Instruction::MatrixTransposed : Instruction::Matrix;
  plan.vector = 2;
  plan.instructions = (registers.count() + 7) / 8;
  // A matrix is registers 2i, 2i + 1 of the 32 lanes: 8 rows (of memory) of 16 bytes each.
  for (int64_t warp = 0; warp < registers.threads() / 32; ++warp)
    for (int64_t reg = 0; reg < registers.count(); reg += 2) {
      std::set<int64_t> starts;
      for (int64_t lane = 0; lane < 32; ++lane)
        for (int64_t e = 0; e < 2; ++e) {
          int64_t offset = byteOffset(type, place(registers.element(32 * warp + lane, reg + e), type, transpose));
          starts.insert(offset / 16 * 16);
        }
      if (starts.size() != 8)
        return std::nullopt;
      WarpAccess access;
      access.matrices = true;
      access.offsets.assign(starts.begin(), starts.end());
      plan.conflicts = std::max(plan.conflicts, conflicts(access));
    }
  return plan;
}

std::optional<AccessPlan> planAccess(const Registers &registers, SmemType type, bool transpose, bool isStore, std::string &why) {
  std::optional<AccessPlan> best = matrices(registers, type, transpose, isStore);
  if (best && best->conflicts <= 1)
    return best;
  int64_t widest = std::max<int64_t>(1, 128 / int64_t(type.getElementBits()));
  for (int64_t vector = std::min(widest, registers.vector()); vector >= 1; vector /= 2) {
    std::optional<AccessPlan> plan = vectors(registers, type, transpose, vector);
    if (plan && (!best || plan->conflicts < best->conflicts))
      best = plan;
    if (best && best->conflicts <= 1)
      return best;
  }
  // Two-way conflicts are what vectors of plain rows cost; more is refused.
  if (best && best->conflicts <= 2)
    return best;
  why = "its accesses would meet in the banks " + std::to_string(int(best ? best->conflicts : 32)) + " times over";
  return std::nullopt;
}

} // namespace ssm::layout
