// The files that the suite's tests are in (LinkMetadataStoreParts).
#pragma once

namespace portolan::store {

void LinkManifestTests();
void LinkTagTests();

}  // namespace portolan::store
