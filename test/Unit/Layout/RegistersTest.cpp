// Each layout by formula against the list of who holds what.
#include "Tiles.h"

using namespace ssm::layout;

namespace {

/// Every element is held, by as many threads as the layout says, and by none twice.
void covers(llvm::StringRef text, int64_t warps, int64_t count, int64_t replication) {
  SCOPED_TRACE(text.str());
  Registers r = registers(text, warps);
  EXPECT_EQ(r.count(), count);
  EXPECT_EQ(r.replication(), replication);
  for (const std::vector<Holder> &element : holders(r)) {
    ASSERT_EQ(int64_t(element.size()), replication);
    for (size_t i = 1; i < element.size(); ++i)
      ASSERT_NE(element[i].thread, element[i - 1].thread);
  }
}

TEST(Registers, EveryLayoutCoversItsTile) {
  covers("tensor<64x128xf32, #tile.acc>", 4, 64, 1);
  covers("tensor<128x64xf32, #tile.acc>", 4, 64, 1);
  covers("tensor<16x64xf32, #tile.acc>", 1, 32, 1);
  covers("tensor<2x64x16xf32, #tile.acc>", 4, 16, 1);
  covers("tensor<64x64xbf16, #tile.quad>", 4, 32, 1);
  covers("tensor<64x4xf32, #tile.part>", 4, 2, 1);
  covers("tensor<2x64xf32, #tile.row>", 4, 4, 4);
  covers("tensor<64xf32, #tile.col>", 4, 16, 32);
  covers("tensor<64xf32, #tile.col>", 1, 16, 8);
  covers("tensor<128xf32, #tile.lanes<32, 2>>", 1, 4, 1);
  covers("tensor<2x4096xbf16, #tile.lanes<128, 8>>", 4, 64, 1);
  covers("tensor<8x256xf32, #tile.lanes<32, 8>>", 4, 16, 1);
  covers("tensor<16x64xbf16, #tile.lanes<8, 8>>", 4, 8, 1);
  covers("tensor<8xf32, #tile.row<#tile.lanes<32, 8>>>", 4, 2, 32);
  covers("tensor<2xf32, #tile.row<#tile.lanes<128, 8>>>", 4, 2, 128);
  covers("tensor<32x16xbf16, #tile.opb>", 1, 16, 1);
}

// The accumulator of wgmma m64nNk16, as the instruction lays it out.
TEST(Registers, AccumulatorIsTheInstructions) {
  Registers r = registers("tensor<64x16xf32, #tile.acc>", 4);
  for (int64_t t = 0; t < 128; ++t)
    for (int64_t i = 0; i < 8; ++i) {
      int64_t row = t / 32 * 16 + t % 32 / 4 + (i / 2 % 2) * 8, column = i / 4 * 8 + t % 4 * 2 + i % 2;
      EXPECT_EQ(r.element(t, i), (llvm::SmallVector<int64_t, 4>{row, column})) << "thread " << t << " register " << i;
    }
}

// Blocks 2k, 2k + 1 of an accumulator at 16 bits are a0..a3 of k-step k, as m64nNk16 and m16n8k16 take A.
TEST(Registers, HalfAccumulatorIsOperandA) {
  Registers r = registers("tensor<16x32xbf16, #tile.acc>", 1);
  for (int64_t lane = 0; lane < 32; ++lane)
    for (int64_t step = 0; step < 2; ++step)
      for (int64_t a = 0; a < 4; ++a)
        for (int64_t e = 0; e < 2; ++e) {
          int64_t row = lane / 4 + (a % 2) * 8, k = 16 * step + (a / 2) * 8 + lane % 4 * 2 + e;
          EXPECT_EQ(r.element(lane, 8 * step + 2 * a + e), (llvm::SmallVector<int64_t, 4>{row, k}));
        }
}

// b0 holds k = 2q, 2q + 1 and b1 those plus 8, column g.
TEST(Registers, OperandBIsTheInstructions) {
  Registers r = registers("tensor<16x8xbf16, #tile.opb>", 1);
  for (int64_t lane = 0; lane < 32; ++lane)
    for (int64_t i = 0; i < 4; ++i)
      EXPECT_EQ(r.element(lane, i), (llvm::SmallVector<int64_t, 4>{i / 2 * 8 + lane % 4 * 2 + i % 2, lane / 4}));
}

TEST(Registers, QuadHoldsSixteenBytesInARow) {
  Registers r = registers("tensor<64x64xbf16, #tile.quad>", 4);
  EXPECT_EQ(r.words(), 16);
  for (int64_t t = 0; t < 128; ++t)
    for (int64_t first = 0; first < r.count(); first += 8)
      for (int64_t i = 1; i < 8; ++i) {
        auto at = r.element(t, first), next = r.element(t, first + i);
        EXPECT_EQ(next[0], at[0]);
        EXPECT_EQ(next[1], at[1] + i);
      }
}

TEST(Registers, ShapesThatDoNotDivideAreRefused) {
  std::string why;
  EXPECT_FALSE(Registers::make(tensor("tensor<16x64xf32, #tile.acc>"), 4, why));
  EXPECT_EQ(why, "16 rows do not divide among 4 warps of 16 rows");
  EXPECT_FALSE(Registers::make(tensor("tensor<1024xf32, #tile.lanes<128, 8>>"), 1, why));
  EXPECT_EQ(why, "rows are spread over 128 threads, more than the 32 that run it");
  EXPECT_FALSE(Registers::make(tensor("tensor<3x256xf32, #tile.lanes<32, 8>>"), 4, why));
  EXPECT_EQ(why, "3 rows do not divide among the 4 that 128 threads hold at once");
}

TEST(Registers, DrawingNamesTheHolder) {
  std::string text = draw(registers("tensor<64x16xf32, #tile.acc>", 4), 18, 16);
  EXPECT_NE(text.find("128 threads: 8 elements, 8 registers a thread"), std::string::npos) << text;
  EXPECT_NE(text.find("  17     1.4:0    1.4:1    1.5:0"), std::string::npos) << text;
}

} // namespace
