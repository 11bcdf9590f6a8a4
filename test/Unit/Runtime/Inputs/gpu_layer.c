/* An artifact with code for a GPU, written by hand: its kernels are text that Inputs/fake_cuda.cpp reads. */
#include <stdint.h>

void ssm_rt_enter(void);
int32_t ssm_rt_failed(void);

#define EXPORT __attribute__((visibility("default")))
#define CODE                                                                                                     \
  "kernel move 384 1024 128,8,8,4,4,8\n"                                                                         \
  "kernel add 1024 0 8,8,8,4\n"                                                                                  \
  "kernel wrong 128 0 8,8\n"

EXPORT __attribute__((section(".ssm.gpu"), used, aligned(64))) const char ssm_artifact_gpu[] = CODE;

EXPORT __attribute__((section(".ssm.json"), used)) const char ssm_artifact_json[] =
    "{\"format\": \"ssm-artifact\", \"version\": 1, \"layer\": \"g\", \"source\": \"g.ssm\", \"target\": \"sm_90a\","
    "\"modules\": [{\"target\": \"sm_90a\", \"offset\": 0, \"size\": 84, \"ptxas\": \"13.0.88\"}], \"entries\": ["
    /* y = x, by a tensor map; two workspaces; GPU only */
    "{\"name\": \"forward\", \"dims\": [{\"name\": \"M\"}, {\"name\": \"N\"}],"
    " \"arguments\": [{\"name\": \"x\", \"role\": \"input\", \"dtype\": \"bf16\", \"dims\": [\"M\", \"N\"]}],"
    " \"results\": [{\"name\": \"y\", \"role\": \"output\", \"dtype\": \"bf16\", \"dims\": [\"M\", \"N\"]}],"
    " \"cuda\": [{\"target\": \"sm_90a\","
    "  \"workspaces\": [{\"name\": \"counter\", \"bytes\": 4, \"zero\": \"once\"},"
    "                   {\"name\": \"sums\", \"bytes\": [\"mul\", 4, \"M\"], \"zero\": \"call\"}],"
    "  \"launches\": [{\"module\": 0, \"kernel\": \"move\", \"grid\": [[\"min\", \"%sms\", [\"ceildiv\", \"M\", 64]], 1, 1],"
    "   \"block\": [384, 1, 1], \"smem\": [\"mul\", 1024, \"N\"], \"arguments\": ["
    "    {\"map\": {\"argument\": \"x\"}, \"dtype\": \"bf16\", \"dims\": [\"N\", \"M\"], \"strides\": [[\"mul\", 2, \"N\"]],"
    "     \"box\": [64, 128], \"swizzle\": 128, \"l2\": 256, \"fill\": \"nan\"},"
    "    {\"pointer\": {\"result\": \"y\"}, \"align\": 16}, {\"pointer\": {\"workspace\": \"counter\"}},"
    "    {\"i32\": \"M\"}, {\"f32\": 0.5}, {\"pointer\": {\"workspace\": \"sums\"}}]}]}]},"
    /* out = u + s, s + u: a state that may be left out, an optional result; CPU code too */
    "{\"name\": \"step\", \"symbol\": \"g_step\", \"dims\": [{\"name\": \"L\"}],"
    " \"arguments\": [{\"name\": \"u\", \"role\": \"input\", \"dtype\": \"f32\", \"dims\": [\"L\"]},"
    "                 {\"name\": \"s\", \"role\": \"state\", \"dtype\": \"f32\", \"dims\": [\"L\"], \"init\": \"init.s\"}],"
    " \"results\": [{\"name\": \"s\", \"role\": \"state\", \"dtype\": \"f32\", \"dims\": [\"L\"]}],"
    " \"cuda\": [{\"target\": \"sm_90a\", \"launches\": [{\"kernel\": \"add\", \"grid\": [1, \"L\", 1], \"block\": [256, 1, 1],"
    "   \"cluster\": [1, 2, 1], \"arguments\": [{\"pointer\": {\"argument\": \"u\"}, \"offset\": 4},"
    "    {\"pointer\": {\"argument\": \"s\"}}, {\"pointer\": {\"result\": \"s\"}, \"optional\": true}, {\"i32\": \"L\"}]}]}]},"
    "{\"name\": \"init.s\", \"symbol\": \"g_init\", \"hidden\": true, \"dims\": [{\"name\": \"L\"}],"
    " \"arguments\": [{\"name\": \"seed\", \"role\": \"seed\", \"dtype\": \"i64\", \"dims\": []}],"
    " \"results\": [{\"name\": \"s\", \"role\": \"output\", \"dtype\": \"f32\", \"dims\": [\"L\"]}]},"
    /* vectors of 4, an argument that may be absent, a result that is cleared */
    "{\"name\": \"vectors\", \"dims\": [{\"name\": \"L\"}, {\"name\": \"K\"}],"
    " \"arguments\": [{\"name\": \"u\", \"role\": \"input\", \"dtype\": \"f32\", \"dims\": [\"L\"]},"
    "                 {\"name\": \"v\", \"role\": \"input\", \"dtype\": \"f32\", \"dims\": [\"L\"], \"optional\": true}],"
    " \"results\": [{\"name\": \"out\", \"role\": \"output\", \"dtype\": \"f32\", \"dims\": [\"L\"]}],"
    " \"cuda\": [{\"target\": \"sm_90a\", \"clear\": [{\"result\": \"out\"}], \"launches\": [{\"kernel\": \"add\","
    "   \"grid\": [1, 1, 1], \"arguments\": [{\"pointer\": {\"argument\": \"u\"}, \"extent\": [\"mul\", 4, \"K\"]},"
    "    {\"pointer\": {\"argument\": \"v\"}, \"optional\": true}, {\"pointer\": {\"result\": \"out\"}}, {\"i32\": \"L\"}],"
    "   \"requires\": [{\"of\": {\"argument\": \"u\"}, \"size\": \"L\", \"multiple\": 4}]}]}]},"
    /* up to 16 elements in whole vectors; anything else */
    "{\"name\": \"choices\", \"dims\": [{\"name\": \"L\"}],"
    " \"arguments\": [{\"name\": \"u\", \"role\": \"input\", \"dtype\": \"f32\", \"dims\": [\"L\"]}],"
    " \"results\": [{\"name\": \"out\", \"role\": \"output\", \"dtype\": \"f32\", \"dims\": [\"L\"]}],"
    " \"cuda\": [{\"target\": \"sm_90a\", \"launches\": [{\"kernel\": \"add\", \"grid\": [1, 1, 1],"
    "   \"where\": [[\"sub\", 16, \"L\"]], \"requires\": [{\"of\": {\"argument\": \"u\"}, \"size\": \"L\", \"multiple\": 4}],"
    "   \"arguments\": [{\"pointer\": {\"argument\": \"u\"}, \"align\": 16}, {\"pointer\": {\"argument\": \"u\"}},"
    "    {\"pointer\": {\"result\": \"out\"}}, {\"i32\": \"L\"}]},"
    "  {\"kernel\": \"add\", \"grid\": [2, 1, 1], \"otherwise\": true, \"arguments\": [{\"pointer\": {\"argument\": \"u\"}},"
    "    {\"pointer\": {\"argument\": \"u\"}}, {\"pointer\": {\"result\": \"out\"}}, {\"i32\": \"L\"}]}]}]},"
    /* a plan that does not fit its kernel, and one without a kernel */
    "{\"name\": \"misfit\", \"dims\": [{\"name\": \"L\"}],"
    " \"arguments\": [{\"name\": \"u\", \"role\": \"input\", \"dtype\": \"f32\", \"dims\": [\"L\"]}], \"results\": [],"
    " \"cuda\": [{\"target\": \"sm_90a\", \"launches\": [{\"kernel\": \"wrong\", \"grid\": [1, 1, 1], \"block\": [128, 1, 1],"
    "   \"arguments\": [{\"pointer\": {\"argument\": \"u\"}}, {\"i32\": \"L\"}]}]}]},"
    "{\"name\": \"absent\", \"dims\": [{\"name\": \"L\"}],"
    " \"arguments\": [{\"name\": \"u\", \"role\": \"input\", \"dtype\": \"f32\", \"dims\": [\"L\"]}], \"results\": [],"
    " \"cuda\": [{\"target\": \"sm_90a\", \"launches\": [{\"kernel\": \"nowhere\", \"grid\": [1, 1, 1],"
    "   \"arguments\": [{\"pointer\": {\"argument\": \"u\"}}]}]}]}"
    "]}";

EXPORT int32_t g_step(void *const *buffers, const int64_t *sizes) {
  ssm_rt_enter();
  const float *u = buffers[0], *s = buffers[1];
  for (int64_t l = 0; l < sizes[0]; ++l)
    ((float *)buffers[2])[l] = u[l] + s[l];
  return ssm_rt_failed();
}

EXPORT int32_t g_init(void *const *buffers, const int64_t *sizes) {
  ssm_rt_enter();
  for (int64_t l = 0; l < sizes[0]; ++l)
    ((float *)buffers[1])[l] = (float)*(const int64_t *)buffers[0];
  return ssm_rt_failed();
}
