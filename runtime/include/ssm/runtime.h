/* The runtime: open an artifact, look at its entries, call them with plain buffers.
 *
 * Every function returns SSM_OK (0) or one of the codes below, and then writes a sentence that names the
 * entry, the argument, what was expected and what was found into `*error` (which may be NULL). Nothing is
 * printed, nothing throws. All functions may be called from several threads at once, on one artifact too;
 * only ssm_close must not run beside a call on the same artifact. Strings that are handed out live as
 * long as the artifact.
 *
 * A call runs where its data lies: on the CPU, or, for an artifact with code for it, on the NVIDIA GPU whose
 * memory all its buffers are in. On a GPU the kernels are put on options.stream and the call returns: what
 * goes wrong while they run is reported by whatever waits for the stream. The driver is opened when it is
 * first needed; without one all of this works on the CPU.
 *
 *   ssm_artifact *a;  ssm_error e;
 *   if (ssm_open("scan.so", &a, &e)) return fprintf(stderr, "%s\n", e.message), 1;
 *   int64_t shape[3] = {1, 8, 100};
 *   ssm_buffer in  = {"u",   u, SSM_F32, 3, shape, NULL};
 *   ssm_buffer out = {"out", y, SSM_F32, 3, shape, NULL};
 *   ssm_options o = {.draw = 1, .seed = 7};
 *   if (ssm_call(a, "forward", &in, 1, &out, 1, &o, &e)) ...
 */
#ifndef SSM_RUNTIME_H
#define SSM_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define SSM_API __attribute__((visibility("default")))
#else
#define SSM_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef enum ssm_code {
  SSM_OK = 0,
  SSM_ERROR_FILE = 1,         /* the file cannot be read */
  SSM_ERROR_NOT_ARTIFACT = 2, /* it is something else, another machine's, truncated or damaged */
  SSM_ERROR_VERSION = 3,      /* an artifact of another version of the format */
  SSM_ERROR_LOAD = 4,         /* the system could not load it */
  SSM_ERROR_ENTRY = 5,        /* no entry of that name */
  SSM_ERROR_ARGUMENT = 6,     /* an argument or result is missing, unknown or given twice */
  SSM_ERROR_DTYPE = 7,        /* wrong element type */
  SSM_ERROR_SHAPE = 8,        /* wrong rank, negative size, two arguments that disagree */
  SSM_ERROR_SIZE = 9,         /* a dimension's size is unknown, not to be changed, or does not work out */
  SSM_ERROR_POINTER = 10,     /* null or misaligned pointer, results that overlap */
  SSM_ERROR_RUN = 11,         /* the compiled code reported an error (an index out of range) */
  SSM_ERROR_MEMORY = 12,
  SSM_ERROR_USE = 13,      /* a null handle, an option out of range */
  SSM_ERROR_INTERNAL = 14, /* a defect of this library */
  SSM_ERROR_DEVICE = 15    /* no GPU, no code for it, or its driver refuses */
} ssm_code;

/* Where a call runs. */
typedef enum ssm_device {
  SSM_ANYWHERE = 0, /* where its data lies */
  SSM_CPU = 1,
  SSM_CUDA = 2
} ssm_device;

typedef struct ssm_error {
  int32_t code;
  char message[1020]; /* one sentence, UTF-8, NUL-terminated, no line end */
} ssm_error;

/* Element types. Complex is (re, im); bool is one byte, 0 or 1; bf16 and f16 are their 16 bits. */
typedef enum ssm_dtype {
  SSM_F64 = 0,
  SSM_F32 = 1,
  SSM_BF16 = 2,
  SSM_F16 = 3,
  SSM_C64 = 4,
  SSM_C128 = 5,
  SSM_I32 = 6,
  SSM_I64 = 7,
  SSM_BOOL = 8
} ssm_dtype;

typedef enum ssm_role { SSM_INPUT = 0, SSM_PARAM = 1, SSM_STATE = 2, SSM_SEED = 3, SSM_OUTPUT = 4 } ssm_role;

