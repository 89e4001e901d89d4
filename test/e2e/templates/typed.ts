/** The commands of templates' READMEs on a host without network: packages are those of this checkout. */
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { PROJECT, cli, must, type RunOptions } from "../support.ts";

/** `a && b`, where each is image-dsl, the package manager's `install`, or its `run build`; in parentheses, in a folder below. */
export function typeCommands(line: string, options: RunOptions): void {
  const [, folder, there] = /^\(cd (\S+) && (.+)\)$/.exec(line) ?? [];
  if (folder !== undefined) return typeCommands(there!, { ...options, cwd: join(options.cwd, folder) });
  for (const command of line.split(" && ")) {
    if (command.startsWith("npx image-dsl ")) cli(command.split(" ").slice(2), options);
    else if (/^p?npm install$/.test(command)) linkPackages(options.cwd);
    else if (/^p?npm run build$/.test(command)) runBuilds(options);
    else throw new Error(`Who types "${command}"?`);
  }
}

/** As pnpm does it: a workspace's members find each other by links. */
function linkPackages(cwd: string): void {
  symlinkSync(join(PROJECT, "node_modules"), join(cwd, "node_modules"));
  for (const member of members(cwd, "packages")) {
    const { name } = JSON.parse(readFileSync(join(member, "package.json"), "utf8")) as { name: string };
    for (const app of members(cwd, "apps")) {
      const link = join(app, "node_modules", name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(member, link);
    }
  }
}

function runBuilds(options: RunOptions): void {
  const apps = members(options.cwd, "apps");
  for (const cwd of apps.length > 0 ? apps : [options.cwd]) must(["npm", "run", "build"], { ...options, cwd });
}

function members(cwd: string, folder: string): readonly string[] {
  const path = join(cwd, folder);
  return existsSync(path) ? readdirSync(path).map((name) => join(path, name)) : [];
}
