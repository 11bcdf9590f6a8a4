//===- Seal.cpp - an artifact's checksum ------------------------------------===//
//
// The loader of shared objects trusts what it reads: a flipped bit in a table of
// relocations is a crash. So the artifact holds a checksum of its file, which the
// runtime compares before anything is loaded (runtime/README.md says of what).
//
//===----------------------------------------------------------------------===//
#include "ssm/Codegen/Emit.h"

#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/CRC.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace ssm {

static Error problem(StringRef path, const Twine &what) {
  return createStringError("cannot write the checksum into '" + path + "': " + what);
}

/// Where the section `.ssm.sum` lies in the file.
static Expected<uint64_t> findSum(StringRef path, MemoryBufferRef bytes) {
  Expected<std::unique_ptr<object::ObjectFile>> file = object::ObjectFile::createELFObjectFile(bytes);
  if (!file)
    return file.takeError();
  for (const object::SectionRef &section : (*file)->sections()) {
    Expected<StringRef> name = section.getName();
    if (!name)
      return name.takeError();
    if (*name == ".ssm.sum" && section.getSize() == 8)
      return object::ELFSectionRef(section).getOffset();
  }
  return problem(path, "it has no section .ssm.sum of 8 bytes");
}

Error sealArtifact(StringRef path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer =
      MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false, /*IsVolatile=*/true);
  if (!buffer)
    return problem(path, buffer.getError().message());
  Expected<uint64_t> at = findSum(path, **buffer);
  if (!at)
    return at.takeError();
  ArrayRef<uint8_t> bytes = arrayRefFromStringRef((*buffer)->getBuffer());
  const uint8_t zeros[8] = {};
  uint32_t sum = crc32(crc32(crc32(bytes.take_front(*at)), zeros), bytes.drop_front(*at + 8));

  char words[8];
  support::endian::write32le(words, 1);
  support::endian::write32le(words + 4, sum);
  int fd;
  if (std::error_code code = sys::fs::openFileForReadWrite(path, fd, sys::fs::CD_OpenExisting, sys::fs::OF_None))
    return problem(path, code.message());
  raw_fd_ostream os(fd, /*shouldClose=*/true);
  os.pwrite(words, 8, *at);
  os.close();
  std::error_code code = os.error();
  os.clear_error();
  return code ? problem(path, code.message()) : Error::success();
}

} // namespace ssm
