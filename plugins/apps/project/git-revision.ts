/** The commit that a folder is at, read from git's own files: no program is run when a config is loaded. */
import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ImageDslError, messageOf, readRegularSync } from "../../../core/index.ts";

const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** Throws `E_CONFIG_INVALID` where the folder is in no repository, or that has no commit. */
export function gitRevision(folder: string): string {
  const git = gitFolder(folder);
  if (git === undefined) throw unknown(folder, "it is in no git repository");
  const head = read(join(git, "HEAD"));
  const [, ref] = /^ref: (refs\/\S+)$/.exec(head ?? "") ?? [];
  const commit = ref === undefined ? head : refOf(git, ref);
  if (commit !== undefined && COMMIT.test(commit)) return commit;
  throw unknown(folder, ref === undefined ? `${git}/HEAD names no commit` : `${ref} has no commit yet`);
}

/** Of a worktree and a submodule, `.git` is a file that says where. */
function gitFolder(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const place = join(at, ".git");
    if (existsSync(place)) {
      if (statSync(place).isDirectory()) return place;
      const [, elsewhere] = /^gitdir: (.+)$/.exec(read(place) ?? "") ?? [];
      return elsewhere === undefined ? undefined : resolve(at, elsewhere);
    }
    if (dirname(at) === at) return undefined;
  }
}

/** Branches are those of the repository that a worktree belongs to. */
function refOf(git: string, ref: string): string | undefined {
  const common = resolve(git, read(join(git, "commondir")) ?? ".");
  const loose = ref.split("/").includes("..") ? undefined : read(join(common, ref));
  if (loose !== undefined) return loose;
  const packed = read(join(common, "packed-refs"))?.split("\n") ?? [];
  return packed.find((line) => line.endsWith(` ${ref}`))?.split(" ")[0];
}

function read(file: string): string | undefined {
  try {
    return existsSync(file) ? readRegularSync(file, "project.file").toString("utf8").trim() : undefined;
  } catch (error) {
    throw unknown(dirname(file), `${file} cannot be read: ${messageOf(error)}`);
  }
}

function unknown(folder: string, why: string): ImageDslError {
  return new ImageDslError("E_CONFIG_INVALID", `Cannot tell the git revision of ${folder}: ${why}`, {
    hint: "Leave revision out, or give the commit as a text: revision: process.env.COMMIT",
  });
}
