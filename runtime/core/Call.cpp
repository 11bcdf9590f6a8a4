// A call: match the buffers by name, fix the sizes, draw what is left out, and run where the data lies. On
// the CPU what is not dense is copied. See Call.h.
#include "core/Call.h"

#include "core/Error.h"
#include "core/Memory.h"
#include "cpu/Services.h"
#include "cuda/Place.h"
#include "cuda/Runner.h"

#include <algorithm>

namespace ssm::rt {

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

void call(const ssm_artifact &artifact, const Entry &entry, const ssm_buffer *arguments, int64_t argumentCount,
          const ssm_buffer *results, int64_t resultCount, const ssm_options &options) {
  if (auto gpu = cuda::findPlace(entry, arguments, argumentCount, results, resultCount, options.device)) {
    if (!artifact.gpu)
      fail(SSM_ERROR_DEVICE, entry.name, ": its data lies on GPU ", *gpu, ", but this artifact has code for ",
           entry.targets, " only; compile the layer with a --target that the GPU is");
    return artifact.gpu->call(artifact, entry, *gpu, arguments, argumentCount, results, resultCount, options);
  }
  if (!entry.function)
    fail(SSM_ERROR_DEVICE, entry.name, ": its data lies in the CPU's memory, but this artifact has code for ",
         entry.targets, " only");
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
    } else if (!buffer && value.init < 0) { // optional: the code looks
      buffers.push_back(nullptr);
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
  if (auto gpu = cuda::findPlace(entry, &out, 1, nullptr, 0, options.device))
    return cuda::upload(*gpu, out, dense.get(), bytes, entry.name + ": drawing '" + value.name + "'");
  unpack(dense.get(), out);
}

} // namespace ssm::rt
