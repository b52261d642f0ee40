#include "pkcs11/tokens/key_marks.h"

#include <algorithm>

#include "pkcs11/cryptoki/objects.h"

namespace sigtoken {

KeyMarks::KeyMarks(const FoundKey& found) {
  const KeyAttributes& attributes = found.attributes;
  marks_ = {{CKA_ID, attributes.id}};
  if (found.handle && found.origin == Origin::kOurs) return;
  marks_.push_back(
      {CKA_LABEL, {attributes.label.begin(), attributes.label.end()}});
}

Status KeyMarks::Check(Session& session, CK_OBJECT_HANDLE object) const {
  if (std::all_of(marks_.begin(), marks_.end(),
                  [](const Mark& mark) { return mark.value.empty(); })) {
    return Ok();
  }
  for (const Mark& mark : marks_) {
    auto value = ReadBytes(session, object, mark.type);
    if (!value && ToIcsf(value.error()).return_code != 8) return value.error();
    // An object that has no such attribute has it empty; one that is gone has
    // neither, and so not the one that is not.
    if ((value ? *value : std::vector<std::uint8_t>()) == mark.value) continue;
    return sigtoken::Check({CKR_OBJECT_HANDLE_INVALID, "C_GetAttributeValue"},
                           "see whether the key is the same still");
  }
  return Ok();
}

}  // namespace sigtoken
