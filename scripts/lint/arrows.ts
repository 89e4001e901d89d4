/** Which folder may import which: core never a plugin, a plugin only core's index and itself; and which packages. */
import type { Import, Problem, SourceFile } from "./source-file.ts";

/** What package.json says of the packages that code may import. */
export interface Packages {
  /** Installed by users; stays outside the bundle. */
  readonly runtime: ReadonlySet<string>;
  /** Copied into the bundle. */
  readonly bundled: ReadonlySet<string>;
  /** Those of `bundled` that are CommonJS. */
  readonly commonJs: ReadonlySet<string>;
}

export function checkArrows(file: SourceFile, packages: Packages): readonly Problem[] {
  return file.imports.map(withPackage).flatMap((imported) => {
    const message =
      imported.target === undefined ? packageProblem(file.path, imported, packages) : fileProblem(file.path, imported);
    return message === undefined ? [] : [{ path: file.path, line: imported.line, message }];
  });
}

/** A path of `node_modules` is the package's, as far as its name goes: what a package does not export is imported like this. */
function withPackage(imported: Import): Import {
  const [, inside] = /^node_modules\/(.+)$/.exec(imported.target ?? "") ?? [];
  return inside === undefined ? imported : { ...imported, specifier: inside, target: undefined };
}

function fileProblem(path: string, { target = "", specifier }: Import): string | undefined {
  if (!specifier.endsWith(".ts") && !specifier.endsWith(".json")) {
    return `"${specifier}" has no extension; relative imports end in .ts`;
  }
  if (target.startsWith("..")) return `"${specifier}" lies outside the project`;
  const [from, to] = [roomOf(path), roomOf(target)];
  if (from === "core" && to !== "core") return `core imports "${specifier}"; core knows no plugin, test or script`;
  if (from === "plugins" && to !== "core" && to !== "plugins") return `A plugin imports "${specifier}" of ${to}/`;
  const plugin = pluginOf(path);
  if (plugin === undefined) return undefined;
  if (to === "core" && target !== "core/index.ts") {
    return `A plugin imports "${specifier}"; it may import core/index.ts only: export there what it needs`;
  }
  if (to === "plugins" && pluginOf(target) !== plugin) {
    return `The plugin ${plugin} imports "${specifier}"; use another plugin by kind: build.collect({ kind, options })`;
  }
  return undefined;
}

function packageProblem(path: string, imported: Import, packages: Packages): string | undefined {
  const room = roomOf(path);
  if (room !== "core" && room !== "plugins") return undefined;
  const { specifier, kind, names } = imported;
  if (specifier.startsWith("node:")) return undefined;
  if (specifier.startsWith("#")) return `"${specifier}" is an alias; import by a relative path`;
  const name = packageOf(specifier);
  if (name === "image-dsl") return `"${specifier}" is this package itself; import by a relative path`;
  if (path.startsWith("core/model/")) return `core/model imports "${specifier}"; it needs no package`;
  if (packages.runtime.has(name)) return undefined;
  if (!packages.bundled.has(name))
    return `"${name}" is no dependency that the bundle may hold (scripts/lint-structure.ts)`;
  if (kind === "dynamic" && packages.commonJs.has(name) && names.some((taken) => taken !== "default")) {
    return `import("${specifier}") of CommonJS has no named exports once bundled; take them from its default export`;
  }
  return undefined;
}

function roomOf(path: string): string {
  return path.slice(0, path.indexOf("/"));
}

/** The plugin a file belongs to; undefined outside the plugins' folders, and for the two files that join them. */
function pluginOf(path: string): string | undefined {
  return /^plugins\/([^/]+)\//.exec(path)?.[1];
}

function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
