// What `ptxas -v` prints, read as numbers and codes.
#include "ssm/Codegen/Gpu.h"

#include <gtest/gtest.h>

using namespace ssm;

TEST(PtxasReport, NumbersOfEachKernel) {
  PtxasReport report = parsePtxasReport(R"(ptxas info    : 0 bytes gmem
ptxas info    : Compiling entry function 'one' for 'sm_90a'
ptxas info    : Function properties for one
    16 bytes stack frame, 8 bytes spill stores, 12 bytes spill loads
ptxas info    : Used 168 registers, used 4 barriers, 16 bytes smem, 400 bytes cmem[0]
ptxas info    : Compile time = 19.9 ms
ptxas info    : Compiling entry function 'two' for 'sm_90a'
ptxas info    : Function properties for two
    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
ptxas info    : Used 32 registers, used 0 barriers
)");
  ASSERT_EQ(report.kernels.size(), 2u);
  const PtxasKernel &one = report.kernels[0];
  EXPECT_EQ(one.name, "one");
  EXPECT_EQ(one.registers, 168);
  EXPECT_EQ(one.stack, 16);
  EXPECT_EQ(one.spillStores, 8);
  EXPECT_EQ(one.spillLoads, 12);
  EXPECT_EQ(one.barriers, 4);
  EXPECT_EQ(one.shared, 16);
  EXPECT_EQ(one.constants, 400);
  EXPECT_EQ(report.kernels[1].name, "two");
  EXPECT_EQ(report.kernels[1].registers, 32);
  EXPECT_TRUE(report.codes.empty());
}

TEST(PtxasReport, CodesOnceInTheirOrder) {
  PtxasReport report = parsePtxasReport(R"(ptxas info    : (C7514) Potential Performance Loss: wgmma.mma_async is serialized
ptxas info    : (C7508) setmaxnreg ignored
ptxas info    : (C7514) Potential Performance Loss: wgmma.mma_async is serialized
ptxas warning : something without a code
ptxas info    : (see page 12) no code
)");
  EXPECT_EQ(report.codes, (std::vector<std::string>{"C7514", "C7508"}));
  ASSERT_EQ(report.messages.size(), 4u);
  EXPECT_EQ(report.messages.back(), "ptxas warning : something without a code");
}
