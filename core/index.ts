/** `image-dsl/plugin`: what plugin authors use. Only re-exports. */

// model
export { codeIdentity } from "./code-identity.ts";
export { kindOf, openRegular, readRegular, readRegularSync, streamRegular } from "./regular-file.ts";
export { ImageDslError, messageOf, placedIn, systemCodeOf, withDetails } from "./error.ts";
export { callingFile, sourcePlace } from "./source-place.ts";
export type { BuiltinErrorCode, ErrorCode } from "./error-codes.ts";
export type { BuiltinWarningCode, WarningCode } from "./warning-codes.ts";
export type { ErrorDetails, ErrorPlace } from "./error.ts";
export { decodeText, displayBytes, displayShort, encodeText } from "./model/bytes.ts";
export type { ClosureGraph, ClosureNode, Volatility } from "./closure/closure.ts";
export { digestFromHex, digestOf, digestOfChunks, digestOfTexts, hexOf, isDigest } from "./model/digest.ts";
export type { Digest } from "./model/digest.ts";
export { UNHEARD_READS, type HostReads } from "./model/host-reads.ts";
export { metaOf, modeOf, placedEntry } from "./model/entry.ts";
export type * from "./model/entry.ts";
export type { BuildEvent, CommandEvent, ErrorEvent, LayerEvent, OutputEvent } from "./model/event.ts";
export type { ProgressEvent, Stage, WarningEvent } from "./model/event.ts";
export type { AbsolutePath, Healthcheck, ImageConfig, Port } from "./model/image-config.ts";
export type { StopSignal } from "./model/stop-signal.ts";
export type * from "./model/remote-options.ts";
export type * from "./model/remote-work.ts";
export type * from "./model/image-spec.ts";
export { MANIFEST_FORMATS, imagesOf } from "./model/image-spec.ts";
export { canonicalJson, isRecord, parsedText, withoutMark, type Json } from "./model/json.ts";
export { jsonOfJsonc } from "./model/jsonc.ts";
export { repeatedKey } from "./model/repeated-key.ts";
export * from "./model/path.ts";
export type { LayerGroup, LayerPlan } from "./model/plan.ts";
export { screenJson, screenLine, screenText, withTexts } from "./model/screen-text.ts";
export { architectureOfNode, parsePlatform, platformText, type Platform } from "./model/platform.ts";
export { IMAGE_TAG, isImageName, isReference, isRepository } from "./model/reference.ts";
export { splitReference, wholeReference, withRegistry, type OwnName } from "./model/reference.ts";
export type { SchemaIssue, SchemaResult, StandardSchema } from "./model/schema.ts";
export { defineSource, isSource, type Source, type SourceDefinition, type SourcePlacement } from "./model/source.ts";
export { DEFAULT_MTIME, parseTime } from "./model/time.ts";

// limits
export { hasFewValues, hold } from "./limits/held-memory.ts";
export { beyond, isWithin, limitOf, requireWithin, type Most, type RaisedLimits } from "./limits/limits.ts";
export { isWithinRatio } from "./limits/ratio.ts";
export type { LimitName } from "./limits/table.ts";

// tree
export { derivedTrees, type DerivedTrees } from "./tree/derived-trees.ts";
export { oncePerContent } from "./tree/once-per-content.ts";
export { hostStatOf, openContent, readWhole, type ContentReader } from "./tree/content.ts";
export { cLibraries, type CLibrary } from "./tree/c-library.ts";
export { treeBelow } from "./tree/below.ts";
export { fileText } from "./tree/file-text.ts";
export { FileTree, directoryEntry } from "./tree/file-tree.ts";
export { hostPath, toFsPath } from "./tree/host.ts";
export { inlineFile } from "./tree/inline-file.ts";
export { sameEntry } from "./tree/equal.ts";
export { mergeTrees } from "./tree/merge.ts";
export { withEntries, withoutPaths } from "./tree/overlay.ts";
export { lookup, resolvePath } from "./tree/resolve.ts";
export { hostEntry, listAll, walk } from "./tree/walk.ts";

// tar
export { decodeEntries, encodeEntries, type TarPlace } from "./tar/entry-columns.ts";
export { indexTar } from "./tar/index-tar.ts";
export { readTarFiles } from "./tar/members.ts";
export { readTar } from "./tar/reader.ts";
export { tarChunks, tarSize } from "./tar/writer.ts";

