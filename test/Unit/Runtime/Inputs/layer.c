/* An artifact written by hand, for the tests of the runtime: one small entry for each thing that a call
 * can do or get wrong. What ssmc makes has the same form. */
#include <stdint.h>

void ssm_rt_enter(void);
void ssm_rt_parallel_for(int64_t count, int64_t cost, void (*body)(void *, int64_t, int64_t), void *context);
void ssm_rt_fft(int32_t kind, int32_t f64, int64_t batch, int64_t n, int64_t modes, const void *in, void *out);
void ssm_rt_convolve(int32_t mode, int32_t f64, int64_t outer, int64_t shared, int64_t inner, int64_t length, int64_t taps,
                     const void *in, const void *kernels, void *out);
void ssm_rt_fail(const char *message, int64_t a, int64_t b);
int32_t ssm_rt_failed(void);
void ssm_rt_random(int32_t kind, int64_t seed, int64_t stream, int64_t count, double *out);

#ifndef VERSION
#define VERSION "1"
#endif
#ifdef INSTRUCTIONS
#define QUOTED(word) "\"" #word "\""
#define QUOTE(word) QUOTED(word)
#define NEEDED QUOTE(INSTRUCTIONS)
#else
#define NEEDED ""
#endif
#define EXPORT __attribute__((visibility("default")))
#define DIMS(...) "\"dims\": [" __VA_ARGS__ "]"
#define VALUE(name, role, dtype, dims, more)                                                                  \
  "{\"name\": \"" name "\", \"role\": \"" role "\", \"dtype\": \"" dtype "\", \"dims\": " dims more "}"
#define ENTRY(name, dims, arguments, results, more)                                                           \
  "{\"name\": \"" name "\", \"symbol\": \"t_" name "\", " dims ", \"arguments\": [" arguments                  \
  "], \"results\": [" results "]" more "}"
#define OPEN(name) "{\"name\": \"" name "\"}"

