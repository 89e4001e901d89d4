/** The calls of the Remote Execution API's services that are made, by their names in the specifications. */
import type { Method } from "./grpc/connection.ts";
import type { MessageType } from "./proto/message.ts";
import * as message from "./proto/messages.ts";

const API = "/build.bazel.remote.execution.v2";

export const CAPABILITIES = {
  get: method(`${API}.Capabilities/GetCapabilities`, message.GetCapabilitiesRequest, message.ServerCapabilities),
};

export const STORAGE = {
  findMissing: method(
    `${API}.ContentAddressableStorage/FindMissingBlobs`,
    message.FindMissingBlobsRequest,
    message.FindMissingBlobsResponse,
  ),
  update: method(
    `${API}.ContentAddressableStorage/BatchUpdateBlobs`,
    message.BatchUpdateBlobsRequest,
    message.BatchUpdateBlobsResponse,
  ),
  read: method(
    `${API}.ContentAddressableStorage/BatchReadBlobs`,
    message.BatchReadBlobsRequest,
    message.BatchReadBlobsResponse,
  ),
};

export const BYTE_STREAM = {
  read: method("/google.bytestream.ByteStream/Read", message.ReadRequest, message.ReadResponse),
  write: method("/google.bytestream.ByteStream/Write", message.WriteRequest, message.WriteResponse),
  status: method(
    "/google.bytestream.ByteStream/QueryWriteStatus",
    message.QueryWriteStatusRequest,
    message.QueryWriteStatusResponse,
  ),
};

export const ACTION_CACHE = {
  get: method(`${API}.ActionCache/GetActionResult`, message.GetActionResultRequest, message.ActionResult),
  update: method(`${API}.ActionCache/UpdateActionResult`, message.UpdateActionResultRequest, message.ActionResult),
};

export const EXECUTION = {
  execute: method(`${API}.Execution/Execute`, message.ExecuteRequest, message.Operation),
  wait: method(`${API}.Execution/WaitExecution`, message.WaitExecutionRequest, message.Operation),
  cancel: method("/google.longrunning.Operations/CancelOperation", message.CancelOperationRequest, message.Empty),
};

function method<Request, Response>(
  path: string,
  request: MessageType<Request>,
  response: MessageType<Response>,
): Method<Request, Response> {
  return { path, request, response };
}
