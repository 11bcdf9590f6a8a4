// Short ways to write files for the tests of readers, and to see what a reader says of them.
#ifndef SSM_TEST_UNIT_RUNTIME_FILES_H
#define SSM_TEST_UNIT_RUNTIME_FILES_H

#include "io/Array.h"
#include "io/Source.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

namespace ssm::test {

/// A file in a folder of the test's own, with these bytes.
inline std::string writeFile(const std::string &name, const std::string &bytes) {
  std::string folder = ::testing::TempDir() + "/ssm-io-" + std::to_string(::getpid());
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/" + name, std::ios::binary) << bytes;
  return folder + "/" + name;
}

/// What is said on reading the array `name` (or all); empty where it goes well. Without the folder's name.
inline std::string complaint(const std::string &path, const std::string &array = "*") {
  try {
    auto source = io::openSource(path);
    for (const std::string &name : array == "*" ? source->names() : std::vector<std::string>{array})
      source->read(name);
  } catch (const io::FileError &error) {
    std::string text = error.what(), folder = std::filesystem::path(path).parent_path().string() + "/";
    for (size_t at; (at = text.find(folder)) != std::string::npos;)
      text.erase(at, folder.size());
    return text;
  }
  return "";
}

template <typename T> std::vector<T> values(const io::Array &array) {
  std::vector<T> result(array.data.size() / sizeof(T));
  std::memcpy(result.data(), array.data.data(), array.data.size());
  return result;
}

template <typename T> std::string bytesOf(std::initializer_list<T> list) {
  std::string result;
  for (T value : list)
    result.append(reinterpret_cast<const char *>(&value), sizeof(T));
  return result;
}

inline std::string npy(const std::string &header, const std::string &data, int version = 1) {
  std::string length = bytesOf<uint32_t>({static_cast<uint32_t>(header.size())});
  return std::string("\x93NUMPY") + static_cast<char>(version) + std::string(1, 0) + length.substr(0, version == 1 ? 2 : 4) +
         header + data;
}
inline std::string npy(const std::string &descr, const std::string &shape, const std::string &data, bool fortran) {
  return npy("{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape + ", }\n", data);
}

} // namespace ssm::test
#endif
