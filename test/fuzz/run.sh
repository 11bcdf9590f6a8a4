#!/usr/bin/env bash
# Both fuzzers, SECONDS together: run.sh BUILD FUZZ_BUILD SECONDS [SEED]
# Bytes into the parser (libFuzzer, half the time, a minute at most), then random layers against the
# evaluator. What they find is left in FUZZ_BUILD/finds, to be made a test.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$1 fuzz_build=$2 seconds=$3 seed=${4:-$RANDOM$RANDOM}
bytes=$((seconds / 2 < 60 ? seconds / 2 : 60))
finds=$fuzz_build/finds
mkdir -p "$finds" "$fuzz_build/corpus"
cp -n "$here"/../../std/*.ssm "$here"/../Parse/*.ssm "$here"/../Error/*/*.ssm "$fuzz_build/corpus/" 2>/dev/null || true

echo "fuzz: bytes into the parser, $bytes s"
"$fuzz_build/bin/ssm-parse-fuzzer" -max_total_time="$bytes" -max_len=4096 -timeout=5 -rss_limit_mb=2048 \
  -dict="$here/ssm.dict" -artifact_prefix="$finds/parse-" -print_final_stats=1 -verbosity=0 "$fuzz_build/corpus"

echo "fuzz: random layers against the evaluator, $((seconds - bytes)) s, from seed $seed"
PYTHONPATH="$here:$here/.." PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -m generate \
  --bin "$build/bin" --seconds $((seconds - bytes)) --seed "$seed" --save "$finds"
