#include "keygen/key_recipe.h"

#include "keygen/key_template.h"

namespace sigtoken {

KeyRecipe RecipeOfKeys() {
  const KeySpec spec;
  KeyRecipe recipe;
  recipe.attributes =
      RequiredAttributes(spec, Handle(TokenName::Omnipresent(), {1, 'T'}));
  // Who tries it has others.
  recipe.attributes.Remove(CKA_LABEL);
  recipe.attributes.Remove(CKA_ID);
  AddOptionalProtections(spec, recipe.attributes);
  for (const auto& [type, name] : OptionalProtections()) {
    recipe.optional.push_back({type, std::string(name)});
  }
  return recipe;
}

}  // namespace sigtoken
