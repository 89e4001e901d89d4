/** What `init` sees in an existing project: its apps, each with what its image needs to be told. */
import { ImageDslError } from "../../error.ts";
import { findEntry, findPort } from "./entry.ts";
import { FRAMEWORKS, type AppShape, type Framework, type FrameworkContext } from "./frameworks.ts";
import { LOCKS, findManager, type ManagerFound } from "./package-manager.ts";
import { readManifest, type PackageManifest } from "./package-manifest.ts";
import type { ProjectFiles } from "./project-files.ts";
import { workspaceMembers } from "./workspace.ts";

export interface DetectedApp {
  /** What `build` calls it: the package's name without its scope, else the folder's. */
  readonly target: string;
  /** What the image is called. */
  readonly image: string;
  /** Whether the config has to say so: package.json has no name, or none that would do. */
  readonly isNamed: boolean;
  /** From the project's folder; `.` for the project itself. */
  readonly dir: string;
  /** `Next`, `a Node server`. */
  readonly what: string;
  readonly shape: AppShape;
}

export interface DetectedProject {
  readonly manager: ManagerFound;
  readonly isWorkspace: boolean;
  readonly apps: readonly DetectedApp[];
}

/** `folder`: the name of the project's own. Throws `E_USAGE` where nothing tells what is to be started. */
export function detectProject(files: ProjectFiles, folder: string): DetectedProject {
  const manifest = readManifest(files, "package.json")!;
  const manager = findManager(files, manifest);
  const members = workspaceMembers(files, manifest);
  if (members.length === 0)
    return { manager, isWorkspace: false, apps: [appIn(files, ".", folder, manifest, manager)] };
  const apps = members.flatMap((dir) => {
    const own = within(files, dir);
    const member = readManifest(own, "package.json")!;
    return isApp(member) ? [appIn(own, dir, dir.split("/").at(-1)!, member, manager)] : [];
  });
  if (apps.length > 0) return { manager, isWorkspace: true, apps };
  throw new ImageDslError("E_USAGE", `None of the workspace's members is an app: ${members.join(", ")}`, {
    hint: 'Give those that are to be images a script that starts them: "start": "node dist/server.js"',
  });
}

/** Of Docker's names, a part without slashes. */
const IMAGE_NAME = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

function appIn(
  files: ProjectFiles,
  dir: string,
  folder: string,
  manifest: PackageManifest,
  manager: ManagerFound,
): DetectedApp {
  const target = asImageName((manifest.name ?? folder).split("/").at(-1)!);
  const own = manifest.name?.replace(/^@/, "") ?? "";
  const isUsable = own.split("/").every((part) => IMAGE_NAME.test(part));
  const framework = frameworkOf(manifest);
  const shape = framework?.shape(contextOf(files, manifest, dir)) ?? serverShape(files, manifest, dir, manager);
  return {
    target,
    image: isUsable ? own : target,
    isNamed: !isUsable,
    dir,
    what: framework?.title ?? (shape.program === "bun" ? "a Bun server" : "a Node server"),
    shape: { ...shape, ...portOf(manifest) },
  };
}

function frameworkOf({ dependencies }: PackageManifest): Framework | undefined {
  return FRAMEWORKS.find(({ dependency }) => dependencies.has(dependency));
}

/** A server listens where its start script says, if that says it. */
function portOf({ scripts }: PackageManifest): Pick<AppShape, "port"> {
  const [, port] = /(?:\bPORT=|--port[ =]|-p )(\d{2,5})\b/.exec(scripts["start"] ?? "") ?? [];
  return port === undefined ? {} : { port: Number(port) };
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
  const { path, isSaid, program = manager === "bun" ? "bun" : "node" } = entry;
  const port = findPort(path, files);
  return {
    ...(program === "bun" && { program }),
    ...(!files.paths.has(path) && manifest.scripts["build"] !== undefined && { isBuilt: true }),
    ...(!isSaid && { entry: path }),
    ...(port !== undefined && { port }),
  };
}

/** Libraries of a workspace are started by nobody. */
function isApp(manifest: PackageManifest): boolean {
  return frameworkOf(manifest) !== undefined || manifest.scripts["start"] !== undefined;
}

function contextOf(files: ProjectFiles, manifest: PackageManifest, dir: string): FrameworkContext {
  const starting = (start: string): readonly string[] =>
    [...files.paths].filter((path) => path.startsWith(start)).sort();
  const [fromRoot = dir] = LOCKS.flatMap((lock) => files.above.get(lock) ?? []).sort((a, b) => b.length - a.length);
  return {
    fromRoot,
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
    text: (path) => files.text(start + path),
  };
}

function asImageName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+|[._-]+$/g, "");
  return IMAGE_NAME.test(name) ? name : "app";
}
