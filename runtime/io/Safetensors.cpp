// .safetensors: the length of a JSON header, the header, then the elements. The JSON is read by nlohmann's
// library (MIT licence).
#include "io/Source.h"

#include <nlohmann/json.hpp>

#include <cstring>
#include <map>
#include <optional>

namespace ssm::io {
namespace {

std::optional<Element> elementOf(const std::string &dtype) {
  constexpr std::pair<const char *, Element> dtypes[] = {
      {"BOOL", Element::Bool}, {"I8", Element::I8},    {"I16", Element::I16},  {"I32", Element::I32}, {"I64", Element::I64},
      {"U8", Element::U8},     {"U16", Element::U16},  {"U32", Element::U32},  {"U64", Element::U64}, {"F16", Element::F16},
      {"BF16", Element::BF16}, {"F32", Element::F32},  {"F64", Element::F64},  {"C64", Element::C64}};
  for (auto [name, element] : dtypes)
    if (dtype == name)
      return element;
  return std::nullopt;
}

class SafetensorsSource : public Source {
public:
  explicit SafetensorsSource(const std::string &path) : file(path) {
    uint64_t length = 0;
    if (file.size() < 8)
      throw FileError(path + ": it is not a .safetensors file (too short)");
    file.readAt(0, reinterpret_cast<char *>(&length), 8);
    if (length > static_cast<uint64_t>(file.size() - 8))
      throw FileError(path + ": its header claims " + std::to_string(length) + " bytes, the file has " +
                      std::to_string(file.size() - 8));
    if (length > (100u << 20)) // the format's own limit
      throw FileError(path + ": its header of " + std::to_string(length) + " bytes is longer than the format allows");
    std::string text(length, 0);
    file.readAt(8, text.data(), static_cast<int64_t>(length));
    begin = 8 + static_cast<int64_t>(length);
    auto header = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!header.is_object())
      throw FileError(path + ": its header is not JSON");
    for (const auto &[name, entry] : header.items())
      if (name != "__metadata__")
        add(name, entry);
  }

  std::vector<std::string> names() const override {
    std::vector<std::string> result;
    for (const auto &[name, tensor] : tensors)
      result.push_back(name);
    return result;
  }

  Array read(const std::string &name) override {
    auto found = tensors.find(name);
    if (found == tensors.end())
      throw FileError(file.path + ": it has no array '" + name + "'");
    const Tensor &tensor = found->second;
    if (!tensor.element)
      throw FileError(file.path + ":" + name + ": its type " + tensor.dtype + " is not supported");
    int64_t bytes;
    if (!byteCount(tensor.shape, elementSize(*tensor.element), bytes) || bytes != tensor.end - tensor.begin)
      throw FileError(file.path + ":" + name + ": its shape does not fit its " +
                      std::to_string(tensor.end - tensor.begin) + " bytes");
    Array array{*tensor.element, tensor.shape, std::vector<char>(static_cast<size_t>(bytes))};
    file.readAt(begin + tensor.begin, array.data.data(), bytes);
    return array;
  }

private:
  struct Tensor {
    std::string dtype;
    std::optional<Element> element;
    std::vector<int64_t> shape;
    int64_t begin = 0, end = 0;
  };

  void add(const std::string &name, const nlohmann::json &entry) {
    auto damaged = [&](const char *why) { throw FileError(file.path + ":" + name + ": its header is damaged: " + why); };
    auto whole = [](const nlohmann::json &value) { return value.is_number_unsigned() && value.get<uint64_t>() < (1ull << 62); };
    if (!entry.is_object() || !entry.contains("dtype") || !entry["dtype"].is_string() || !entry.contains("shape") ||
        !entry["shape"].is_array() || !entry.contains("data_offsets") || !entry["data_offsets"].is_array())
      damaged("it lacks dtype, shape or data_offsets");
    Tensor tensor;
    tensor.dtype = entry["dtype"].get<std::string>();
    tensor.element = elementOf(tensor.dtype);
    for (const auto &size : entry["shape"]) {
      if (!whole(size))
        damaged("a size is not a whole number");
      tensor.shape.push_back(size.get<int64_t>());
    }
    if (tensor.shape.size() > SSM_MAX_RANK)
      damaged("it has too many dimensions");
    const auto &offsets = entry["data_offsets"];
    if (offsets.size() != 2 || !whole(offsets[0]) || !whole(offsets[1]))
      damaged("data_offsets are not two whole numbers");
    tensor.begin = offsets[0].get<int64_t>();
    tensor.end = offsets[1].get<int64_t>();
    if (tensor.begin > tensor.end || tensor.end > file.size() - begin)
      damaged("data_offsets lie outside of the file");
    tensors[name] = tensor;
  }

  InputFile file;
  int64_t begin = 0;
  std::map<std::string, Tensor> tensors;
};

} // namespace

std::unique_ptr<Source> openSafetensors(const std::string &path) { return std::make_unique<SafetensorsSource>(path); }

} // namespace ssm::io
