#include "pkcs11/setup/pin_source.h"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

#include "tests/pkcs11/result_matchers.h"
#include "tests/pkcs11/temporary_folder.h"

namespace sigtoken {
namespace {

using testing::CureOf;
using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;
using testing::TemporaryFolder;

std::string Text(const Result<Secret>& secret) {
  if (!secret) return ToText(secret.error());
  return {reinterpret_cast<const char*>(secret->data()), secret->size()};
}

TEST(PinSourceTest, ReadsTheFormsOfAFile) {
  for (const char* text : {"file:/a/b", "file:///a/b", "/a/b"}) {
    const auto source = PinSource::Parse(text);
    ASSERT_THAT(source, IsOk()) << text;
    EXPECT_EQ(source->kind(), PinSource::Kind::kFile);
    EXPECT_EQ(*source->FilePath(), "/a/b");
    EXPECT_EQ(source->Format(), "/a/b");
  }
}

TEST(PinSourceTest, ReadsWhatItWrites) {
  for (const char* text : {"/a", "//a", "file:////a", "/file:/a",
                           "credential:a", "credential:file:", "fd:7"}) {
    const auto source = PinSource::Parse(text);
    ASSERT_THAT(source, IsOk()) << text;
    EXPECT_EQ(*PinSource::Parse(source->Format()), *source) << text;
  }
}

TEST(PinSourceTest, ReadsTheOtherForms) {
  const auto credential = PinSource::Parse("credential:idt.pin");
  ASSERT_THAT(credential, IsOk());
  EXPECT_EQ(credential->kind(), PinSource::Kind::kCredential);
  EXPECT_EQ(credential->Format(), "credential:idt.pin");
  const auto descriptor = PinSource::Parse("fd:0");
  ASSERT_THAT(descriptor, IsOk());
  EXPECT_EQ(descriptor->kind(), PinSource::Kind::kDescriptor);
  EXPECT_EQ(descriptor->Format(), "fd:0");
  EXPECT_EQ(*descriptor->FilePath(), "");
}

TEST(PinSourceTest, RefusesEveryOtherText) {
  using namespace std::string_literals;
  for (const std::string& text : {""s,
                                  " "s,
                                  "8642"s,
                                  "pin"s,
                                  "./pin"s,
                                  "~/pin"s,
                                  "file:"s,
                                  "file:pin"s,
                                  "file://"s,
                                  "file://host/pin"s,
                                  "FILE:/pin"s,
                                  "file:/a\0b"s,
                                  "|cat /pin"s,
                                  "|"s,
                                  "env:PIN"s,
                                  "http://h/pin"s,
                                  "https://h/pin"s,
                                  "data:,8642"s,
                                  "pass:8642"s,
                                  "fd:"s,
                                  "fd:-1"s,
                                  "fd:x"s,
                                  "fd:1x"s,
                                  "fd: 1"s,
                                  "fd:+1"s,
                                  "fd:2147483648"s,
                                  "credential:"s,
                                  "credential:."s,
                                  "credential:.."s,
                                  "credential:a/b"s,
                                  "credential:/a"s,
                                  "credential:a\0"s,
                                  "stdin"s,
                                  "ask"s,
                                  "-"s}) {
    SCOPED_TRACE(text);
    EXPECT_THAT(PinSource::Parse(text), FailsWith(kParameterInvalid));
  }
}

TEST(PinSourceTest, SaysWhatItRefusesWithoutRepeatingWhatMayBeAPin) {
  for (const auto& [text, message] : std::array<std::array<const char*, 2>, 7>{{
           {"8642", "the PIN source is none that sigtoken knows"},
           {"|echo 8642",
            "the PIN source is a command: a PIN source does not run programs"},
           {"env:8642",
            "the PIN source is an environment variable: children and other "
            "tools see those"},
           {"pass:8642", "the PIN source is the PIN itself"},
           {"file:8642", "the PIN source is file: without an absolute path"},
           {"fd:8642x",
            "the PIN source is fd: without the number of a descriptor"},
           {"credential:86/42",
            "the PIN source is credential: without the plain name of a "
            "credential"},
       }}) {
    EXPECT_EQ(MessageOf(PinSource::Parse(text)), message);
  }
  EXPECT_EQ(CureOf(PinSource::Parse("8642")),
            "put the PIN into a file of mode 0600 and write file:/PATH, or "
            "credential:NAME for a systemd credential, fd:NUMBER, or prompt:");
}

TEST(PinSourceTest, ReadsThePinOfAFile) {
  const TemporaryFolder folder;
  const auto file = folder.Write("pin", "8642\n");
  EXPECT_EQ(Text(PinSource::Parse(file.native())->Read("PIN")), "8642");
}

TEST(PinSourceTest, ReadsAPinOfTheGreatestLengthButNoLongerOne) {
  const TemporaryFolder folder;
  const std::string longest(PinSource::kMaxPinBytes, '1');
  const auto source =
      PinSource::Parse(folder.Write("pin", longest + "\r\n").native());
  ASSERT_THAT(source, IsOk());
  EXPECT_EQ(Text(source->Read("PIN")), longest);
  folder.Write("pin", longest + "1\n");
  EXPECT_THAT(source->Read("PIN"), FailsWith(kNotAuthorized));
}

TEST(PinSourceTest, RefusesAnEmptyPin) {
  const TemporaryFolder folder;
  for (const char* text : {"", "\n", "\r\n"}) {
    const auto file = folder.Write("pin", text);
    const auto refused = PinSource::Parse(file.native())->Read("PIN");
    EXPECT_THAT(refused, FailsWith(kNotAuthorized));
    EXPECT_EQ(MessageOf(refused), "there is no PIN in '" + file.native() + "'");
  }
}

TEST(PinSourceTest, RefusesAPinThatOthersMayRead) {
  const TemporaryFolder folder;
  const auto file = folder.Write("pin", "8642", 0644);
  const auto refused = PinSource::Parse(file.native())->Read("PIN");
  EXPECT_THAT(refused, FailsWith(kNotAuthorized));
  EXPECT_EQ(CureOf(refused), "run: chmod 600 '" + file.native() + "'");
}

TEST(PinSourceTest, ReadsADescriptor) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  ASSERT_EQ(::write(pipe[1], "8642\n", 5), 5);
  ::close(pipe[1]);
  const auto source = PinSource::Parse("fd:" + std::to_string(pipe[0]));
  ASSERT_THAT(source, IsOk());
  EXPECT_EQ(Text(source->Read("PIN")), "8642");
  EXPECT_EQ(MessageOf(source->Read("PIN")),
            "there is no PIN in 'fd:" + std::to_string(pipe[0]) + "'");
  ::close(pipe[0]);
}

TEST(PinSourceTest, ReadsACredential) {
  const TemporaryFolder folder;
  folder.Write("idt.pin", "8642\n", 0400);
  ASSERT_EQ(::setenv("CREDENTIALS_DIRECTORY", folder.path().c_str(), 1), 0);
  EXPECT_EQ(Text(PinSource::Parse("credential:idt.pin")->Read("PIN")), "8642");
  EXPECT_THAT(PinSource::Parse("credential:other")->Read("PIN"),
              FailsWith(kNotAuthorized));
  ::unsetenv("CREDENTIALS_DIRECTORY");
}

TEST(PinSourceTest, SaysThatThereAreNoCredentials) {
  ::unsetenv("CREDENTIALS_DIRECTORY");
  const auto refused = PinSource::Parse("credential:idt.pin")->Read("PIN");
  EXPECT_THAT(refused, FailsWith(kNotAuthorized));
  EXPECT_EQ(MessageOf(refused),
            "there is no credential 'idt.pin': CREDENTIALS_DIRECTORY is not "
            "set");
}

}  // namespace
}  // namespace sigtoken
