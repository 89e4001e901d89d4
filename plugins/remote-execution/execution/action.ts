/**
 * A task as the API has it: an action, which names a command and a tree of folders by their digests. Equal tasks have equal bytes: all that has
 * no order of its own is sorted.
 */
import { ImageDslError, type RemoteBlob, type RemoteFile, type RemoteTask } from "../../../core/index.ts";
import type { Message } from "../proto/message.ts";
import { Action, Command, Directory } from "../proto/messages.ts";
import { blobOfBytes, digestMessage } from "../storage/blob-names.ts";

export interface MadeAction {
  /** By which results are known. */
  readonly action: RemoteBlob;
  /** What has to be there besides the task's files: the action itself, its command, its folders. */
  readonly documents: readonly Document[];
}

export interface Document {
  readonly blob: RemoteBlob;
  readonly bytes: Uint8Array;
}

/** `platform`: what the user wants of all workers. Throws `E_REMOTE` for a task that cannot be one. */
export function makeAction(task: RemoteTask, platform: Readonly<Record<string, string>>): MadeAction {
  const { command, environment, timeoutSeconds, outputs, files } = task;
  const wanted = { properties: pairs({ ...platform, ...task.platform }) };
  const outputPaths = [...outputs].sort(byBytes);
  const documents: Document[] = [];
  const keep = (bytes: Uint8Array): RemoteBlob => {
    const blob = blobOfBytes(bytes);
    documents.push({ blob, bytes });
    return blob;
  };
  const commandBlob = keep(
    Command.encode({
      arguments: command,
      environmentVariables: pairs(environment),
      outputFiles: outputPaths,
      platform: wanted,
      outputPaths,
    }),
  );
  const root = keepFolder(folderOf(files), keep);
  const action = keep(
    Action.encode({
      commandDigest: digestMessage(commandBlob),
      inputRootDigest: digestMessage(root),
      timeout: { seconds: timeoutSeconds },
      platform: wanted,
    }),
  );
  return { action, documents };
}

interface Folder {
  readonly files: Map<string, RemoteFile>;
  readonly folders: Map<string, Folder>;
}

function folderOf(files: readonly RemoteFile[]): Folder {
  const root = emptyFolder();
  for (const file of files) {
    const parts = file.path.split("/");
    const name = parts.pop()!;
    const folder = parts.reduce((parent, part) => within(parent, part, file), root);
    if (!isName(name) || folder.files.has(name) || folder.folders.has(name)) throw impossible(file);
    folder.files.set(name, file);
  }
  return root;
}

function within(parent: Folder, name: string, file: RemoteFile): Folder {
  if (!isName(name) || parent.files.has(name)) throw impossible(file);
  const known = parent.folders.get(name) ?? emptyFolder();
  parent.folders.set(name, known);
  return known;
}

function isName(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && !name.includes("\0");
}

function impossible({ path }: RemoteFile): ImageDslError {
  return new ImageDslError("E_REMOTE", `A task's folder cannot hold "${path}"`);
}

function keepFolder({ files, folders }: Folder, keep: (bytes: Uint8Array) => RemoteBlob): RemoteBlob {
  const message: Partial<Message<typeof Directory>> = {
    files: sorted(files).map(([name, { blob, isExecutable = false }]) => ({
      name,
      digest: digestMessage(blob),
      isExecutable,
    })),
    directories: sorted(folders).map(([name, folder]) => ({ name, digest: digestMessage(keepFolder(folder, keep)) })),
  };
  return keep(Directory.encode(message));
}

function emptyFolder(): Folder {
  return { files: new Map(), folders: new Map() };
}

function pairs(record: Readonly<Record<string, string>>): readonly { readonly name: string; readonly value: string }[] {
  return sorted(new Map(Object.entries(record))).map(([name, value]) => ({ name, value }));
}

function sorted<Value>(named: ReadonlyMap<string, Value>): readonly (readonly [string, Value])[] {
  return [...named].sort(([a], [b]) => byBytes(a, b));
}

/** As servers compare names: by their UTF-8, which JavaScript's own order is not. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