typedef enum ssm_dim_kind {
  SSM_OPEN = 0,     /* fixed by an argument or by the caller */
  SSM_CONSTANT = 1, /* fixed when the artifact was compiled */
  SSM_COMPUTED = 2  /* an expression of other dimensions */
} ssm_dim_kind;

#define SSM_MAX_RANK 32

typedef struct ssm_artifact ssm_artifact;

/* An argument or a result. `strides` are in bytes and may be negative or 0 (0 not in a result); NULL is
 * dense row-major. On the CPU a dense buffer is used in place, another is copied; on a GPU another is an
 * error. `data` may be NULL if a size is 0. */
typedef struct ssm_buffer {
  const char *name;
  void *data;
  int32_t dtype; /* ssm_dtype */
  int32_t rank;
  const int64_t *shape; /* may be NULL for rank 0 */
  const int64_t *strides;
} ssm_buffer;

typedef struct ssm_size {
  const char *name;
  int64_t size;
} ssm_size;

/* A zeroed struct, or NULL, is the default. */
typedef struct ssm_options {
  const ssm_size *sizes; /* sizes of dimensions, beside those that the arguments fix */
  int64_t size_count;
  int64_t seed;    /* for what is drawn */
  int32_t draw;    /* 1: parameters that are not given are drawn; 0: they are missing. States always are. */
  int32_t threads; /* at most so many; 0: SSM_NUM_THREADS of the environment, else all cores */
  int32_t device;  /* an ssm_device: data that lies elsewhere is an error */
  void *stream;    /* on a GPU: the CUstream (cudaStream_t) of the kernels; NULL: the default stream */
  void *workspace; /* on a GPU: memory for intermediate values, 256-byte aligned, that nothing else uses until
                      the call's work is done. NULL: memory that the artifact keeps, one block a stream and one
                      a captured graph, allocated by the first call that needs it. */
  int64_t workspace_bytes;
} ssm_options;

typedef struct ssm_entry_info {
  const char *name;
  int32_t hidden; /* 1: an initialiser, not meant for users */
  int32_t dim_count, argument_count, result_count;
  const char *targets; /* what it has code for: "cpu, sm_90a" */
} ssm_entry_info;

typedef struct ssm_dim_info {
  const char *name;
  int32_t kind;     /* ssm_dim_kind */
  int64_t size;     /* of a constant one, else -1 */
  const char *text; /* "open", "32", "L / 2 + 1" */
} ssm_dim_info;

typedef struct ssm_value_info {
  const char *name;
  int32_t role, dtype, rank;
  int32_t optional;    /* 1: may be left out and is then drawn; 2: may be left out, the code does without */
  const int32_t *dims; /* `rank` indices into the entry's dimensions */
} ssm_value_info;

typedef struct ssm_shape {
  int32_t dtype, rank;
  int64_t sizes[SSM_MAX_RANK];
} ssm_shape;

typedef struct ssm_cost {
  int64_t bytes; /* of all arguments and results, once each */
  double flops;  /* by the artifact's own formula; -1 if it has none */
} ssm_cost;

/* "1.0" */
SSM_API const char *ssm_version(void);
/* "f32"; NULL for a number that is no ssm_dtype. */
SSM_API const char *ssm_dtype_name(int32_t dtype);
/* Bytes of one element; 0 for a number that is no ssm_dtype. */
SSM_API int64_t ssm_dtype_size(int32_t dtype);
/* "input", "param", "state", "seed", "output" */
SSM_API const char *ssm_role_name(int32_t role);

/* Reads the file, checks it and only then loads it. The file may change or vanish afterwards. */
SSM_API int32_t ssm_open(const char *path, ssm_artifact **artifact, ssm_error *error);
/* NULL is fine. */
SSM_API void ssm_close(ssm_artifact *artifact);

/* The layer's name, the file that it was compiled from, and the whole description as JSON. NULL of NULL. */
SSM_API const char *ssm_layer(const ssm_artifact *artifact);
SSM_API const char *ssm_source(const ssm_artifact *artifact);
SSM_API const char *ssm_description(const ssm_artifact *artifact);

