// @runtimes node
// @timeout 900
/** Every hostile input of the folders beside this, by the built command line: docs/security.md says what each is. */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../harness.ts";
import { build, withstand, type Attack, type Cost, type Ran } from "./attack.ts";
import { tarOf } from "./make/tar.ts";

const test = suite("attacks", { timeout: 150_000 });

/** What a folder beside this exports. */
interface Kind {
  readonly attacks: readonly Attack[];
  /** Of what its attacks have in common. */
  readonly dispose?: () => void;
}

let honest: Cost;
test.before(async () => {
  ({ cost: honest } = await build({
    make: (folder) => writeFileSync(join(folder, "a.tar"), tarOf({ name: "a", body: Buffer.alloc(2 ** 21, "a") })),
    image: `dsl.image({ name: "t", contents: dsl.archive("a.tar") })`,
  }));
});

const begun = new Map<Attack, Promise<Ran>>();
const cases = join(import.meta.dirname, "cases");
for (const kind of readdirSync(cases).sort()) {
  const { attacks, dispose } = (await import(join(cases, kind, "attacks.ts"))) as Kind;
  if (dispose !== undefined) test.after(dispose);
  test.before(() => {
    for (const attack of attacks) if (attack.waits) begun.set(attack, build(attack));
  });
  for (const attack of attacks) test(`${kind}: ${attack.name}`, () => withstand(attack, honest, begun.get(attack)));
}

test("docs/security.md has each kind", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/security.md"), "utf8");
  const told = Array.from(page.matchAll(/^\| `([a-z-]+)` \|/gm), ([, kind]) => kind);
  assert.equal(told, readdirSync(cases).sort());
});

test.run();
