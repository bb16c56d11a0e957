// The files that the suite's tests are in (LinkMetadataStoreParts).
#pragma once

namespace portolan::store {

void LinkManifestTests();
void LinkTagTests();
void LinkFactTests();
void LinkReferrerTests();
void LinkBlobTests();
void LinkUploadTests();
void LinkGarbageTests();
void LinkCheckTests();
void LinkThreadTests();

}  // namespace portolan::store