// network
export { gathered } from "./http/gathered.ts";
export { httpGet, type HttpGetOptions } from "./http/get.ts";
export type { LeastSpeed } from "./http/least-speed.ts";
export { isInnerHost } from "./http/inner-host.ts";
export { isBrokenOff, isPassing, tlsTroubleOf } from "./http/failure.ts";
export { httpRequest } from "./http/request.ts";
export type { HttpMethod, HttpRequestOptions, HttpResponse } from "./http/request-options.ts";
export type { HttpBody, HttpStream } from "./http/send-body.ts";
export type { TlsSettings } from "./http/tls.ts";
export { isRetriable, patienceText, pause, waitBefore, type RetryPolicy } from "./http/retry.ts";
export { redactText, redactUrl } from "./redact.ts";
export { relay, type FarEnd, type Relay } from "./http/relay.ts";

// format: ar
export { readArMembers, type ArMember } from "./format/ar.ts";

// compression
export { decompress } from "./compress/decompress.ts";
export { readRange } from "./compress/read-range.ts";
export { compressionOfFile } from "./compress/detect-file.ts";
export { detectCompression, type CompressionFormat } from "./compress/detect.ts";
export { GZIP, ZSTD, type Codec } from "./compress/codec.ts";
export { compressStream } from "./compress/compress-stream.ts";
export type { CompressOptions } from "./compress/compress-streams.ts";
export type { UnpackInput, UnpackOutput } from "./compress/unpack.ts";

// options
export { imageAnnotationsSchema, indexAnnotationsSchema } from "./config/annotation-schemas.ts";
export * from "./config/option-schemas.ts";

// host
export {
  bootId,
  environment,
  groupId,
  homeDirectory,
  hostArchitecture,
  isRoot,
  kernelRelease,
  now,
  runtime,
  runtimeCommand,
  secretSeed,
  temporaryDirectory,
  userEnvironment,
  userId,
  userName,
} from "./host.ts";

// build
export type { VirtualMachineOptions } from "./model/virtual-machine.ts";
export { checkConfig } from "./config/check.ts";
export type { CheckedConfig } from "./config/check.ts";
export { findAndLoadConfig } from "./config/load.ts";
export { openStore } from "./store/disk-store.ts";
export { knownStoreDirectory } from "./store/location.ts";
export { createBuilder } from "./pipeline/builder.ts";
export { tellFindings } from "./engine/findings.ts";
export { TargetsFailed, type TargetFailure } from "./engine/failures.ts";
export { planBuild, runBuild, type PlannedImage } from "./engine/run-build.ts";
export type { BuildOptions } from "./engine/build-options.ts";
export { allUnlessInterrupted } from "./tasks/settled.ts";
export { unpackedArchive, type UnpackedArchive } from "./compress/unpacked-archive.ts";
export type { RunModuleInput } from "./tasks/worker-tasks.ts";
export { commandUrl, entryUrl } from "./tasks/worker-url.ts";
export { STAGE } from "./pipeline/hooks.ts";
export type { Build } from "./pipeline/build.ts";
export type * from "./pipeline/builder-hooks.ts";
export type * from "./pipeline/hooks.ts";
export type { Finding } from "./pipeline/finding.ts";
export type { AnswerSchema } from "./lock/answer.ts";
export { movedPinText, movedPins } from "./lock/moved-pins.ts";
export { indexOfPrevious } from "./lock/index-of-previous.ts";
export type { Lock, PreviousAnswer } from "./lock/lock.ts";
export type { CacheContext, CacheDefinition } from "./pipeline/cache-definition.ts";
export type { BuildContext } from "./pipeline/context.ts";
export type { RemoteContext, RemoteDefinition } from "./pipeline/remote-definition.ts";
export { onceInBuild, type OnceInBuild } from "./model/once-in-build.ts";
export type { Builder, Plugin } from "./pipeline/plugin.ts";
export type { Tasks, Token } from "./model/tasks.ts";
export type { SharedBlob, SharedCache, SharedEntry } from "./store/shared-cache/shared-cache.ts";
export { archiveIsHere, findArchiveIndex, keepArchiveIndex } from "./store/shared-cache/shared-archive.ts";
export { findRecord, keepRecord, type RecordPlaces } from "./store/shared-cache/shared-records.ts";
export type { ResultBlobs, SharedResults } from "./store/shared-cache/shared-results.ts";
export type { SharedCacheOptions } from "./model/shared-cache-options.ts";
export type { DerivedDirectory, Store, TemporaryDirectory } from "./store/store.ts";
export type { HistoryEntry, Image, ImageIndex, Layer, LayerBlob } from "./image/image.ts";
export { BASE } from "./image/base-image.ts";
export type { BaseImage } from "./image/base-image.ts";

