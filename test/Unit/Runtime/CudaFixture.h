// What the tests of calls on a GPU share: a driver that is a stand-in (Inputs/fake_cuda.cpp), its log, and an
// artifact with code for it.
#ifndef SSM_TEST_UNIT_RUNTIME_CUDA_FIXTURE_H
#define SSM_TEST_UNIT_RUNTIME_CUDA_FIXTURE_H

#include "Fixture.h"

#include <dlfcn.h>

#include <sstream>

namespace ssm::test {

class Cuda : public Runtime {
protected:
  void SetUp() override {
    library = ::dlopen(artifactPath("ssm_fake_cuda").c_str(), RTLD_NOW); // as a program that uses CUDA has it loaded
    ASSERT_TRUE(library) << ::dlerror();
    ASSERT_EQ(ssm_open(artifactPath("ssm_test_gpu_layer").c_str(), &artifact, &error), SSM_OK) << error.message;
    fake<void()>("fake_succeed")();
    fake<void(int)>("fake_capture")(0);
    takeLog();
  }
  void TearDown() override {
    fake<void(int)>("fake_capture")(0); // memory is not freed while a stream is captured
    for (void *data : memory)
      ssm_gpu_free(data);
    Runtime::TearDown();
  }

  template <typename Type> Type *fake(const char *name) { return reinterpret_cast<Type *>(::dlsym(library, name)); }
  /// What the driver was asked for since the last time.
  std::string takeLog() {
    std::string text = fake<const char *()>("fake_log")();
    fake<void()>("fake_clear")();
    return text;
  }
  /// The lines that begin with a word.
  std::vector<std::string> takeLines(const std::string &word) {
    std::istringstream lines(takeLog());
    std::vector<std::string> result;
    for (std::string line; std::getline(lines, line);)
      if (line.rfind(word + " ", 0) == 0 || line == word)
        result.push_back(line);
    return result;
  }

  void *onGpu(int64_t bytes) {
    void *data = nullptr;
    EXPECT_EQ(ssm_gpu_allocate(bytes, &data, &error), SSM_OK) << error.message;
    memory.push_back(data);
    takeLog();
    return data;
  }
  static std::string hex(const void *data, int64_t offset = 0) {
    std::ostringstream text;
    text << std::hex << reinterpret_cast<uintptr_t>(data) + static_cast<uintptr_t>(offset);
    return text.str();
  }

  void *library = nullptr;
  std::vector<void *> memory;
};

} // namespace ssm::test
#endif
