/**
 * Node's own loader, taught two things: `image-dsl` means the running program's exports, and a config's files are ES
 * modules even beside `"type": "commonjs"` (which `npm init -y` writes and Node would otherwise obey).
 */
import * as module from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { runtime } from "../host.ts";
import type { ConfigImports } from "./check-imports.ts";
import type { OwnExports } from "./own-exports.ts";

interface LoadContext {
  readonly format?: string | null | undefined;
}
interface ResolveContext {
  readonly parentURL?: string | undefined;
}
interface Hooks {
  resolve(specifier: string, context: ResolveContext, next: (specifier: string, context?: object) => object): object;
  load(url: string, context: LoadContext, next: (url: string, context?: LoadContext) => object): object;
}
type RegisterHooks = (hooks: Hooks) => unknown;

/** Node 22.15 and later, unless it was started without TypeScript. Deno has the function but ignores it for `import`. */
export function canHookModules(): boolean {
  const features = process.features as { readonly typescript?: unknown };
  return runtime() === "node" && registerHooks() !== undefined && Boolean(features.typescript);
}

/** Files known to be a config's, by path; they stay known, as a config's functions may import later. */
const configFiles = new Map<string, boolean>();
const registered = new Set<string>();

/** What they import by a tsconfig, by the importing file and the specifier. */
const aliases = new Map<string, string>();

const aliasKey = (from: string, specifier: string): string => `${from}\0${specifier}`;

/** Registered once for each package root: hooks pile up, and each one is asked about every import. */
export function hookModules({ files, aliases: used }: ConfigImports, exports: OwnExports): void {
  for (const [file, isModule] of files) configFiles.set(file, isModule);
  for (const { from, specifier, file } of used) aliases.set(aliasKey(from, specifier), pathToFileURL(file).href);
  if (registered.has(exports.packageRoot)) return;
  registered.add(exports.packageRoot);
  registerHooks()?.({
    resolve(specifier, context, next) {
      const url = exports.urls.get(specifier) ?? aliasOf(specifier, context);
      return url === undefined ? next(specifier, context) : { url, shortCircuit: true };
    },
    load(url, context, next) {
      const format = formatOf(url);
      return next(url, format === undefined ? context : { ...context, format });
    },
  });
}

function aliasOf(specifier: string, { parentURL }: ResolveContext): string | undefined {
  if (!parentURL?.startsWith("file:")) return undefined;
  return aliases.get(aliasKey(fileURLToPath(parentURL.replace(/[?#][^]*/, "")), specifier));
}

function formatOf(url: string): string | undefined {
  if (!url.startsWith("file:")) return undefined;
  const path = fileURLToPath(url.replace(/[?#][^]*/, ""));
  const isModule = configFiles.get(path);
  if (isModule === undefined) return undefined;
  if (path.endsWith(".ts")) return "module-typescript";
  return isModule && path.endsWith(".js") ? "module" : undefined;
}

function registerHooks(): RegisterHooks | undefined {
  return (module as { readonly registerHooks?: RegisterHooks }).registerHooks;
}
