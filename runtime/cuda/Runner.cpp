// Calls on a GPU: found among those that were worked out before, or worked out. See Runner.h.
#include "cuda/Runner.h"

#include "core/Error.h"

#include <cstring>

namespace ssm::rt::cuda {
namespace {

/// More calls of different shapes than a program is in the middle of; then all are forgotten.
constexpr size_t mostCalls = 512;

/// What names, types, shapes and options say, as bytes: calls of the same key differ in their addresses only.
class KeyMaker {
public:
  explicit KeyMaker(std::string &key) : key(key) { key.clear(); }
  template <typename T> void add(const T &value) { key.append(reinterpret_cast<const char *>(&value), sizeof value); }
  void add(const char *name) {
    if (name)
      key.append(name, std::strlen(name) + 1);
  }
  void add(const ssm_buffer *list, int64_t count) {
    add(count);
    for (int64_t i = 0; list && i < count; ++i) {
      const ssm_buffer &b = list[i];
      add(b.name);
      add(b.dtype);
      add(b.rank);
      bool shaped = b.rank > 0 && b.rank <= SSM_MAX_RANK && b.shape;
      add(shaped);
      if (!shaped)
        continue;
      auto bytes = static_cast<size_t>(b.rank) * sizeof(int64_t);
      key.append(reinterpret_cast<const char *>(b.shape), bytes);
      add(b.strides != nullptr);
      if (b.strides)
        key.append(reinterpret_cast<const char *>(b.strides), bytes);
    }
  }

private:
  std::string &key;
};

const Plan &choosePlan(const Entry &entry, const Device &device) {
  const Plan *chosen = nullptr;
  for (const Plan &plan : entry.cuda)
    if (runsOn(plan.target, device.major, device.minor) && (!chosen || plan.target > chosen->target))
      chosen = &plan;
  if (chosen)
    return *chosen;
  std::string suggestion = std::to_string(device.major) + std::to_string(device.minor) + (device.major >= 9 ? "a" : "");
  fail(SSM_ERROR_DEVICE, entry.name, ": its data lies on ", device.text(), ", but this artifact has code for ",
       entry.targets, " only; compile the layer with --target sm_", suggestion);
}

} // namespace

Runner::Loaded &Runner::load(const Driver &driver) {
  if (!loaded)
    loaded = std::make_unique<Loaded>(driver, description, code);
  return *loaded;
}

template <typename Use>
void Runner::withBound(const ssm_artifact &artifact, const Entry &entry, Ordinal ordinal, const ssm_buffer *arguments,
                       int64_t argumentCount, const ssm_buffer *results, int64_t resultCount,
                       const ssm_options &options, Use use) {
  const Driver &driver = *findDriver();
  const Device &gpu = device(driver, ordinal);
  ContextScope scope(driver, gpu);
  uint64_t contextId = 0;
  check(driver, driver.CtxGetId(scope.context, &contextId), "cuCtxGetId", entry.name);

  thread_local std::string buffer;
  KeyMaker key(buffer);
  key.add(&entry);
  key.add(contextId);
  key.add(arguments, argumentCount);
  key.add(results, resultCount);
  key.add(options.seed);
  key.add(options.draw);
  key.add(options.stream);
  for (int64_t i = 0; i < options.size_count; ++i) {
    key.add(options.sizes[i].name);
    key.add(options.sizes[i].size);
  }
  std::unique_lock lock(mutex);
  Loaded &all = load(driver);
  Site site{driver, gpu, scope.context, contextId, all.kernels, all.memory};
  auto found = bound.find(buffer);
  std::shared_ptr<Bound> call = found == bound.end() ? nullptr : found->second;
  lock.unlock();
  if (!call) {
    std::string kept = buffer; // drawing may call another entry
    call = std::make_shared<Bound>(site, artifact, entry, choosePlan(entry, gpu), arguments, argumentCount, results,
                                   resultCount, options);
    lock.lock();
    if (bound.size() >= mostCalls)
      bound.clear();
    call = bound.try_emplace(std::move(kept), call).first->second;
    lock.unlock();
  }
  use(*call, site);
}

void Runner::call(const ssm_artifact &artifact, const Entry &entry, Ordinal ordinal, const ssm_buffer *arguments,
                  int64_t argumentCount, const ssm_buffer *results, int64_t resultCount, const ssm_options &options) {
  withBound(artifact, entry, ordinal, arguments, argumentCount, results, resultCount, options,
            [&](Bound &bound, const Site &site) { bound.run(site, arguments, results, options); });
}

int64_t Runner::workspaceBytes(const ssm_artifact &artifact, const Entry &entry, Ordinal ordinal,
                               const ssm_buffer *arguments, int64_t argumentCount, const ssm_buffer *results,
                               int64_t resultCount, const ssm_options &options) {
  int64_t bytes = 0;
  withBound(artifact, entry, ordinal, arguments, argumentCount, results, resultCount, options,
            [&](Bound &bound, const Site &) { bytes = bound.workspaceBytes(); });
  return bytes;
}

} // namespace ssm::rt::cuda
