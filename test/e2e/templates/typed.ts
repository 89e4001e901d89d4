/** The commands of templates' READMEs, typed. image-dsl is this checkout, and so are packages where it has what a project depends on. */
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { PROJECT, cli, must, type RunOptions } from "../support.ts";

const MODULES = join(PROJECT, "node_modules");

/** `a && b`, where each is image-dsl, the package manager's `install`, or its `run build`; in parentheses, in a folder below. */
export function typeCommands(line: string, options: RunOptions): void {
  const [, folder, there] = /^\(cd (\S+) && (.+)\)$/.exec(line) ?? [];
  if (folder !== undefined) return typeCommands(there!, { ...options, cwd: join(options.cwd, folder) });
  for (const command of line.split(" && ")) {
    if (command.startsWith("npx image-dsl ")) cli(command.split(" ").slice(2), options);
    else if (/^p?npm install$/.test(command)) installPackages(options);
    else if (/^p?npm run build$/.test(command)) runBuilds(options);
    else throw new Error(`Who types "${command}"?`);
  }
}

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function installPackages(options: RunOptions): void {
  const { cwd } = options;
  const { dependencies = {}, devDependencies, ...manifest } = manifestIn(cwd);
  if (Object.keys(dependencies).every((name) => existsSync(join(MODULES, name)))) return linkPackages(cwd);
  const { "image-dsl": _ours, ...others } = devDependencies ?? {};
  const installed = { ...manifest, dependencies, devDependencies: others };
  writeFileSync(join(cwd, "package.json"), JSON.stringify(installed));
  must(["npm", "install", "--no-audit", "--no-fund"], options);
  symlinkSync(PROJECT, join(cwd, "node_modules/image-dsl"));
}

/** As pnpm does it: a workspace's members find each other by links, and its lock says so. */
function linkPackages(cwd: string): void {
  symlinkSync(MODULES, join(cwd, "node_modules"));
  const apps = members(cwd, "apps");
  if (apps.length === 0) return;
  const importers: Record<string, object> = {};
  for (const member of members(cwd, "packages")) importers[relative(cwd, member)] = {};
  for (const app of apps) {
    const dependencies: Record<string, object> = {};
    for (const member of members(cwd, "packages")) {
      const { name } = manifestIn(member);
      const link = join(app, "node_modules", name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(member, link);
      dependencies[name] = { specifier: "workspace:*", version: `link:${relative(app, member)}` };
    }
    importers[relative(cwd, app)] = { dependencies };
  }
  // JSON is YAML, too.
  writeFileSync(join(cwd, "pnpm-lock.yaml"), JSON.stringify({ lockfileVersion: "9.0", importers }));
}

function runBuilds(options: RunOptions): void {
  const apps = members(options.cwd, "apps");
  for (const cwd of apps.length > 0 ? apps : [options.cwd]) must(["npm", "run", "build"], { ...options, cwd });
}

function members(cwd: string, folder: string): readonly string[] {
  const path = join(cwd, folder);
  return existsSync(path) ? readdirSync(path).map((name) => join(path, name)) : [];
}

function manifestIn(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}