// config
export { definePreset, isImageCall } from "./graph/preset.ts";
export type { ImageCall, ImagePreset, PresetDefinition, SpecOf } from "./graph/preset.ts";
export type { BuildGraph } from "./graph/build-graph.ts";
export { defineConfig } from "./config/config-types.ts";
export type { Config, ConfigContext, ConfigObject, ImageRecord, Images } from "./config/config-types.ts";
export { MAX_PORT, imageConfigSchema, isPort } from "./config/image-config-schema.ts";
export { nearest } from "./model/nearest.ts";

// format: ELF
export { MACHINE, readElf, readElfEntry, readElfOfHost, readLoaderDefaults, withEntryBytes } from "./format/elf.ts";
export type { ByteSource, ElfFile, LoaderDefaults } from "./format/elf.ts";
export {
  cacheFlags,
  compareLibraryNames,
  decodeLdSoCache,
  encodeLdSoCache,
  machineFamily,
} from "./format/ld-so-cache.ts";
export type { CacheEntry, LdSoCache } from "./format/ld-so-cache.ts";

// images as they are distributed
export { digestOfBlob } from "./distribution/blob.ts";
export { packArtifact } from "./distribution/artifact.ts";
export type { Artifact, Attached } from "./distribution/artifact.ts";
export type { Blob, BlobDigest, DocumentBlob } from "./distribution/blob.ts";
export { chooseImage, equallyMeant, namedImages, requireNamed, shownNames } from "./distribution/choose-image.ts";
export type { Candidate } from "./distribution/choose-image.ts";
export { blobPath } from "./distribution/descriptor.ts";
export type { Descriptor } from "./distribution/descriptor.ts";
export {
  checkDocument,
  checkLayerCount,
  mediaTypeOf,
  parseJson,
  readIndex,
  readManifest,
} from "./distribution/documents.ts";
export { DOCKER_TAKES, REGISTRIES_MAY_REFUSE, TOOLS_TAKE } from "./distribution/profiles.ts";
export type { RegistryFeature } from "./distribution/profiles.ts";
export { INDEX_TYPES, MANIFEST_TYPES, MEDIA_TYPE, compressionOfType } from "./distribution/media-types.ts";
export { descriptorJson } from "./distribution/pack-image.ts";
export type { PackedImage, PackedManifest } from "./distribution/pack-image.ts";
export { packTargets, writtenImage } from "./distribution/pack-targets.ts";
export type { PackedTarget, WrittenImage } from "./distribution/pack-targets.ts";
export { isTexts } from "./distribution/read-config.ts";
export { storedBase, storedImage } from "./distribution/stored-image.ts";
export type { StoredImage, StoredImages, StoredParts } from "./distribution/stored-image.ts";
export { readAt } from "./distribution/stored-layer.ts";
export type { FilePlace } from "./distribution/stored-layer.ts";
export { unsound } from "./distribution/unsound.ts";
export { NAME_ANNOTATIONS, isNoImage, namesOf, walkIndex } from "./distribution/walk-index.ts";
export { storedIndex } from "./distribution/stored-index.ts";

// image and output
export { asIs } from "./image/as-is.ts";
export { flattenInPieces, flattenLayers } from "./image/flatten.ts";
export { layerChoice } from "./image/layer-choice.ts";
export { runHint } from "./image/run-hint.ts";
export { MAX_LAYERS, validateImage } from "./image/validate.ts";
export { dockerArchive } from "./format/docker-archive.ts";
export { firstBytes, isArchiveFile } from "./format/archive-file.ts";
export { archiveEnd, member, smallMember } from "./format/archive-member.ts";
export { pump } from "./format/pump.ts";
export { writeChunks } from "./format/write-chunks.ts";
export { oneChunk } from "./model/one-chunk.ts";
export { exclusively } from "./store/exclusively.ts";
export { fileFact } from "./store/file-facts.ts";
export { madeFile, type MadeFile } from "./store/made-file.ts";
export { makeDirectory } from "./store/make-directory.ts";
export { fetchPinned } from "./store/pinned-file.ts";
export type { FetchedFile, FetchPinnedContext, PinnedFile } from "./store/pinned-file.ts";
export { ownOwner, ownerState } from "./store/owner.ts";
export { renameWhenWhole, replaceFile } from "./store/replace-file.ts";
export { sweepAbandoned } from "./store/temporary-files.ts";
export { temporaryName } from "./store/temporary-names.ts";
export { writeHashed } from "./store/write-hashed.ts";

