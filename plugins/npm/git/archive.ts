/** A commit's files by the tarball that the repository's host makes of it. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import {
  FileTree,
  compressionOfFile,
  hostPath,
  inTurns,
  indexTar,
  interruptible,
  layOutTree,
  placedIn,
  redactUrl,
  streamRegular,
  treePath,
  type BuildContext,
  type Entry,
  type UnpackInput,
  type UnpackOutput,
} from "../../../core/index.ts";
import { writeChecked } from "../registry/checked-file.ts";
import { openAddress, type RegistryClient } from "../registry/client.ts";
import { parseIntegrity } from "../registry/integrity.ts";

export interface CommitFolders {
  /** For what is needed on the way. */
  readonly directory: string;
  /** Where the commit's files are put. */
  readonly root: string;
}

export interface HostedArchive {
  readonly url: string;
  readonly integrity?: string | undefined;
}

/** Whether there was one. Throws `E_HASH_MISMATCH`, `E_NPM_REGISTRY`, `E_NETWORK`, `E_COMPRESSION`, `E_TAR_INVALID`. */
export async function bringArchive(
  { url, integrity }: HostedArchive,
  { directory, root }: CommitFolders,
  client: RegistryClient,
  { tasks, signal }: Pick<BuildContext, "tasks" | "signal">,
): Promise<boolean> {
  const response = await openAddress(url, "unpack.bytes", client);
  if (response === undefined) return false;
  const file = join(directory, "archive.tar.gz");
  const output = join(directory, "archive.tar");
  const expected = integrity === undefined ? undefined : parseIntegrity(integrity);
  await writeChecked(file, response.body, expected === undefined ? [] : [expected], redactUrl(url));
  const { size } = await stat(file);
  const input: UnpackInput = { file, offset: 0, size, format: await compressionOfFile(file), output };
  const { sha256 } = await placedIn(redactUrl(url), () => tasks.inWorker<UnpackInput, UnpackOutput>("unpack", input));
  const archive = await indexTar(interruptible(streamRegular(output), signal), {
    file: output,
    archive: sha256,
  });
  const files = archive.entries().flatMap(belowFirstFolder);
  await inTurns(layOutTree(FileTree.of(files), hostPath(root), { purpose: "script", faked: false }), signal);
  return true;
}

/** Whatever the folder is called in which all of it lies. */
function belowFirstFolder(entry: Entry): readonly Entry[] {
  const slash = entry.path.indexOf("/");
  if (slash < 0 || entry.type === "hardlink") return [];
  return [{ ...entry, path: treePath(entry.path.slice(slash + 1)) }];
}
