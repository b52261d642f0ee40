#include "pkcs11/tokens/key_marks.h"

#include <algorithm>

#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/tokens/recovery.h"

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
  std::vector<CK_ATTRIBUTE_TYPE> types;
  for (const Mark& mark : marks_) types.push_back(mark.type);
  // In one call, for it is made behind each MAC.
  const auto values = ReadAttributes(session, object, types);
  if (!values && !IsObjectGone(values.error())) return values.error();
  for (const Mark& mark : marks_) {
    // An object that has no such attribute has it empty; one that is gone has
    // neither, and so not the one that is not.
    std::vector<std::uint8_t> value;
    if (values && values->contains(mark.type)) value = values->at(mark.type);
    if (value == mark.value) continue;
    return sigtoken::Check({CKR_OBJECT_HANDLE_INVALID, "C_GetAttributeValue"},
                           "see whether the key is the same still");
  }
  return Ok();
}

}  // namespace sigtoken
