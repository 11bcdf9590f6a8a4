// What the tests of the runtime share: the hand-written artifact, opened, and short ways to call it.
#ifndef SSM_TEST_UNIT_RUNTIME_FIXTURE_H
#define SSM_TEST_UNIT_RUNTIME_FIXTURE_H

#include "ssm/runtime.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace ssm::test {

inline std::string artifactPath(const std::string &name = "ssm_test_layer") {
  static const auto build = std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path();
  return (build / "test-artifacts" / name).string() + ".so"; // beside the folder of this program
}

/// A buffer with its shape; `data` stays the caller's.
struct Buffer : ssm_buffer {
  Buffer(const char *name, void *data, int32_t dtype, std::vector<int64_t> shape, std::vector<int64_t> strides = {})
      : ssm_buffer{name, data, dtype, static_cast<int32_t>(shape.size()), nullptr, nullptr}, sizes(shape),
        steps(strides) {}
  ssm_buffer get() const {
    ssm_buffer b = *this;
    b.shape = sizes.data();
    b.strides = steps.empty() ? nullptr : steps.data();
    return b;
  }
  std::vector<int64_t> sizes, steps;
};

class Runtime : public ::testing::Test {
protected:
  void SetUp() override { ASSERT_EQ(ssm_open(artifactPath().c_str(), &artifact, &error), SSM_OK) << error.message; }
  void TearDown() override { ssm_close(artifact); }

  /// Returns the sentence, empty where the call succeeds; `code` has the code.
  std::string call(const char *entry, const std::vector<Buffer> &arguments, const std::vector<Buffer> &results) {
    std::vector<ssm_buffer> in, out;
    for (const Buffer &b : arguments)
      in.push_back(b.get());
    for (const Buffer &b : results)
      out.push_back(b.get());
    ssm_options o = options;
    o.sizes = sizes.data();
    o.size_count = static_cast<int64_t>(sizes.size());
    code = ssm_call(artifact, entry, in.data(), static_cast<int64_t>(in.size()), out.data(),
                    static_cast<int64_t>(out.size()), &o, &error);
    EXPECT_EQ(code, error.code);
    return error.message;
  }

  ssm_artifact *artifact = nullptr;
  ssm_error error = {};
  ssm_options options = {};
  std::vector<ssm_size> sizes;
  int32_t code = 0;
};

} // namespace ssm::test
#endif
