// .npz and .safetensors: several arrays by name, and files that lie about their sizes.
#include "Files.h"

#include <zip.h>

using namespace ssm;
using namespace ssm::test;

static std::string writeNpz(const std::string &name, const std::vector<std::pair<std::string, std::string>> &members, bool deflate) {
  std::string path = writeFile(name, "");
  std::filesystem::remove(path);
  zip_t *archive = zip_open(path.c_str(), ZIP_CREATE, nullptr);
  for (const auto &[member, bytes] : members) {
    auto index = zip_file_add(archive, (member + ".npy").c_str(), zip_source_buffer(archive, bytes.data(), bytes.size(), 0), 0);
    zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), deflate ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
  }
  EXPECT_EQ(zip_close(archive), 0);
  return path;
}

static std::string readAll(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Npz, StoredAndDeflated) {
  for (bool deflate : {false, true}) {
    auto path = writeNpz("a.npz", {{"u", npy("<f4", "(2,)", bytesOf<float>({1, 2}), false)},
                                   {"W.blocks", npy("<i8", "(1,)", bytesOf<int64_t>({7}), false)},
                                   {"zeros", npy("|u1", "(500000,)", std::string(500000, 0), false)}}, deflate);
    auto source = io::openSource(path);
    EXPECT_EQ(source->names(), (std::vector<std::string>{"u", "W.blocks", "zeros"}));
    EXPECT_EQ(values<int64_t>(source->read("W.blocks"))[0], 7);
    EXPECT_EQ(values<float>(source->read("u")), (std::vector<float>{1, 2}));
    EXPECT_EQ(source->read("zeros").data.size(), 500000u);
    EXPECT_EQ(complaint(path, "v"), "a.npz: it has no array 'v'");
  }
}

TEST(Npz, Damaged) {
  EXPECT_NE(complaint(writeFile("a.npz", "PK?")).find("a.npz: it is not a whole .npz file: "), std::string::npos);
  auto path = writeNpz("a.npz", {{"u", npy("<f4", "(100,)", std::string(400, 'a'), false)}}, false);
  std::string good = readAll(path);
  for (size_t length = 0; length < good.size(); length += 13)
    EXPECT_NE(complaint(writeFile("cut.npz", good.substr(0, length))), "") << length;
  std::string flipped = good;
  flipped[200] ^= 1; // an element: only the checksum tells
  EXPECT_NE(complaint(writeFile("b.npz", flipped)).find("b.npz:u: "), std::string::npos);
  EXPECT_EQ(complaint(writeNpz("c.npz", {{"u", "hello, world"}}, false)), "c.npz:u: it is not a .npy file (it does not begin as one)");
  // The member claims a terabyte, in the central directory and in its own header.
  std::string liar = good;
  uint32_t huge = 0xf0000000;
  for (size_t at = 0; (at = liar.find("PK", at)) != std::string::npos; ++at) {
    if (liar.compare(at, 4, "PK\x01\x02") == 0)
      std::memcpy(liar.data() + at + 24, &huge, 4);
    if (liar.compare(at, 4, "PK\x03\x04") == 0)
      std::memcpy(liar.data() + at + 22, &huge, 4);
  }
  EXPECT_NE(complaint(writeFile("liar.npz", liar)), "");
}

static std::string safetensors(const std::string &header, const std::string &data) {
  return bytesOf<uint64_t>({header.size()}) + header + data;
}

TEST(Safetensors, Reads) {
  auto path = writeFile("a.safetensors", safetensors(R"({"__metadata__": {"format": "pt"}, "u": {"dtype": "BF16", "shape": [2], )"
      R"("data_offsets": [0, 4]}, "n": {"dtype": "I64", "shape": [], "data_offsets": [4, 12]}})",
      bytesOf<uint16_t>({0x3f80, 0x4000}) + bytesOf<int64_t>({-5})));
  auto source = io::openSource(path);
  EXPECT_EQ(source->names(), (std::vector<std::string>{"n", "u"}));
  EXPECT_EQ(source->read("u").element, io::Element::BF16);
  EXPECT_EQ(values<uint16_t>(source->read("u"))[1], 0x4000);
  EXPECT_EQ(values<int64_t>(source->read("n"))[0], -5);
  EXPECT_EQ(complaint(path, "v"), "a.safetensors: it has no array 'v'");
}

TEST(Safetensors, Damaged) {
  auto said = [](const std::string &bytes) { return complaint(writeFile("a.safetensors", bytes)); };
  auto entry = [&](const std::string &text) { return said(safetensors("{\"u\": " + text + "}", "1234")); };
  EXPECT_EQ(said("1234567"), "a.safetensors: it is not a .safetensors file (too short)");
  EXPECT_EQ(said(bytesOf<uint64_t>({1000000000000}) + "{}"), "a.safetensors: its header claims 1000000000000 bytes, the file has 2");
  EXPECT_EQ(said(bytesOf<uint64_t>({~0ull}) + "{}"), "a.safetensors: its header claims 18446744073709551615 bytes, the file has 2");
  EXPECT_EQ(said(safetensors("[1, 2]", "")), "a.safetensors: its header is not JSON");
  EXPECT_EQ(said(safetensors("{\"u\": ", "")), "a.safetensors: its header is not JSON");
  std::string start = "a.safetensors:u: its header is damaged: ";
  EXPECT_EQ(entry("3"), start + "it lacks dtype, shape or data_offsets");
  EXPECT_EQ(entry(R"({"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]})"), start + "a size is not a whole number");
  EXPECT_EQ(entry(R"({"dtype": "F32", "shape": [1], "data_offsets": [0]})"), start + "data_offsets are not two whole numbers");
  EXPECT_EQ(entry(R"({"dtype": "F32", "shape": [2], "data_offsets": [0, 8]})"), start + "data_offsets lie outside of the file");
  EXPECT_EQ(entry(R"({"dtype": "F32", "shape": [1], "data_offsets": [4, 0]})"), start + "data_offsets lie outside of the file");
  EXPECT_EQ(entry(R"({"dtype": "F32", "shape": [3], "data_offsets": [0, 4]})"), "a.safetensors:u: its shape does not fit its 4 bytes");
  EXPECT_EQ(entry(R"({"dtype": "F32", "shape": [4611686018427387903, 9], "data_offsets": [0, 4]})"),
            "a.safetensors:u: its shape does not fit its 4 bytes");
  EXPECT_EQ(entry(R"({"dtype": "F8_E4M3", "shape": [4], "data_offsets": [0, 4]})"), "a.safetensors:u: its type F8_E4M3 is not supported");
}
