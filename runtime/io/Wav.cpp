// .wav by libsndfile (LGPL, linked as a shared library): samples as f32 in [-1, 1), [L] or [channels, L].
#include "io/Source.h"

#include <sndfile.h>

#include <algorithm>
#include <cstring>

namespace ssm::io {
namespace {

class WavSource : public Source {
public:
  explicit WavSource(const std::string &path) : path(path) {
    checkLength();
    sound = ::sf_open(path.c_str(), SFM_READ, &info);
    int kind = info.format & SF_FORMAT_TYPEMASK;
    if (!sound)
      throw FileError(path + ": it is not a .wav file: " + ::sf_strerror(nullptr));
    if ((kind != SF_FORMAT_WAV && kind != SF_FORMAT_WAVEX && kind != SF_FORMAT_RF64) || info.channels < 1 || info.frames < 0) {
      ::sf_close(sound);
      throw FileError(path + ": it is not a .wav file");
    }
  }
  ~WavSource() override { ::sf_close(sound); }

  std::vector<std::string> names() const override { return {""}; }
  double rate() const override { return info.samplerate; }

  Array read(const std::string &name) override {
    if (!name.empty())
      throw FileError(path + ": a .wav holds one signal without a name, not '" + name + "'");
    int64_t channels = info.channels, frames = info.frames, bytes;
    Array array{Element::F32, {frames}, {}};
    if (channels > 1)
      array.shape = {channels, frames};
    // No encoding of a .wav puts more than eight samples into a byte.
    if (!byteCount(array.shape, 4, bytes) || bytes / 32 > InputFile(path).size())
      throw FileError(path + ": it claims more samples than it can hold: " + std::to_string(frames));
    array.data.resize(static_cast<size_t>(bytes));
    std::vector<float> piece(static_cast<size_t>(4096 * channels));
    auto *out = reinterpret_cast<float *>(array.data.data());
    ::sf_seek(sound, 0, SEEK_SET);
    for (int64_t at = 0; at < frames;) {
      sf_count_t got = ::sf_readf_float(sound, piece.data(), std::min<int64_t>(4096, frames - at));
      if (got <= 0)
        throw FileError(path + ": the file is truncated: " + std::to_string(at) + " of " + std::to_string(frames) + " samples");
      for (int64_t i = 0; i < got; ++i, ++at)
        for (int64_t c = 0; c < channels; ++c)
          out[c * frames + at] = piece[static_cast<size_t>(i * channels + c)];
    }
    return array;
  }

private:
  /// libsndfile takes a file that was cut short for a shorter one; its RIFF header knows better. (Writers to
  /// a pipe leave 0 or all ones there.)
  void checkLength() const {
    InputFile file(path);
    char start[8] = {};
    if (file.size() < 12)
      throw FileError(path + ": it is not a .wav file (too short)");
    file.readAt(0, start, 8);
    uint32_t length;
    std::memcpy(&length, start + 4, 4);
    if (std::memcmp(start, "RIFF", 4) == 0 && length != 0 && length < 0xFFFFFF00u && int64_t(length) + 8 > file.size() + 1)
      throw FileError(path + ": the file is truncated: its header claims " + std::to_string(int64_t(length) + 8) +
                      " bytes, it has " + std::to_string(file.size()));
  }

  std::string path;
  SNDFILE *sound = nullptr;
  SF_INFO info = {};
};

} // namespace

std::unique_ptr<Source> openWav(const std::string &path) { return std::make_unique<WavSource>(path); }

} // namespace ssm::io
