/** A push that is killed in the middle of a blob, and the one after it. */
import { fork } from "node:child_process";
import * as assert from "uvu/assert";
import { tmp } from "../../../harness.ts";
import { until } from "./asking.ts";
import { blobRegistry, type BlobRegistry } from "./blob-registry.ts";

const SEED = 7;

/** Pushes in a process of its own, which is killed at a moment; gives the ranges of what came, before and after. */
export async function killedPush(
  size: number,
  isUnchanged = true,
): Promise<{ registry: BlobRegistry; before: number; ranges: string[] }> {
  const registry = await blobRegistry();
  const { goOn } = await killPushWhen(registry, size, () => registry.received() > size / 2);
  const before = registry.requests.length;
  await goOn(isUnchanged ? SEED : SEED + 1);
  const ranges = registry.requests.slice(before).map(({ headers }) => headers["content-range"] ?? "");
  return { registry, before, ranges: ranges.filter((range) => range !== "") };
}

/** `goOn`: the same push in a further process, to its end. */
export async function killPushWhen(
  registry: { readonly host: string },
  size: number,
  isTime: () => boolean,
): Promise<{ goOn(seed?: number): Promise<void> }> {
  const store = tmp();
  const start = (seed: number) =>
    fork(new URL("./push-process.ts", import.meta.url), [registry.host, store, String(size), String(seed)], {
      execArgv: process.execArgv,
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
  const child = start(SEED);
  const ended = new Promise((resolve) => child.once("exit", resolve));
  await until(() => isTime() || child.exitCode !== null);
  assert.is(child.exitCode, null, "the push is not over yet");
  child.kill("SIGKILL");
  await ended;
  await new Promise((resolve) => setTimeout(resolve, 50));
  return {
    async goOn(seed = SEED) {
      const next = start(seed);
      assert.is(await new Promise((resolve) => next.once("exit", resolve)), 0);
    },
  };
}
