/** What a layer is known by: what may change without its key. */
import * as assert from "uvu/assert";
import { layerKey, mayChangeUnseen } from "../../../core/engine/layer-key.ts";
import type { Entry } from "../../../core/model/entry.ts";
import { treePath } from "../../../core/model/path.ts";
import { suite } from "../../harness.ts";

const test = suite("engine/layer-key");

const STAT = { size: 3, mtimeMs: 1_700_000_000_000, ctimeMs: 1_700_000_000_000, ino: 7, dev: 1 };

function recipe(stat: Partial<typeof STAT>, identity?: string): { entries: readonly Entry[] } {
  const content = { kind: "host", file: "/f", stat: { ...STAT, ...stat }, ...(identity && { identity }) } as const;
  return { entries: [{ type: "file", path: treePath("f"), mode: 0o644, uid: 0, gid: 0, mtime: 1, size: 3, content }] };
}

test("a host file is known by each part of its stat, one that never changes by its identity alone", () => {
  const changes = [{ size: 4 }, { mtimeMs: 1 }, { ctimeMs: 1 }, { ino: 8 }, { dev: 2 }] as const;
  const known = layerKey(recipe({}), "code");
  for (const change of changes.slice(1)) assert.is.not(layerKey(recipe(change), "code"), known, JSON.stringify(change));
  const fixed = layerKey(recipe({}, "nix 1 f"), "code");
  for (const change of changes) assert.is(layerKey(recipe(change, "nix 1 f"), "code"), fixed);
  assert.is.not(layerKey(recipe({}, "nix 2 f"), "code"), fixed);
  assert.is.not(layerKey(recipe({}), "other code"), known);
});

test("what changed just before it was listed may change again unseen, unless it never changes", () => {
  const listed = STAT.ctimeMs + 1000;
  assert.ok(mayChangeUnseen(recipe({}), listed));
  assert.not.ok(mayChangeUnseen(recipe({}), listed + 2000));
  assert.not.ok(mayChangeUnseen(recipe({}, "nix 1 f"), listed));
});

test.run();
