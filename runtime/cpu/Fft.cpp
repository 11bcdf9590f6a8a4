// Fourier transforms by Eigen (unsupported/Eigen/FFT, its built-in kissfft): MPL-2.0, so whoever ships what
// they compile is bound to nothing but the licence of Eigen's own files, which FFTW's GPL would not allow.
//
// Everything is computed in double. Lengths with a prime factor above 50 go through Bluestein's chirp
// transform, as kissfft's cost grows with the factor. A plan (tables and scratch) serves one thread at a
// time; plans are kept by length and taken out of a shared store for a piece of rows.
#include "cpu/Services.h"

#include <unsupported/Eigen/FFT>

#include <algorithm>
#include <bit>
#include <complex>
#include <map>
#include <memory>
#include <mutex>
#include <numbers>
#include <vector>

namespace ssm::rt {
namespace {

using Complex = std::complex<double>;

/// Tables for one length and scratch for one thread.
class Plan {
public:
  explicit Plan(int64_t n) : n(n), a(n), b(n), reals(n) {
    engine.SetFlag(Eigen::FFT<double>::Unscaled);
    engine.SetFlag(Eigen::FFT<double>::HalfSpectrum);
    if (largestPrimeFactor(n) > 50)
      prepareChirp();
  }

  /// Unscaled transforms of length n. `in` and `out` differ.
  void forward(Complex *out, const Complex *in) {
    if (n == 1)
      out[0] = in[0];
    else if (padded)
      bluestein(out, in);
    else
      engine.fwd(out, in, static_cast<int>(n));
  }
  void inverse(Complex *out, const Complex *in) {
    if (n == 1) {
      out[0] = in[0];
    } else if (padded) { // the inverse of x is the conjugate of the transform of conj(x)
      conjugated.resize(n);
      std::transform(in, in + n, conjugated.begin(), [](Complex x) { return std::conj(x); });
      bluestein(out, conjugated.data());
      std::transform(out, out + n, out, [](Complex x) { return std::conj(x); });
    } else {
      engine.inv(out, in, static_cast<int>(n));
    }
  }
  /// Half spectrum: n / 2 + 1 values. `out` has room for n.
  void forward(Complex *out, const double *in) {
    if (n > 1 && !padded)
      return engine.fwd(out, in, static_cast<int>(n));
    std::copy(in, in + n, b.begin());
    forward(out, b.data());
  }
  void inverse(double *out, const Complex *half) {
    if (n > 1 && !padded)
      return engine.inv(out, half, static_cast<int>(n));
    for (int64_t k = 0; k <= n / 2; ++k)
      b[k] = half[k];
    for (int64_t k = n / 2 + 1; k < n; ++k)
      b[k] = std::conj(half[n - k]);
    full.resize(n);
    inverse(full.data(), b.data());
    std::transform(full.begin(), full.end(), out, [](Complex x) { return x.real(); });
  }

  size_t bytes() const { return static_cast<size_t>(n) * 80 + static_cast<size_t>(padded) * 96; }

  const int64_t n;
  std::vector<Complex> a, b; ///< scratch for rows; `b` is overwritten by the real transforms
  std::vector<double> reals;

private:
  static int64_t largestPrimeFactor(int64_t n) {
    int64_t largest = 1;
    for (int64_t p = 2; p * p <= n; ++p)
      for (; n % p == 0; n /= p)
        largest = p;
    return n > 1 ? n : largest;
  }

  /// exp(-i pi k^2 / n), k^2 taken mod 2 n in whole numbers so that the angle is exact.
  void prepareChirp() {
    padded = static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(2 * n - 1)));
    chirp.resize(n);
    for (int64_t k = 0, square = 0; k < n; ++k) {
      double angle = -std::numbers::pi * static_cast<double>(square) / static_cast<double>(n);
      chirp[k] = {std::cos(angle), std::sin(angle)};
      square = (square + 2 * k + 1) % (2 * n);
    }
    work.assign(padded, 0);
    for (int64_t k = 0; k < n; ++k)
      work[k] = work[k ? padded - k : 0] = std::conj(chirp[k]);
    kernel.resize(padded);
    product.resize(padded);
    engine.fwd(kernel.data(), work.data(), static_cast<int>(padded));
  }

  /// k l = (k^2 + l^2 - (k - l)^2) / 2 makes the transform a circular convolution with the chirp.
  void bluestein(Complex *out, const Complex *in) {
    for (int64_t k = 0; k < n; ++k)
      work[k] = in[k] * chirp[k];
    std::fill(work.begin() + n, work.end(), 0);
    engine.fwd(product.data(), work.data(), static_cast<int>(padded));
    for (int64_t k = 0; k < padded; ++k)
      product[k] *= kernel[k];
    engine.inv(work.data(), product.data(), static_cast<int>(padded));
    double scale = 1.0 / static_cast<double>(padded);
    for (int64_t k = 0; k < n; ++k)
      out[k] = work[k] * chirp[k] * scale;
  }

  Eigen::FFT<double> engine;
  int64_t padded = 0; ///< 0: no Bluestein
  std::vector<Complex> chirp, kernel, work, product, conjugated, full;
};

