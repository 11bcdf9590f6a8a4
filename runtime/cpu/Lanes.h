// Eight doubles as one number, so that an algorithm written for one row works on eight. The compiler makes of
// it what the machine's vectors hold.
#ifndef SSM_RUNTIME_CPU_LANES_H
#define SSM_RUNTIME_CPU_LANES_H

namespace ssm::rt {

class Lanes {
public:
  static constexpr int count = 8;

  Lanes() = default;
  Lanes(double x) : v{x, x, x, x, x, x, x, x} {} // NOLINT: numbers are Lanes where one is asked for
  template <typename Make> static Lanes of(Make make) {
    Lanes r;
    for (int i = 0; i < count; ++i)
      r.v[i] = make(i);
    return r;
  }

  double operator[](int i) const { return v[i]; }
  Lanes operator-() const { return Lanes(-v); }
  Lanes &operator+=(Lanes o) { v += o.v; return *this; }
  Lanes &operator-=(Lanes o) { v -= o.v; return *this; }
  Lanes &operator*=(Lanes o) { v *= o.v; return *this; }
  friend Lanes operator+(Lanes a, Lanes b) { return a += b; }
  friend Lanes operator-(Lanes a, Lanes b) { return a -= b; }
  friend Lanes operator*(Lanes a, Lanes b) { return a *= b; }

private:
  using Vector = double __attribute__((vector_size(64)));
  explicit Lanes(const Vector &v) : v(v) {}
  Vector v;
};

} // namespace ssm::rt
#endif
