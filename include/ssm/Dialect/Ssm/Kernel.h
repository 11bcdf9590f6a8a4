//===- Kernel.h - fused kernels of the ssm dialect --------------------------===//
#pragma once

#include "ssm/Dialect/Plan/Plan.h"
#include "ssm/Dialect/Ssm/Ssm.h"

#define GET_OP_CLASSES
#include "ssm/Dialect/Ssm/SsmKernelOps.h.inc"
