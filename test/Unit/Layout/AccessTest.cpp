// Plans of accesses to shared memory, and the banks they meet in.
#include "Tiles.h"

using namespace ssm::layout;

namespace {

std::optional<AccessPlan> plan(llvm::StringRef tile, int64_t warps, llvm::StringRef buffer, bool transpose, bool isStore,
                               std::string &why) {
  return planAccess(registers(tile, warps), smem(buffer), transpose, isStore, why);
}

TEST(Access, BanksAreCounted) {
  WarpAccess rows, spread;
  for (int64_t lane = 0; lane < 32; ++lane) {
    rows.offsets.push_back(128 * lane);
    spread.offsets.push_back(4 * lane);
  }
  EXPECT_EQ(conflicts(rows), 32);
  EXPECT_EQ(conflicts(spread), 1);
  WarpAccess same;
  same.offsets.assign(32, 64);
  EXPECT_EQ(conflicts(same), 1);
}

TEST(Access, HalfAccumulatorsMoveAsMatrices) {
  for (bool transpose : {false, true})
    for (bool isStore : {false, true}) {
      std::string why;
      auto p = plan("tensor<64x64xbf16, #tile.acc>", 4, "!tile.smem<64x64xbf16, sw128>", transpose, isStore, why);
      ASSERT_TRUE(p) << why;
      EXPECT_EQ(p->instruction, transpose ? Instruction::MatrixTransposed : Instruction::Matrix);
      EXPECT_EQ(p->conflicts, 1);
      EXPECT_EQ(p->instructions, 4);
    }
}

TEST(Access, OperandBIsLoadedTransposed) {
  std::string why;
  auto p = plan("tensor<16x16xbf16, #tile.opb>", 1, "!tile.smem<16x64xbf16, sw128>", false, false, why);
  ASSERT_TRUE(p) << why;
  EXPECT_EQ(p->instruction, Instruction::MatrixTransposed);
}

TEST(Access, VectorsAreAsWideAsTheLayout) {
  std::string why;
  auto lanes = plan("tensor<128xf32, #tile.lanes<32, 2>>", 1, "!tile.smem<128xf32>", false, true, why);
  ASSERT_TRUE(lanes) << why;
  EXPECT_EQ(lanes->vector, 2);
  EXPECT_EQ(lanes->conflicts, 1);
  auto column = plan("tensor<64xf32, #tile.col>", 4, "!tile.smem<64xf32>", false, false, why);
  ASSERT_TRUE(column) << why;
  EXPECT_EQ(column->vector, 2);
  auto row = plan("tensor<64xf32, #tile.row>", 4, "!tile.smem<64xf32>", false, false, why);
  ASSERT_TRUE(row) << why;
  EXPECT_EQ(row->vector, 1);
}

TEST(Access, ConflictsAreRefused) {
  std::string why;
  // Rows of 256 bytes without a swizzle: the four rows of half a warp meet in the same banks.
  EXPECT_FALSE(plan("tensor<64x64xf32, #tile.acc>", 4, "!tile.smem<64x64xf32>", false, true, why));
  EXPECT_EQ(why, "its accesses would meet in the banks 4 times over");
}

} // namespace
