#include "portolan/store/sqlite_metadata_store.h"

#include <gtest/gtest.h>

#include "portolan/store/testing/metadata_store_suite.h"

namespace portolan::store {
namespace {

INSTANTIATE_TEST_SUITE_P(Sqlite, MetadataStoreSuite, testing::Values([](const std::string& folder) {
                           return OpenSqliteMetadataStore(folder + "/metadata.db", {});
                         }));

}  // namespace
}  // namespace portolan::store
