// The checks before an artifact is loaded. See Elf.h.
#include "core/Elf.h"

#include "core/Error.h"

#include <cerrno>
#include <cstring>
#include <elf.h>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

namespace ssm::rt {
namespace {

#if defined(__x86_64__)
constexpr int machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr int machine = EM_AARCH64;
#else
#error "the runtime does not know this machine's ELF number"
#endif

class Reader {
public:
  explicit Reader(std::string_view file) : file(file) {}

  bool holds(uint64_t offset, uint64_t size) const { return offset <= file.size() && size <= file.size() - offset; }

  template <typename T> T at(uint64_t offset, const char *what) const {
    if (!holds(offset, sizeof(T)))
      truncated(what);
    T value;
    std::memcpy(&value, file.data() + offset, sizeof(T));
    return value;
  }

  [[noreturn]] void truncated(const char *what) const {
    fail(SSM_ERROR_NOT_ARTIFACT, "the file is truncated: it ends at byte ", file.size(), ", inside ", what);
  }

private:
  std::string_view file;
};

uLong sumOf(uLong before, std::string_view bytes) {
  return ::crc32_z(before, reinterpret_cast<const Bytef *>(bytes.data()), bytes.size());
}

/// `at`: where the section .ssm.sum lies. What is not sealed was linked by hand.
void checkSum(std::string_view file, uint64_t at) {
  uint32_t words[2];
  std::memcpy(words, file.data() + at, sizeof words);
  if (words[0] == 0 && words[1] == 0)
    return;
  uLong sum = sumOf(sumOf(sumOf(0, file.substr(0, at)), std::string_view("\0\0\0\0\0\0\0", 8)), file.substr(at + 8));
  if (words[0] != 1 || sum != words[1])
    fail(SSM_ERROR_NOT_ARTIFACT, "its checksum does not fit: the file was damaged or changed after it was compiled; ",
         "compile the layer again");
}

} // namespace

std::vector<char> readFile(const std::string &path) {
  int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    fail(SSM_ERROR_FILE, "cannot be opened: ", std::strerror(errno));
  struct Closer {
    int file;
    ~Closer() { ::close(file); }
  } closer{file};
  struct stat info;
  if (::fstat(file, &info) != 0)
    fail(SSM_ERROR_FILE, "cannot be read: ", std::strerror(errno));
  if (!S_ISREG(info.st_mode))
    fail(SSM_ERROR_FILE, S_ISDIR(info.st_mode) ? "is a folder" : "is not a regular file");
  std::vector<char> bytes(static_cast<size_t>(info.st_size));
  size_t done = 0;
  while (done < bytes.size()) {
    ssize_t got = ::read(file, bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      fail(SSM_ERROR_FILE, "cannot be read: ", std::strerror(errno));
    if (got == 0)
      break; // it was shortened meanwhile
    done += static_cast<size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

Sections findSections(std::string_view file) {
  if (file.size() < SELFMAG || std::memcmp(file.data(), ELFMAG, SELFMAG) != 0)
    fail(SSM_ERROR_NOT_ARTIFACT, file.empty() ? "the file is empty" : "it is not a compiled layer (no ELF file)");
  Reader reader(file);
  auto header = reader.at<Elf64_Ehdr>(0, "its header");
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_machine != machine)
    fail(SSM_ERROR_NOT_ARTIFACT, "it was compiled for another kind of machine (ELF machine ", header.e_machine,
         ", this one is ", machine, ")");
  if (header.e_type != ET_DYN)
    fail(SSM_ERROR_NOT_ARTIFACT, "it is an ELF file but not a shared object");
  if (header.e_phnum == 0 || header.e_phentsize != sizeof(Elf64_Phdr) || header.e_shentsize != sizeof(Elf64_Shdr))
    fail(SSM_ERROR_NOT_ARTIFACT, "its ELF header is damaged");

  bool dynamic = false;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    auto segment = reader.at<Elf64_Phdr>(header.e_phoff + i * sizeof(Elf64_Phdr), "its table of segments");
    if (!reader.holds(segment.p_offset, segment.p_filesz))
      reader.truncated("a segment");
    if (segment.p_filesz > segment.p_memsz && segment.p_type == PT_LOAD)
      fail(SSM_ERROR_NOT_ARTIFACT, "its table of segments is damaged");
    dynamic |= segment.p_type == PT_DYNAMIC;
  }
  if (!dynamic)
    fail(SSM_ERROR_NOT_ARTIFACT, "it is an ELF file but not a shared object");

  auto section = [&](unsigned i) {
    auto result = reader.at<Elf64_Shdr>(header.e_shoff + i * sizeof(Elf64_Shdr), "its table of sections");
    if (result.sh_type != SHT_NOBITS && !reader.holds(result.sh_offset, result.sh_size))
      reader.truncated("a section");
    return result;
  };
  if (header.e_shstrndx >= header.e_shnum)
    fail(SSM_ERROR_NOT_ARTIFACT, "it is a shared object but not a compiled layer (it has no section .ssm.json)");
  auto names = section(header.e_shstrndx);
  if (names.sh_type == SHT_NOBITS)
    fail(SSM_ERROR_NOT_ARTIFACT, "its table of sections is damaged");
  std::string_view namesText = file.substr(names.sh_offset, names.sh_size);
  std::optional<Elf64_Shdr> json, sum, gpu;
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    auto info = section(i);
    if (info.sh_name >= namesText.size() || info.sh_type == SHT_NOBITS)
      continue;
    std::string_view name = namesText.substr(info.sh_name);
    name = name.substr(0, name.find('\0'));
    if (name == ".ssm.json" && !json)
      json = info;
    if (name == ".ssm.sum" && !sum)
      sum = info;
    if (name == ".ssm.gpu" && !gpu)
      gpu = info;
  }
  if (!json)
    fail(SSM_ERROR_NOT_ARTIFACT, "it is a shared object but not a compiled layer (it has no section .ssm.json)");
  if (!sum || sum->sh_size != 8)
    fail(SSM_ERROR_NOT_ARTIFACT, "it has no checksum (no section .ssm.sum of 8 bytes); compile the layer again");
  checkSum(file, sum->sh_offset);
  std::string_view found = file.substr(json->sh_offset, json->sh_size);
  return {found.substr(0, found.find('\0')), gpu ? file.substr(gpu->sh_offset, gpu->sh_size) : std::string_view()};
}

} // namespace ssm::rt
