// Reading and writing .npy. See Npy.h.
#include "io/Npy.h"

#include "io/Source.h"

#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>

static_assert(std::endian::native == std::endian::little, "file formats are read as on a little-endian machine");

namespace ssm::io {
namespace {

/// The small part of Python's literals that a header may hold.
class HeaderParser {
public:
  HeaderParser(std::string_view text, const std::string &what) : text(text), what(what) {}

  NpyHeader parse() {
    NpyHeader header;
    bool descr = false, order = false, shape = false;
    expect('{');
    while (!accept('}')) {
      std::string key = string();
      expect(':');
      if (key == "descr" && !descr)
        descr = true, element(header);
      else if (key == "fortran_order" && !order)
        order = true, header.fortran = boolean();
      else if (key == "shape" && !shape)
        shape = true, header.shape = tuple();
      else
        damaged("unexpected key '" + key + "'");
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    space();
    if (!text.empty())
      damaged("text after its end");
    if (!descr || !order || !shape)
      damaged("it lacks descr, fortran_order or shape");
    return header;
  }

private:
  [[noreturn]] void damaged(const std::string &why) const {
    throw FileError(what + ": the .npy header is damaged: " + why);
  }
  void space() { text.remove_prefix(std::min(text.find_first_not_of(" \n\t\r"), text.size())); }
  bool accept(char c) {
    space();
    if (text.empty() || text[0] != c)
      return false;
    text.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!accept(c))
      damaged(std::string("expected '") + c + "'");
  }
  std::string string() {
    space();
    char quote = text.empty() ? 0 : text[0];
    size_t end = quote == '\'' || quote == '"' ? text.find(quote, 1) : std::string_view::npos;
    if (end == std::string_view::npos)
      damaged("expected a string");
    std::string result(text.substr(1, end - 1));
    text.remove_prefix(end + 1);
    return result;
  }
  bool boolean() {
    space();
    for (auto [word, value] : {std::pair<std::string_view, bool>("True", true), {"False", false}})
      if (text.starts_with(word)) {
        text.remove_prefix(word.size());
        return value;
      }
    damaged("expected True or False");
  }
  std::vector<int64_t> tuple() {
    std::vector<int64_t> sizes;
    expect('(');
    while (!accept(')')) {
      space();
      int64_t size = 0;
      if (text.empty() || text[0] < '0' || text[0] > '9')
        damaged("expected a size");
      for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1))
        if (__builtin_mul_overflow(size, 10, &size) || __builtin_add_overflow(size, text[0] - '0', &size))
          damaged("a size is too large");
      sizes.push_back(size);
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    if (sizes.size() > SSM_MAX_RANK)
      damaged("more than " + std::to_string(SSM_MAX_RANK) + " dimensions");
    return sizes;
  }
  void element(NpyHeader &header) {
    space();
    if (text.starts_with('['))
      throw FileError(what + ": it holds records (a structured dtype), expected plain numbers");
    std::string descr = string(), kind = descr.empty() ? "" : descr.substr(1);
    constexpr std::pair<const char *, Element> kinds[] = {
        {"b1", Element::Bool}, {"i1", Element::I8},   {"i2", Element::I16},  {"i4", Element::I32}, {"i8", Element::I64},
        {"u1", Element::U8},   {"u2", Element::U16},  {"u4", Element::U32},  {"u8", Element::U64}, {"f2", Element::F16},
        {"f4", Element::F32},  {"f8", Element::F64},  {"c8", Element::C64},  {"c16", Element::C128},
        {"V2", Element::BF16}}; // what numpy writes for the bfloat16 of ml_dtypes
    for (auto [name, element] : kinds) {
      if (kind != name)
        continue;
      if (!std::strchr("<>=|", descr[0]) || (descr[0] == '|' && elementSize(element) > 1 && element != Element::BF16))
        damaged("the byte order of dtype '" + descr + "'");
      header.element = element;
      header.swapped = descr[0] == '>';
      return;
    }
    throw FileError(what + ": it holds the dtype '" + descr + "', which is not supported" +
                    (kind.starts_with("O") ? " (Python objects)" : ""));
  }

  std::string_view text;
  const std::string &what;
};

/// Column-major elements in the order of row-major ones.
std::vector<char> transposed(const std::vector<char> &data, const std::vector<int64_t> &shape, int64_t bytes) {
  std::vector<char> result(data.size());
  if (data.empty())
    return result;
  std::vector<int64_t> strides(shape.size()), index(shape.size(), 0);
  int64_t stride = bytes, from = 0, to = 0;
  for (size_t i = 0; i < shape.size(); stride *= shape[i++])
    strides[i] = stride;
  for (auto total = static_cast<int64_t>(data.size());;) {
    std::memcpy(result.data() + to, data.data() + from, static_cast<size_t>(bytes));
    if ((to += bytes) == total)
      return result;
    for (size_t i = shape.size(); i-- > 0;) {
      from += strides[i];
      if (++index[i] < shape[i])
        break;
      from -= strides[i] * shape[i];
      index[i] = 0;
    }
  }
}

class NpySource : public Source {
public:
  explicit NpySource(const std::string &path) : file(path) {}
  std::vector<std::string> names() const override { return {""}; }
  Array read(const std::string &name) override {
    if (!name.empty())
      throw FileError(file.path + ": a .npy holds one array without a name, not '" + name + "'");
    int64_t at = 0;
    return readNpy(
        file.size(),
        [&](char *data, int64_t count) {
          file.readAt(at, data, count);
          at += count;
        },
        file.path);
  }

private:
  InputFile file;
};

} // namespace

