// Calls, threads and failures. See Services.h.
//
// A thread that works for a call knows it by `current`: the calling thread for the length of the call, a
// thread of oneTBB's pool for the length of a piece. Loops inside a piece run on its thread.
#include "cpu/Services.h"

#include "core/Error.h"

#include <tbb/blocked_range.h>
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <optional>

namespace ssm::rt {
namespace {

/// Below so many scalar operations, waking other threads costs more than it gains.
constexpr int64_t worthAThread = 20000;

struct Call {
  int32_t threads; ///< 0: all cores
  std::atomic<bool> failed = false;
  std::mutex mutex;
  std::string message;
  std::optional<tbb::task_arena> arena; ///< made for the first loop that needs a limit
};

struct Position {
  Call *call = nullptr;
  bool insidePiece = false;
};
thread_local Position current;

/// Sets the thread's position and puts back the one before: a waiting thread may take up work of another call.
class Scope {
public:
  explicit Scope(Position position) : before(current) { current = position; }
  ~Scope() { current = before; }

private:
  Position before;
};

} // namespace

int32_t threadLimit(int32_t given) {
  if (given > 0)
    return given;
  const char *text = std::getenv("SSM_NUM_THREADS");
  if (!text || !*text)
    return 0;
  char *end = nullptr;
  long value = std::strtol(text, &end, 10);
  if (*end || value < 1 || value > 65536)
    fail(SSM_ERROR_USE, "SSM_NUM_THREADS is '", text, "', expected a whole number from 1 on");
  return static_cast<int32_t>(value);
}

void parallelFor(int64_t count, int64_t cost, void (*body)(void *, int64_t, int64_t), void *context) {
  if (count <= 0)
    return;
  Call *call = current.call;
  cost = std::max<int64_t>(cost, 1);
  // A piece is worth a thread; `count <= grain` also covers count * cost without its overflow.
  int64_t grain = std::max<int64_t>(1, worthAThread / cost);
  if (!call || call->threads == 1 || current.insidePiece || count == 1 || count <= grain)
    return body(context, 0, count);

  auto loop = [&] {
    tbb::parallel_for(tbb::blocked_range<int64_t>(0, count, static_cast<size_t>(grain)),
                      [&](const tbb::blocked_range<int64_t> &piece) {
                        if (call->failed.load(std::memory_order_relaxed))
                          return;
                        Scope scope({call, true});
                        body(context, piece.begin(), piece.end());
                      });
  };
  // Each calling thread has an arena of all cores; oneTBB would warn if it were asked for more.
  if (call->threads == 0 || call->threads >= tbb::info::default_concurrency())
    return tbb::this_task_arena::isolate(loop);
  if (!call->arena)
    call->arena.emplace(call->threads);
  call->arena->execute(loop);
}

void reportFailure(const char *message, int64_t a, int64_t b) {
  Call *call = current.call;
  if (!call)
    return;
  std::lock_guard lock(call->mutex);
  if (call->failed)
    return;
  for (const char *p = message ? message : "an error without a message"; *p; ++p) {
    if (p[0] == '%' && (p[1] == 'a' || p[1] == 'b'))
      call->message += std::to_string(*++p == 'a' ? a : b);
    else
      call->message += *p;
  }
  call->failed = true;
}

int32_t hasFailed() { return current.call && current.call->failed.load(std::memory_order_relaxed); }

const ssm_services *services() {
  static constexpr ssm_services table = {SSM_SERVICES_VERSION, sizeof(ssm_services), &parallelFor, &fourier,
                                         &reportFailure, &hasFailed, &convolve};
  return &table;
}

void run(ssm_entry_fn *function, void *const *buffers, const int64_t *sizes, int32_t threads, const std::string &name) {
  Call call;
  call.threads = threads;
  int32_t code;
  {
    Scope scope({&call, false});
    code = function(buffers, sizes);
  }
  if (call.failed)
    fail(SSM_ERROR_RUN, name, ": ", call.message);
  if (code != 0)
    fail(SSM_ERROR_RUN, name, ": the compiled code failed with code ", code);
}

} // namespace ssm::rt
