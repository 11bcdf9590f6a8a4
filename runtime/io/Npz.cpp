// numpy's .npz: a zip of .npy files, stored or deflated, read by libzip (BSD licence).
#include "io/Npy.h"
#include "io/Source.h"

#include <zip.h>

#include <algorithm>

namespace ssm::io {
namespace {

class NpzSource : public Source {
public:
  explicit NpzSource(const std::string &path) : path(path) {
    InputFile exists(path); // for the sentence where it cannot be opened
    int code = 0;
    archive = ::zip_open(path.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &code);
    if (!archive) {
      zip_error_t error;
      ::zip_error_init_with_code(&error, code);
      std::string reason = ::zip_error_strerror(&error);
      ::zip_error_fini(&error);
      throw FileError(path + ": it is not a whole .npz file: " + reason);
    }
  }
  ~NpzSource() override { ::zip_discard(archive); }

  std::vector<std::string> names() const override {
    std::vector<std::string> result;
    for (zip_int64_t i = 0, count = ::zip_get_num_entries(archive, 0); i < count; ++i) {
      const char *name = ::zip_get_name(archive, static_cast<zip_uint64_t>(i), 0);
      std::string text = name ? name : "";
      if (text.ends_with(".npy"))
        text.resize(text.size() - 4);
      result.push_back(text);
    }
    return result;
  }

  Array read(const std::string &name) override {
    std::string what = path + ":" + name;
    std::vector<std::string> all = names();
    auto found = std::find(all.begin(), all.end(), name);
    if (found == all.end())
      throw FileError(path + ": it has no array '" + name + "'");
    auto index = static_cast<zip_uint64_t>(found - all.begin());
    zip_stat_t info;
    ::zip_stat_init(&info);
    if (::zip_stat_index(archive, index, 0, &info) != 0 || !(info.valid & ZIP_STAT_SIZE) ||
        !(info.valid & ZIP_STAT_COMP_SIZE))
      throw FileError(what + ": its size is not known");
    // Deflate cannot shrink below about a thousandth: a larger claim is a lie, or worse.
    if (info.size / 1100 > info.comp_size + 64)
      throw FileError(what + ": it claims " + std::to_string(info.size) + " bytes from " + std::to_string(info.comp_size) +
                      " compressed ones");
    zip_file_t *file = ::zip_fopen_index(archive, index, 0);
    if (!file)
      throw FileError(what + ": cannot be read: " + ::zip_strerror(archive));
    struct Closer {
      zip_file_t *file;
      ~Closer() { ::zip_fclose(file); }
    } closer{file};
    auto readBytes = [&](char *data, int64_t count) {
      while (count > 0) {
        zip_int64_t got = ::zip_fread(file, data, static_cast<zip_uint64_t>(std::min<int64_t>(count, 1 << 30)));
        if (got <= 0)
          throw FileError(what + ": cannot be read: " + (got < 0 ? ::zip_file_strerror(file) : "it is truncated"));
        data += got;
        count -= got;
      }
    };
    Array array = readNpy(static_cast<int64_t>(info.size), readBytes, what);
    char more;
    if (::zip_fread(file, &more, 1) != 0) // the checksum is compared at the end
      throw FileError(what + ": it is damaged: " + ::zip_file_strerror(file));
    return array;
  }

private:
  std::string path;
  zip_t *archive = nullptr;
};

} // namespace

std::unique_ptr<Source> openNpz(const std::string &path) { return std::make_unique<NpzSource>(path); }

} // namespace ssm::io
