// What the registry does, a function per resource and method; routes.cc says when which is called.
#pragma once

#include "portolan/async/task.h"
#include "portolan/base/result.h"
#include "portolan/http/message.h"
#include "portolan/server/call.h"

namespace portolan::server {

/// An Error is rendered by the caller. The answer to a HEAD is the GET's; the server leaves out its
/// body.
using Answer = async::Task<Result<http::Response>>;

// base.cc
Answer GetBase(Backend& backend, Call& call);
Answer GetExtensions(Backend& backend, Call& call);

// listing.cc
Answer ListTags(Backend& backend, Call& call);
Answer ListRepositories(Backend& backend, Call& call);

// referrers.cc
Answer ListReferrers(Backend& backend, Call& call);

// manifest.cc, manifest_push.cc
Answer GetManifest(Backend& backend, Call& call);
Answer PutManifest(Backend& backend, Call& call);
Answer DeleteManifest(Backend& backend, Call& call);

// blob.cc
Answer GetBlob(Backend& backend, Call& call);
Answer DeleteBlob(Backend& backend, Call& call);

// upload_start.cc, upload.cc
Answer StartUpload(Backend& backend, Call& call);
Answer GetUpload(Backend& backend, Call& call);
Answer PatchUpload(Backend& backend, Call& call);
Answer PutUpload(Backend& backend, Call& call);
Answer DeleteUpload(Backend& backend, Call& call);

// tag_history.cc
Answer GetTagHistory(Backend& backend, Call& call);
Answer RestoreTag(Backend& backend, Call& call);

}  // namespace portolan::server
