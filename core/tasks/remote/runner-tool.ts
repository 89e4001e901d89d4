/** What travels with each task besides its inputs: the files of dist/ that make layers where there is nothing but Node. */
import { readFile } from "node:fs/promises";
import { codeIdentity } from "../../code-identity.ts";
import { digestOf } from "../../model/digest.ts";
import type { RemoteBlob } from "../../model/remote-work.ts";

export interface RunnerTool {
  /** Which code it is. */
  readonly code: string;
  /** In a task's folder. */
  readonly files: readonly ToolFile[];
  readonly command: readonly string[];
}

export interface ToolFile {
  readonly path: string;
  readonly blob: RemoteBlob;
  readonly bytes: Uint8Array;
}

/** `built`: the folder that the build has made. Undefined where there is none: the sources cannot travel. */
export async function runnerTool(built: URL): Promise<RunnerTool | undefined> {
  if (codeIdentity === undefined) return undefined;
  const names = JSON.parse(await readFile(new URL("runner.json", built), "utf8")) as readonly string[];
  const files = names.map(async (name) => toolFile(`runner/${name}`, await readFile(new URL(name, built))));
  // Without it, Node takes the others for modules of its older kind.
  const kind = toolFile("runner/package.json", Buffer.from('{"type":"module"}\n'));
  return { code: codeIdentity, files: [kind, ...(await Promise.all(files))], command: ["node", "runner/runner.js"] };
}

function toolFile(path: string, bytes: Uint8Array): ToolFile {
  return { path, blob: { digest: digestOf(bytes), size: bytes.length }, bytes };
}
