/** What Nix knows of store paths and all that they refer to, in the form that every release of it speaks. */
import { ImageDslError } from "../../core/index.ts";
import { runNix, type NixContext } from "./command.ts";
import { parseStorePath } from "./store-path.ts";

export interface PathInfo {
  readonly path: string;
  /** sha256 of its Nix archive, in hex. */
  readonly narHash: string;
  /** Bytes of its Nix archive. */
  readonly narSize: number;
  /** Sorted; itself among them where it mentions itself. */
  readonly references: readonly string[];
}

/** Arguments of one command: a system takes two megabytes of them. */
const AT_ONCE = 2000;

/** `roots` and all that they refer to, by path, sorted. Throws `E_NIX_STORE`. */
export async function queryClosure(
  roots: readonly string[],
  context: NixContext,
): Promise<ReadonlyMap<string, PathInfo>> {
  const failure = { code: "E_NIX_STORE", action: "Cannot ask Nix for the closure" } as const;
  const paths = await runNix("nix-store", ["--query", "--requisites", ...roots], context, failure);
  return queryPaths([...new Set(paths)].toSorted(), context);
}

/** These paths alone. Throws `E_NIX_STORE` where Nix does not know one. */
export async function queryPaths(
  paths: readonly string[],
  context: NixContext,
): Promise<ReadonlyMap<string, PathInfo>> {
  const failure = { code: "E_NIX_STORE", action: "Cannot ask Nix for hashes and references" } as const;
  const infos = new Map<string, PathInfo>();
  for (let from = 0; from < paths.length; from += AT_ONCE) {
    const some = paths.slice(from, from + AT_ONCE);
    const lines = await runNix("nix-store", ["--dump-db", ...some], context, failure);
    for (const info of parseRegistration(lines)) infos.set(info.path, info);
  }
  for (const path of paths) {
    if (!infos.has(path)) throw new ImageDslError("E_NIX_STORE", `Nix does not know "${path}"`);
  }
  return new Map(paths.map((path) => [path, infos.get(path)!]));
}

/** Registration text: path, hash, size, deriver (not kept: it differs between stores), count of references, references. */
export function parseRegistration(lines: readonly string[]): PathInfo[] {
  const infos: PathInfo[] = [];
  for (let at = 0; at < lines.length;) {
    const [path = "", narHash = "", narSize = "", , count = ""] = lines.slice(at, at + 5);
    const end = at + 5 + Number(count);
    if (
      !/^[0-9a-f]{64}$/.test(narHash) ||
      !/^\d{1,15}$/.test(narSize) ||
      !/^\d{1,7}$/.test(count) ||
      end > lines.length
    ) {
      throw new ImageDslError("E_NIX_STORE", `Cannot read what Nix says of "${path.slice(0, 200)}"`);
    }
    infos.push({
      path: parseStorePath(path).path,
      narHash,
      narSize: Number(narSize),
      references: lines
        .slice(at + 5, end)
        .map((line) => parseStorePath(line).path)
        .toSorted(),
    });
    at = end;
  }
  return infos;
}
