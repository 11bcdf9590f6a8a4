# make demo    build, then run the first example on a real voice and a real text
# make test    build, then run every test
# make test-gpu  check the GPU's kernels against float64, once under compute-sanitizer too; without a GPU it says so
# The rest: build, test-sanitize, fuzz, clean. All of them set up what they need first.
BUILD   ?= build
JOBS    ?= $(shell nproc)
SECONDS ?= 180
PYTHON  := /usr/bin/python3
LLVM    := /usr/lib/llvm-22/bin
CMAKE   := cmake -G Ninja -DCMAKE_C_COMPILER=clang-22 -DCMAKE_CXX_COMPILER=clang++-22

.PHONY: all build demo test test-gpu test-sanitize fuzz clean setup
all: build

setup:
	@tools/setup.sh

$(BUILD)/build.ninja: CMakeLists.txt | setup
	@$(CMAKE) -S . -B $(BUILD) >$(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }
	@rm -f $(BUILD).log

build: setup $(BUILD)/build.ninja
	@ninja -C $(BUILD) -j $(JOBS) --quiet

demo: build
	@$(PYTHON) examples/01-voice-and-text/run.py --build $(BUILD) --out out

test: build
	@$(PYTHON) test/run.py --build $(BUILD) --jobs $(JOBS)

# GPU_PYTHON: the Python with PyTorch. A machine that cannot build takes the folder that bench/gpu/build.py made elsewhere:
# make test-gpu GPU_ARTIFACTS=dir
GPU_PYTHON ?= python3
GPU_ARTIFACTS ?=
test-gpu:
	@if ! command -v nvidia-smi >/dev/null || ! nvidia-smi -L >/dev/null 2>&1; then echo "skipped: there is no GPU here"; exit 0; fi; \
	  if [ -z "$(GPU_ARTIFACTS)" ]; then \
	    $(MAKE) --no-print-directory build && $(PYTHON) bench/gpu/build.py --build $(BUILD) --out $(BUILD)/gpu || exit 1; fi; \
	  $(GPU_PYTHON) bench/gpu/run.py --artifacts $(or $(GPU_ARTIFACTS),$(BUILD)/gpu) --check --sanitize

# The runtime and its unit tests once more, under AddressSanitizer and UBSan.
test-sanitize: setup
	@$(CMAKE) -S . -B $(BUILD)-sanitize -DSSM_RUNTIME_ONLY=ON -DSSM_SANITIZE=ON >/dev/null
	@ninja -C $(BUILD)-sanitize -j $(JOBS) --quiet
	@ctest --test-dir $(BUILD)-sanitize --output-on-failure -j $(JOBS)

# A minute of bytes into the parser, the rest of SECONDS for random layers against the evaluator.
fuzz: build
	@$(CMAKE) -S . -B $(BUILD)-fuzz -DSSM_FUZZ=ON >/dev/null
	@ninja -C $(BUILD)-fuzz -j $(JOBS) --quiet ssm-parse-fuzzer
	@test/fuzz/run.sh $(BUILD) $(BUILD)-fuzz $(SECONDS)

clean:
	rm -rf $(BUILD) $(BUILD)-sanitize $(BUILD)-fuzz out
