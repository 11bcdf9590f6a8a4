// The progress line. See Progress.h.
#include "Progress.h"

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>
#include <unistd.h>

namespace ssm::run {
namespace {

struct State {
  std::mutex mutex;
  std::condition_variable wake;
  std::string what;
  long done = 0, of = 0;
  bool stop = false, drawn = false;
  std::thread thread;
} state;

void draw(double seconds) {
  constexpr long width = 30;
  std::string bar;
  if (state.of > 0) {
    auto full = static_cast<size_t>(width * state.done / state.of);
    bar = "[" + std::string(full, '#') + std::string(width - full, '.') + "] " + std::to_string(state.done) + "/" +
          std::to_string(state.of) + " ";
  }
  std::fprintf(stderr, "\r\033[K%s%s, %.0f s", bar.c_str(), state.what.c_str(), seconds);
  std::fflush(stderr);
  state.drawn = true;
}

} // namespace

Progress::Progress() {
  if (!::isatty(STDERR_FILENO))
    return;
  state.thread = std::thread([] {
    auto start = std::chrono::steady_clock::now();
    auto pause = std::chrono::milliseconds(500);
    std::unique_lock lock(state.mutex);
    while (!state.wake.wait_for(lock, pause, [] { return state.stop; })) {
      draw(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
      pause = std::chrono::milliseconds(100);
    }
  });
}

Progress::~Progress() {
  if (!state.thread.joinable())
    return;
  {
    std::lock_guard lock(state.mutex);
    state.stop = true;
  }
  state.wake.notify_all();
  state.thread.join();
  if (state.drawn)
    std::fprintf(stderr, "\r\033[K");
}

void showProgress(const std::string &what, long done, long of) {
  std::lock_guard lock(state.mutex);
  state.what = what;
  state.done = done;
  state.of = of;
}

} // namespace ssm::run
