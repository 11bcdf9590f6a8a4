// A product's descriptors: every 16-byte chunk that the tensor cores would read is where the buffer holds it.
#include "Tiles.h"

using namespace ssm::layout;

namespace {

/// All k-steps of an operand of `extent` (M or N, at most 64 of it a block) by `depth`.
void reads(llvm::StringRef text, bool contiguousK, int64_t depth, int64_t extent) {
  SCOPED_TRACE(text.str());
  ssm::tile::SmemType t = smem(text);
  int64_t bytes = t.getElementBits() / 8, stepK = 32 / bytes, chunk = 16 / bytes;
  Descriptor d = describe(t, contiguousK, depth, extent);
  ASSERT_EQ(int64_t(d.steps.size()), depth / stepK);
  for (int64_t step = 0; step < depth / stepK; ++step)
    for (int64_t outer = 0; outer < extent; outer += contiguousK ? 1 : chunk)
      for (int64_t k = 0; k < stepK; k += contiguousK ? chunk : 1) {
        int64_t depthIndex = step * stepK + k;
        int64_t row = contiguousK ? outer : depthIndex, column = contiguousK ? depthIndex : outer;
        ASSERT_EQ(16 * coreMatrixUnit(d, t.getSwizzle(), contiguousK, step, outer, k, bytes), byteOffset(t, {row, column}))
            << "step " << step << " outer " << outer << " k " << k;
      }
}

TEST(Descriptor, DepthContiguous) {
  reads("!tile.smem<128x64xbf16, sw128>", true, 64, 128);
  reads("!tile.smem<64x128xbf16, sw128>", true, 128, 64);
  reads("!tile.smem<64x128xbf16, sw128, rows = 128>", true, 128, 64);
  reads("!tile.smem<256x32xf32, sw128>", true, 32, 256);
  reads("!tile.smem<64x32xbf16, sw64>", true, 32, 64);
  reads("!tile.smem<64x16xbf16, sw32>", true, 16, 64);
}

TEST(Descriptor, DepthAcrossRows) {
  reads("!tile.smem<128x64xbf16, sw128>", false, 128, 64);
  reads("!tile.smem<64x256xbf16, sw128>", false, 64, 256);
  reads("!tile.smem<64x128xbf16, sw64>", false, 64, 128);
}

// Blocks of 64 rows of A.
TEST(Descriptor, Blocks) {
  Descriptor rows = describe(smem("!tile.smem<128x64xbf16, sw128>"), true, 64, 128);
  ASSERT_EQ(rows.blocks.size(), 2u);
  EXPECT_EQ(16 * rows.blocks[1], byteOffset(smem("!tile.smem<128x64xbf16, sw128>"), {64, 0}));
  Descriptor panels = describe(smem("!tile.smem<64x128xbf16, sw128>"), false, 64, 128);
  EXPECT_EQ(16 * panels.blocks[1], byteOffset(smem("!tile.smem<64x128xbf16, sw128>"), {0, 64}));
}

// The words that a hand-written kernel of this kind uses: eight rows 1024 bytes apart, 128-byte swizzle.
TEST(Descriptor, Words) {
  Descriptor d = describe(smem("!tile.smem<128x64xbf16, sw128>"), true, 64, 128);
  EXPECT_EQ(d.high, 0x40000040);
  EXPECT_EQ(d.leading, 1);
  EXPECT_EQ(d.steps, (llvm::SmallVector<int64_t, 16>{0, 2, 4, 6}));
  Descriptor v = describe(smem("!tile.smem<64x128xbf16, sw128>"), false, 64, 128);
  EXPECT_EQ(v.leading, 64 * 128 / 16);
  EXPECT_EQ(v.steps, (llvm::SmallVector<int64_t, 16>{0, 128, 256, 384}));
}

} // namespace
