// How a key of ours is made, for those who try whether a module can.

#ifndef KEYGEN_KEY_RECIPE_H_
#define KEYGEN_KEY_RECIPE_H_

#include "pkcs11/capabilities/scratch.h"

namespace sigtoken {

// Of a key of category T that signs and verifies identity tokens, as `key
// generate` makes it.
KeyRecipe RecipeOfKeys();

}  // namespace sigtoken

#endif  // KEYGEN_KEY_RECIPE_H_
