/** npm's own cache (cacache's content, version 2): a tarball that npm has fetched is not fetched again. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { homeDirectory } from "../../../core/index.ts";
import type { Integrity } from "./integrity.ts";
import type { NpmSettings } from "./settings.ts";

/** The file that is kept under an integrity, if there is one. Its bytes are to be checked as those of a server. */
export function cachedTarball({ algorithm, base64 }: Integrity, settings: NpmSettings): string | undefined {
  const home = homeDirectory();
  const cache = settings.get("cache")?.value ?? (home === undefined ? undefined : join(home, ".npm"));
  if (cache === undefined) return undefined;
  const hex = Buffer.from(base64, "base64").toString("hex");
  const file = join(cache, "_cacache/content-v2", algorithm, hex.slice(0, 2), hex.slice(2, 4), hex.slice(4));
  return existsSync(file) ? file : undefined;
}
