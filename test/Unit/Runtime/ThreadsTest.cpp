// Loops over threads: each index once, whatever the limit; limits that are no number are refused.
#include "Fixture.h"

#include <algorithm>
#include <cstdlib>

using namespace ssm::test;

class Threads : public Runtime {
protected:
  /// Runs a loop in a loop, both of the given cost.
  void spread(int64_t rows, int64_t columns, int64_t cost) {
    std::vector<int64_t> out(static_cast<size_t>(rows * columns), -1);
    sizes = {{"L", rows}, {"M", columns}};
    ASSERT_EQ(call("spread", {{"cost", &cost, SSM_I64, {}}}, {{"out", out.data(), SSM_I64, {rows, columns}}}), "");
    EXPECT_TRUE(std::all_of(out.begin(), out.end(), [](int64_t n) { return n == 1; }));
  }
};

TEST_F(Threads, EveryIndexOnce) {
  for (int32_t threads : {0, 1, 2, 3, 7})
    for (int64_t cost : {int64_t(0), int64_t(1), int64_t(30000), INT64_MAX}) {
      options.threads = threads;
      spread(1, 1, cost);
      spread(97, 31, cost);
      spread(1000, 3, cost);
      spread(0, 5, cost);
    }
}

TEST_F(Threads, Environment) {
  ::setenv("SSM_NUM_THREADS", "3", 1);
  spread(200, 2, 30000);
  int64_t cost = 1;
  sizes = {{"L", 1}, {"M", 1}};
  for (const char *wrong : {"0", "-2", "two", "1e3", "99999999999999999999"}) {
    ::setenv("SSM_NUM_THREADS", wrong, 1);
    EXPECT_EQ(call("spread", {{"cost", &cost, SSM_I64, {}}}, {}),
              "SSM_NUM_THREADS is '" + std::string(wrong) + "', expected a whole number from 1 on");
    EXPECT_EQ(code, SSM_ERROR_USE);
  }
  ::unsetenv("SSM_NUM_THREADS");
}
