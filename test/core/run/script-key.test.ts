/** What a script's result is found again by. */
import * as assert from "uvu/assert";
import { FileTree, type ImageSpec, type RunContext, type RunSpec } from "../../../core/index.ts";
import { scriptKey } from "../../../core/run/script-key.ts";
import { suite } from "../../harness.ts";

const test = suite("core/run/script-key");

const RUN: RunSpec = { stage: "command", runner: "fakeroot", name: "fakeRootCommands", script: "true", needs: [] };
const CONTEXT = {
  platform: { os: "linux", architecture: "amd64" },
  spec: { mtime: 1 } as ImageSpec,
  signal: new AbortController().signal,
} as RunContext;
const EXECUTOR = { kind: "fakeroot", tools: [], execute: () => Promise.reject(new Error("It is not run")) };

const keyOf = (code: string | undefined, body: string | undefined = "true") =>
  scriptKey(RUN, FileTree.empty, CONTEXT, EXECUTOR, body, { code });

test("a result is found again by the code that made it, and by no other", async () => {
  const key = await keyOf("a");
  assert.match(key!, /^[0-9a-f]{64}$/);
  assert.is(await keyOf("a"), key);
  assert.is.not(await keyOf("b"), key);
  assert.is.not(await keyOf(undefined), key);
  assert.is(await scriptKey(RUN, FileTree.empty, CONTEXT, EXECUTOR, undefined, { code: "a" }), undefined);
});

test.run();
