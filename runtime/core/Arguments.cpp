// A call's buffers: told apart by name, and checked before anything runs. See Call.h.
#include "core/Call.h"
#include "core/Error.h"
#include "core/Memory.h"

#include <algorithm>

namespace ssm::rt {

static std::string namesOf(const std::vector<Value> &values) {
  std::string names;
  for (const Value &value : values)
    names += (names.empty() ? "" : ", ") + value.name;
  return names.empty() ? "none" : names;
}

std::vector<const ssm_buffer *> match(const Entry &entry, const std::vector<Value> &values, const char *kind,
                                      const ssm_buffer *buffers, int64_t count) {
  std::vector<const ssm_buffer *> result(values.size(), nullptr);
  if (count < 0 || (count > 0 && !buffers))
    fail(SSM_ERROR_USE, entry.name, ": the list of ", kind, "s is null or of negative length");
  for (int64_t i = 0; i < count; ++i) {
    if (!buffers[i].name)
      fail(SSM_ERROR_USE, entry.name, ": ", kind, " ", i, " has no name");
    std::string name = buffers[i].name;
    auto value = std::find_if(values.begin(), values.end(), [&](const Value &v) { return v.name == name; });
    if (value == values.end())
      fail(SSM_ERROR_ARGUMENT, entry.name, ": there is no ", kind, " '", name, "'; it has ", namesOf(values));
    auto &slot = result[value - values.begin()];
    if (slot)
      fail(SSM_ERROR_ARGUMENT, entry.name, ": ", kind, " '", name, "' is given twice");
    slot = &buffers[i];
    if (buffers[i].dtype != value->dtype)
      fail(SSM_ERROR_DTYPE, entry.name, ": ", kind, " '", name, "' is ",
           dtypeName(buffers[i].dtype) ? dtypeName(buffers[i].dtype) : "of an unknown type", ", expected ",
           dtypeName(value->dtype));
  }
  return result;
}

void checkPointer(const Entry &entry, const char *kind, const ssm_buffer &buffer) {
  if (isEmpty(buffer))
    return;
  if (!buffer.data)
    fail(SSM_ERROR_POINTER, entry.name, ": the data of ", kind, " '", buffer.name, "' is a null pointer");
  auto alignment = static_cast<uintptr_t>(dtypeAlignment(buffer.dtype));
  if (reinterpret_cast<uintptr_t>(buffer.data) % alignment != 0)
    fail(SSM_ERROR_POINTER, entry.name, ": the data of ", kind, " '", buffer.name, "' is not aligned to ", alignment,
         " bytes, as ", dtypeName(buffer.dtype), " must be");
  if (reachesTooFar(buffer))
    fail(SSM_ERROR_POINTER, entry.name, ": the strides of ", kind, " '", buffer.name, "' reach out of the address space");
}

void checkResult(const Entry &entry, const Value &value, const ssm_buffer &buffer, const std::vector<int64_t> &shape) {
  auto rank = static_cast<size_t>(std::max(buffer.rank, 0));
  bool fits = buffer.rank >= 0 && rank == shape.size() && (rank == 0 || buffer.shape) &&
              std::equal(shape.begin(), shape.end(), buffer.shape);
  if (!fits)
    fail(SSM_ERROR_SHAPE, entry.name, ": the buffer of result '", value.name, "' has the shape ",
         buffer.rank >= 0 && rank <= SSM_MAX_RANK && (rank == 0 || buffer.shape) ? shapeText(buffer.shape, rank) : "(?)",
         ", expected ", shapeText(shape.data(), shape.size()), ": ", dimsText(entry, value));
  if (mayOverlapItself(buffer))
    fail(SSM_ERROR_POINTER, entry.name, ": the elements of the buffer of result '", value.name, "' overlap");
}

int64_t bytesOf(const Entry &entry, const Value &value, Binding &binding) {
  std::vector<int64_t> shape = binding.shape(value, "'" + value.name + "'");
  return byteCount(shape.data(), shape.size(), value.dtype, entry.name);
}

Arguments::Arguments(const Entry &entry, const ssm_buffer *buffers, int64_t count, const ssm_options &options)
    : entry(entry), options(options), given(match(entry, entry.arguments, "argument", buffers, count)),
      binding(entry, options.sizes, options.size_count) {
  for (size_t i = 0; i < given.size(); ++i)
    if (given[i])
      binding.bind(entry.arguments[i], *given[i]);
  binding.checkComputed();
}

void Arguments::requireAll() const {
  for (size_t i = 0; i < given.size(); ++i) {
    const Value &value = entry.arguments[i];
    if (given[i] || value.role == SSM_SEED || value.optional)
      continue;
    std::string what = entry.name + ": " + (value.role == SSM_INPUT ? "argument" : roleName(value.role)) + " '" +
                       value.name + "' (" + dtypeName(value.dtype) + dimsText(entry, value) + ") is missing";
    if (value.init < 0)
      fail(SSM_ERROR_ARGUMENT, what);
    if (value.role != SSM_STATE && !options.draw)
      fail(SSM_ERROR_ARGUMENT, what, "; give it, or a seed to draw it from");
  }
}

std::vector<int64_t> Arguments::allSizes() {
  std::vector<int64_t> sizes;
  for (const auto *values : {&entry.arguments, &entry.results})
    for (const Value &value : *values)
      binding.shape(value, std::string(values == &entry.results ? "result" : roleName(value.role)) + " '" + value.name + "'");
  for (size_t i = 0; i < entry.dims.size(); ++i)
    sizes.push_back(binding.size(static_cast<int32_t>(i)));
  binding.checkComputed();
  return sizes;
}

} // namespace ssm::rt
