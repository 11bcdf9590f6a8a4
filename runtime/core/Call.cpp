// A call: match the buffers by name, fix the sizes, draw what is left out, copy what is not dense, run.
#include "core/Artifact.h"
#include "core/Error.h"
#include "core/Memory.h"
#include "cpu/Services.h"

#include <algorithm>

namespace ssm::rt {
namespace {

std::string namesOf(const std::vector<Value> &values) {
  std::string names;
  for (const Value &value : values)
    names += (names.empty() ? "" : ", ") + value.name;
  return names.empty() ? "none" : names;
}

/// Puts buffers in the order of `values`. `kind` is "argument" or "result".
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

/// A buffer's rank and sizes against the ones worked out.
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

/// Draws an argument into dense memory, by the entry that its `init` names.
void draw(const ssm_artifact &artifact, const Entry &entry, const Value &value, Binding &binding, int64_t seed,
          int32_t threads, void *out) {
  const Entry &init = artifact.description.entries[value.init];
  // Sizes go over by name; those that the initialiser computes itself must come out alike.
  std::vector<ssm_size> sizes;
  for (const Dim &dim : init.dims) {
    auto own = std::find_if(entry.dims.begin(), entry.dims.end(), [&](const Dim &d) { return d.name == dim.name; });
    if (own != entry.dims.end() && binding.known(static_cast<int32_t>(own - entry.dims.begin())))
      sizes.push_back({dim.name.c_str(), binding.size(static_cast<int32_t>(own - entry.dims.begin()))});
  }
  Binding inner(init, sizes.data(), static_cast<int64_t>(sizes.size()));
  inner.checkComputed();
  std::vector<int64_t> all, shape = inner.shape(init.results[0], "'" + value.name + "'");
  if (shape != binding.shape(value, "'" + value.name + "'"))
    fail(SSM_ERROR_INTERNAL, init.name, ": the initialiser makes the shape ", shapeText(shape.data(), shape.size()));
  for (size_t i = 0; i < init.dims.size(); ++i)
    all.push_back(inner.size(static_cast<int32_t>(i)));
  std::vector<void *> buffers(init.arguments.size(), &seed);
  buffers.push_back(out);
  run(init.function, buffers.data(), all.data(), threads, init.name);
}

} // namespace

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
    if (given[i] || value.role == SSM_SEED)
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

void call(const ssm_artifact &artifact, const Entry &entry, const ssm_buffer *arguments, int64_t argumentCount,
          const ssm_buffer *results, int64_t resultCount, const ssm_options &options) {
  int32_t threads = threadLimit(options.threads);
  Arguments args(entry, arguments, argumentCount, options);
  std::vector<const ssm_buffer *> outs = match(entry, entry.results, "result", results, resultCount);
  args.requireAll();
  std::vector<int64_t> sizes = args.allSizes();
  for (size_t i = 0; i < outs.size(); ++i)
    if (outs[i])
      checkResult(entry, entry.results[i], *outs[i], args.binding.shape(entry.results[i], "result"));
  for (const ssm_buffer *buffer : args.given)
    if (buffer)
      checkPointer(entry, "argument", *buffer);
  for (const ssm_buffer *buffer : outs)
    if (buffer)
      checkPointer(entry, "result", *buffer);

  std::vector<Temporary> temporaries;
  std::vector<void *> buffers;
  auto temporary = [&](int64_t bytes, const std::string &what) {
    temporaries.push_back(allocate(bytes, entry.name + ": " + what));
    return temporaries.back().get();
  };
  int64_t seed = options.seed;
  for (size_t i = 0; i < args.given.size(); ++i) {
    const Value &value = entry.arguments[i];
    const ssm_buffer *buffer = args.given[i];
    if (buffer && isDense(*buffer) && buffer->data) {
      buffers.push_back(buffer->data);
    } else if (!buffer && value.role == SSM_SEED) {
      buffers.push_back(&seed);
    } else {
      void *data = temporary(bytesOf(entry, value, args.binding),
                             (buffer ? "the dense copy of argument '" : "drawing '") + value.name + "'");
      if (buffer)
        pack(*buffer, data);
      else
        draw(artifact, entry, value, args.binding, options.seed, threads, data);
      buffers.push_back(data);
    }
  }

  // A result goes straight to its buffer if that is dense and nobody else's.
  std::vector<std::pair<size_t, void *>> scattered;
  for (size_t i = 0; i < outs.size(); ++i) {
    bool direct = outs[i] && outs[i]->data && isDense(*outs[i]);
    if (outs[i]) {
      Extent extent = extentOf(*outs[i]);
      for (size_t j = 0; j < i; ++j)
        if (outs[j] && extent.overlaps(extentOf(*outs[j])))
          fail(SSM_ERROR_POINTER, entry.name, ": the buffers of the results '", outs[j]->name, "' and '", outs[i]->name,
               "' overlap");
      for (const ssm_buffer *argument : args.given)
        direct = direct && !(argument && extent.overlaps(extentOf(*argument)));
    }
    if (direct) {
      buffers.push_back(outs[i]->data);
      continue;
    }
    void *data = temporary(bytesOf(entry, entry.results[i], args.binding), "result '" + entry.results[i].name + "'");
    buffers.push_back(data);
    if (outs[i])
      scattered.push_back({i, data});
  }
  run(entry.function, buffers.data(), sizes.data(), threads, entry.name);
  for (auto [i, data] : scattered)
    unpack(data, *outs[i]);
}

void initialise(const ssm_artifact &artifact, const Entry &entry, const Value &value, const ssm_buffer &out,
                const ssm_options &options) {
  int32_t threads = threadLimit(options.threads);
  Arguments args(entry, &out, 1, options);
  int64_t bytes = bytesOf(entry, value, args.binding);
  checkPointer(entry, "argument", out);
  if (mayOverlapItself(out))
    fail(SSM_ERROR_POINTER, entry.name, ": the elements of the buffer of '", value.name, "' overlap");
  Temporary dense = allocate(bytes, entry.name + ": drawing '" + value.name + "'");
  draw(artifact, entry, value, args.binding, options.seed, threads, dense.get());
  unpack(dense.get(), out);
}

} // namespace ssm::rt
