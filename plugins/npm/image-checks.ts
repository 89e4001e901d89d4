/** What of the packages cannot work in the image that they came into, which is known once all of it is there. */
import {
  ImageDslError,
  cLibraries,
  isRecord,
  readWhole,
  treePath,
  type CLibrary,
  type Entry,
  type FileTree,
  type Finding,
  type Source,
} from "../../core/index.ts";
import { nodeId } from "./layout/nodes.ts";
import { DEST, type NpmOptions } from "./options.ts";
import { fitsSystem } from "./platform.ts";

/** What is found wrong with files of packages, an error where the source that brought them is strict. */
export function strictFindings(
  findings: readonly Finding[],
  tree: FileTree,
  contents: readonly Source[],
): readonly Finding[] {
  const strict = npmOptions(contents).filter((options) => options.strict === true);
  if (strict.length === 0) return findings;
  return findings.map((finding) => {
    const entries = (finding.files ?? []).flatMap((path) => tree.get(path) ?? []);
    return entries.some((entry) => strict.some((options) => isFrom(options, entry)))
      ? { ...finding, isError: true as const }
      : finding;
  });
}

/** Throws `E_NPM_PACKAGE` where packages were chosen for another C library than the image's. */
export function refuseOtherLibrary(tree: FileTree, contents: readonly Source[], target: string): void {
  const { glibc, musl } = cLibraries(tree);
  // With both each finds its own.
  if ((glibc === undefined) === (musl === undefined)) return;
  const own: CLibrary = glibc === undefined ? "musl" : "glibc";
  const others = npmOptions(contents).filter(({ libc = "glibc" }) => libc !== own);
  if (others.length === 0) return;
  const names = tree.entries().flatMap((entry) => {
    if (!others.some((options) => isFrom(options, entry))) return [];
    const [, name] = MANIFEST.exec(entry.path) ?? [];
    return name !== undefined && !runsWith(own, entry) ? [name] : [];
  });
  if (names.length === 0) return;
  const [first, ...more] = [...new Set(names)].toSorted();
  throw new ImageDslError(
    "E_NPM_PACKAGE",
    `${first}${more.length > 0 ? ` and ${more.length} more packages are` : " is"} not for ${own}, which is the C library of "${target}" (/${glibc ?? musl})`,
    { hint: `Let packages be chosen for it: npm({ libc: "${own}" })` },
  );
}

const MANIFEST = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\/package\.json$/;

function runsWith(libc: CLibrary, entry: Entry): boolean {
  if (entry.type !== "file") return true;
  let manifest: unknown;
  try {
    manifest = JSON.parse(Buffer.from(readWhole(entry)).toString("utf8"));
  } catch {
    return true;
  }
  const list = isRecord(manifest) ? manifest["libc"] : undefined;
  const names = [list].flat().filter((name) => typeof name === "string");
  return fitsSystem({ libc: names }, { os: "", cpu: "", libc });
}

function npmOptions(contents: readonly Source[]): readonly NpmOptions[] {
  return contents.filter(({ kind }) => kind === "npm").map(({ options }) => options as NpmOptions);
}

function isFrom({ dest = DEST }: NpmOptions, { origin }: Entry): boolean {
  return origin?.startsWith(nodeId("", treePath(dest))) === true;
}
