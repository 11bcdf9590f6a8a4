// Swizzles and the bytes at which a buffer holds its elements.
#include "Tiles.h"

#include <set>

using namespace ssm::layout;

namespace {

TEST(Swizzle, IsAnInvolutionThatStaysInItsPattern) {
  for (int64_t swizzle : {32, 64, 128})
    for (int64_t offset = 0; offset < 16 * 1024; offset += 2) {
      EXPECT_EQ(swizzled(swizzled(offset, swizzle), swizzle), offset);
      EXPECT_EQ(swizzled(offset, swizzle) / swizzle, offset / swizzle);
      EXPECT_EQ(swizzled(offset, swizzle) % 16, offset % 16);
    }
  EXPECT_EQ(swizzled(12345, 0), 12345);
}

// 128 bytes: chunk c of row r lies at chunk c ^ (r % 8).
TEST(Swizzle, Rows128) {
  for (int64_t row = 0; row < 16; ++row)
    for (int64_t chunk = 0; chunk < 8; ++chunk)
      EXPECT_EQ(swizzled(128 * row + 16 * chunk, 128), 128 * row + 16 * (chunk ^ (row % 8)));
}

// 64 and 32 bytes: the row's bits that a 128-byte line counts.
TEST(Swizzle, NarrowRows) {
  for (int64_t row = 0; row < 16; ++row) {
    for (int64_t chunk = 0; chunk < 4; ++chunk)
      EXPECT_EQ(swizzled(64 * row + 16 * chunk, 64), 64 * row + 16 * (chunk ^ (row / 2 % 4)));
    for (int64_t chunk = 0; chunk < 2; ++chunk)
      EXPECT_EQ(swizzled(32 * row + 16 * chunk, 32), 32 * row + 16 * (chunk ^ (row / 4 % 2)));
  }
}

void fills(llvm::StringRef text) {
  SCOPED_TRACE(text.str());
  ssm::tile::SmemType t = smem(text);
  std::set<int64_t> bytes;
  llvm::SmallVector<int64_t> index(t.getRank(), 0);
  for (int64_t i = 0; i < t.getNumElements(); ++i) {
    int64_t rest = i;
    for (int64_t dim = t.getRank(); dim-- > 0; rest /= t.getShape()[dim])
      index[dim] = rest % t.getShape()[dim];
    bytes.insert(byteOffset(t, index));
  }
  EXPECT_EQ(int64_t(bytes.size()), t.getNumElements());
  EXPECT_EQ(*bytes.begin(), 0);
  EXPECT_EQ(*bytes.rbegin(), t.getBytes() - int64_t(t.getElementBits() / 8));
}

TEST(Shared, ElementsFillTheBuffer) {
  fills("!tile.smem<64x128xbf16, sw128>");
  fills("!tile.smem<2x64x64xbf16, sw128>");
  fills("!tile.smem<64x64xf32, sw128>");
  fills("!tile.smem<8x32xbf16, sw64>");
  fills("!tile.smem<16x16xf16, sw32>");
  fills("!tile.smem<2x5x64xf32>");
  fills("!tile.smem<7xi32>");
}

// Panels follow each other at the distance of the whole tile's rows, in a view of fewer rows too.
TEST(Shared, PanelsOfAView) {
  EXPECT_EQ(byteOffset(smem("!tile.smem<128x128xbf16, sw128>"), {0, 64}), 128 * 128);
  EXPECT_EQ(byteOffset(smem("!tile.smem<64x128xbf16, sw128, rows = 128>"), {0, 64}), 128 * 128);
  EXPECT_EQ(byteOffset(smem("!tile.smem<64x128xbf16, sw128>"), {0, 64}), 64 * 128);
  EXPECT_EQ(byteOffset(smem("!tile.smem<64x128xbf16, sw128>"), {3, 72}), 64 * 128 + 3 * 128 + 16 * (1 ^ 3));
}

TEST(Shared, DrawingShowsBytes) {
  std::string text = draw(smem("!tile.smem<8x64xbf16, sw128>"));
  EXPECT_NE(text.find("1024 bytes, panels of 64 columns, 1024 bytes apart"), std::string::npos) << text;
  EXPECT_NE(text.find("   1     144    128    176    160    208    192    240    224"), std::string::npos) << text;
}

} // namespace