/* Entries are counted from 0, hidden ones included. Indices out of range are errors. */
SSM_API int32_t ssm_entry_count(const ssm_artifact *artifact);
SSM_API int32_t ssm_entry(const ssm_artifact *artifact, int32_t entry, ssm_entry_info *info, ssm_error *error);
SSM_API int32_t ssm_dim(const ssm_artifact *artifact, int32_t entry, int32_t index, ssm_dim_info *info,
                        ssm_error *error);
SSM_API int32_t ssm_argument(const ssm_artifact *artifact, int32_t entry, int32_t index, ssm_value_info *info,
                             ssm_error *error);
SSM_API int32_t ssm_result(const ssm_artifact *artifact, int32_t entry, int32_t index, ssm_value_info *info,
                           ssm_error *error);

/* Runs an entry. Arguments and results come in any order and are told apart by name. A result that is not
 * given is computed and dropped. Results may lie where arguments lie. After an error the results hold
 * anything. */
SSM_API int32_t ssm_call(const ssm_artifact *artifact, const char *entry, const ssm_buffer *arguments,
                         int64_t argument_count, const ssm_buffer *results, int64_t result_count,
                         const ssm_options *options, ssm_error *error);

/* The type and shape of result `name`, from the same arguments (pointers are not looked at) and options
 * as the call. All that ssm_call would say about names, types and sizes is said here too. */
SSM_API int32_t ssm_result_shape(const ssm_artifact *artifact, const char *entry, const ssm_buffer *arguments,
                                 int64_t argument_count, const ssm_options *options, const char *name,
                                 ssm_shape *shape, ssm_error *error);

/* The type and shape that argument `name` must have, from what is known: any subset of the arguments may
 * be given, as long as they and the options fix this argument's dimensions. */
SSM_API int32_t ssm_argument_shape(const ssm_artifact *artifact, const char *entry, const ssm_buffer *arguments,
                                   int64_t argument_count, const ssm_options *options, const char *name,
                                   ssm_shape *shape, ssm_error *error);

/* Bytes moved and operations done by a call, under the rules of ssm_result_shape. */
SSM_API int32_t ssm_call_cost(const ssm_artifact *artifact, const char *entry, const ssm_buffer *arguments,
                              int64_t argument_count, const ssm_options *options, ssm_cost *cost, ssm_error *error);

/* Draws argument `out->name` of the entry by its initialiser, with `options->seed`, into `out`: the value
 * that a call with the same seed and sizes would use. Its shape fixes the dimensions that it has, the
 * options the others. */
SSM_API int32_t ssm_init(const ssm_artifact *artifact, const char *entry, const ssm_buffer *out,
                         const ssm_options *options, ssm_error *error);

/* Bytes of options->workspace that a call on a GPU with these buffers takes; 0 where it takes none. */
SSM_API int32_t ssm_workspace(const ssm_artifact *artifact, const char *entry, const ssm_buffer *arguments,
                              int64_t argument_count, const ssm_buffer *results, int64_t result_count,
                              const ssm_options *options, int64_t *bytes, ssm_error *error);

/* For callers without a CUDA library of their own: the GPU (the current context's, else the first), its
 * memory, copies and waiting. SSM_ERROR_DEVICE with a sentence that says why where there is no CUDA. */
typedef struct ssm_gpu_info {
  char name[128];
  int32_t major, minor; /* compute capability */
  int32_t multiprocessors;
  int32_t driver; /* 12040 is 12.4 */
} ssm_gpu_info;
SSM_API int32_t ssm_gpu(ssm_gpu_info *info, ssm_error *error);
SSM_API int32_t ssm_gpu_allocate(int64_t bytes, void **data, ssm_error *error);
/* NULL is fine. */
SSM_API void ssm_gpu_free(void *data);
/* From and to the CPU's or the GPU's memory, whichever; after all work on the GPU, and waits. */
SSM_API int32_t ssm_gpu_copy(void *to, const void *from, int64_t bytes, ssm_error *error);
/* Waits for all work on the GPU; reports what went wrong in it. */
SSM_API int32_t ssm_gpu_wait(ssm_error *error);

#ifdef __cplusplus
}
#endif
#endif
