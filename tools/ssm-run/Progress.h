// A line on the terminal that says how far long work is. Silent where standard error is no terminal, and
// for work that ends within half a second.
#ifndef SSM_TOOLS_RUN_PROGRESS_H
#define SSM_TOOLS_RUN_PROGRESS_H

#include <string>

namespace ssm::run {

/// While one of these lives, a thread redraws the line; its end wipes it.
class Progress {
public:
  Progress();
  ~Progress();
  Progress(const Progress &) = delete;
};

/// What is being done, and how much of it is done: `done` of `of` where `of` is not 0.
void showProgress(const std::string &what, long done = 0, long of = 0);

} // namespace ssm::run
#endif