NpyHeader parseNpyHeader(std::string_view text, const std::string &what) { return HeaderParser(text, what).parse(); }

Array readNpy(int64_t size, const std::function<void(char *, int64_t)> &read, const std::string &what) {
  unsigned char start[12];
  if (size < 10)
    throw FileError(what + ": it is not a .npy file (too short)");
  read(reinterpret_cast<char *>(start), 10);
  if (std::memcmp(start, "\x93NUMPY", 6) != 0)
    throw FileError(what + ": it is not a .npy file (it does not begin as one)");
  int64_t length = start[8] | start[9] << 8, begin = 10;
  if (start[6] < 1 || start[6] > 3)
    throw FileError(what + ": its .npy version is " + std::to_string(start[6]) + ", expected 1 to 3");
  if (start[6] > 1) {
    if (size < 12)
      throw FileError(what + ": the file is truncated");
    read(reinterpret_cast<char *>(start + 10), 2);
    length |= static_cast<int64_t>(start[10]) << 16 | static_cast<int64_t>(start[11]) << 24;
    begin = 12;
  }
  if (length > size - begin)
    throw FileError(what + ": the .npy header claims " + std::to_string(length) + " bytes, the file has " +
                    std::to_string(size - begin));
  std::string text(static_cast<size_t>(length), 0);
  read(text.data(), length);
  NpyHeader header = parseNpyHeader(text, what);

  int64_t bytes, rest = size - begin - length, each = elementSize(header.element);
  if (!byteCount(header.shape, each, bytes) || bytes != rest)
    throw FileError(what + ": its shape needs " +
                    (byteCount(header.shape, each, bytes) ? std::to_string(bytes) : "more than 2^62") +
                    " bytes, the file has " + std::to_string(rest));
  Array array{header.element, header.shape, std::vector<char>(static_cast<size_t>(bytes))};
  read(array.data.data(), bytes);
  bool complex = header.element == Element::C64 || header.element == Element::C128;
  if (header.swapped)
    swapBytes(array.data.data(), complex ? 2 * (bytes / each) : bytes / each, complex ? each / 2 : each);
  if (header.fortran && header.shape.size() > 1)
    array.data = transposed(array.data, header.shape, each);
  return array;
}

std::string npyHeader(ssm_dtype dtype, const std::vector<int64_t> &shape) {
  // In the order of ssm_dtype.
  constexpr const char *descrs[] = {"<f8", "<f4", "<f4", "<f2", "<c8", "<c16", "<i4", "<i8", "|b1"};
  std::string text = std::string("{'descr': '") + descrs[dtype] + "', 'fortran_order': False, 'shape': (";
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i ? " " : "") + std::to_string(shape[i]) + (i + 1 < shape.size() || shape.size() == 1 ? "," : "");
  text += "), }";
  text.resize((10 + text.size() + 1 + 63) / 64 * 64 - 11, ' '); // the elements begin at a multiple of 64
  text += '\n';
  std::string start("\x93NUMPY\x01\x00", 8);
  start += static_cast<char>(text.size() & 255);
  start += static_cast<char>(text.size() >> 8);
  return start + text;
}

void writeNpy(const std::string &path, ssm_dtype dtype, const std::vector<int64_t> &shape, const void *data) {
  std::FILE *file = std::fopen(path.c_str(), "wbx");
  if (!file)
    throw FileError(path + ": cannot be written: " + std::strerror(errno));
  std::string header = npyHeader(dtype, shape);
  bool good = std::fwrite(header.data(), 1, header.size(), file) == header.size();
  int64_t bytes = 0;
  byteCount(shape, ssm_dtype_size(dtype), bytes);
  if (dtype == SSM_BF16) {
    std::vector<float> chunk(1 << 16);
    const auto *bits = static_cast<const uint16_t *>(data);
    for (int64_t i = 0, count = bytes / 2; good && i < count;) {
      size_t n = static_cast<size_t>(std::min<int64_t>(count - i, static_cast<int64_t>(chunk.size())));
      for (size_t j = 0; j < n; ++j)
        chunk[j] = fromBF16(bits[i++]);
      good = std::fwrite(chunk.data(), sizeof(float), n, file) == n;
    }
  } else if (bytes > 0) {
    good = good && std::fwrite(data, 1, static_cast<size_t>(bytes), file) == static_cast<size_t>(bytes);
  }
  int code = errno;
  if (std::fclose(file) != 0 && good)
    good = false, code = errno;
  if (!good)
    throw FileError(path + ": cannot be written: " + std::strerror(code));
}

std::unique_ptr<Source> openNpy(const std::string &path) { return std::make_unique<NpySource>(path); }

} // namespace ssm::io
