//===- Shared.h - where shared memory holds an element ----------------------===//
//
// Swizzles, the tensor cores' descriptors and the banks that an access touches, from
// a buffer's type alone.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ssm/Layout/Layout.h"

namespace ssm::layout {

//===----------------------------------------------------------------------===//
// Swizzle
//===----------------------------------------------------------------------===//

/// What a swizzle does to a byte offset: the 16-byte chunk's number (bits 4 up) meets the row's
/// low bits (bits 7 up) by exclusive or. An involution; no swizzle is the identity.
int64_t swizzled(int64_t offset, int64_t swizzleBytes);

/// The byte offset of an element in a buffer that starts at a multiple of 1024.
int64_t byteOffset(tile::SmemType type, llvm::ArrayRef<int64_t> index);

//===----------------------------------------------------------------------===//
// Descriptors
//===----------------------------------------------------------------------===//

/// How a product walks an operand in shared memory. The descriptor of a step is
/// address / 16 + leading << 16 in the low word (plus the step's and the block's distance),
/// `high` in the high one.
struct Descriptor {
  int64_t leading = 1;                   ///< units of 16 bytes: distance of panels, where K is not contiguous
  int64_t high = 0;                      ///< distance of groups of eight rows, and the swizzle
  llvm::SmallVector<int64_t, 16> steps;  ///< to the k-steps, in units of 16 bytes
  llvm::SmallVector<int64_t, 4> blocks;  ///< to blocks of 64 along M, in units of 16 bytes
};

/// `contiguousK`: the buffer's columns are the depth, else its rows are. `extent` is M or N.
Descriptor describe(tile::SmemType type, bool contiguousK, int64_t depth, int64_t extent);

/// Which byte (in units of 16) of the buffer the tensor core takes the 8 x 16-byte core matrix
/// from that holds (outer, k), for one k-step: what the descriptor means, by the instruction's rule.
int64_t coreMatrixUnit(const Descriptor &descriptor, int64_t swizzle, bool contiguousK, int64_t step, int64_t outer, int64_t k,
                       int64_t elementBytes);

//===----------------------------------------------------------------------===//
// Accesses
//===----------------------------------------------------------------------===//

/// One shared-memory instruction of a warp: the byte offset that each lane gives, and the bytes it moves there.
struct WarpAccess {
  llvm::SmallVector<int64_t, 32> offsets;
  int64_t bytes = 4;
  bool matrices = false; ///< ldmatrix, stmatrix: eight lanes give the rows of a matrix
};

/// Times that the banks must be visited beyond what the bytes need: 1 is free of conflicts.
double conflicts(const WarpAccess &access);

enum class Instruction { Vector, Matrix, MatrixTransposed };

/// How a tile moves between registers and a buffer.
struct AccessPlan {
  Instruction instruction = Instruction::Vector;
  int64_t vector = 1;     ///< elements a lane moves at once
  double conflicts = 1;   ///< the worst of its instructions
  int64_t instructions = 0; ///< a warp
};

/// The plan for a tile at index 0 of a buffer, memory's last two dimensions swapped if `transpose`;
/// nullopt with a reason where elements would go one by one through conflicting banks.
std::optional<AccessPlan> planAccess(const Registers &registers, tile::SmemType type, bool transpose, bool isStore,
                                     std::string &why);

} // namespace ssm::layout
