/** What the debian plugin uses of this folder. Only re-exports. */
export { parseControl } from "./control.ts";
export type { Field, Stanza } from "./control.ts";
export { alternativesText, parseRelations, relationText } from "./dependency.ts";
export type { Alternatives, Constraint, Relation } from "./dependency.ts";
export { matcherOf } from "./matching.ts";
export { newestOf, packageIndex } from "./package-index.ts";
export type { ArchiveText, PackageIndex } from "./package-index.ts";
export type { PackageRecord } from "./package-record.ts";
export { poolPath } from "./pool-path.ts";
export { reasonText, resolveClosure } from "./resolver.ts";
export type { Closure, ClosureRequest, Reason, ResolvedPackage } from "./resolver.ts";
export { md5sumsPath, statusPath, statusStanza } from "./status.ts";
export { compareVersions, isVersion, satisfiesConstraint } from "./version.ts";
export type { Operator } from "./version.ts";
