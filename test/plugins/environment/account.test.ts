import * as assert from "uvu/assert";
import { FileTree, inlineFile, treePath } from "../../../core/index.ts";
import type { MergeContext } from "../../../core/index.ts";
import { withAccount } from "../../../plugins/environment/account.ts";
import { suite } from "../../harness.ts";

const test = suite("environment/account");

/** In a tree that has a user of this name. */
function nameBeside(known: string, name: string): string {
  const passwd = inlineFile(treePath("/etc/passwd"), Buffer.from(`${known}:x:42:42::/:/bin/sh\n`));
  const context = {
    target: "a",
    platform: { os: "linux", architecture: "amd64" },
    lock: { read: () => undefined, peek: () => undefined, write: () => undefined },
    emit: () => undefined,
  } as unknown as MergeContext;
  try {
    withAccount(FileTree.of([passwd]), { name }, context);
  } catch (error) {
    return (error as Error).message;
  }
  return "made";
}

test("a name one letter off another's is refused; of three letters, only the same ones in another order or case", () => {
  for (const [known, name] of [
    ["apt", "app"],
    ["lp", "ls"],
    ["apt", "pta"],
    ["node", "postgres"],
  ] as const) {
    assert.is(nameBeside(known, name), "made", name);
  }
  for (const [known, name] of [
    ["redis", "reddis"],
    ["mail", "main"],
    ["app", "App"],
    ["apt", "pat"],
  ] as const) {
    assert.is(nameBeside(known, name), `a: there is no user "${name}", but there is "${known}"`);
  }
});

test.run();
