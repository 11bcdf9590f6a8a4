// Working out a call on a GPU. See Bound.h; Launch.cpp runs it.
#include "cuda/Bound.h"

#include "core/Error.h"
#include "core/Memory.h"
#include "cpu/Services.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace ssm::rt::cuda {
namespace {

constexpr int64_t blockAlignment = 256;
int64_t aligned(int64_t bytes) { return (bytes + blockAlignment - 1) / blockAlignment * blockAlignment; }

void requireDense(const Entry &entry, const char *kind, const ssm_buffer &buffer) {
  if (isDense(buffer))
    return;
  fail(SSM_ERROR_POINTER, entry.name, ": ", kind, " '", buffer.name, "' of the shape ",
       shapeText(buffer.shape, static_cast<size_t>(buffer.rank)), " has the strides ",
       shapeText(buffer.strides, static_cast<size_t>(buffer.rank)),
       " in bytes; on a GPU a buffer is used where it lies and must be dense and row-major: give a contiguous copy");
}

/// Which of the call's buffers is which of the entry's.
std::vector<int32_t> slotsOf(const std::vector<const ssm_buffer *> &ordered, const ssm_buffer *given, int64_t count,
                             size_t base) {
  std::vector<int32_t> slots(static_cast<size_t>(count));
  for (size_t i = 0; i < ordered.size(); ++i)
    if (ordered[i])
      slots[static_cast<size_t>(ordered[i] - given)] = static_cast<int32_t>(base + i);
  return slots;
}

} // namespace

Bound::Bound(const Site &site, const ssm_artifact &artifact, const Entry &entry, const Plan &plan,
             const ssm_buffer *arguments, int64_t argumentCount, const ssm_buffer *results, int64_t resultCount,
             const ssm_options &options)
    : entry(entry), plan(plan) {
  Arguments args(entry, arguments, argumentCount, options);
  std::vector<const ssm_buffer *> outs = match(entry, entry.results, "result", results, resultCount);
  args.requireAll();
  std::vector<int64_t> sizes = args.allSizes();
  for (size_t i = 0; i < outs.size(); ++i)
    if (outs[i])
      checkResult(entry, entry.results[i], *outs[i], args.binding.shape(entry.results[i], "result"));
  for (auto [list, kind] : {std::pair(&args.given, "argument"), std::pair(&outs, "result")})
    for (const ssm_buffer *buffer : *list)
      if (buffer) {
        checkPointer(entry, kind, *buffer);
        requireDense(entry, kind, *buffer);
      }
  argumentSlots = slotsOf(args.given, arguments, argumentCount, 0);
  resultSlots = slotsOf(outs, results, resultCount, entry.arguments.size());

  sizes.push_back(site.device.multiprocessors);
  sizes.push_back(site.device.l2Bytes);
  auto evaluateSize = [&](const Expression &e) {
    return evaluate(e, plan.dims, [&](int32_t dim) { return sizes[static_cast<size_t>(dim)]; });
  };
  place(site, artifact, args, outs);
  for (const Workspace &workspace : plan.workspaces) {
    BoundBuffer buffer;
    buffer.name = "workspace '" + workspace.name + "'";
    buffer.bytes = evaluateSize(workspace.bytes);
    buffer.alignment = blockAlignment;
    if (buffer.bytes < 0)
      fail(SSM_ERROR_SIZE, entry.name, ": ", buffer.name, " has ", buffer.bytes, " bytes here, a negative size");
    buffer.type = std::to_string(buffer.bytes) + " bytes";
    buffer.kind = workspace.zero == Workspace::Once ? BoundBuffer::InOnce : BoundBuffer::InScratch;
    int64_t &bytes = workspace.zero == Workspace::Once ? onceBytes : scratchBytes;
    buffer.offset = bytes;
    bytes += aligned(buffer.bytes);
    if (workspace.zero == Workspace::EachCall && buffer.bytes > 0)
      clearedEachCall.push_back(static_cast<int32_t>(buffers.size()));
    buffers.push_back(std::move(buffer));
  }
  for (int32_t cleared : plan.cleared) {
    const BoundBuffer &buffer = buffers[static_cast<size_t>(cleared)];
    if (buffer.bytes > 0 && buffer.kind != BoundBuffer::Absent)
      clearedEachCall.push_back(cleared);
  }
  size_t choice = 0;
  for (size_t i = 0; i < plan.launches.size(); ++i)
    bind(site, i, choice += !plan.launches[i].otherwise, sizes);
}