/// Plans that nobody uses at the moment, by length.
class Store {
public:
  std::unique_ptr<Plan> take(int64_t n) {
    {
      std::lock_guard lock(mutex);
      auto found = plans.find(n);
      if (found != plans.end() && !found->second.empty()) {
        std::unique_ptr<Plan> plan = std::move(found->second.back());
        found->second.pop_back();
        held -= plan->bytes();
        return plan;
      }
    }
    return std::make_unique<Plan>(n);
  }
  void giveBack(std::unique_ptr<Plan> plan) {
    std::lock_guard lock(mutex);
    if (held + plan->bytes() > (size_t(256) << 20)) {
      plans.clear();
      held = 0;
    }
    held += plan->bytes();
    plans[plan->n].push_back(std::move(plan));
  }

private:
  std::mutex mutex;
  std::map<int64_t, std::vector<std::unique_ptr<Plan>>> plans;
  size_t held = 0;
};

Store &store() {
  static Store &instance = *new Store; // outlives every thread
  return instance;
}

/// Where mode j of `modes` lies in a full spectrum of n: from 0 up, then those below 0.
int64_t place(int64_t j, int64_t modes, int64_t n) { return j < (modes + 1) / 2 ? j : n - modes + j; }

template <typename Real>
void rows(int32_t kind, int64_t n, int64_t modes, int64_t begin, int64_t end, const void *in, void *out) {
  using Stored = std::complex<Real>;
  auto plan = store().take(n);
  auto *a = plan->a.data();
  auto *b = plan->b.data();
  double scale = 1.0 / static_cast<double>(n);
  for (int64_t row = begin; row < end; ++row) {
    if (kind == SSM_RFFT) {
      const Real *from = static_cast<const Real *>(in) + row * n;
      std::copy(from, from + n, plan->reals.begin());
      plan->forward(a, plan->reals.data());
      auto *to = static_cast<Stored *>(out) + row * modes;
      for (int64_t k = 0; k < modes; ++k)
        to[k] = Stored(a[k]);
    } else if (kind == SSM_IRFFT) {
      const auto *from = static_cast<const Stored *>(in) + row * modes;
      std::fill(a, a + n, 0); // n / 2 + 1 <= n for n >= 1
      for (int64_t k = 0; k < modes; ++k)
        a[k] = Complex(from[k]);
      a[0] = a[0].real();
      if (n % 2 == 0)
        a[n / 2] = a[n / 2].real();
      plan->inverse(plan->reals.data(), a);
      Real *to = static_cast<Real *>(out) + row * n;
      for (int64_t i = 0; i < n; ++i)
        to[i] = static_cast<Real>(plan->reals[i] * scale);
    } else if (kind == SSM_FFT) {
      const auto *from = static_cast<const Stored *>(in) + row * n;
      std::copy(from, from + n, a);
      plan->forward(b, a);
      auto *to = static_cast<Stored *>(out) + row * modes;
      for (int64_t j = 0; j < modes; ++j)
        to[j] = Stored(b[place(j, modes, n)]);
    } else {
      const auto *from = static_cast<const Stored *>(in) + row * modes;
      std::fill(a, a + n, 0);
      for (int64_t j = 0; j < modes; ++j)
        a[place(j, modes, n)] = Complex(from[j]);
      plan->inverse(b, a);
      auto *to = static_cast<Stored *>(out) + row * n;
      for (int64_t i = 0; i < n; ++i)
        to[i] = Stored(b[i] * scale);
    }
  }
  store().giveBack(std::move(plan));
}

} // namespace

void fourier(int32_t kind, int32_t f64, int64_t batch, int64_t n, int64_t modes, const void *in, void *out) {
  bool half = kind == SSM_RFFT || kind == SSM_IRFFT;
  if (kind < SSM_RFFT || kind > SSM_IFFT)
    return reportFailure("there is no Fourier transform of kind %a", kind, 0);
  if (batch <= 0 || n < 0 || modes < 0)
    return;
  if (modes > (half ? n / 2 + 1 : n))
    return reportFailure(half ? "a real Fourier transform of length %b has fewer than %a modes"
                              : "a Fourier transform of length %b has fewer than %a modes",
                         modes, n);
  if (n > (int64_t(1) << 29)) // Eigen counts in int, and Bluestein needs twice the next power of two
    return reportFailure("a Fourier transform of length %a is longer than this runtime supports (2^29)", n, 0);
  if (n == 0) { // a sum over nothing is 0
    if (kind == SSM_RFFT)
      std::fill_n(static_cast<char *>(out), batch * modes * (f64 ? 16 : 8), 0);
    return;
  }
  // 5 n log2 n operations a row is the usual count
  int64_t cost = 5 * n * std::max<int64_t>(1, std::bit_width(static_cast<uint64_t>(n)));
  try {
    parallelFor(batch, cost, [&](int64_t begin, int64_t end) {
      try {
        f64 ? rows<double>(kind, n, modes, begin, end, in, out) : rows<float>(kind, n, modes, begin, end, in, out);
      } catch (const std::bad_alloc &) {
        reportFailure("there is not enough memory for a Fourier transform of length %a", n, 0);
      }
    });
  } catch (const std::bad_alloc &) {
    reportFailure("there is not enough memory for a Fourier transform of length %a", n, 0);
  }
}

} // namespace ssm::rt
