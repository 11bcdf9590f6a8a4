//===- Convolutions.cpp - how long convolutions are taken -------------------===//
//
//   conv[L](u, k)  in a kernel            2 L K operations, its neighbours fused with it
//   conv[L](u, k)  transformed            the runtime's: blocks of 2n for n = 32, 64, .. up
//                                         to K, 5 L log2(2n) each, to memory and back
//
// whichever the ledger gives less time. A kernel that reads its operands at every tap finds
// them in memory: what computes something for one is a kernel of its own (FuseGraph.cpp).
//
//===----------------------------------------------------------------------===//
#include "Expand.h"
#include "ssm/Plan/Anchors.h"
#include "ssm/Plan/Counts.h"
#include "ssm/Target/Target.h"

#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace ssm {

/// Operations of one row by the runtime's convolution (runtime/cpu/Convolve.cpp).
static double transformedFlops(double length, double taps) {
  constexpr double base = 32;
  double flops = length * std::min(taps, base), n = base;
  for (; n < length && n < taps; n *= 2)
    flops += 5 * length * std::log2(2 * n);
  if (n < length) // all blocks give to the next, side by side
    flops += 10 * length * std::log2(2 * n);
  return flops;
}

void transformLongConvolutions(func::FuncOp function, const Target &target) {
  PlanningSizes sizes(function);
  for (ConvOp op : function.getBody().front().getOps<ConvOp>()) {
    Type element = getElement(op.getResult());
    if (!element.isF32() && !element.isF64())
      continue;
    double length = sizes[op.getDim()], taps = sizes[op.getKernelDim()];
    double read = sizes.count(getDims(op.getOperand())) + sizes.count(getDims(op.getKernel()));
    double rows = sizes.count(getDims(op.getResult())) / length;
    if (op.getMode() == ConvMode::Circular)
      length += taps;
    // Operands are laid out in rows, and results in the order asked for: twice through memory.
    double bytes = 2 * (read + sizes.count(getDims(op.getResult()))) * bytesOf(element);
    double inKernel = target.computeTime(count(op, sizes));
    double transformed = rows * transformedFlops(length, taps) / target.get("convolution_f32") + target.memoryTime(bytes);
    bool better = transformed < inKernel;
    op.setTransformed(better);
    op.emitRemark() << llvm::formatv("{0}: {1:f3} ms against {2:f3} ms{3}",
                                     better ? "a convolution by Fourier transforms of blocks, not tap by tap"
                                            : "a convolution tap by tap, not by Fourier transforms of blocks",
                                     (better ? transformed : inKernel) * 1e3, (better ? inKernel : transformed) * 1e3,
                                     sizes.isKnown(op.getKernelDim())
                                         ? std::string()
                                         : llvm::formatv("; '{0}' is open and taken for {1}", op.getKernelDim(), int64_t(taps)).str())
                           .str();
  }
}

} // namespace ssm