/// Says of every argument and result where it comes from, and draws what is left out.
void Bound::place(const Site &site, const ssm_artifact &artifact, Arguments &args,
                  const std::vector<const ssm_buffer *> &outs) {
  std::vector<bool> mayBeAbsent(entry.arguments.size() + entry.results.size(), true);
  for (const Launch &launch : plan.launches)
    for (const KernelArgument &argument : launch.arguments) {
      const auto *pointer = std::get_if<PointerArgument>(&argument);
      const auto *map = std::get_if<MapArgument>(&argument);
      auto index = static_cast<size_t>(pointer ? pointer->buffer : map ? map->buffer : 0);
      if ((map || (pointer && !pointer->optional)) && index < mayBeAbsent.size())
        mayBeAbsent[index] = false;
    }
  auto add = [&](const char *kind, const Value &value) -> BoundBuffer & {
    BoundBuffer buffer;
    std::vector<int64_t> shape = args.binding.shape(value, "'" + value.name + "'");
    std::string text = shapeText(shape.data(), shape.size());
    buffer.name = std::string(kind) + " '" + value.name + "'";
    buffer.type = dtypeName(value.dtype) + ("[" + text.substr(1, text.size() - 2) + "]");
    buffer.bytes = bytesOf(entry, value, args.binding);
    buffer.alignment = dtypeAlignment(value.dtype);
    buffers.push_back(std::move(buffer));
    return buffers.back();
  };
  for (size_t i = 0; i < args.given.size(); ++i) {
    const Value &value = entry.arguments[i];
    BoundBuffer &buffer = add("argument", value);
    if (args.given[i]) {
      buffer.kind = BoundBuffer::Given;
    } else if (!mayBeAbsent[i] && value.optional) {
      fail(SSM_ERROR_ARGUMENT, entry.name, ": ", buffer.name, " is missing, which the GPU's code needs");
    } else if (!mayBeAbsent[i]) {
      // Drawn once on the CPU and kept: the same seed and sizes draw the same values.
      std::string key = std::to_string(site.contextId) + " " + entry.name + " " + value.name + " " +
                        std::to_string(args.options.seed) + " " + buffer.type;
      std::string what = entry.name + ": drawing '" + value.name + "'";
      buffer.kind = BoundBuffer::Kept;
      buffer.address = site.memory.kept(key);
      if (!buffer.address) {
        Temporary data = allocate(buffer.bytes, what);
        if (value.role == SSM_SEED)
          std::memcpy(data.get(), &args.options.seed, sizeof(int64_t));
        else
          draw(artifact, entry, value, args.binding, args.options.seed, threadLimit(args.options.threads), data.get());
        buffer.address = site.memory.keep(key, data.get(), buffer.bytes, what);
      }
    }
  }
  for (size_t i = 0; i < outs.size(); ++i) {
    BoundBuffer &buffer = add("result", entry.results[i]);
    if (outs[i]) {
      buffer.kind = BoundBuffer::Given;
    } else if (!mayBeAbsent[args.given.size() + i]) {
      buffer.kind = BoundBuffer::InScratch;
      buffer.offset = scratchBytes;
      scratchBytes += aligned(buffer.bytes);
    }
  }
}

void Bound::requireMultiples(const Launch &launch,
                             const std::function<int64_t(const Expression &)> &evaluateSize) const {
  for (const Requirement &requirement : launch.requirements)
    if (int64_t size = evaluateSize(requirement.size); size % requirement.multiple != 0) {
      const BoundBuffer &buffer = buffers[static_cast<size_t>(requirement.buffer)];
      std::string name = toText(requirement.size, plan.dims), number = std::to_string(size);
      fail(SSM_ERROR_SHAPE, kernelText(launch), " takes ", buffer.name, " (", buffer.type, ") ", requirement.multiple,
           " elements at a time, and ", name, name == number ? "" : " = " + number, " is no multiple of that");
    }
}

bool Bound::fits(const Launch &launch, const std::function<int64_t(const Expression &)> &evaluateSize) const {
  for (const Expression &room : launch.where)
    if (evaluateSize(room) < 0)
      return false;
  for (const Requirement &requirement : launch.requirements)
    if (evaluateSize(requirement.size) % requirement.multiple != 0)
      return false;
  return std::all_of(launch.arguments.begin(), launch.arguments.end(), [&](const KernelArgument &argument) {
    const auto *map = std::get_if<MapArgument>(&argument);
    return !map || takesStrides(*map, evaluateSize);
  });
}

