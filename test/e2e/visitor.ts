/** An unprivileged user with a home of their own: what "on a fresh machine, not as root" means in these tests. */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { sharedCache } from "../shared-cache.ts";
import { PROJECT, folderForNobody, must, openFolder, run } from "./support.ts";

export interface Visitor {
  /** Belongs to the user; everything the tests make for them is in it. */
  readonly home: string;
  /** HOME, TMPDIR and npm's cache, all in `home`; image-dsl's is what all tests of this user share. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs a command line as this user and gives what it printed; any status but 0 is an error. */
  run(command: readonly string[], cwd: string, env?: Readonly<Record<string, string>>): string;
  /** An empty folder of this user's. */
  folder(name: string): string;
  dispose(): void;
}

/**
 * `withNpm`: they have a copy of what npm has fetched of the lock, which spares the registry a second visit. `withOwnCache`: image-dsl's is
 * in `home` too.
 */
export function openVisitor(name: string, { withNpm = false, withOwnCache = false } = {}): Visitor {
  const { path: home, dispose } = openFolder(name);
  const npm = join(home, "npm");
  if (withNpm) copyLocked(folderForNobody(join(npm, "_cacache")));
  folderForNobody(npm);
  folderForNobody(join(home, "tmp"));
  must(["chown", "-R", "65534:65534", home], { cwd: "/" });
  const env = {
    HOME: home,
    TMPDIR: join(home, "tmp"),
    IMAGE_DSL_CACHE: withOwnCache ? join(home, "image-dsl") : sharedCache(65_534),
    npm_config_cache: npm,
    npm_config_prefer_offline: "true",
    npm_config_update_notifier: "false",
  };
  return {
    home,
    env,
    run: (command, cwd, more) => must(command, { cwd, env: { ...env, ...more }, unprivileged: true }).toString(),
    folder: (folder) => folderForNobody(join(home, folder)),
    dispose,
  };
}

/** Of npm's cache, which may hold gigabytes, what our lock names: the tarballs, and what is known of the packages' versions. */
function copyLocked(to: string): void {
  const cache = join(process.env["npm_config_cache"] ?? join(homedir(), ".npm"), "_cacache");
  if (!existsSync(join(cache, "index-v5"))) return;
  const patterns = Buffer.from(lockedPatterns().join("\n"));
  const listed = run(["grep", "-rlFf", "-", "index-v5"], { cwd: cache, input: patterns }).stdout.toString();
  const paths = listed.split("\n").filter(Boolean);
  const contents = paths.flatMap((path) => contentsNamedIn(readFileSync(join(cache, path), "utf8")));
  const there = contents.filter((path) => existsSync(join(cache, path)));
  if (paths.length > 0) must(["cp", "--parents", "-t", to, ...paths, ...there], { cwd: cache });
}

/** By a file of its index, of whose lines the last one counts. */
function contentsNamedIn(index: string): readonly string[] {
  const sums = Array.from(index.matchAll(/"integrity":"sha512-([^"]+)"/g), ([, sum]) => sum!);
  return sums.slice(-1).map((sum) => {
    const hex = Buffer.from(sum, "base64").toString("hex");
    return join("content-v2/sha512", hex.slice(0, 2), hex.slice(2, 4), hex.slice(4));
  });
}

/** What stands in the lines of its index. */
function lockedPatterns(): readonly string[] {
  const lock = JSON.parse(readFileSync(join(PROJECT, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly integrity?: string }>>;
  };
  return Object.entries(lock.packages).flatMap(([path, { integrity }]) => {
    const name = path.replace(/^.*node_modules\//, "").replace("/", "%2f");
    return integrity === undefined ? [] : [integrity, `/${name}","integrity"`];
  });
}
