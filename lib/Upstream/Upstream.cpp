// The target whose precompiled header the others take over.
#include "Upstream.h"
