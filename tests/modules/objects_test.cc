// Contract: what CSFPTRC, CSFPSAV, CSFPGAV, CSFPTRL and CSFPTRD do with
// objects.

#include <functional>
#include <string>
#include <vector>

#include "tests/keygen/keys_of_others.h"
#include "tests/keygen/services/service_fixture.h"
#include "tests/modules/contract.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken::testing {
namespace {

class ObjectsTest : public ContractTest {
 protected:
  // What the services see, in a child.
  class Services {
   public:
    explicit Services(Icsf& icsf) : icsf_(icsf) {}

    Result<sigtoken::Handle> Create(const List& list) {
      return TokenRecordCreate(
          icsf_, {sigtoken::Handle(Name(kBound)).Format(), "OBJECT  ",
                  FormatAttributeList(list, kOrder), kOrder});
    }
    Result<sigtoken::Handle> Copy(const sigtoken::Handle& source,
                                  const List& list) {
      return TokenRecordCreate(icsf_,
                               {source.Format(), "OBJECT  COPY    ",
                                FormatAttributeList(list, kOrder), kOrder});
    }
    Status Set(const sigtoken::Handle& handle, const List& list) {
      return SetAttributeValue(
          icsf_,
          {handle.Format(), "", FormatAttributeList(list, kOrder), kOrder});
    }
    std::vector<std::uint8_t> Value(const sigtoken::Handle& handle,
                                    CK_ATTRIBUTE_TYPE type) {
      const auto list =
          Must(GetAttributeValue(icsf_, {handle.Format(), "", 32752, kOrder}));
      for (const auto& each : Must(ParseAttributeList(list, kOrder))) {
        if (each.type == type) return {each.value.begin(), each.value.end()};
      }
      return {};
    }
    std::size_t Count(const List& wanted) {
      return Must(TokenRecordList(
                      icsf_,
                      {sigtoken::Handle(Name(kBound)).Format(), "OBJECT  ",
                       FormatAttributeList(wanted, kOrder), 4400, 100, kOrder}))
          .count;
    }
    std::vector<std::uint8_t> Sign(const sigtoken::Handle& handle) {
      return SignWith(Must(icsf_.FindKey(handle)), "text");
    }
    Status Delete(const sigtoken::Handle& handle) {
      return TokenRecordDelete(icsf_, {handle.Format(), "OBJECT  "});
    }

   private:
    Icsf& icsf_;
  };

  void With(const std::function<void(Services&)>& work) const {
    EXPECT_TRUE(RunForked([&] {
      const auto directory = Must(Directory::Open(module_->configuration()));
      Icsf icsf(*directory);
      Services services(icsf);
      work(services);
    }));
  }
};

TEST_P(ObjectsTest, AKeyIsChangedAndStaysTheSameKey) {
  With([](Services& services) {
    const auto key = Must(
        services.Create(testing::With(KeyToBring(), {Text(CKA_LABEL, "one")})));
    const auto before = services.Sign(key);
    const Status set = services.Set(
        key,
        {Text(CKA_LABEL, "two"), Text(CKA_ID, "id"), Flag(CKA_VERIFY, false)});
    ASSERT_TRUE(set) << MessageOf(set);
    EXPECT_EQ(services.Value(key, CKA_LABEL), BytesOf("two"));
    EXPECT_EQ(services.Value(key, CKA_ID), BytesOf("id"));
    EXPECT_EQ(services.Sign(key), before);
    EXPECT_EQ(services.Count({}), 1U);
    EXPECT_EQ(services.Count({Text(CKA_LABEL, "two")}), 1U);
    EXPECT_EQ(services.Count({Text(CKA_LABEL, "one")}), 0U);
  });
  // Another process sees it so.
  With([](Services& services) {
    const sigtoken::Handle key(Name(kBound), {1, 'T'});
    EXPECT_EQ(services.Value(key, CKA_LABEL), BytesOf("two"));
    EXPECT_EQ(services.Sign(key).size(), 32U);
    ASSERT_TRUE(services.Delete(key));
    EXPECT_EQ(services.Count({}), 0U);
  });
}

TEST_P(ObjectsTest, ACopyIsTheSameKey) {
  With([](Services& services) {
    const auto key = Must(services.Create(KeyToBring()));
    const auto copy = services.Copy(key, {Text(CKA_LABEL, "copy")});
    ASSERT_TRUE(copy) << MessageOf(copy);
    EXPECT_EQ(services.Sign(*copy), services.Sign(key));
    const auto session = services.Copy(key, {Flag(CKA_TOKEN, false)});
    ASSERT_TRUE(session) << MessageOf(session);
    EXPECT_EQ(services.Sign(*session), services.Sign(key));
    EXPECT_EQ(services.Count({}), 3U);
  });
}

TEST_P(ObjectsTest, ASessionKeyOutlivesTheMakingOfOthers) {
  With([](Services& services) {
    const auto key = Must(
        services.Create(testing::With(KeyToBring(), {Flag(CKA_TOKEN, false)})));
    const auto before = services.Sign(key);
    Must(services.Create(KeyToBring()));
    EXPECT_EQ(services.Sign(key), before);
    ASSERT_TRUE(services.Delete(key));
    EXPECT_EQ(services.Count({}), 1U);
  });
}

TEST_P(ObjectsTest, ADataObjectIsMadeChangedAndDeletedWhereThereAreAny) {
  With([](Services& services) {
    const auto data = services.Create(DataToBring());
    if (std::string_view(traits().name) == "nss") {
      // It has none (measured), and says so.
      EXPECT_THAT(data, FailsWith(kAttributeValueInvalid));
      return;
    }
    ASSERT_TRUE(data) << MessageOf(data);
    const Status set = services.Set(*data, {Text(CKA_APPLICATION, "ours")});
    ASSERT_TRUE(set) << MessageOf(set);
    EXPECT_EQ(services.Value(*data, CKA_APPLICATION), BytesOf("ours"));
    EXPECT_EQ(services.Value(*data, CKA_VALUE), BytesOf("some data"));
    EXPECT_EQ(services.Count({Number(CKA_CLASS, CKO_DATA)}), 1U);
    ASSERT_TRUE(services.Delete(*data));
    EXPECT_EQ(services.Count({}), 0U);
  });
}

INSTANTIATE_TEST_SUITE_P(Contract, ObjectsTest, EachModule(), ModuleName);

}  // namespace
}  // namespace sigtoken::testing
