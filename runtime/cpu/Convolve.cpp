// Convolutions along long rows, by Fourier transforms of blocks (Eigen's, see Fft.cpp).
//
// The output is cut in halves again and again: what the first half of 2n inputs gives to the second half of
// the outputs is a circular convolution of length 2n with the kernel's first 2n elements, whose second half
// is kept; within blocks of `base` the products are summed as they are (relaxed multiplication, van der Hoeven
// 2002). So an output is made of inputs that are not later than it, to the last bit, in O(L log^2 L). Where
// the kernel ends before the row does, all blocks of its length take the last step side by side.
//
// Eight rows are transformed together, an element of the transform being one of each; two blocks of the same
// rows are its real and its imaginary part. Everything is computed in double.
#include "cpu/Lanes.h"
#include "cpu/Services.h"

#include <unsupported/Eigen/FFT>

#include <algorithm>
#include <bit>
#include <complex>
#include <limits>
#include <vector>

namespace ssm::rt {
namespace {

using Complex = std::complex<Lanes>;
constexpr int64_t base = 32;

/// How an output's place and an input's are related, all modes made causal.
struct Walk {
  int32_t mode;
  int64_t length, taps;

  /// Inputs of the causal convolution, zeros and wrapped ones included.
  int64_t inputs() const {
    return length + (mode == SSM_CONV_SAME ? (taps - 1) / 2 : mode == SSM_CONV_CIRCULAR ? taps - 1 : 0);
  }
  /// The input's place in the row, or -1 for a zero.
  int64_t read(int64_t i) const {
    if (mode == SSM_CONV_ANTICAUSAL)
      return length - 1 - i;
    if (mode == SSM_CONV_CIRCULAR) {
      int64_t place = (i - (taps - 1)) % length;
      return place < 0 ? place + length : place;
    }
    return i < length ? i : -1;
  }
  /// Where output l comes out of the causal convolution.
  int64_t made(int64_t l) const { return mode == SSM_CONV_ANTICAUSAL ? length - 1 - l : l + inputs() - length; }
};

/// The levels: transforms of 2n for n = base, 2 base, .. up to `last`; the last one may be taken by all blocks.
class Convolution {
public:
  Convolution(const Walk &walk) : walk(walk), x(walk.inputs()), y(walk.inputs()) {
    engine.SetFlag(Eigen::FFT<Lanes>::Unscaled);
    int64_t covered = base; // outputs that are complete
    while (covered < walk.inputs() && covered < walk.taps) {
      levels.push_back({covered, false, {}});
      covered *= 2;
    }
    if (covered < walk.inputs()) // the kernel's length and more
      levels.push_back({covered, true, {}});
    int64_t largest = levels.empty() ? base : 2 * levels.back().n;
    a.resize(largest);
    b.resize(largest);
  }

  /// Takes the kernels of eight rows; element j of lane i is `at(i, j)`.
  template <typename At> void setKernel(At at) {
    k.resize(std::min(walk.taps, 2 * base));
    for (int64_t j = 0; j < static_cast<int64_t>(k.size()); ++j)
      k[j] = Lanes::of([&](int i) { return at(i, j); });
    for (Level &level : levels) {
      level.spectrum.resize(2 * level.n);
      double scale = 1.0 / static_cast<double>(2 * level.n);
      for (int64_t j = 0; j < 2 * level.n; ++j)
        a[j] = j < walk.taps ? Complex(Lanes::of([&](int i) { return at(i, j) * scale; }), Lanes(0.0)) : Complex(Lanes(0.0), Lanes(0.0));
      engine.fwd(level.spectrum.data(), a.data(), static_cast<int>(2 * level.n));
    }
  }

  /// Convolves eight rows: element l of lane i is `at(i, l)`; `put(i, l, value)` takes the result.
  template <typename At, typename Put> void run(At at, Put put) {
    for (int64_t i = 0; i < walk.inputs(); ++i) {
      int64_t place = walk.read(i);
      x[i] = place < 0 ? Lanes(0.0) : Lanes::of([&](int lane) { return at(lane, place); });
    }
    within();
    for (const Level &level : levels)
      across(level);
    for (int64_t l = 0; l < walk.length; ++l)
      for (int lane = 0; lane < Lanes::count; ++lane)
        put(lane, l, y[walk.made(l)][lane]);
  }

private:
  struct Level {
    int64_t n;
    bool all; ///< every block gives to the next; else only even ones do
    std::vector<Complex> spectrum;
  };

  /// What a block of `base` gives to itself.
  void within() {
    for (int64_t begin = 0; begin < walk.inputs(); begin += base)
      for (int64_t l = begin; l < std::min(begin + base, walk.inputs()); ++l) {
        Lanes sum(0.0);
        for (int64_t i = std::max(begin, l - walk.taps + 1); i <= l; ++i)
          sum += x[i] * k[l - i];
        y[l] = sum;
      }
  }

