/**
 * A project that has image-dsl among its packages is built by that very one, whichever was started: its config and
 * its plugins were written for it, and two copies of one class do not mix.
 */
import { realpathSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { findInstalled } from "../config/load.ts";
import { readJsonFile } from "../config/read-json.ts";
import type { OwnExports } from "../config/own-exports.ts";

/** Set before handing over; both copies see it, so neither hands back. */
const HANDED_OVER = Symbol.for("image-dsl.handed-over");

/**
 * Runs the other CLI, with this process's arguments, where there is one; true when it did, and then everything is
 * done, the exit status too.
 */
export async function handOver(directory: string, exports: OwnExports): Promise<boolean> {
  if (HANDED_OVER in globalThis) return false;
  const installed = findInstalled(directory);
  if (installed === undefined || realpathSync(installed) === realpathSync(exports.packageRoot)) return false;
  const bin = binOf(await readJsonFile(join(installed, "package.json")));
  if (bin === undefined) return false;
  Object.defineProperty(globalThis, HANDED_OVER, { value: true });
  await import(pathToFileURL(realpathSync(join(installed, bin))).href);
  return true;
}

function binOf(manifest: unknown): string | undefined {
  if (typeof manifest !== "object" || manifest === null || !("bin" in manifest)) return undefined;
  const { bin } = manifest;
  if (typeof bin === "string") return bin;
  if (typeof bin !== "object" || bin === null || !("image-dsl" in bin)) return undefined;
  return typeof bin["image-dsl"] === "string" ? bin["image-dsl"] : undefined;
}
