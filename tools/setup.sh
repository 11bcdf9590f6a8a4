#!/usr/bin/env bash
# Installs what building and testing need on Debian 12, from Debian's own archive, and
# ptxas from PyPI.
# Does nothing where all of it is there; says in one line what is missing where it
# cannot install. Run by `make`; `tools/setup.sh --check` only looks.
set -euo pipefail

packages=(
  # MLIR and LLVM 22, the compiler that builds us, its linker (also for artifacts), sanitizers and fuzzer
  libmlir-22-dev mlir-22-tools llvm-22-dev llvm-22-tools clang-22 lld-22 libclang-rt-22-dev
  cmake ninja-build ccache g++
  # runtime: FFT, JSON, checksum, thread pool, npz, wav, arguments, unit tests
  libeigen3-dev nlohmann-json3-dev zlib1g-dev libtbb-dev libzip-dev libsndfile1-dev libcli11-dev libgtest-dev
  # tests and the demo: references in numpy, the plot, a recorded voice
  python3 python3-numpy python3-matplotlib alsa-utils
  # lit gives each test a limit of time through it
  python3-psutil
  # brings ptxas, below
  python3-pip
)

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
# NVIDIA's assembler for GPU code, the newest there is, from PyPI into this folder. Without
# it a CUDA toolkit's is used, or GPU code is refused; so a failure here is no error.
root=$(cd "$(dirname "$0")/.." && pwd)
assembler() {
  [ -d "$root/.venv/packages/nvidia" ] && return
  python3 -m pip --version >/dev/null 2>&1 || return
  echo "setup: installing nvidia-cuda-nvcc (ptxas) from PyPI"
  python3 -m pip install --quiet --retries 1 --timeout 20 --no-deps --target "$root/.venv/packages" nvidia-cuda-nvcc >/dev/null 2>&1 ||
    echo "setup: could not install it; GPU code needs a CUDA toolkit's ptxas then"
}

[ ${#missing[@]} -eq 0 ] && { [ "${1:-}" = --check ] || assembler; exit 0; }

command -v apt-get >/dev/null || {
  echo "setup: this needs Debian 12 (apt-get); missing: ${missing[*]}" >&2
  exit 1
}
if [ "${1:-}" = --check ]; then
  echo "setup: missing packages: ${missing[*]}" >&2
  exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root=(sudo -n)
  else
    echo "setup: missing packages; as root run: apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
fi

echo "setup: installing ${#missing[@]} packages from Debian's archive"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1
}
if ! install; then
  # The package lists may be absent or old.
  if ! "${as_root[@]}" apt-get update >"$log" 2>&1 || ! install; then
    grep -E '^(E:|W:)' "$log" >&2 || tail -n 5 "$log" >&2
    echo "setup: could not install: ${missing[*]}" >&2
    exit 1
  fi
fi
assembler