  /// What blocks of n give to the ones after them, two at a time.
  void across(const Level &level) {
    int64_t n = level.n, stride = level.all ? n : 2 * n;
    for (int64_t begin = 0; begin + n < walk.inputs(); begin += 2 * stride) {
      bool two = begin + stride + n < walk.inputs();
      for (int64_t i = 0; i < n; ++i)
        a[i] = Complex(x[begin + i], two ? x[begin + stride + i] : Lanes(0.0));
      std::fill(a.begin() + n, a.begin() + 2 * n, Complex(Lanes(0.0), Lanes(0.0)));
      engine.fwd(b.data(), a.data(), static_cast<int>(2 * n));
      for (int64_t i = 0; i < 2 * n; ++i)
        b[i] *= level.spectrum[i];
      engine.inv(a.data(), b.data(), static_cast<int>(2 * n));
      for (int64_t i = n; i < std::min(2 * n, walk.inputs() - begin); ++i)
        y[begin + i] += a[i].real();
      if (two)
        for (int64_t i = n; i < std::min(2 * n, walk.inputs() - begin - stride); ++i)
          y[begin + stride + i] += a[i].imag();
    }
  }

  Walk walk;
  Eigen::FFT<Lanes> engine;
  std::vector<Level> levels;
  std::vector<Lanes> x, y, k;
  std::vector<Complex> a, b;
};

/// Which rows are taken together: eight kernels under each row of inputs that they meet, or, where kernels are
/// few, eight rows of inputs under one kernel.
struct Rows {
  int64_t outer, shared, inner; ///< inputs [outer, shared], kernels [shared, inner], results [outer, shared, inner]
  bool byKernel() const { return shared * inner >= Lanes::count || shared * inner >= outer; }
  int64_t groups() const { return byKernel() ? pieces(shared * inner) : shared * inner; }
  int64_t within() const { return byKernel() ? outer : pieces(outer); }
  static int64_t pieces(int64_t count) { return (count + Lanes::count - 1) / Lanes::count; }
  /// Lane i's row of inputs and of kernels; the last ones repeat where there are fewer.
  std::pair<int64_t, int64_t> lane(int64_t group, int64_t member, int i) const {
    int64_t kernel = byKernel() ? std::min(group * Lanes::count + i, shared * inner - 1) : group;
    int64_t row = byKernel() ? member : std::min(member * Lanes::count + i, outer - 1);
    return {row * shared + kernel / inner, kernel};
  }
};

template <typename Real>
void convolveRows(const Walk &walk, const Rows &rows, int64_t begin, int64_t end, const Real *u, const Real *kernels, Real *out) {
  Convolution convolution(walk);
  int64_t loaded = -1;
  for (int64_t item = begin; item < end; ++item) {
    int64_t group = item / rows.within(), member = item % rows.within();
    const Real *input[Lanes::count], *kernel[Lanes::count];
    Real *result[Lanes::count];
    for (int i = 0; i < Lanes::count; ++i) {
      auto [row, of] = rows.lane(group, member, i);
      input[i] = u + row * walk.length;
      kernel[i] = kernels + of * walk.taps;
      result[i] = out + (row * rows.inner + of % rows.inner) * walk.length;
    }
    if (group != loaded)
      convolution.setKernel([&](int i, int64_t j) { return static_cast<double>(kernel[i][j]); });
    loaded = group;
    convolution.run([&](int i, int64_t l) { return static_cast<double>(input[i][l]); },
                    [&](int i, int64_t l, double value) { result[i][l] = static_cast<Real>(value); });
  }
}

} // namespace

void convolve(int32_t mode, int32_t f64, const int64_t *sizes, const void *u, const void *kernels, void *out) {
  Rows rows{sizes[0], sizes[1], sizes[2]};
  Walk walk{mode, sizes[3], sizes[4]};
  if (mode < SSM_CONV_CAUSAL || mode > SSM_CONV_SAME)
    return reportFailure("there is no convolution of mode %a", mode, 0);
  if (rows.outer <= 0 || rows.shared <= 0 || rows.inner <= 0 || walk.length <= 0)
    return;
  if (walk.taps <= 0) { // a sum over nothing is 0
    std::fill_n(static_cast<char *>(out), rows.outer * rows.shared * rows.inner * walk.length * (f64 ? 8 : 4), 0);
    return;
  }
  if (walk.inputs() > (int64_t(1) << 28)) // Eigen counts in int
    return reportFailure("a convolution of length %a with %b elements is longer than this runtime supports (2^28)", walk.length,
                         walk.taps);
  int64_t log = std::bit_width(static_cast<uint64_t>(walk.inputs()));
  try {
    parallelFor(rows.groups() * rows.within(), 10 * Lanes::count * walk.inputs() * log * log, [&](int64_t begin, int64_t end) {
      try {
        f64 ? convolveRows(walk, rows, begin, end, static_cast<const double *>(u), static_cast<const double *>(kernels),
                           static_cast<double *>(out))
            : convolveRows(walk, rows, begin, end, static_cast<const float *>(u), static_cast<const float *>(kernels),
                           static_cast<float *>(out));
      } catch (const std::bad_alloc &) {
        reportFailure("there is not enough memory for a convolution of length %a", walk.length, 0);
      }
    });
  } catch (const std::bad_alloc &) {
    reportFailure("there is not enough memory for a convolution of length %a", walk.length, 0);
  }
}

} // namespace ssm::rt
