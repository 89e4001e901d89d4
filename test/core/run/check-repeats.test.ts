// @runtimes node
/** `--check` runs scripts twice and finds what makes them differ. */
import * as assert from "uvu/assert";
import { FileTree, type ImageDslError } from "../../../core/index.ts";
import { hostScriptPlugin } from "../../../plugins/host-script/index.ts";
import { suite, tmp } from "../../harness.ts";
import { file, stage } from "./script-fixture.ts";

const test = suite("run/check-repeats", { timeout: 60_000 });
const TREE = FileTree.of([file("a", "1"), file("b", "2"), file("keep", "3")]);

async function failure(script: string): Promise<ImageDslError> {
  const it = await stage(hostScriptPlugin, "host", { check: true });
  return it.run(script, TREE).then(
    () => assert.unreachable(`"${script}" should have been refused`) as never,
    (error: ImageDslError) => error,
  );
}

test("the first entry that differs is named, and how", async () => {
  // A script of the host runner sees the host: what it leaves there makes its second run another.
  const outside = tmp();
  const again = (name: string) => `[ -e ${outside}/${name} ] || ! touch ${outside}/${name}`;
  const rows: readonly [script: string, message: RegExp][] = [
    ["echo same > x; date +%s%N > now; date +%s%N > z", /: \/now has other content$/],
    ["pwd > where", /: \/where has other content$/],
    [`if ${again("one")}; then touch second; fi`, /: \/second is there the second time only$/],
    [`if ${again("two")}; then rm a; fi`, /: \/a is there the first time only$/],
    [`if ${again("three")}; then chmod 600 a; fi`, /: \/a has another mode, owner or attribute$/],
    [`if ${again("four")}; then rm a; mkdir a; fi`, /: \/a is a file and then a directory$/],
  ];
  for (const [script, message] of rows) {
    const error = await failure(script);
    assert.is(error.code, "E_SCRIPT_DIFFERS", error.message);
    assert.match(error.message, message);
    assert.match(error.message, /^fakeRootCommands of "app" gives other files/);
  }
});

test("what repeats passes, is run twice, and is kept", async () => {
  const it = await stage(hostScriptPlugin, "host", { check: true });
  const after = await it.run("echo ran; echo x > x; rm b; echo * > list", TREE);
  assert.equal(it.lines(), ["ran", "ran"]);
  assert.is(after.size, 4);
  const later = await stage(hostScriptPlugin, "host", { store: it.directory });
  await later.run("echo ran; echo x > x; rm b; echo * > list", TREE);
  assert.equal(later.lines(), []);
});

test("what is known is run again all the same", async () => {
  const it = await stage(hostScriptPlugin, "host");
  const script = "date +%s%N > now";
  await it.run(script, TREE);
  const checked = await stage(hostScriptPlugin, "host", { store: it.directory, check: true });
  const error = await checked.run(script, TREE).catch((thrown: ImageDslError) => thrown);
  assert.is((error as ImageDslError).code, "E_SCRIPT_DIFFERS");
});

test.run();
