/** The package that a commit of a repository holds, as the tar that its manager would make of it. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { redactUrl, type BuildContext } from "../../../core/index.ts";
import type { GitOrigin } from "../model.ts";
import type { RegistryClient } from "../registry/client.ts";
import { bringArchive, type CommitFolders } from "./archive.ts";
import { checkOut } from "./check-out.ts";
import { gitError, shownRepository } from "./git-error.ts";
import { packedFolder } from "./packed-folder.ts";

export interface PackedCommit {
  /** Where it came from, for messages. */
  readonly from: string;
  readonly body: Iterable<Uint8Array>;
}

/** `directory` is empty, and kept until the tar was read. Throws `E_NPM_GIT`, `E_NPM_PACKAGE`, `E_TOOL_MISSING`, `E_HASH_MISMATCH`, `E_NETWORK`. */
export async function packedCommit(
  name: string,
  origin: GitOrigin,
  directory: string,
  client: RegistryClient,
  context: Pick<BuildContext, "tasks" | "signal">,
): Promise<PackedCommit> {
  const root = join(directory, "commit");
  await mkdir(root);
  const from = await bring(name, origin, { directory, root }, client, context);
  return { from, body: await packedFolder(name, root, origin) };
}

async function bring(
  name: string,
  origin: GitOrigin,
  folders: CommitFolders,
  client: RegistryClient,
  context: Pick<BuildContext, "tasks" | "signal">,
): Promise<string> {
  const { commit, archive, archiveIntegrity, repositories = [] } = origin;
  if (archive !== undefined) {
    const isThere = await bringArchive({ url: archive, integrity: archiveIntegrity }, folders, client, context);
    if (isThere) return redactUrl(archive);
  }
  const refused: string[] = [];
  for (const repository of repositories) {
    const shown = shownRepository(repository);
    const why = await checkOut({ name, repository, commit }, folders.root, context.signal);
    if (why === undefined) return `commit ${commit} of ${shown}`;
    refused.push(`${shown}: ${why}`);
  }
  if (refused.length === 0) {
    const hint = "Is the repository still there, and may it be read by everybody?";
    throw gitError(`${name} is not at ${redactUrl(archive!)}`, hint);
  }
  throw gitError(
    `${name}: git cannot fetch ${refused.join("; ")}`,
    "See whether git ls-remote of that address answers here: a login is that of git's own settings (credential helpers, an SSH agent)",
  );
}
