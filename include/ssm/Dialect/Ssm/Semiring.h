//===- Semiring.h - what a recurrence adds by -------------------------------===//
#pragma once

#include "ssm/Dialect/Ssm/Ssm.h"

namespace ssm {

/// The monoid of a semiring's sums: max for (max, +), log-sum-exp for (logsumexp, +).
Monoid additionMonoid(Semiring semiring);

} // namespace ssm
