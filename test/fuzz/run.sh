#!/usr/bin/env bash
# Both fuzzers, half the time each: run.sh BUILD FUZZ_BUILD SECONDS [SEED]
# Bytes into the parser (libFuzzer), then random layers against the evaluator. What they
# find is left in FUZZ_BUILD/finds, to be made a test.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$1 fuzz_build=$2 seconds=$3 seed=${4:-$RANDOM}
finds=$fuzz_build/finds
mkdir -p "$finds" "$fuzz_build/corpus"
cp -n "$here"/../../std/*.ssm "$here"/../Parse/*.ssm "$here"/../Error/*/*.ssm "$fuzz_build/corpus/" 2>/dev/null || true

echo "fuzz: bytes into the parser, $((seconds / 2)) s"
"$fuzz_build/bin/ssm-parse-fuzzer" -max_total_time=$((seconds / 2)) -max_len=4096 -timeout=5 -rss_limit_mb=2048 \
  -dict="$here/ssm.dict" -artifact_prefix="$finds/parse-" -print_final_stats=1 -verbosity=0 "$fuzz_build/corpus"

echo "fuzz: random layers against the evaluator, $((seconds - seconds / 2)) s, seed $seed"
PYTHONPATH="$here/../../runtime/python:$here/.." SSM_BUILD=$build \
  /usr/bin/python3 "$here/generate.py" --seconds $((seconds - seconds / 2)) --seed "$seed" \
  --ssmc "$build/bin/ssmc" --save "$finds"
