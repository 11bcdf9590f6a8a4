// An array as it lies in a file, and its conversion to what an artifact takes.
#ifndef SSM_RUNTIME_IO_ARRAY_H
#define SSM_RUNTIME_IO_ARRAY_H

#include "ssm/runtime.h"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace ssm::io {

/// What is wrong with a file or its contents, as a sentence that begins with the file's name.
struct FileError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Element types that files hold.
enum class Element { Bool, I8, I16, I32, I64, U8, U16, U32, U64, F16, BF16, F32, F64, C64, C128 };

int64_t elementSize(Element element);
const char *elementName(Element element); ///< "f32"

/// Dense, row-major, in this machine's byte order.
struct Array {
  Element element = Element::F32;
  std::vector<int64_t> shape;
  std::vector<char> data;
};

/// Product of the sizes times an element's bytes. False where a size is negative or it passes 2^62.
bool byteCount(const std::vector<int64_t> &shape, int64_t elementBytes, int64_t &bytes);

/// Turns around the bytes of each of `count` numbers.
void swapBytes(char *data, int64_t count, int64_t numberBytes);

/// The values as `to`, rounded once, to the nearest and to even between two. Whole numbers must fit; a
/// complex file for a real argument, and a real one for whole numbers or bool, are FileErrors. `what` (the
/// file's name) begins the sentence.
std::vector<char> convert(const Array &array, ssm_dtype to, const std::string &what);

/// bf16 bits as float, exactly.
float fromBF16(uint16_t bits);

} // namespace ssm::io
#endif
