// numpy's .npy: a header, then the elements.
//
// Debian packages no library that reads it and is kept up, and the format is a page long, so it is read
// here, strictly: what numpy would not have written is refused with a sentence.
#ifndef SSM_RUNTIME_IO_NPY_H
#define SSM_RUNTIME_IO_NPY_H

#include "io/Array.h"

#include <functional>
#include <string_view>

namespace ssm::io {

/// What a header says.
struct NpyHeader {
  Element element = Element::F32;
  bool swapped = false; ///< the other byte order
  bool fortran = false; ///< column-major
  std::vector<int64_t> shape;
};

/// Parses the text {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
NpyHeader parseNpyHeader(std::string_view text, const std::string &what);

/// Reads an array of which `size` bytes come one after another out of `read(data, count)`.
Array readNpy(int64_t size, const std::function<void(char *, int64_t)> &read, const std::string &what);

/// The bytes before the elements, for a dense array of the artifact's types (bf16 is announced as f32).
std::string npyHeader(ssm_dtype dtype, const std::vector<int64_t> &shape);

/// Writes a .npy; bf16 as f32. Throws a FileError.
void writeNpy(const std::string &path, ssm_dtype dtype, const std::vector<int64_t> &shape, const void *data);

} // namespace ssm::io
#endif
