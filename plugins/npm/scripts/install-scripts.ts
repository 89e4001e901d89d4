/** Which install scripts are to run, in npm's order: event by event, the outer packages first. And which packages do without what theirs would make. */
import { ImageDslError, isRecord, treePath, type BuildContext, type FileTree } from "../../../core/index.ts";
import { packageJsonIn } from "../layout/package-json.ts";
import type { InstallPlan, LockedPackage, PackageId } from "../model.ts";

const EVENTS = ["preinstall", "install", "postinstall"] as const;

export interface InstallScript {
  /** Where the package stands: `node_modules/better-sqlite3`. */
  readonly place: string;
  readonly package: LockedPackage;
  readonly event: (typeof EVENTS)[number];
  readonly command: string;
}

type Trees = ReadonlyMap<PackageId, FileTree>;

/** Of the packages whose names are in `allowed`. Throws `E_NPM_PROJECT` where one is not installed, or has none. */
export function installScripts(plan: InstallPlan, trees: Trees, allowed: readonly string[]): readonly InstallScript[] {
  const scripts = plan.places.flatMap((place): readonly InstallScript[] => {
    const each = plan.packages.get(place.package)!;
    const tree = trees.get(each.id);
    if ("link" in place || tree === undefined || !allowed.includes(each.name)) return [];
    return scriptsOf(tree, each).map((script) => ({ place: place.path, package: each, ...script }));
  });
  for (const name of allowed) {
    if (scripts.some((script) => script.package.name === name)) continue;
    const isThere = [...plan.packages.values()].some((each) => each.name === name);
    throw new ImageDslError(
      "E_NPM_PROJECT",
      `allowScripts names "${name}", ${isThere ? "which has no install script" : "and no package of that name is installed"}`,
      { hint: "Take it out of allowScripts", place: { file: plan.lockFile } },
    );
  }
  return scripts.toSorted(
    (a, b) =>
      EVENTS.indexOf(a.event) - EVENTS.indexOf(b.event) ||
      depthOf(a.place) - depthOf(b.place) ||
      (a.place < b.place ? -1 : 1),
  );
}

/**
 * Says which packages are native code that nobody built: they cannot be loaded, and nothing in their trees would tell the check of
 * libraries so. Throws `E_NPM_PACKAGE` instead where it is `strict`.
 */
export function tellUnbuilt(
  plan: InstallPlan,
  trees: Trees,
  { allowScripts, strict }: { readonly allowScripts: readonly string[]; readonly strict: boolean },
  { emit }: Pick<BuildContext, "emit">,
): void {
  const names = [...plan.packages.values()]
    .filter((each) => !allowScripts.includes(each.name) && isUnbuilt(each, trees))
    .map(({ name }) => name);
  if (names.length === 0) return;
  const listed = [...new Set(names)].map((name) => JSON.stringify(name)).join(", ");
  const message = `Native code that an install script would build, and none runs: ${listed}`;
  const hint = `npm({ allowScripts: [${listed}] }) runs them in the sandbox of steps`;
  if (strict) throw new ImageDslError("E_NPM_PACKAGE", message, { hint, place: { file: plan.lockFile } });
  emit({ type: "warning", code: "W_NPM_UNBUILT", message, hint });
}

/** Some are built already in a package of their own for each platform, which they need where it runs. */
function isUnbuilt({ id, needs }: LockedPackage, trees: Trees): boolean {
  return (
    trees.get(id)?.has(treePath("binding.gyp")) === true && ![id, ...needs].some((each) => isBuilt(trees.get(each)))
  );
}

function isBuilt(tree: FileTree | undefined): boolean {
  return tree?.entries().some(({ path }) => path.endsWith(".node")) === true;
}

function scriptsOf(
  tree: FileTree,
  { name, version }: LockedPackage,
): readonly Pick<InstallScript, "event" | "command">[] {
  const manifest = packageJsonIn(tree);
  const written = isRecord(manifest["scripts"]) ? manifest["scripts"] : {};
  const found = EVENTS.flatMap((event) => {
    const command = written[event];
    return typeof command === "string" && command.trim() !== "" ? [{ event, command }] : [];
  });
  if (found.some(({ command }) => command.includes("\0"))) {
    throw new ImageDslError("E_NPM_PACKAGE", `${name}@${version} has an install script with a NUL character in it`, {
      hint: "Take it out of allowScripts",
    });
  }
  // npm's own default.
  const isGyp = tree.has(treePath("binding.gyp")) && manifest["gypfile"] !== false;
  const hasOwn = found.some(({ event }) => event !== "postinstall");
  return isGyp && !hasOwn ? [{ event: "install", command: "node-gyp rebuild" }, ...found] : found;
}

function depthOf(path: string): number {
  return path.split("node_modules/").length;
}
