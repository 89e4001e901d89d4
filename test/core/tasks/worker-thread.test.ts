// @runtimes node
/** A thread holds the process for as long as somebody waits for it, and no longer. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { suite } from "../../harness.ts";

const test = suite("tasks/worker-thread");

test("a program that closes a thread goes on after it, whatever the thread still says", () => {
  const program = fileURLToPath(new URL("./closes-chatty.mjs", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", program], { encoding: "utf8" });
  assert.is(status, 0, stderr);
  assert.is(stdout, "closed\n");
});

test.run();
