/** An unprivileged user with a home of their own: what "on a fresh machine, not as root" means in these tests. */
import { cpSync, existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { sharedCache } from "../shared-cache.ts";
import { folderForNobody, must, openFolder } from "./support.ts";

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
 * `withNpm`: they have a copy of what npm has fetched on this machine, which spares the registry a second visit. `withOwnCache`: image-dsl's is
 * in `home` too.
 */
export function openVisitor(name: string, { withNpm = false, withOwnCache = false } = {}): Visitor {
  const { path: home, dispose } = openFolder(name);
  const npm = join(home, "npm");
  const fetched = process.env["npm_config_cache"] ?? join(homedir(), ".npm");
  // What other test files' npm is fetching just now (the folders content-v2 and index-v5 only ever grow) is not.
  for (const folder of ["content-v2", "index-v5"]) {
    const from = join(fetched, "_cacache", folder);
    if (withNpm && existsSync(from)) cpSync(from, join(npm, "_cacache", folder), { recursive: true });
  }
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
