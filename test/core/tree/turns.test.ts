/** Long work lets others have their turn, and ends once it was interrupted. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { FileTree, hostPath, treePath } from "../../../core/index.ts";
import { captureTree, readBack } from "../../../core/tree/capture.ts";
import { compareTrees } from "../../../core/tree/diff.ts";
import { layOutTree, materializeTree } from "../../../core/tree/materialize.ts";
import { mergeInPieces } from "../../../core/tree/merge.ts";
import { atOnce, inTurns, type Pausing } from "../../../core/tree/turns.ts";
import { listAll } from "../../../core/tree/walk.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("tree/turns");

test("endless work ends at the interrupt, with its reason, and closes what is open", async () => {
  let closed = false;
  function* endless(): Pausing<void> {
    try {
      for (;;) yield;
    } finally {
      closed = true;
    }
  }
  const controller = new AbortController();
  const ended = inTurns(endless(), controller.signal).catch((error: unknown) => error);
  await delay(10);
  controller.abort("stop");
  assert.is(await ended, "stop");
  assert.ok(closed);
});

test("what is worked out is the same at once and in turns", async () => {
  function* three(): Pausing<number> {
    yield;
    yield;
    return 3;
  }
  assert.is(atOnce(three()), 3);
  assert.is(await inTurns(three(), new AbortController().signal), 3);
});

function pausesOf(work: Pausing<unknown>): number {
  let count = 0;
  while (!work.next().done) count++;
  return count;
}

test("every stage that goes through all files pauses among them", () => {
  const folder = tmp();
  for (let at = 0; at < 600; at++) writeFileSync(join(folder, `f${at}`), "x");
  const options = { modes: "git", dest: treePath("data") } as const;
  assert.ok(pausesOf(listAll(hostPath(folder), options)) >= 2);
  const tree = FileTree.of(atOnce(listAll(hostPath(folder), options)));
  const parts = ["a", "b"].map((origin) => ({ origin, tree }));
  assert.ok(pausesOf(mergeInPieces(parts, { collisions: "error" })) >= 1200);
  assert.ok(pausesOf(layOutTree(tree, hostPath(tmp()), { purpose: "script", faked: false })) >= 600);
  const laid = materializeTree(tree, hostPath(tmp()), { purpose: "script", faked: false });
  const captured = { before: tree, laid, faked: undefined, mtime: 1 };
  assert.ok(pausesOf(readBack(captured)) >= 600);
  assert.ok(pausesOf(compareTrees(tree, captureTree(captured).tree)) >= 600);
});

test.run();
