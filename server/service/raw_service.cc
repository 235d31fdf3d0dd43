#include "server/service/raw_service.h"

#include "absl/strings/str_cat.h"
#include "grpcpp/impl/rpc_method.h"
#include "grpcpp/impl/rpc_service_method.h"

namespace digits {

RawService::RawService(const google::protobuf::ServiceDescriptor& service,
                       const std::set<int>& streams) {
  using grpc::internal::RpcMethod;
  const int methods = service.method_count();
  for (int i = 0; i < methods; ++i) {
    names_.push_back(absl::StrCat("/", service.full_name(), "/", service.method(i)->name()));
  }
  for (int i = 0; i < methods; ++i) {
    AddMethod(new grpc::internal::RpcServiceMethod(
        names_[static_cast<size_t>(i)].c_str(),
        streams.contains(i) ? RpcMethod::BIDI_STREAMING : RpcMethod::NORMAL_RPC, nullptr));
    MarkMethodRaw(i);
  }
}

}  // namespace digits
