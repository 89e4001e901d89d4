/** What `init` sees in an existing project: its apps, each with what its image needs to be told. */
import { posix } from "node:path";
import { ImageDslError } from "../../error.ts";
import { LOCK_NAMES } from "../../project/project-locks.ts";
import { denoAppIn, isOfDeno } from "./deno.ts";
import { findEntry, findPort, portIn } from "./entry.ts";
import { FRAMEWORKS, type AppShape, type Framework, type FrameworkContext } from "./frameworks.ts";
import { imageNames, type DetectedApp } from "./detected-app.ts";
import { findManager, type ManagerFound } from "./package-manager.ts";
import { readManifest, type PackageManifest } from "./package-manifest.ts";
import type { ProjectFiles } from "./project-files.ts";
import { workspaceMembers } from "./workspace.ts";

export interface DetectedProject {
  /** Of what package.json asks for; Deno needs none. */
  readonly manager: ManagerFound | undefined;
  readonly isWorkspace: boolean;
  readonly apps: readonly DetectedApp[];
}

/** `folder`: the name of the project's own. Throws `E_USAGE` where nothing tells what is to be started. */
export function detectProject(files: ProjectFiles, folder: string): DetectedProject {
  const manifest = readManifest(files, "package.json");
  if (manifest === undefined || isOfDeno(files))
    return { manager: undefined, isWorkspace: false, apps: [denoAppIn(files, folder)] };
  const manager = findManager(files, manifest);
  const members = workspaceMembers(files, manifest);
  if (members.length === 0)
    return { manager, isWorkspace: false, apps: [appIn(files, ".", folder, manifest, manager)] };
  const apps = members.flatMap((dir) => {
    const own = within(files, dir);
    const member = readManifest(own, "package.json")!;
    return isApp(member) ? [appIn(own, dir, dir.split("/").at(-1)!, member, manager)] : [];
  });
  if (apps.length > 0) return { manager, isWorkspace: true, apps: withOwnTargets(apps) };
  throw new ImageDslError("E_USAGE", `None of the workspace's members is an app: ${members.join(", ")}`, {
    hint: 'Give those that are to be images a script that starts them: "start": "node dist/server.js"',
  });
}

/** `@one/api` and `@two/api` are two targets. Throws `E_USAGE` where two of them are one image. */
function withOwnTargets(apps: readonly DetectedApp[]): readonly DetectedApp[] {
  const own = apps.map((app) => {
    const isTaken = apps.some((other) => other !== app && other.target === app.target);
    return isTaken ? { ...app, target: app.image.replaceAll("/", "-") } : app;
  });
  for (const [index, { dir, image, target }] of own.entries()) {
    const other = own.slice(0, index).find((each) => each.image === image || each.target === target);
    if (other === undefined) continue;
    throw new ImageDslError("E_USAGE", `${other.dir} and ${dir} would both be the image ${image}`, {
      hint: "Give one of them another name in its package.json, and run init again",
    });
  }
  return own;
}

function appIn(
  files: ProjectFiles,
  dir: string,
  folder: string,
  manifest: PackageManifest,
  manager: ManagerFound,
): DetectedApp {
  const framework = frameworkOf(manifest);
  const port = portIn(manifest.scripts["start"] ?? "");
  const shape =
    framework?.shape(contextOf(files, manifest, dir, manager)) ?? serverShape(files, manifest, dir, manager);
  return {
    ...imageNames(manifest.name, folder),
    dir,
    what: framework?.title ?? (shape.program === "bun" ? "a Bun server" : "a Node server"),
    shape: { ...shape, ...(port !== undefined && { port }) },
  };
}

function frameworkOf({ dependencies }: PackageManifest): Framework | undefined {
  return FRAMEWORKS.find(({ dependency }) => dependencies.has(dependency));
}

function serverShape(
  files: ProjectFiles,
  manifest: PackageManifest,
  dir: string,
  { name: manager }: ManagerFound,
): AppShape {
  const entry = findEntry(manifest, files);
  if (entry === undefined) {
    const where = dir === "." ? "package.json" : `${dir}/package.json`;
    throw new ImageDslError("E_USAGE", `Cannot tell which file starts the app of ${where}`, {
      hint: 'Write it into package.json, as "start": "node dist/server.js" among its scripts, and run init again',
      place: { file: where },
    });
  }
  const { path, isSaid, program = manager === "bun" ? "bun" : "node", notes } = entry;
  const port = findPort(path, files);
  return {
    ...(program === "bun" && { program }),
    ...(!files.paths.has(path) && manifest.scripts["build"] !== undefined && { isBuilt: true }),
    ...(!isSaid && { entry: path }),
    ...(port !== undefined && { port }),
    ...(notes.length > 0 && { notes }),
  };
}

/** Libraries of a workspace are started by nobody. */
function isApp(manifest: PackageManifest): boolean {
  return frameworkOf(manifest) !== undefined || manifest.scripts["start"] !== undefined;
}

function contextOf(
  files: ProjectFiles,
  manifest: PackageManifest,
  dir: string,
  { name: manager }: ManagerFound,
): FrameworkContext {
  const starting = (start: string): readonly string[] =>
    [...files.paths].filter((path) => path.startsWith(start)).sort();
  const ways = LOCK_NAMES.flatMap(({ name }) => files.above.get(name) ?? []);
  const [fromRoot = dir] = ways.sort((a, b) => b.length - a.length);
  const { member } = files.locked;
  return {
    fromRoot,
    // pnpm links what a member needs into its own folder, others into the workspace's.
    modules: posix.join(manager === "pnpm" ? "" : member.replace(/[^/]+/g, ".."), "node_modules"),
    manifest,
    config: (name) => starting(`${name}.`).flatMap((path) => files.text(path) ?? [])[0] ?? "",
    has: (path) => files.paths.has(path) || starting(`${path}/`).length > 0,
  };
}

function within(files: ProjectFiles, dir: string): ProjectFiles {
  const start = `${dir}/`;
  return {
    paths: new Set([...files.paths].flatMap((path) => (path.startsWith(start) ? [path.slice(start.length)] : []))),
    above: new Map([
      ...[...files.paths].flatMap((path) => (path.includes("/") ? [] : [[path, dir] as const])),
      ...[...files.above].map(([name, way]) => [name, `${way}/${dir}`] as const),
    ]),
    locked: { ...files.locked, member: posix.join(files.locked.member, dir) },
    text: (path) => files.text(start + path),
  };
}
