/** Translated configs in the store: run again only where they are what was put there. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { removeUnsealed, sealFiles } from "../../../core/store/sealed-folder.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("store/sealed-folder");

test("a file stays as long as it is what was sealed; a changed byte, or a file that nobody sealed, goes", async () => {
  const folder = tmp();
  const names = () => readdirSync(folder).filter((name) => !name.endsWith(".seal"));
  for (const name of ["a.mjs", "b.mjs"]) writeFileSync(join(folder, name), `the code of ${name}`, { mode: 0o600 });
  await sealFiles(folder);
  await removeUnsealed(folder);
  assert.equal(names(), ["a.mjs", "b.mjs"]);

  const file = join(folder, "a.mjs");
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replace("code", "Code"));
  writeFileSync(join(folder, "c.mjs"), "put there by somebody", { mode: 0o600 });
  await removeUnsealed(folder);
  assert.equal(names(), ["b.mjs"]);
  assert.equal(readdirSync(folder).length, 2, "seals of what is gone are gone");

  // The same bytes written anew are the same file.
  const kept = join(folder, "b.mjs");
  writeFileSync(kept, readFileSync(kept));
  await removeUnsealed(folder);
  assert.equal(names(), ["b.mjs"]);
});

test("of what was made in the course of a year not all is looked at for ever", async () => {
  const folder = tmp();
  for (let index = 0; index < 150; index++) writeFileSync(join(folder, `${index}.mjs`), "code", { mode: 0o600 });
  await sealFiles(folder);
  await removeUnsealed(folder);
  assert.ok(readdirSync(folder).length < 200);
});

test.run();
