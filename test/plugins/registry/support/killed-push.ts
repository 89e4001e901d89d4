/** A push that is killed in the middle of a blob, and the one after it. */
import { fork } from "node:child_process";
import * as assert from "uvu/assert";
import { tmp } from "../../../harness.ts";
import { until } from "./asking.ts";
import { blobRegistry, type BlobRegistry } from "./blob-registry.ts";

/** Pushes in a process of its own, which is killed at a moment; gives the ranges of what came, before and after. */
export async function killedPush(
  size: number,
  isUnchanged = true,
): Promise<{ registry: BlobRegistry; before: number; ranges: string[] }> {
  const seed = 7;
  const store = tmp();
  const registry = await blobRegistry();
  const start = (own: number) =>
    fork(new URL("./push-process.ts", import.meta.url), [registry.host, store, String(size), String(own)], {
      execArgv: process.execArgv,
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
  const child = start(seed);
  const ended = new Promise((resolve) => child.once("exit", resolve));
  await until(() => registry.received() > size / 2);
  child.kill("SIGKILL");
  await ended;
  await new Promise((resolve) => setTimeout(resolve, 50));
  const before = registry.requests.length;
  const next = start(isUnchanged ? seed : seed + 1);
  const status = await new Promise((resolve) => next.once("exit", resolve));
  assert.is(status, 0);
  const ranges = registry.requests.slice(before).map(({ headers }) => headers["content-range"] ?? "");
  return { registry, before, ranges: ranges.filter((range) => range !== "") };
}
