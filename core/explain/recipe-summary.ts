/**
 * A recipe in a few bytes: enough to say later what changed. What an archive brings is told by its node as a whole,
 * since it changes with the archive only; each other entry by its path, in less than 100 bytes for a usual one.
 */
import type { LayerRecipe } from "../image/image.ts";
import { modeOf, type Entry, type Origin } from "../model/entry.ts";
import { digestOf, hexOf } from "../model/digest.ts";
import { bodyIdentity } from "../tree/digest.ts";
import { atOnce, visitAll, type Pausing } from "../tree/turns.ts";
import { rowWriter } from "./rows.ts";

/** What is told of an entry, or of all that a node brings: these, in this order, with blanks between. */
export const ASPECTS = ["paths", "type", "mode", "owner", "time", "attributes", "content"] as const;

export type Aspect = (typeof ASPECTS)[number];

export interface RecipeSummary {
  /** By origin: the entries' aspects, each as a digest of all. */
  readonly nodes: Readonly<Record<Origin, string>>;
  /** Of other entries in order a row (`rows.ts`) with the path, a byte string in which `//` stands for a line feed. */
  readonly paths: string;
  /** Of each a row with the aspects themselves, the content's identity as a digest. */
  readonly aspects: string;
}

export function summarize(recipe: LayerRecipe): RecipeSummary {
  return atOnce(summarizeInPieces(recipe));
}

/** As `summarize`, with pauses. */
export function* summarizeInPieces({ entries }: LayerRecipe): Pausing<RecipeSummary> {
  const byNode = new Map<Origin, Entry[]>();
  for (const entry of entries) {
    if (entry.type === "file" && entry.content.kind === "slice" && entry.origin !== undefined)
      byNode.set(entry.origin, []);
  }
  const paths = rowWriter();
  const aspects = rowWriter();
  yield* visitAll(entries, (entry) => {
    const node = entry.origin === undefined ? undefined : byNode.get(entry.origin);
    if (node !== undefined) {
      node.push(entry);
      return;
    }
    paths.add(entry.path.replaceAll("\n", "//"));
    aspects.add(`${aspectsOf(entry).join(" ")} ${contentTag(entry)}`);
  });
  const nodes = Object.fromEntries(Array.from(byNode, ([origin, all]) => [origin, joined(all)]));
  return { nodes, paths: paths.text(), aspects: aspects.text() };
}

function joined(entries: readonly Entry[]): string {
  const rows = entries.map((entry) => [...aspectsOf(entry), bodyIdentity(entry)]);
  rows.forEach((row, index) => (row[0] = entries[index]!.path));
  return ASPECTS.map((_, column) => shortDigest(rows.map((row) => row[column]).join("\n"))).join(" ");
}

/** Whatever is written to a host file, its ctime tells: that is had without hashing. */
function contentTag(entry: Entry): string {
  if (entry.type === "file" && entry.content.kind === "host" && entry.content.identity === undefined) {
    const { size, ctimeMs } = entry.content.stat;
    return lastBits(ctimeMs * 1000, 36) + lastBits(size, 15);
  }
  const content = bodyIdentity(entry);
  return content === "" ? "" : shortDigest(content);
}

function lastBits(value: number, bits: number): string {
  return (Math.round(value) % 2 ** bits).toString(36);
}

/** All but the content, of one entry, whose path is known. */
function aspectsOf(entry: Entry): readonly string[] {
  const names = entry.uname === undefined ? "" : `:${entry.uname}:${entry.gname ?? ""}`.replaceAll(/\s/g, "_");
  const attributes = entry.xattrs === undefined ? "" : shortDigest(JSON.stringify(Object.entries(entry.xattrs).sort()));
  return [
    "",
    entry.type,
    modeOf(entry).toString(8),
    `${entry.uid}:${entry.gid}${names}`,
    String(entry.mtime),
    attributes,
  ];
}

/** For comparing one thing with what it was, never with others: 48 bits do. */
function shortDigest(text: string): string {
  return Buffer.from(hexOf(digestOf(text)), "hex")
    .subarray(0, 6)
    .toString("base64url");
}
