// Fixes the sizes of an entry's dimensions from what a call gives, and says who disagrees with whom.
#ifndef SSM_RUNTIME_CORE_BINDING_H
#define SSM_RUNTIME_CORE_BINDING_H

#include "core/Description.h"

#include <string>
#include <vector>

namespace ssm::rt {

class Binding {
public:
  /// Begins with the sizes that the caller names. All failures are thrown as Errors.
  Binding(const Entry &entry, const ssm_size *sizes, int64_t count);

  /// Takes the sizes of an argument's buffer; its rank is checked first.
  void bind(const Value &argument, const ssm_buffer &buffer);

  /// Compares what was given for computed dimensions with what they come to, after drawing from it what it
  /// says of open dimensions that nothing else fixes. Computed dimensions whose own dimensions are still not
  /// known are passed over: a call asks for them all afterwards.
  void checkComputed();

  /// The size of a dimension; `forWhat` ("argument 'u'") is named where it is not known.
  int64_t size(int32_t dim, const std::string &forWhat = "");
  bool known(int32_t dim) const;

  /// The shape of a value. Throws where one of its sizes is negative or its bytes pass 2^63.
  std::vector<int64_t> shape(const Value &value, const std::string &forWhat);

  const Entry &entry;

private:
  struct Slot {
    int64_t size = -1; ///< -1: not known yet
    std::string by;    ///< who fixed it
  };
  struct Given {
    int32_t dim;
    int64_t size;
    std::string what; ///< "argument 'W.blocks' has 3 along dimension 0"
    std::string by;   ///< "argument 'W.blocks'"
  };
  bool known(const Expression &expression) const;
  void solveOpen();

  std::vector<Slot> slots;
  std::vector<Given> computed;
};

/// "(2, 3, 4)"
std::string shapeText(const int64_t *sizes, size_t rank);

/// Product of the sizes times that of an element, 0 if any is 0; throws where it passes 2^63.
int64_t byteCount(const int64_t *sizes, size_t rank, int32_t dtype, const std::string &what);

} // namespace ssm::rt
#endif
