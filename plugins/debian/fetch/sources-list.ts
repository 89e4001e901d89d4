/** All of the host's apt sources: `sources.list` and what lies in `sources.list.d` (sources.list(5)). */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, systemCodeOf, readRegular } from "../../../core/index.ts";
import { sourcesError, type AptSource } from "./apt-source.ts";
import { parseDeb822Sources } from "./deb822-sources.ts";
import { parseOneLineSources } from "./one-line-sources.ts";

/** apt ignores files whose names hold anything else. */
const NAME = /^[A-Za-z0-9_.-]+\.(list|sources)$/;
/** `root` is where the host's files begin. Throws `E_DEBIAN_SOURCES`. */
export async function readAptHost(root: string): Promise<AptHost> {
  const sources = await readAptSources(root);
  const release = await readRegular(join(root, "etc/os-release"), "settings.bytes").catch(() => "");
  return { sources, isDebian: /^ID=["']?debian["']?$/m.test(release.toString()) };
}

/** What is known of this host: its apt's sources, and whether it is Debian itself, none of its derivatives. */
export interface AptHost {
  readonly sources: readonly AptSource[];
  readonly isDebian: boolean;
}

/** Sources in apt's order; none where the host has no apt. `root` is where the host's files begin. Throws `E_DEBIAN_SOURCES`. */
export async function readAptSources(root: string): Promise<readonly AptSource[]> {
  const directory = join(root, "etc/apt");
  const parts = (await namesIn(join(directory, "sources.list.d"))).filter((name) => NAME.test(name)).toSorted();
  const files = [join(directory, "sources.list"), ...parts.map((name) => join(directory, "sources.list.d", name))];
  const sources: AptSource[] = [];
  for (const file of files) {
    const text = await readText(file);
    if (text === undefined) continue;
    sources.push(...(file.endsWith(".sources") ? parseDeb822Sources(text, file) : parseOneLineSources(text, file)));
  }
  return sources;
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw sourcesError(messageOf(cause), { file: directory });
  }
}

async function readText(file: string): Promise<string | undefined> {
  try {
    const text = (await readRegular(file, "settings.bytes")).toString("utf8");
    return text.replaceAll("\r\n", "\n");
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw sourcesError(messageOf(cause), { file });
  }
}

function isMissing(thrown: unknown): boolean {
  return systemCodeOf(thrown) === "ENOENT" || systemCodeOf(thrown) === "ENOTDIR";
}
