// CPU or GPU. See Place.h.
#include "cuda/Place.h"

#include "core/Error.h"
#include "core/Memory.h"
#include "cuda/Device.h"

namespace ssm::rt::cuda {
namespace {

std::string placeText(std::optional<Ordinal> ordinal) {
  return ordinal ? "on GPU " + std::to_string(*ordinal) : "in the CPU's memory";
}

/// Calls `each(buffer, "argument")` for those with data, until it returns true.
template <typename Each>
void eachBuffer(const ssm_buffer *arguments, int64_t argumentCount, const ssm_buffer *results, int64_t resultCount,
                Each each) {
  for (int64_t i = 0; arguments && i < argumentCount; ++i)
    if (arguments[i].data && arguments[i].name && each(arguments[i], "argument"))
      return;
  for (int64_t i = 0; results && i < resultCount; ++i)
    if (results[i].data && results[i].name && each(results[i], "result"))
      return;
}

std::string nameText(const ssm_buffer &buffer, const char *kind) {
  return std::string(kind) + " '" + buffer.name + "'";
}

} // namespace

void failMixed(const Entry &entry, const std::string &one, std::optional<Ordinal> oneOn, const std::string &other,
               std::optional<Ordinal> otherOn) {
  fail(SSM_ERROR_POINTER, entry.name, ": the data of ", one, " lies ", placeText(oneOn), " and that of ", other, " ",
       placeText(otherOn), "; all must lie on one device");
}

std::optional<Ordinal> findPlace(const Entry &entry, const ssm_buffer *arguments, int64_t argumentCount,
                                 const ssm_buffer *results, int64_t resultCount, int32_t device) {
  std::string why;
  const Driver *driver = device == SSM_CUDA ? findDriver(&why) : loadedDriver();
  if (!driver && device == SSM_CUDA)
    fail(SSM_ERROR_DEVICE, entry.name, ": CUDA is asked for, and there is none here: ", why);
  if (!driver)
    return std::nullopt;

  const ssm_buffer *first = nullptr;
  const char *firstKind = "";
  std::optional<Ordinal> place;
  eachBuffer(arguments, argumentCount, results, resultCount, [&](const ssm_buffer &buffer, const char *kind) {
    first = &buffer;
    firstKind = kind;
    place = placeOf(*driver, buffer.data);
    return true;
  });
  if (!first && device == SSM_CUDA) // nothing has elements
    return currentDevice(*driver).ordinal;
  if (place && device == SSM_CPU)
    fail(SSM_ERROR_POINTER, entry.name, ": the data of ", nameText(*first, firstKind), " lies ", placeText(place),
         ", but the CPU is asked for");
  if (!place && first && device == SSM_CUDA)
    fail(SSM_ERROR_POINTER, entry.name, ": the data of ", nameText(*first, firstKind),
         " lies in the CPU's memory, but CUDA is asked for: copy it to the GPU");
  if (place)
    return place;
  eachBuffer(arguments, argumentCount, results, resultCount, [&](const ssm_buffer &buffer, const char *kind) {
    if (std::optional<Ordinal> other = placeOf(*driver, buffer.data))
      failMixed(entry, nameText(*first, firstKind), place, nameText(buffer, kind), other);
    return false;
  });
  return std::nullopt;
}

void upload(Ordinal ordinal, const ssm_buffer &to, const void *from, int64_t bytes, const std::string &what) {
  const Driver &driver = *findDriver();
  ContextScope scope(driver, device(driver, ordinal));
  if (!isDense(to))
    fail(SSM_ERROR_POINTER, what, ": on a GPU a buffer must be dense and row-major");
  check(driver,
        driver.MemcpyHtoDAsync(reinterpret_cast<Address>(to.data), from, static_cast<size_t>(bytes), nullptr),
        "cuMemcpyHtoDAsync", what);
  check(driver, driver.StreamSynchronize(nullptr), "cuStreamSynchronize", what);
}

} // namespace ssm::rt::cuda
