// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The services of core/api, each in the file of its name.
#pragma once

#include "gateway/grpc_call.h"

#include <grpcpp/impl/service_type.h>
#include <memory>

namespace hanshu::gateway {

using SharedCore = std::shared_ptr<GrpcCore>;

[[nodiscard]] std::unique_ptr<grpc::Service> makeGrpcFunctionService(SharedCore core);
[[nodiscard]] std::unique_ptr<grpc::Service> makeGrpcInvocationService(SharedCore core);
[[nodiscard]] std::unique_ptr<grpc::Service> makeGrpcLogService(SharedCore core);
[[nodiscard]] std::unique_ptr<grpc::Service> makeGrpcMetricService(SharedCore core);
[[nodiscard]] std::unique_ptr<grpc::Service> makeGrpcTriggerService(SharedCore core);
[[nodiscard]] std::unique_ptr<grpc::Service> makeGrpcGrantService(SharedCore core);
[[nodiscard]] std::unique_ptr<grpc::Service> makeGrpcBucketService(SharedCore core);
[[nodiscard]] std::unique_ptr<grpc::Service> makeGrpcSystemService(SharedCore core);

}  // namespace hanshu::gateway
