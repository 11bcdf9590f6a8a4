// Reads the arguments that the command line names. See Inputs.h.
#include "Inputs.h"

#include "Progress.h"
#include "io/Source.h"

#include <algorithm>
#include <cstdio>

namespace ssm::run {
namespace {

template <typename List> std::string joined(const List &list) {
  std::string all;
  for (const auto &item : list) {
    if constexpr (requires { item.name; })
      all += (all.empty() ? "" : ", ") + item.name;
    else
      all += (all.empty() ? "" : ", ") + item;
  }
  return all;
}

/// Samples lie along the last dimension and channels along the first. The dimensions between (for one
/// channel, all but the last) have size 1, or that of --dims: the signal is then repeated along them.
void fitWave(io::Array &array, const Expected &expected, const Options &options, const std::string &path) {
  size_t rank = expected.dims.size(), channels = array.shape.size() - 1;
  if (rank < array.shape.size())
    throw Failure(path + ": it has " + std::to_string(channels ? array.shape[0] : 1) + " channels, but '" + expected.name +
                  "' has " + std::to_string(rank) + (rank == 1 ? " dimension" : " dimensions"));
  std::vector<int64_t> shape(rank, 1);
  int64_t copies = 1;
  for (size_t i = channels; i + 1 < rank; ++i)
    for (const auto &[name, size] : options.dims)
      if (name == expected.dims[i])
        shape[i] = size, copies *= std::max<int64_t>(size, 0);
  size_t row = static_cast<size_t>(array.shape.back()) * sizeof(float);
  std::vector<char> repeated;
  for (size_t at = 0; at < array.data.size(); at += row)
    for (int64_t copy = 0; copy < copies; ++copy)
      repeated.insert(repeated.end(), array.data.begin() + static_cast<std::ptrdiff_t>(at),
                      array.data.begin() + static_cast<std::ptrdiff_t>(at + row));
  shape.back() = array.shape.back();
  if (channels)
    shape[0] = array.shape[0];
  array.shape = shape;
  array.data = std::move(repeated);
}

class Loader {
public:
  Loader(const Options &options, const std::vector<Expected> &expected) : options(options), expected(expected) {}

  void load(const std::string &word) {
    size_t at = word.find('=');
    if (at == std::string::npos)
      return loadAll(word);
    std::string name = word.substr(0, at), path = word.substr(at + 1), key;
    if (name.empty() || path.empty())
      throw Failure("expected NAME=FILE, not '" + word + "'");
    size_t colon = path.rfind(':');
    if (colon != std::string::npos && io::isArchive(path.substr(0, colon))) {
      key = path.substr(colon + 1);
      path.resize(colon);
    }
    auto source = open(path);
    if (io::isArchive(path) && key.empty())
      key = only(*source, name, path);
    add(*source, key, name, path);
  }

  std::vector<Value> values;

private:
  std::unique_ptr<io::Source> open(const std::string &path) {
    auto source = io::openSource(path);
    if (source->rate() <= 0)
      return source;
    auto complain = [&](double expected, const std::string &why) {
      char text[96];
      std::snprintf(text, sizeof text, ": it has %g samples a second, expected %g", source->rate(), expected);
      throw Failure(path + text + why);
    };
    if (options.rate > 0 && source->rate() != options.rate)
      complain(options.rate, " (--rate)");
    if (!firstWave.empty() && source->rate() != rate)
      complain(rate, ", the rate of " + firstWave);
    firstWave = path;
    rate = source->rate();
    return source;
  }

  /// A file alone gives every array in it, by its name.
  void loadAll(const std::string &path) {
    auto source = open(path);
    if (!io::isArchive(path))
      throw Failure(path + ": say which argument it is: NAME=" + path);
    std::vector<std::string> names = source->names();
    if (names.empty())
      throw Failure(path + ": it holds no arrays");
    for (const std::string &name : names)
      add(*source, name, name, path);
  }

  /// NAME=FILE.npz takes the array NAME, or the only one.
  static std::string only(io::Source &source, const std::string &name, const std::string &path) {
    std::vector<std::string> names = source.names();
    if (std::find(names.begin(), names.end(), name) != names.end())
      return name;
    if (names.size() == 1)
      return names[0];
    throw Failure(path + ": it has no array '" + name + "'; pick one of " + joined(names) + " by " + name + "=" + path +
                  ":KEY");
  }

  void add(io::Source &source, const std::string &key, const std::string &name, const std::string &path) {
    auto found = std::find_if(expected.begin(), expected.end(), [&](const Expected &e) { return e.name == name; });
    if (found == expected.end())
      throw Failure(path + ": " + options.entry + " has no argument '" + name + "'; it has " + joined(expected));
    for (const Value &value : values)
      if (value.name == name)
        throw Failure("argument '" + name + "' is given twice, by " + value.origin + " and by " + path);
    showProgress("reading " + path);
    io::Array array = source.read(key);
    if (source.rate() > 0)
      fitWave(array, *found, options, path);
    Value value{name, path + (key.empty() || key == name ? "" : ":" + key), found->dtype, array.shape, {}};
    value.data = io::convert(array, found->dtype, value.origin);
    values.push_back(std::move(value));
  }

  const Options &options;
  const std::vector<Expected> &expected;
  std::string firstWave; // all signals of a call have one rate
  double rate = 0;
};

} // namespace

std::vector<Value> loadInputs(const Options &options, const std::vector<Expected> &expected) {
  Loader loader(options, expected);
  for (const std::string &word : options.inputs)
    loader.load(word);
  return std::move(loader.values);
}

} // namespace ssm::run
