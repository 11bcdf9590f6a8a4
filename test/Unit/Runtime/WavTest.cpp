// .wav: scale, channels, rate, and files that end too early.
#include "Files.h"

using namespace ssm;
using namespace ssm::test;

static std::string wav(uint16_t channels, uint32_t rate, std::initializer_list<int16_t> samples) {
  std::string data = bytesOf<int16_t>(samples);
  std::string format = bytesOf<uint16_t>({1, channels}) + bytesOf<uint32_t>({rate, rate * channels * 2}) +
                       bytesOf<uint16_t>({static_cast<uint16_t>(channels * 2), 16});
  std::string body = "WAVEfmt " + bytesOf<uint32_t>({16}) + format + "data" +
                     bytesOf<uint32_t>({static_cast<uint32_t>(data.size())}) + data;
  return "RIFF" + bytesOf<uint32_t>({static_cast<uint32_t>(body.size())}) + body;
}

TEST(Wav, MonoAndStereo) {
  auto source = io::openSource(writeFile("a.wav", wav(1, 8000, {0, 16384, -32768, 32767})));
  EXPECT_EQ(source->rate(), 8000);
  auto a = source->read("");
  EXPECT_EQ(a.shape, (std::vector<int64_t>{4}));
  EXPECT_EQ(values<float>(a), (std::vector<float>{0, 0.5f, -1, 32767.0f / 32768}));
  a = io::openSource(writeFile("b.wav", wav(2, 48000, {0, 8192, 16384, -8192})))->read("");
  EXPECT_EQ(a.shape, (std::vector<int64_t>{2, 2}));
  EXPECT_EQ(values<float>(a), (std::vector<float>{0, 0.5f, 0.25f, -0.25f}));
  EXPECT_EQ(io::openSource(writeFile("c.wav", wav(1, 8000, {})))->read("").shape, (std::vector<int64_t>{0}));
}

TEST(Wav, Damaged) {
  std::string good = wav(1, 8000, {1, 2, 3, 4, 5, 6, 7, 8});
  for (size_t length = 0; length + 1 < good.size(); ++length)
    EXPECT_NE(complaint(writeFile("a.wav", good.substr(0, length))), "") << length;
  EXPECT_EQ(complaint(writeFile("a.wav", good.substr(0, 50))),
            "a.wav: the file is truncated: its header claims 60 bytes, it has 50");
  EXPECT_NE(complaint(writeFile("a.wav", std::string(100, 'x'))).find("a.wav: it is not a .wav file"), std::string::npos);
  EXPECT_EQ(complaint(writeFile("a.wav", "short")), "a.wav: it is not a .wav file (too short)");
}
