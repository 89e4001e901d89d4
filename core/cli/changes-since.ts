/** `--affected`: what differs from a git revision, committed or not. */
import { relative, resolve } from "node:path";
import { checkImports } from "../config/check-imports.ts";
import type { Changes } from "../engine/affected.ts";
import { lockFileOf } from "../engine/lock-place.ts";
import { ImageDslError } from "../error.ts";
import { userEnvironment } from "../host.ts";
import { readLockText } from "../lock/lock-file.ts";
import { run } from "../process/child-process.ts";
import type { OpenedConfig } from "./open-config.ts";

/** Since the last commit that the revision and the one that is checked out have in common. Throws `E_USAGE`, `E_TOOL_MISSING`, `E_LOCK_INVALID`. */
export async function changesSince(
  revision: string,
  { graph, modules }: Pick<OpenedConfig, "graph" | "modules">,
  signal: AbortSignal,
): Promise<Changes> {
  const git = gitIn(graph.directory, signal);
  const [up = ""] = await git(["rev-parse", "--show-cdup"], (why) =>
    usage(`${graph.directory} is in no git repository: ${why}`, "--affected asks git what changed"),
  );
  // As the config's folder is called, whatever links lead to it.
  const root = resolve(graph.directory, up);
  const inRoot = gitIn(root, signal);
  if (revision.startsWith("-")) throw unknown(revision, "a revision begins with no dash");
  const [base = ""] = await inRoot(["merge-base", revision, "HEAD"], (why) => unknown(revision, why));
  const changed = await inRoot(["diff", "--name-only", "--no-renames", base, "--"], (why) => unknown(revision, why));
  const untracked = await inRoot(["ls-files", "--others", "--exclude-standard"], (why) => unknown(revision, why));
  const lock = lockFileOf(graph);
  const before = await inRoot(["show", `${base}:${relative(root, lock)}`], () => undefined);
  return {
    paths: [...changed, ...untracked].map((name) => pathOf(name, root)),
    configFiles: await configFiles(graph.configFile, modules?.own),
    lockBefore: before.length === 0 ? undefined : before.join("\n"),
    lockNow: await readLockText(lock),
  };
}

type Git = (args: readonly string[], failed: (why: string) => Error | undefined) => Promise<readonly string[]>;

/** Lines of what git prints, without their ends. What `failed` gives is thrown where git fails. */
function gitIn(cwd: string, signal: AbortSignal): Git {
  return async (args, failed) => {
    const lines: string[] = [];
    const { code, stderr } = await run("git", ["-c", "core.quotePath=false", ...args], {
      cwd,
      env: { ...userEnvironment(), LC_ALL: "C" },
      signal,
      onLine: (line, stream) => void (stream === "stdout" && lines.push(line)),
    });
    if (code === 0) return lines;
    const error = failed(stderr.trim().split("\n", 1)[0] || `git ${args[0]} ended with ${code}`);
    if (error !== undefined) throw error;
    return [];
  };
}

/** A name that cannot be told stands for anything. */
function pathOf(name: string, root: string): string {
  return name.startsWith('"') || name.includes("\uFFFD") ? root : resolve(root, name);
}

/** `own`: undefined of a config that is no code. */
async function configFiles(
  file: string | undefined,
  own: ReadonlySet<string> | undefined,
): Promise<ReadonlySet<string>> {
  if (file === undefined) return new Set();
  if (own === undefined) return new Set([file]);
  return new Set((await checkImports(file, own)).locals);
}

function unknown(revision: string, why: string): ImageDslError {
  return usage(
    `--affected "${revision}": git does not know what it and HEAD have in common: ${why}`,
    "Name a branch or a commit that is here, as in --affected origin/main; a shallow clone may lack it (git fetch --unshallow)",
  );
}

function usage(message: string, hint: string): ImageDslError {
  return new ImageDslError("E_USAGE", message, { hint });
}