void Bound::requireInside(const std::string &what, int32_t index, int64_t offset, int64_t extent) const {
  const BoundBuffer &buffer = buffers[static_cast<size_t>(index)];
  if (offset < 0 || (extent > 0 && buffer.kind != BoundBuffer::Absent && offset + extent > buffer.bytes))
    fail(SSM_ERROR_SIZE, what, " would reach byte ", offset < 0 ? offset : offset + extent, " of ", buffer.name, " (",
         buffer.type, "), which has ", buffer.bytes);
}

void Bound::bind(const Site &site, size_t number, size_t choice, const std::vector<int64_t> &sizes) {
  const Launch &launch = plan.launches[number];
  bool hasAlternative = number + 1 < plan.launches.size() && plan.launches[number + 1].otherwise;
  std::string what = kernelText(launch);
  auto evaluateSize = [&](const Expression &e) {
    try {
      return evaluate(e, plan.dims, [&](int32_t dim) { return sizes[static_cast<size_t>(dim)]; });
    } catch (Error &error) {
      error.message = what + ": " + error.message;
      throw;
    }
  };
  if (hasAlternative && !fits(launch, evaluateSize))
    return;
  int64_t grid[3];
  for (size_t i = 0; i < 3; ++i) {
    grid[i] = evaluateSize(launch.grid[i]);
    int64_t most = i == 0 ? INT32_MAX : 65535;
    if (grid[i] < 0 || grid[i] > most)
      fail(SSM_ERROR_SIZE, what, " would take ", grid[i], " blocks along ", "xyz"[i], " of its grid, a GPU takes 0 to ",
           most);
    if (grid[i] % launch.cluster[i] != 0)
      fail(SSM_ERROR_SIZE, what, " would take ", grid[i], " blocks along ", "xyz"[i],
           " of its grid, no multiple of its clusters of ", launch.cluster[i]);
  }
  if (grid[0] == 0 || grid[1] == 0 || grid[2] == 0)
    return; // nothing to do
  requireMultiples(launch, evaluateSize);
  int64_t shared = evaluateSize(launch.sharedBytes);
  if (shared < 0 || shared > INT32_MAX)
    fail(SSM_ERROR_SIZE, what, " would take ", shared, " bytes of shared memory");

  BoundLaunch &bound = launches.emplace_back();
  bound.plan = &launch;
  bound.choice = choice;
  bound.hasAlternative = hasAlternative;
  bound.function = site.kernels.find(site.contextId, site.device, launch, shared, what);
  for (size_t i = 0; i < 3; ++i) {
    bound.config.grid[i] = static_cast<uint32_t>(grid[i]);
    bound.config.block[i] = launch.block[i];
  }
  bound.config.sharedBytes = static_cast<uint32_t>(shared);
  if (launch.cluster[0] * launch.cluster[1] * launch.cluster[2] > 1) {
    bound.attribute.id = clusterDimension;
    std::copy(launch.cluster.begin(), launch.cluster.end(), bound.attribute.cluster);
    bound.config.attributes = &bound.attribute;
    bound.config.attributeCount = 1;
  }
  bound.words.resize(launch.arguments.size());
  for (size_t i = 0; i < launch.arguments.size(); ++i) {
    const KernelArgument &argument = launch.arguments[i];
    if (const auto *map = std::get_if<MapArgument>(&argument)) {
      const BoundBuffer &buffer = buffers[static_cast<size_t>(map->buffer)];
      bound.maps.push_back(
          bindMap(*map, evaluateSize, what + ": the tensor map of " + buffer.name + " (" + buffer.type + ")"));
      if (const BoundMap &last = bound.maps.back(); !last.empty)
        requireInside(what, map->buffer, last.offset, last.extent());
      bound.parameters.push_back(&bound.maps.back().map);
      continue;
    }
    bound.parameters.push_back(&bound.words[i]);
    if (const auto *pointer = std::get_if<PointerArgument>(&argument)) {
      bound.pointers.push_back({i, pointer->buffer, evaluateSize(pointer->offset), pointer->alignment});
      requireInside(what, pointer->buffer, bound.pointers.back().offset, evaluateSize(pointer->extent));
      continue;
    }
    const auto &scalar = std::get<ScalarArgument>(argument);
    if (scalar.kind == ScalarArgument::F32) {
      bound.words[i] = std::bit_cast<uint32_t>(scalar.real);
      continue;
    }
    int64_t value = evaluateSize(scalar.value);
    if (scalar.kind == ScalarArgument::I32 && value != static_cast<int32_t>(value))
      fail(SSM_ERROR_SIZE, what, ": its parameter ", i, ", ", toText(scalar.value, plan.dims), ", is ", value,
           " here, more than the 32 bits that it has");
    bound.words[i] = static_cast<uint64_t>(value);
  }
}

} // namespace ssm::rt::cuda