EXPORT __attribute__((section(".ssm.json"), used)) const char ssm_artifact_json[] =
    "{\"format\": \"ssm-artifact\", \"version\": " VERSION ", \"layer\": \"t\", \"source\": \"t.ssm\", "
    "\"target\": \"cpu\", \"instructions\": [" NEEDED "], \"entries\": ["
    // out[b, l] = u[b, l] * w[l] + re(x[b, 0]);  x += 1 + 2i
    ENTRY("forward", DIMS(OPEN("B") "," OPEN("L") ", {\"name\": \"N\", \"size\": 4}"),
          VALUE("u", "input", "f32", "[\"B\", \"L\"]", "") "," VALUE("w", "param", "f32", "[\"L\"]",
                ", \"init\": \"init_w\"") "," VALUE("x", "state", "c64", "[\"B\", \"N\"]", ", \"init\": \"init_x\""),
          VALUE("out", "output", "f32", "[\"B\", \"L\"]", "") "," VALUE("x", "state", "c64", "[\"B\", \"N\"]", ""),
          ", \"flops\": [\"mul\", 2, \"B\", \"L\"]") ","
    ENTRY("init_w", DIMS(OPEN("L")), VALUE("seed", "seed", "i64", "[]", ""),
          VALUE("w", "output", "f32", "[\"L\"]", ""), ", \"hidden\": true") ","
    ENTRY("init_x", DIMS(OPEN("B") ", {\"name\": \"N\", \"size\": 4}"), VALUE("seed", "seed", "i64", "[]", ""),
          VALUE("x", "output", "c64", "[\"B\", \"N\"]", ""), ", \"hidden\": true") ","
    // out[k] = v[2 k] * s[k]
    ENTRY("halves", DIMS(OPEN("L") ", {\"name\": \"K\", \"expr\": [\"div\", \"L\", 2]}"),
          VALUE("v", "input", "f64", "[\"L\"]", "") "," VALUE("s", "input", "f64", "[\"K\"]", ""),
          VALUE("out", "output", "f64", "[\"K\"]", ""), "") ","
    // out[o] = a[l] + o, with O by the caller alone
    ENTRY("widen", DIMS(OPEN("O") "," OPEN("L")), VALUE("a", "input", "i32", "[\"L\"]", ""),
          VALUE("out", "output", "i32", "[\"O\", \"L\"]", ""), "") ","
    // fails twice: the first sentence counts
    ENTRY("refuse", DIMS(OPEN("L")), VALUE("a", "input", "bool", "[\"L\"]", ""),
          VALUE("out", "output", "bool", "[\"L\"]", ""), "") ","
    // out[i] = how often the loops reached i: once, although a loop runs inside a loop
    ENTRY("spread", DIMS(OPEN("L") "," OPEN("M")), VALUE("cost", "input", "i64", "[]", ""),
          VALUE("out", "output", "i64", "[\"L\", \"M\"]", ""), "") ","
    // spec = kind, batch, n, modes
    ENTRY("fourier", DIMS(OPEN("I") "," OPEN("O") ", {\"name\": \"4\", \"size\": 4}"),
          VALUE("spec", "input", "i64", "[\"4\"]", "") "," VALUE("a", "input", "f64", "[\"I\"]", ""),
          VALUE("out", "output", "f64", "[\"O\"]", ""), "") ","
    ENTRY("fourier32", DIMS(OPEN("I") "," OPEN("O") ", {\"name\": \"4\", \"size\": 4}"),
          VALUE("spec", "input", "i64", "[\"4\"]", "") "," VALUE("a", "input", "f32", "[\"I\"]", ""),
          VALUE("out", "output", "f32", "[\"O\"]", ""), "") ","
    // spec = mode, then the sizes: outer, shared, inner, length, taps
    ENTRY("convolve", DIMS(OPEN("I") "," OPEN("K") "," OPEN("O") ", {\"name\": \"6\", \"size\": 6}"),
          VALUE("spec", "input", "i64", "[\"6\"]", "") "," VALUE("a", "input", "f64", "[\"I\"]", "") ","
          VALUE("k", "input", "f64", "[\"K\"]", ""), VALUE("out", "output", "f64", "[\"O\"]", ""), "") ","
    ENTRY("convolve32", DIMS(OPEN("I") "," OPEN("K") "," OPEN("O") ", {\"name\": \"6\", \"size\": 6}"),
          VALUE("spec", "input", "i64", "[\"6\"]", "") "," VALUE("a", "input", "f32", "[\"I\"]", "") ","
          VALUE("k", "input", "f32", "[\"K\"]", ""), VALUE("out", "output", "f32", "[\"O\"]", ""), "") ","
    // spec = kind, seed, stream
    ENTRY("draw", DIMS(OPEN("L") ", {\"name\": \"3\", \"size\": 3}"), VALUE("spec", "input", "i64", "[\"3\"]", ""),
          VALUE("out", "output", "f64", "[\"L\"]", ""), "") ","
    // one of each type, passed on: bf16, f16, c128
    ENTRY("pass", DIMS(OPEN("L")),
          VALUE("a", "input", "bf16", "[\"L\"]", "") "," VALUE("b", "input", "f16", "[\"L\"]", "") ","
          VALUE("c", "input", "c128", "[\"L\"]", ""),
          VALUE("out0", "output", "bf16", "[\"L\"]", "") "," VALUE("out1", "output", "f16", "[\"L\"]", "") ","
          VALUE("out2", "output", "c128", "[\"L\"]", ""), "")
    "]}";

EXPORT int32_t t_forward(void *const *buffers, const int64_t *sizes) {
  ssm_rt_enter();
  const float *u = buffers[0], *w = buffers[1], *x = buffers[2];
  float *out = buffers[3], *last = buffers[4];
  int64_t B = sizes[0], L = sizes[1], N = sizes[2];
  for (int64_t b = 0; b < B; ++b)
    for (int64_t l = 0; l < L; ++l)
      out[b * L + l] = u[b * L + l] * w[l] + x[b * N * 2];
  for (int64_t i = 0; i < B * N; ++i) {
    last[2 * i] = x[2 * i] + 1;
    last[2 * i + 1] = x[2 * i + 1] + 2;
  }
  return ssm_rt_failed();
}

EXPORT int32_t t_init_w(void *const *buffers, const int64_t *sizes) {
  ssm_rt_enter();
  float *w = buffers[1];
  for (int64_t l = 0; l < sizes[0]; ++l)
    w[l] = (float)(100 * *(const int64_t *)buffers[0] + l);
  return ssm_rt_failed();
}

