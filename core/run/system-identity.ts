/**
 * What stands for the programs of the host's system in keys that other machines share: which system it is, which packages it has, and
 * what was put beside them. Another machine of the same image has the same.
 */
import { lstatSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { hostArchitecture } from "../host.ts";
import { digestOf, type Digest } from "../model/digest.ts";
import { canonicalJson, type Json } from "../model/json.ts";
import { readRegularSync } from "../regular-file.ts";

const RELEASE = "/usr/lib/os-release";
/** Lists of installed packages with their versions: dpkg's, apk's and rpm's. */
const PACKAGES = [
  "/var/lib/dpkg/status",
  "/lib/apk/db/installed",
  "/usr/lib/sysimage/rpm/rpmdb.sqlite",
  "/var/lib/rpm/rpmdb.sqlite",
];
/** Where programs lie that are of no package, and that scripts find (`HELPER_PATH`). */
const BESIDE = ["/usr/local/bin", "/usr/local/sbin", "/usr/local/lib"];
const MOST = 1024 * 1024 * 1024;

let known: Digest | undefined;

/** Undefined where nothing tells which packages there are: such a machine shares nothing that its programs had a part in. */
export function systemIdentity(): Digest | undefined {
  known ??= identify();
  return known;
}

function identify(): Digest | undefined {
  const lists = PACKAGES.flatMap((file) => contentOf(file) ?? []);
  if (lists.length === 0) return undefined;
  const parts = {
    architecture: hostArchitecture(),
    release: contentOf(RELEASE) ?? null,
    lists,
    beside: BESIDE.map(listing),
  };
  return digestOf(canonicalJson(parts));
}

function contentOf(file: string): Digest | undefined {
  try {
    return digestOf(readRegularSync(file, MOST));
  } catch {
    return undefined;
  }
}

/** Names, sizes and targets: bytes of what is replaced mostly have another size. */
function listing(folder: string): Json {
  try {
    return readdirSync(folder)
      .toSorted()
      .map((name) => {
        const path = join(folder, name);
        const stat = lstatSync(path);
        return stat.isSymbolicLink() ? [name, readlinkSync(path)] : [name, stat.isFile() ? stat.size : stat.mode];
      });
  } catch {
    return null;
  }
}
