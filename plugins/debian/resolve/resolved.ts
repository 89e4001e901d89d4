/** The closure as plain data: what is to be fetched, who needs whom, and why each package is there. */
import { ImageDslError } from "../../../core/index.ts";
import { ALGORITHMS, type Checksum } from "../checksum.ts";
import { configurationOrder, edgeText } from "./closure.ts";
import type { Member, Members } from "./closure.ts";
import type { Stanza } from "./control.ts";
import type { Matcher } from "./matching.ts";
import type { PackageIndex } from "./package-index.ts";
import type { PackageRecord } from "./package-record.ts";
import { poolPath } from "./pool-path.ts";
import { needsExcluded } from "./solve.ts";
import type { ClosureRequest, Solution } from "./solve.ts";

export interface ResolvedPackage {
  /** `debian:ARCHITECTURE/NAME=VERSION`. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** The package's own: `all` or the index's. */
  readonly architecture: string;
  /** The label of the archive it is from. */
  readonly archive: string;
  /** Relative to the archive's root. */
  readonly filename: string;
  readonly size: number;
  readonly checksum: Checksum;
  /** Ids of what it needs, sorted: Pre-Depends, Depends and, where they were asked for, Recommends. */
  readonly depends: readonly string[];
  /** Those of them that must be configured before it is unpacked. */
  readonly preDepends: readonly string[];
  /** Ids of the closure's packages whose files it may take over. */
  readonly replaces: readonly string[];
  readonly reason: Reason;
}

export type Reason =
  /** `provides`: the virtual package that was asked for. */
  | { readonly kind: "requested"; readonly request: string; readonly provides?: string }
  | { readonly kind: "essential" }
  /** `of`: an id. `relation`: the field and its text. `provides`: the virtual package it stands in for. */
  | { readonly kind: "dependency"; readonly of: string; readonly relation: string; readonly provides?: string };

export interface Closure {
  /** Each behind what it needs, as far as cycles allow: the order in which packages are configured. */
  readonly packages: readonly ResolvedPackage[];
  /** Dependencies left open because of `exclude`: the id of their owner and their text. */
  readonly open: readonly { readonly of: string; readonly relation: string }[];
}

/** The closure of a solution without a problem. Throws `E_DEBIAN_METADATA`. */
export function closureOf(request: ClosureRequest, matches: Matcher, { requests, members }: Solution): Closure {
  const { index } = request;
  const ordered = configurationOrder(members);
  const excluded = new Set(request.exclude);
  const open = ordered.flatMap(({ record }) =>
    (["Pre-Depends", "Depends"] as const).flatMap((field) =>
      index
        .relationsOf(record, field)
        .filter((alternatives) => needsExcluded(alternatives, matches, excluded))
        .map((alternatives) => ({ of: idOf(record), relation: edgeText({ field, alternatives }) })),
    ),
  );
  return { packages: ordered.map((member) => resolved(index, matches, requests, members, member)), open };
}

function resolved(
  index: PackageIndex,
  matches: Matcher,
  requests: Solution["requests"],
  members: Members,
  member: Member,
): ResolvedPackage {
  const { record, edges } = member;
  const stanza = index.stanzaOf(record);
  const filename = poolPath(Buffer.from(stanza.get("Filename") ?? "", "latin1").toString("utf8"));
  const size = stanza.get("Size") ?? "";
  const checksum = checksumIn(stanza);
  if (filename === undefined || !/^[0-9]{1,15}$/.test(size) || checksum === undefined) {
    throw new ImageDslError(
      "E_DEBIAN_METADATA",
      `The index "${index.archives[record.archive]}" gives no valid Filename, Size and SHA256 or SHA512 of "${record.name}" ${record.version}`,
      { hint: "The archive serves damaged or very old metadata: try another mirror" },
    );
  }
  const isMember = (other: PackageRecord): boolean => members.get(other.name)?.record === other;
  // What is only provided is not replaced.
  const replaced = index
    .relationsOf(record, "Replaces")
    .flatMap((alternatives) =>
      alternatives.flatMap((relation) =>
        matches(relation).filter((other) => other !== record && other.name === relation.name && isMember(other)),
      ),
    );
  return {
    id: idOf(record),
    name: record.name,
    version: record.version,
    architecture: record.architecture,
    archive: index.archives[record.archive] ?? "",
    filename,
    size: Number(size),
    checksum,
    depends: idsOf(edges.map(({ target }) => target).filter((target) => target !== record)),
    preDepends: idsOf(edges.filter(({ field }) => field === "Pre-Depends").map(({ target }) => target)),
    replaces: idsOf(replaced),
    reason: reasonOf(member, requests),
  };
}

/** None where what it has first is not a checksum: a damaged one is not made good by another. */
function checksumIn(stanza: Stanza): Checksum | undefined {
  const announced = ALGORITHMS.find(({ algorithm }) => stanza.get(algorithm) !== undefined);
  const hex = announced && stanza.get(announced.algorithm);
  if (announced === undefined || hex?.length !== announced.digits || !/^[0-9a-f]+$/.test(hex)) return undefined;
  return { algorithm: announced.algorithm, hex };
}

function reasonOf({ record, from }: Member, requests: Solution["requests"]): Reason {
  const request = requests.get(record.name);
  if (request !== undefined) {
    const { text, provides } = request;
    return provides === undefined
      ? { kind: "requested", request: text }
      : { kind: "requested", request: text, provides };
  }
  if (from === undefined) return { kind: "essential" };
  const { owner, edge } = from;
  const reason = { kind: "dependency", of: idOf(owner), relation: edgeText(edge) } as const;
  return edge.relation.name === record.name ? reason : { ...reason, provides: edge.relation.name };
}

function idsOf(records: readonly PackageRecord[]): readonly string[] {
  return Array.from(new Set(records.map(idOf))).toSorted();
}

function idOf(record: PackageRecord): string {
  return `debian:${record.architecture}/${record.name}=${record.version}`;
}

/** One line for people: why a package is there. */
export function reasonText(reason: Reason): string {
  const standsFor = "provides" in reason && reason.provides !== undefined ? `, as ${reason.provides}` : "";
  switch (reason.kind) {
    case "requested":
      return `requested${standsFor}`;
    case "essential":
      return "essential";
    case "dependency":
      return `needed by ${reason.of} (${reason.relation})${standsFor}`;
  }
}