// format: Nix archives
export { narChunks, narHash } from "./format/nar.ts";

// closure and layers
export { closureGraph, reachable } from "./closure/closure-graph.ts";
export { condense, type Unit } from "./closure/condense.ts";
export { planAuto } from "./plan/auto.ts";
export { checkPlan } from "./plan/check-plan.ts";
export { planByPopularity, popularityOf } from "./plan/popularity.ts";
export { layersOfImages, type LayersOfImages, type OtherLayers } from "./plan/stable/layers-of-images.ts";
export { nodeKeys } from "./plan/stable/plan-memory.ts";
export type { PlanMemory, RememberedLayer } from "./plan/stable/plan-memory.ts";
export { planStable } from "./plan/stable/plan-stable.ts";
export { memoryOfLayers, rememberPlan, type PlanUpdate } from "./plan/stable/remember-plan.ts";
export type { LayeringPipeline, LayeringStep } from "./model/layering-pipeline.ts";
export { parsePipeline } from "./plan/layering-pipeline/parse.ts";
export { layeringPipelineSchema, pipelineFileOf } from "./plan/layering-pipeline/pipeline-schema.ts";
export { planByPipeline } from "./plan/layering-pipeline/plan-by-pipeline.ts";
export type { NamedGroup, PipelineStep, Role, Selector, Selectors, SplitSpec } from "./plan/layering-pipeline/steps.ts";
export { describeIssues, unknownKeyMessage } from "./config/describe-issues.ts";
export { recordOf } from "./config/record-of.ts";
export { pathText } from "./config/problem.ts";
export { readJsonFile } from "./config/read-json.ts";

// format: user databases
export * from "./format/passwd.ts";

// command line
export { sizeText } from "./cli/size-text.ts";
export { textWriter, type TextWriter } from "./cli/text-writer.ts";
export { writeToStdout } from "./cli/stdout.ts";
export type { Program, Reporter, ReporterOptions } from "./cli/program.ts";
export { ticks } from "./host.ts";
export type { OwnExports } from "./config/own-exports.ts";

// scripts
export * from "./run/index.ts";
export { captureTree, type CaptureOptions, type Captured } from "./tree/capture.ts";
export type { Escape, FakedStat } from "./tree/file-identity.ts";
export { applyChanges, compareTrees, diffTrees, type TreeChanges } from "./tree/diff.ts";
export { orderedLookup } from "./tree/ordered-lookup.ts";
export { entriesDigest, treeDigest } from "./tree/digest.ts";
export { tellFiles } from "./tree/tell-files.ts";
export type { KnownTree } from "./tree/known-tree.ts";
export * from "./tree/automaton.ts";
export { globMatcher } from "./tree/glob.ts";
export { layOutTree, materializeTree, type LaidTree } from "./tree/materialize.ts";
export { giveTurn, inTurns, interruptible, visitAll, type Pausing } from "./tree/turns.ts";
export { definedGlibc, isNewer as isNewerGlibc, requiredGlibc, type GlibcVersion } from "./format/elf/versions.ts";
export { socketLeft } from "./tree/work-directory.ts";
export { findProgram, readLines, run as runProgram, type RunOptions, type RunResult } from "./process/child-process.ts";
export { programStream, type ProgramStream } from "./process/program-stream.ts";
export { socketFolder, type SocketFolder } from "./process/socket-folder.ts";
export type { ModuleGraph } from "./model/module-graph.ts";
export { HELPER_ENVIRONMENT } from "./process/helper-environment.ts";
// projects in JavaScript
export * from "./project/workspace-members.ts";
export * from "./project/project-locks.ts";
export * from "./project/launchers.ts";
export * from "./project/start-script.ts";
