/** Keeping out of a folder's files what builds of the config write there: each build would take in what the last one made. */
import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import {
  ImageDslError,
  ROOT,
  encodeText,
  isUnder,
  parentOf,
  type CollectContext,
  type TreePath,
} from "../../core/index.ts";

export interface WrittenBelow {
  /**
   * By its path below the folder, if it would be taken otherwise. What is asked about and is one of them is `met`. Throws
   * `E_OUTPUT_INVALID` where no build has written it.
   */
  has(path: TreePath): boolean;
  /** Whether it is one of them, or lies in one. */
  holds(path: TreePath): boolean;
  /** Folders that hold one of them, the deepest first: a build may have made them too. */
  readonly folders: readonly TreePath[];
  readonly met: ReadonlySet<TreePath>;
}

/** `from`: what is taken, for messages. The folder itself is none of what is written: who names it wants it. */
export function writtenBelow(
  folder: string,
  from: string,
  { written, isForeign }: Pick<CollectContext, "written" | "isForeign">,
): WrittenBelow {
  const root = realPath(folder) ?? folder;
  /** By the path below, as it was given. */
  const own = new Map<TreePath, string>();
  const folders = new Set<TreePath>();
  for (const [given, place] of realPlacesOf(written)) {
    if (!place.startsWith(root === "/" ? root : `${root}/`)) continue;
    const path = encodeText(place.slice(root === "/" ? 1 : root.length + 1)) as TreePath;
    own.set(path, given);
    for (let above = parentOf(path); above !== ROOT; above = parentOf(above)) folders.add(above);
  }
  const met = new Set<TreePath>();
  const has = (path: TreePath): boolean => {
    if (own.size === 0) return false;
    const given = own.get(path);
    if (given !== undefined && isForeign(given)) throw foreign(given, from);
    const isOwn = given !== undefined || own.has(path.replace(HALF_WRITTEN, "") as TreePath);
    if (isOwn) met.add(path);
    return isOwn;
  };
  return {
    has,
    holds(path) {
      let at = path;
      while (!has(at) && at !== ROOT) at = parentOf(at);
      return at !== ROOT;
    },
    folders: [...folders].sort((a, b) => (isUnder(a, b) ? -1 : isUnder(b, a) ? 1 : a < b ? -1 : 1)),
    met,
  };
}

function foreign(path: string, from: string): ImageDslError {
  return new ImageDslError(
    "E_OUTPUT_INVALID",
    `An output would overwrite ${path}, which files("${from}") takes and no build has written`,
    { hint: "Give the output a path of its own, or remove what is there" },
  );
}

/** Behind the name of an output, while it is written and where that was interrupted. */
const HALF_WRITTEN = /\.\d+-[0-9a-z]+$/;

type RealPlace = readonly [given: string, place: string];

/** A build asks for each folder that it takes, always about the same list. */
const known = new WeakMap<readonly string[], readonly RealPlace[]>();

function realPlacesOf(written: readonly string[]): readonly RealPlace[] {
  const places =
    known.get(written) ?? written.flatMap((given) => realPlaces(given).map((real) => [given, real] as const));
  known.set(written, places);
  return places;
}

/** Where it is and, where that is a link, where it leads. */
function realPlaces(path: string): readonly string[] {
  const place = join(realPath(dirname(path)) ?? dirname(path), basename(path));
  return [place, realPath(path) ?? place];
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
