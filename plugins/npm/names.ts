/** Names and paths that a lock holds: it may come from anybody, and they become paths of the image. */
import { posix } from "node:path";

const SEGMENT = /^[^/\\\0\n\r]{1,214}$/;
/** Characters: no system takes a longer one, and who looks upwards from it would look at all of it for each folder. */
const LONGEST_PATH = 4094;

/** `express`, `@fastify/ajv-compiler`. A name that npm took long ago may have capital letters. */
export function isPackageName(name: string): boolean {
  const parts = name.split("/");
  if (name.startsWith("@")) return parts.length === 2 && parts[0]!.length > 1 && parts.every(isSegment);
  return parts.length === 1 && isSegment(name) && name !== "node_modules";
}

/** A path below the project's folder, `packages/api`, as long as one may be: no segment leads elsewhere. */
export function isInnerPath(path: string): boolean {
  return path !== "" && path.length <= LONGEST_PATH && path.split("/").every(isSegment);
}

function isSegment(segment: string): boolean {
  return SEGMENT.test(segment) && segment !== "." && segment !== "..";
}

/** The name of the package at a place: what follows the last `node_modules/`. Undefined where that is no package's name. */
export function nameOfPlace(path: string): string | undefined {
  const at = path.lastIndexOf("node_modules/");
  if (at < 0 || (at > 0 && path[at - 1] !== "/")) return undefined;
  const name = path.slice(at + "node_modules/".length);
  return isPackageName(name) ? name : undefined;
}

/** `bin` of a package.json as npm takes it: names without folders, paths that stay inside the package. */
export function normalizedBin(name: string, bin: unknown): Readonly<Record<string, string>> {
  const written: readonly (readonly [string, unknown])[] =
    typeof bin === "string" ? [[name, bin]] : typeof bin === "object" && bin !== null ? Object.entries(bin) : [];
  const kept = written.flatMap(([command, path]): [string, string][] => {
    if (typeof path !== "string") return [];
    const base = posix.basename(posix.join("/", command.replaceAll(/\\|:/g, "/")));
    const inside = posix.join("/", path.replaceAll("\\", "/")).slice(1);
    return base === "" || inside === "" || !SEGMENT.test(base) || inside.includes("\0") ? [] : [[base, inside]];
  });
  return Object.fromEntries(kept.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** What a lock says of a tarball: an address that can be asked. */
export function isWebAddress(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text);
}
