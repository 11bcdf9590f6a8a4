// Launch plans that are damaged are refused with what is wrong with them; targets and the devices they run on.
#include "core/Description.h"
#include "core/Error.h"

#include <gtest/gtest.h>

using namespace ssm::rt;

namespace {

/// What is said of an entry whose plan has this launch.
std::string complaint(const std::string &launch, const std::string &workspaces = "[]") {
  std::string json =
      R"({"format": "ssm-artifact", "version": 1, "layer": "l", "modules": [{"target": "sm_90a", "offset": 0, "size": 8}],
          "entries": [{"name": "f", "dims": [{"name": "L"}], "arguments": [
            {"name": "u", "role": "input", "dtype": "bf16", "dims": ["L"]}], "results": [],
          "cuda": [{"target": "sm_90a", "workspaces": )" + workspaces + R"(, "launches": [)" + launch + "]}]}]}";
  try {
    parseDescription(json);
  } catch (const Error &error) {
    EXPECT_EQ(error.code, SSM_ERROR_NOT_ARTIFACT);
    return error.message.substr(error.message.find(": ") + 2);
  }
  return "";
}

std::string withArgument(const std::string &argument) {
  return R"({"kernel": "k", "grid": [1, 1, 1], "arguments": [)" + argument + "]}";
}
std::string withMap(const std::string &members) {
  return withArgument(R"({"map": {"argument": "u"}, "dtype": "bf16", )" + members + "}");
}

const std::string plan = "the GPU's plan of entry 'f'", kernel = "kernel 'k' of " + plan, argument = "argument 0 of " + kernel;

} // namespace

TEST(Plan, Good) {
  EXPECT_EQ(complaint(withMap(R"("dims": ["L", "%sms"], "strides": [16], "box": [8, 1])")), "");
  EXPECT_EQ(complaint(withArgument(R"({"pointer": {"workspace": "w"}}, {"i64": ["mul", "L", "%l2"]}, {"f32": 1.5})"),
                      R"([{"name": "w", "bytes": 4, "zero": "once"}])"),
            "");
}

TEST(Plan, Launches) {
  EXPECT_EQ(complaint("3"), "a launch of " + plan + " has no \"kernel\"");
  EXPECT_EQ(complaint(R"({"kernel": "k", "grid": [1, 1], "arguments": []})"), "\"grid\" of " + kernel + " is not three sizes");
  EXPECT_EQ(complaint(R"({"kernel": "k", "grid": [1, 1, 1], "block": [0, 1, 1], "arguments": []})"),
            "\"block\" of " + kernel + " is not three numbers from 1 to 1024");
  EXPECT_EQ(complaint(R"({"kernel": "k", "module": 1, "grid": [1, 1, 1], "arguments": []})"),
            kernel + " lies in no module for sm_90a");
}

TEST(Plan, Arguments) {
  EXPECT_EQ(complaint(withArgument("7")), argument + " is not an object");
  EXPECT_EQ(complaint(withArgument("{}")), argument + " is of an unknown kind");
  EXPECT_EQ(complaint(withArgument(R"({"pointer": {"argument": "v"}})")), plan + " names the argument 'v', which there is not");
  EXPECT_EQ(complaint(withArgument(R"({"pointer": {}})")), "a pointer of " + plan + " is to no argument, result or workspace");
  EXPECT_EQ(complaint("", R"([{"name": "w", "bytes": 4, "zero": "never"}])"),
            "\"zero\" of workspace 'w' of " + plan + " is neither once nor call");
}

TEST(Plan, Maps) {
  EXPECT_EQ(complaint(withMap(R"("dims": ["L", 2], "strides": [], "box": [8, 1])")),
            argument + " is not a tensor map of 1 to 5 dimensions with a stride for each but the innermost");
  EXPECT_EQ(complaint(withMap(R"("dims": ["L"], "strides": [], "box": [512])")),
            "\"box\" of " + argument + " is not 1 numbers from 1 to 256");
  EXPECT_EQ(complaint(withMap(R"("dims": ["L"], "strides": [], "box": [128], "swizzle": 128)")),
            "a row of the box of " + argument + " has 256 bytes, which its swizzle does not take");
  EXPECT_EQ(complaint(withMap(R"("dims": ["L"], "strides": [], "box": [64], "swizzle": 48)")),
            "\"swizzle\" of " + argument + " cannot be 48");
}

TEST(Plan, Targets) {
  EXPECT_TRUE(cuda::runsOn("sm_90a", 9, 0));
  EXPECT_FALSE(cuda::runsOn("sm_90a", 10, 0));
  EXPECT_FALSE(cuda::runsOn("sm_90a", 9, 1));
  EXPECT_TRUE(cuda::runsOn("sm_80", 8, 6));
  EXPECT_FALSE(cuda::runsOn("sm_86", 8, 0));
  EXPECT_TRUE(cuda::runsOn("sm_100a", 10, 0));
  EXPECT_FALSE(cuda::runsOn("gfx90a", 9, 0));
}
