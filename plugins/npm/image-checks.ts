/** What of the packages cannot work in the image that they came into, which is known once all of it is there. */
import {
  BASE,
  ImageDslError,
  cLibraries,
  isRecord,
  isSource,
  isUnder,
  parsedText,
  readWhole,
  treePath,
  type CLibrary,
  type Entry,
  type FileTree,
  type Finding,
  type ImageSpec,
  type Source,
} from "../../core/index.ts";
import { nodeId } from "./layout/nodes.ts";
import { DEST, type NpmOptions } from "./options.ts";
import { fitsSystem } from "./platform.ts";

/**
 * What is found wrong with files of packages, with their names and what helps there; an error where the source that brought them is strict, be it
 * one of an image of the config that this one is built on: that alone may lack what this one brings.
 */
export function packageFindings(
  findings: readonly Finding[],
  tree: FileTree,
  spec: Pick<ImageSpec, "contents" | "base">,
): readonly Finding[] {
  const own = npmOptions(spec.contents);
  const below = npmOptions(contentsBelow(spec));
  return findings.map((finding) => {
    const entries = (finding.files ?? []).flatMap((path) => tree.get(path) ?? []);
    const ours: readonly (readonly [NpmOptions, readonly string[]])[] = [
      ...own.map((each) => {
        const from = entries.filter((entry) => isFrom(each, entry));
        return [each, from.map((entry) => packageOf(each, entry))] as const;
      }),
      ...below.map((each) => {
        return [each, entries.filter((entry) => isFromBelow(each, entry)).map(packageBelow)] as const;
      }),
    ];
    const names = [...new Set(ours.flatMap(([, packages]) => packages))];
    if (names.length === 0) return finding;
    const isStrict = ours.some(([{ strict }, packages]) => strict === true && packages.length > 0);
    return {
      ...finding,
      message: `${finding.message} (${names.slice(0, NAMED).join(", ")}${names.length > NAMED ? ", …" : ""})`,
      ...(finding.code === "W_LIBRARY_PLATFORM" && { hint: PLATFORM_HINT }),
      ...(isStrict && { isError: true as const }),
    };
  });
}

/** Of the images of the config that it is built on. */
function contentsBelow({ base }: Pick<ImageSpec, "base">): readonly Source[] {
  if (base === undefined || isSource(base.image)) return [];
  return [...base.image.contents, ...contentsBelow(base.image)];
}

const NAMED = 3;
const PLATFORM_HINT =
  "Take a version of the package that has a build for it, or build it on such a machine: npm({ allowScripts: […] })";

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
    manifest = parsedText(Buffer.from(readWhole(entry, "npm.manifest")).toString("utf8"));
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

/** `sharp@0.33.5` */
function packageOf({ dest = DEST }: NpmOptions, { origin = "" }: Entry): string {
  return origin.slice(nodeId("", treePath(dest)).length).split("#", 1)[0]!;
}

const MODULE = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//g;

/** A base's files say no more who brought them. */
function isFromBelow({ dest = DEST }: NpmOptions, { origin, path }: Entry): boolean {
  return origin === BASE && isUnder(path, treePath(dest)) && packageBelow({ path }) !== "";
}

function packageBelow({ path }: Pick<Entry, "path">): string {
  return [...path.matchAll(MODULE)].at(-1)?.[1] ?? "";
}

function isFrom({ dest = DEST }: NpmOptions, { origin }: Entry): boolean {
  return origin?.startsWith(nodeId("", treePath(dest))) === true;
}
