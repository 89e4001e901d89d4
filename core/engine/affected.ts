/**
 * Which targets may be other ones by what changed: `--affected`. Nothing is collected for it. A path counts for a target whose options
 * name it, or a folder that holds it; whose sources say that they read it (hook `inputs`); or that has a folder below the one that the
 * file lies in, as tools look upwards for their settings and locks. Rather too many targets than one too few.
 */
import { basename, dirname, resolve } from "node:path";
import type { BuildGraph } from "../graph/build-graph.ts";
import { canonicalJson, isRecord, type Json } from "../model/json.ts";
import { isSource } from "../model/source.ts";
import type { ImageSpec } from "../model/image-spec.ts";
import type { Build } from "../pipeline/build.ts";
import type { BuildContext } from "../pipeline/context.ts";
import { hasFewValues } from "../limits/held-memory.ts";
import { isShallow } from "../lock/lock-depth.ts";
import { lockFileOf } from "./lock-place.ts";
import { textsIn, textsOf } from "./named-files.ts";
import { stageContext } from "./plan-image.ts";
import { sourcesIn } from "./sources-in.ts";

/** What is not as it was in an earlier revision. */
export interface Changes {
  /** Of files that changed, are new or are gone; absolute. */
  readonly paths: readonly string[];
  /** The config and what it imports; absolute. */
  readonly configFiles: ReadonlySet<string>;
  /** The lock as it was then. */
  readonly lockBefore: string | undefined;
  /** The lock as it is. */
  readonly lockNow: string | undefined;
}

/** By target, one of the paths because of which it is made. */
export async function affectedTargets(
  builds: readonly Build[],
  graph: BuildGraph,
  { paths, configFiles, lockBefore, lockNow }: Changes,
  context: BuildContext,
): Promise<ReadonlyMap<string, string>> {
  const targets = new Set(builds.map(({ target }) => target));
  const all = (path: string) => new Map(Array.from(targets, (target) => [target, path]));
  const config = paths.find((path) => configFiles.has(path));
  if (config !== undefined) return all(config);

  const reasons = new Map<string, string>();
  const lock = lockFileOf(graph);
  if (paths.includes(lock)) {
    const repinned = namesRepinned(lockBefore, lockNow);
    // What has another name than a target's may be anybody's.
    if (repinned === undefined || repinned.some((name) => !graph.images.has(name))) return all(lock);
    for (const name of repinned) if (targets.has(name)) reasons.set(name, lock);
  }
  const others = paths.filter((path) => !isWritten(path, context));
  for (const build of builds) {
    if (reasons.has(build.target)) continue;
    const inputs = await inputsOf(build, context);
    const path = others.find((each) => isAmong(each, inputs));
    if (path !== undefined) reasons.set(build.target, path);
  }
  return reasons;
}

/** By builds of this config, the lock among it. */
function isWritten(path: string, { written }: Pick<BuildContext, "written">): boolean {
  return written.some((each) => path === each || path.startsWith(`${each}/`));
}

/** Absolute paths, of files and of folders with all that is in them. */
async function inputsOf(build: Build, context: BuildContext): Promise<readonly string[]> {
  const specs = chainOf(build.spec);
  const texts = specs.flatMap((spec) => [...textsIn(spec), ...textsOf(spec.runs)]);
  const named = texts.flatMap((text) => (text === "" ? [] : [resolve(context.directory, withoutGlob(text))]));
  const sources = sourcesIn(specs.map(({ base, contents, runs }) => [base?.image, contents, runs]));
  const told = await Promise.all(
    sources.map((source) => build.hooks.inputs.for(source.kind).promise(source, stageContext(build, context))),
  );
  // A place in the image, where it is none of the host's.
  return [...new Set([...named.filter((path) => path !== "/"), ...told.flatMap((each) => each ?? [])])];
}

/** The image, and those of the config that it is built on. */
function chainOf(spec: ImageSpec): readonly ImageSpec[] {
  const base = spec.base?.image;
  return base === undefined || isSource(base) ? [spec] : [spec, ...chainOf(base)];
}

/** The folder that a pattern begins with. */
function withoutGlob(text: string): string {
  const segments = text.split("/");
  const first = segments.findIndex((segment) => /[*?[{!(]/.test(segment));
  return first < 0 ? text : segments.slice(0, first).join("/") || (text.startsWith("/") ? "/" : ".");
}

const DOCUMENT = /^(?:LICEN[CS]E|NOTICE|AUTHORS|CODEOWNERS)$|\.(?:md|mdx|adoc|rst)$/i;

function isAmong(path: string, inputs: readonly string[]): boolean {
  const folder = `${dirname(path)}/`;
  const isSought = !DOCUMENT.test(basename(path));
  return inputs.some(
    (input) => path === input || path.startsWith(`${input}/`) || (isSought && input.startsWith(folder)),
  );
}

/** Undefined where one of them is no lock. */
function namesRepinned(before: string | undefined, now: string | undefined): readonly string[] | undefined {
  const [then, today] = [entriesOf(before), entriesOf(now)];
  if (then === undefined || today === undefined) return undefined;
  const keys = new Set([...then.keys(), ...today.keys()]);
  return Array.from(keys).flatMap((key) => {
    const [one, other] = [then.get(key), today.get(key)];
    if (one !== undefined && other !== undefined && canonicalJson(one) === canonicalJson(other)) return [];
    return [nameIn(other ?? one)];
  });
}

function entriesOf(text: string | undefined): ReadonlyMap<string, Json> | undefined {
  if (text === undefined) return new Map();
  if (!hasFewValues(text) || !isShallow(text)) return undefined;
  try {
    const lock: unknown = JSON.parse(text);
    const kinds = isRecord(lock) && isRecord(lock["entries"]) ? lock["entries"] : undefined;
    if (kinds === undefined) return undefined;
    const entries = Object.entries(kinds).flatMap(([kind, ofKind]) =>
      isRecord(ofKind) ? Object.entries(ofKind).map(([key, entry]) => [`${kind} ${key}`, entry as Json] as const) : [],
    );
    return new Map(entries);
  } catch {
    return undefined;
  }
}

function nameIn(entry: Json | undefined): string {
  return isRecord(entry) && typeof entry["name"] === "string" ? entry["name"] : "";
}
