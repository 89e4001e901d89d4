/**
 * The messages of the Remote Execution API 2 (build.bazel.remote.execution.v2), of google.bytestream and of google.rpc, as far as this
 * client writes or reads them. Names and numbers are those of the specifications; fields that we neither need nor send are left out.
 */
import { bool, bytes, int, ints, message, messages, messageType, string, strings, type Message } from "./message.ts";

export const BlobDigest = messageType({ hash: string(1), sizeBytes: int(2) });

// What a task is.

const FileNode = messageType({ name: string(1), digest: message(2, BlobDigest), isExecutable: bool(4) });
const DirectoryNode = messageType({ name: string(1), digest: message(2, BlobDigest) });
export const Directory = messageType({ files: messages(1, FileNode), directories: messages(2, DirectoryNode) });

const NameAndValue = messageType({ name: string(1), value: string(2) });
const Platform = messageType({ properties: messages(1, NameAndValue) });

/** `outputFiles` is for servers older than version 2.1, `platform` for those older than 2.2; newer ones look elsewhere. */
export const Command = messageType({
  arguments: strings(1),
  environmentVariables: messages(2, NameAndValue),
  outputFiles: strings(3),
  platform: message(5, Platform),
  outputPaths: strings(7),
});

const Duration = messageType({ seconds: int(1) });

export const Action = messageType({
  commandDigest: message(1, BlobDigest),
  inputRootDigest: message(2, BlobDigest),
  timeout: message(6, Duration),
  platform: message(10, Platform),
});

// What comes of it.

const OutputFile = messageType({ path: string(1), digest: message(2, BlobDigest), isExecutable: bool(4) });
const ExecutedActionMetadata = messageType({ worker: string(1) });

export const ActionResult = messageType({
  outputFiles: messages(2, OutputFile),
  exitCode: int(4),
  stdoutRaw: bytes(5),
  stdoutDigest: message(6, BlobDigest),
  stderrRaw: bytes(7),
  stderrDigest: message(8, BlobDigest),
  executionMetadata: message(9, ExecutedActionMetadata),
});

/** What it holds is named by `typeUrl`, and has to be looked at before it is decoded: servers put their own messages there. */
const Any = messageType({ typeUrl: string(1), value: bytes(2) });
export const Status = messageType({ code: int(1), message: string(2), details: messages(3, Any) });

export const ExecuteRequest = messageType({
  instanceName: string(1),
  skipCacheLookup: bool(3),
  actionDigest: message(6, BlobDigest),
});
export const WaitExecutionRequest = messageType({ name: string(1) });
export const CancelOperationRequest = messageType({ name: string(1) });
export const Empty = messageType({});

/** google.longrunning.Operation. */
export const Operation = messageType({
  name: string(1),
  done: bool(3),
  error: message(4, Status),
  response: message(5, Any),
});
export const EXECUTE_RESPONSE = "type.googleapis.com/build.bazel.remote.execution.v2.ExecuteResponse";
export const ExecuteResponse = messageType({
  result: message(1, ActionResult),
  cachedResult: bool(2),
  status: message(3, Status),
  message: string(5),
});

export const GetActionResultRequest = messageType({ instanceName: string(1), actionDigest: message(2, BlobDigest) });
export const UpdateActionResultRequest = messageType({
  instanceName: string(1),
  actionDigest: message(2, BlobDigest),
  actionResult: message(3, ActionResult),
});

// Blobs.

export const FindMissingBlobsRequest = messageType({ instanceName: string(1), blobDigests: messages(2, BlobDigest) });
export const FindMissingBlobsResponse = messageType({ missingBlobDigests: messages(2, BlobDigest) });

const DigestAndData = messageType({ digest: message(1, BlobDigest), data: bytes(2) });
const DigestAndStatus = messageType({ digest: message(1, BlobDigest), status: message(2, Status) });
const ReadAnswer = messageType({ digest: message(1, BlobDigest), data: bytes(2), status: message(3, Status) });
export const BatchUpdateBlobsRequest = messageType({ instanceName: string(1), requests: messages(2, DigestAndData) });
export const BatchUpdateBlobsResponse = messageType({ responses: messages(1, DigestAndStatus) });
export const BatchReadBlobsRequest = messageType({ instanceName: string(1), digests: messages(2, BlobDigest) });
export const BatchReadBlobsResponse = messageType({ responses: messages(1, ReadAnswer) });

/** google.bytestream. */
export const ReadRequest = messageType({ resourceName: string(1), readOffset: int(2), readLimit: int(3) });
export const ReadResponse = messageType({ data: bytes(10) });
export const WriteRequest = messageType({
  resourceName: string(1),
  writeOffset: int(2),
  finishWrite: bool(3),
  data: bytes(10),
});
export const WriteResponse = messageType({ committedSize: int(1) });
export const QueryWriteStatusRequest = messageType({ resourceName: string(1) });
export const QueryWriteStatusResponse = messageType({ committedSize: int(1), complete: bool(2) });

// What a server can do.

const SemVer = messageType({ major: int(1), minor: int(2), patch: int(3), prerelease: string(4) });
const ActionCacheUpdate = messageType({ updateEnabled: bool(1) });
const CacheCapabilities = messageType({
  digestFunctions: ints(1),
  actionCacheUpdateCapabilities: message(2, ActionCacheUpdate),
  maxBatchTotalSizeBytes: int(4),
});
const ExecutionCapabilities = messageType({ digestFunction: int(1), execEnabled: bool(2), digestFunctions: ints(5) });

export const GetCapabilitiesRequest = messageType({ instanceName: string(1) });
export const ServerCapabilities = messageType({
  cacheCapabilities: message(1, CacheCapabilities),
  executionCapabilities: message(2, ExecutionCapabilities),
  lowApiVersion: message(4, SemVer),
  highApiVersion: message(5, SemVer),
});

/** The member of the enum DigestFunction. */
export const SHA256 = 1;

export type ActionResultMessage = Message<typeof ActionResult>;
export type StatusMessage = Message<typeof Status>;
export type ServerCapabilitiesMessage = Message<typeof ServerCapabilities>;
