/** What core itself needs of the host: a runtime, a store, a stdout. */
import { fstatSync } from "node:fs";
import type { DoctorCheck } from "../pipeline/builder-hooks.ts";
import { messageOf } from "../error.ts";
import { processors, runtime } from "../host.ts";
import { openStore } from "../store/disk-store.ts";
import { storeDirectory } from "../store/location.ts";

export async function ownChecks(): Promise<readonly DoctorCheck[]> {
  return [runtimeCheck(), await storeCheck(), stdoutCheck()];
}

function runtimeCheck(): DoctorCheck {
  const name = { node: "Node.js", deno: "Deno", bun: "Bun" }[runtime()];
  const version = process.versions[runtime()] ?? "of unknown version";
  return {
    name: "runtime",
    state: "ok",
    detail: `${name} ${version}, ${process.platform} on ${process.arch}, ${processors()} processors`,
    purpose: "everything",
  };
}

async function storeCheck(): Promise<DoctorCheck> {
  const purpose = "packages that were fetched, and what is derived from them";
  try {
    const directory = storeDirectory();
    const store = await openStore(directory);
    const trial = await store.temporaryDirectory("doctor");
    await trial.dispose();
    store.close();
    return { name: "store", state: "ok", detail: directory, purpose };
  } catch (error) {
    return {
      name: "store",
      state: "missing",
      detail: messageOf(error),
      purpose,
      mend: "Set IMAGE_DSL_CACHE to a folder that you may write to",
    };
  }
}

function stdoutCheck(): DoctorCheck {
  const stat = fstatSync(1);
  const kinds = [
    [stat.isFIFO(), "a pipe"],
    [stat.isFile(), "a file"],
    [stat.isCharacterDevice(), process.stdout.isTTY ? "a terminal" : "a device"],
  ] as const;
  const detail = kinds.find(([is]) => is)?.[1] ?? "a socket";
  return { name: "stdout", state: "ok", detail, purpose: "image-dsl stream" };
}
