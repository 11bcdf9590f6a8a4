// .npy: every type, both byte orders and storage orders, and every way to be damaged.
#include "Files.h"

#include "io/Npy.h"

using namespace ssm;
using namespace ssm::test;

static io::Array readBack(const std::string &bytes) { return io::openSource(writeFile("a.npy", bytes))->read(""); }

TEST(Npy, TypesAndByteOrders) {
  auto a = readBack(npy("<f4", "(2,)", bytesOf<float>({1.5f, -2}), false));
  EXPECT_EQ(a.element, io::Element::F32);
  EXPECT_EQ(values<float>(a), (std::vector<float>{1.5f, -2}));
  a = readBack(npy(">i4", "(1,)", std::string("\0\0\1\2", 4), false));
  EXPECT_EQ(values<int32_t>(a)[0], 258);
  a = readBack(npy(">c8", "()", std::string("\x3f\x80\0\0\x40\0\0\0", 8), false));
  EXPECT_EQ(values<float>(a), (std::vector<float>{1, 2}));
  EXPECT_TRUE(a.shape.empty());
  a = readBack(npy("|b1", "(2, 1)", std::string("\0\1", 2), false));
  EXPECT_EQ(a.shape, (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(readBack(npy("|V2", "(1,)", std::string("\x80\x3f", 2), false)).element, io::Element::BF16);
  EXPECT_EQ(readBack(npy("<f8", "(0, 5)", "", false)).data.size(), 0u);
}

TEST(Npy, ColumnMajor) {
  auto a = readBack(npy("<i2", "(2, 3)", bytesOf<int16_t>({1, 4, 2, 5, 3, 6}), true));
  EXPECT_EQ(values<int16_t>(a), (std::vector<int16_t>{1, 2, 3, 4, 5, 6}));
}

TEST(Npy, Versions) {
  std::string header = "{\"shape\": (1,), \"descr\": \"<u2\", \"fortran_order\": False}";
  for (int version : {1, 2, 3})
    EXPECT_EQ(values<uint16_t>(readBack(npy(header, "ab", version)))[0], 0x6261);
  EXPECT_EQ(complaint(writeFile("a.npy", npy(header, "ab", 4))), "a.npy: its .npy version is 4, expected 1 to 3");
}

TEST(Npy, WritesWhatItReads) {
  std::string path = writeFile("out.npy", "");
  std::filesystem::remove(path);
  uint16_t data[2] = {0x3f80, 0xc000};
  io::writeNpy(path, SSM_BF16, {1, 2}, data);
  auto a = io::openSource(path)->read("");
  EXPECT_EQ(a.shape, (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(values<float>(a), (std::vector<float>{1, -2}));
  EXPECT_THROW(io::writeNpy(path, SSM_BF16, {1, 2}, data), io::FileError); // never over another file
  EXPECT_THROW(io::writeNpy("/nowhere/x.npy", SSM_F32, {}, data), io::FileError);
  for (int64_t rank : {0, 1, 5, 20})
    EXPECT_EQ(io::npyHeader(SSM_C128, std::vector<int64_t>(static_cast<size_t>(rank), 1)).size() % 64, 0u);
}

TEST(Npy, Damaged) {
  auto said = [](const std::string &bytes) {
    std::string text = complaint(writeFile("a.npy", bytes));
    return text.rfind("a.npy: ", 0) == 0 ? text.substr(7) : "?" + text;
  };
  auto header = [&](const std::string &text) { return said(npy(text, "")); };
  EXPECT_EQ(said(""), "it is not a .npy file (too short)");
  EXPECT_EQ(said("not a numpy file"), "it is not a .npy file (it does not begin as one)");
  std::string good = npy("<f4", "(2,)", bytesOf<float>({1, 2}), false);
  for (size_t length = 0; length < good.size(); ++length)
    EXPECT_NE(said(good.substr(0, length)), "?") << length;
  EXPECT_EQ(said(good.substr(0, good.size() - 1)), "its shape needs 8 bytes, the file has 7");
  EXPECT_EQ(said(good + "x"), "its shape needs 8 bytes, the file has 9");
  EXPECT_EQ(said(std::string("\x93NUMPY\x02\0\xff\xff\xff\xff", 12)), "the .npy header claims 4294967295 bytes, the file has 0");
  EXPECT_EQ(said(npy("<f4", "(4611686018427387904, 4)", "", false)), "its shape needs more than 2^62 bytes, the file has 0");
  EXPECT_EQ(said(npy("<f4", "(99999999999999999999,)", "", false)), "the .npy header is damaged: a size is too large");
  EXPECT_EQ(said(npy("<f4", "(-1,)", "", false)), "the .npy header is damaged: expected a size");
  EXPECT_EQ(said(npy("<f4", "(1000000000000,)", "", false)), "its shape needs 4000000000000 bytes, the file has 0");
  EXPECT_EQ(said(npy("|O", "(1,)", "", false)), "it holds the dtype '|O', which is not supported (Python objects)");
  EXPECT_EQ(said(npy("<f16", "(1,)", "", false)), "it holds the dtype '<f16', which is not supported");
  EXPECT_EQ(said(npy("|f4", "(1,)", "", false)), "the .npy header is damaged: the byte order of dtype '|f4'");
  EXPECT_EQ(header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': ()}"),
            "it holds records (a structured dtype), expected plain numbers");
  EXPECT_EQ(header("{'descr': '<f4', 'shape': ()}"), "the .npy header is damaged: it lacks descr, fortran_order or shape");
  EXPECT_EQ(header("{'descr': '<f4', 'x': 1}"), "the .npy header is damaged: unexpected key 'x'");
  EXPECT_EQ(header("{'descr': '<f4"), "the .npy header is damaged: expected a string");
  EXPECT_EQ(header("{'descr': '<f4', 'fortran_order': 1}"), "the .npy header is damaged: expected True or False");
  EXPECT_EQ(header("{'descr': '<f4', 'fortran_order': True, 'shape': (), } x"), "the .npy header is damaged: text after its end");
}

TEST(Npy, UnknownKindsOfFile) {
  EXPECT_EQ(complaint("/x/a.txt"), "a.txt: unknown kind of file, expected .npy, .npz, .safetensors or .wav");
  EXPECT_EQ(complaint("/x/a.npy"), "a.npy: cannot be opened: No such file or directory");
  std::string path = writeFile("x", "") + "-folder.npy";
  std::filesystem::create_directories(path);
  EXPECT_EQ(complaint(path), "x-folder.npy: is a folder");
}