EXPORT int32_t t_init_x(void *const *buffers, const int64_t *sizes) {
  ssm_rt_enter();
  float *x = buffers[1];
  for (int64_t i = 0; i < 2 * sizes[0] * sizes[1]; ++i)
    x[i] = 0;
  return ssm_rt_failed();
}

EXPORT int32_t t_halves(void *const *buffers, const int64_t *sizes) {
  ssm_rt_enter();
  const double *v = buffers[0], *s = buffers[1];
  for (int64_t k = 0; k < sizes[1]; ++k)
    ((double *)buffers[2])[k] = v[2 * k] * s[k];
  return ssm_rt_failed();
}

EXPORT int32_t t_widen(void *const *buffers, const int64_t *sizes) {
  ssm_rt_enter();
  for (int64_t o = 0; o < sizes[0]; ++o)
    for (int64_t l = 0; l < sizes[1]; ++l)
      ((int32_t *)buffers[1])[o * sizes[1] + l] = ((const int32_t *)buffers[0])[l] + (int32_t)o;
  return ssm_rt_failed();
}

EXPORT int32_t t_refuse(void *const *buffers, const int64_t *sizes) {
  ssm_rt_enter();
  (void)buffers;
  ssm_rt_fail("index %a is outside of 0 to %b (100%)", -7, sizes[0]);
  ssm_rt_fail("later", 0, 0);
  return ssm_rt_failed();
}

struct grid {
  int64_t *out;
  int64_t M, row;
};

static void cells(void *context, int64_t begin, int64_t end) {
  struct grid *g = context;
  for (int64_t m = begin; m < end; ++m)
    g->out[g->row * g->M + m] += 1;
}

static void lines(void *context, int64_t begin, int64_t end) {
  struct grid g = *(struct grid *)context;
  for (g.row = begin; g.row < end; ++g.row)
    ssm_rt_parallel_for(g.M, 1000, cells, &g);
}

EXPORT int32_t t_spread(void *const *buffers, const int64_t *sizes) {
  ssm_rt_enter();
  struct grid g = {buffers[1], sizes[1], 0};
  for (int64_t i = 0; i < sizes[0] * sizes[1]; ++i)
    g.out[i] = 0;
  ssm_rt_parallel_for(sizes[0], *(const int64_t *)buffers[0], lines, &g);
  return ssm_rt_failed();
}

EXPORT int32_t t_fourier(void *const *buffers, const int64_t *sizes) {
  ssm_rt_enter();
  const int64_t *spec = buffers[0];
  (void)sizes;
  ssm_rt_fft((int32_t)spec[0], 1, spec[1], spec[2], spec[3], buffers[1], buffers[2]);
  return ssm_rt_failed();
}

EXPORT int32_t t_fourier32(void *const *buffers, const int64_t *sizes) {
  ssm_rt_enter();
  const int64_t *spec = buffers[0];
  (void)sizes;
  ssm_rt_fft((int32_t)spec[0], 0, spec[1], spec[2], spec[3], buffers[1], buffers[2]);
  return ssm_rt_failed();
}

static int32_t convolve(int32_t f64, void *const *buffers) {
  ssm_rt_enter();
  const int64_t *s = buffers[0];
  ssm_rt_convolve((int32_t)s[0], f64, s[1], s[2], s[3], s[4], s[5], buffers[1], buffers[2], buffers[3]);
  return ssm_rt_failed();
}

EXPORT int32_t t_convolve(void *const *buffers, const int64_t *sizes) {
  (void)sizes;
  return convolve(1, buffers);
}

EXPORT int32_t t_convolve32(void *const *buffers, const int64_t *sizes) {
  (void)sizes;
  return convolve(0, buffers);
}

EXPORT int32_t t_draw(void *const *buffers, const int64_t *sizes) {
  ssm_rt_enter();
  const int64_t *spec = buffers[0];
  ssm_rt_random((int32_t)spec[0], spec[1], spec[2], sizes[0], buffers[1]);
  return ssm_rt_failed();
}

EXPORT int32_t t_pass(void *const *buffers, const int64_t *sizes) {
  ssm_rt_enter();
  static const int bytes[] = {2, 2, 16};
  for (int v = 0; v < 3; ++v)
    for (int64_t i = 0; i < bytes[v] * sizes[0]; ++i)
      ((char *)buffers[3 + v])[i] = ((const char *)buffers[v])[i];
  return ssm_rt_failed();
}
