/** What a package's own tree says of it. */
import { posix } from "node:path";
import { fileText, isRecord, type FileTree } from "../../../core/index.ts";

/** Its package.json, below `folder` of the tree; empty where it has none that can be read. */
export function packageJsonIn(tree: FileTree, folder = ""): Readonly<Record<string, unknown>> {
  const text = fileText(tree, posix.join(folder, "package.json"));
  try {
    const manifest: unknown = JSON.parse(Buffer.from(text ?? "", "latin1").toString("utf8"));
    return isRecord(manifest) ? manifest : {};
  } catch {
    return {};
  }
}
