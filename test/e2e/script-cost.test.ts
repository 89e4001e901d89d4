// @runtimes node
/** Packages whose scripts cannot be worked out: what the image lacks is told, an error if wanted, and gone once it is made. */
import * as assert from "uvu/assert";
import { suite } from "../harness.ts";
import { SUITE, openArchive, type TestArchive } from "./debian-archive.ts";
import { cli, openFolder, runCli, writeProject } from "./support.ts";

const test = suite("e2e/script-cost", { timeout: 120_000 });

// Whether a command of the background ends before the script is chance: it stays not covered.
const POSTINST = `#!/bin/sh
set -e
adduser --system --group --home /var/lib/thing thing
mkdir -p /etc/thing
ln -s /etc/thing /var/lib/thing/conf
true &
`;

/** As docs/servers.md gives it. */
const MENDED = `
  echo 'thing:x:150:150::/var/lib/thing:/usr/sbin/nologin' >> etc/passwd
  echo 'thing:x:150:' >> etc/group
  install -d -o 150 -g 150 var/lib/thing
  install -d etc/thing
  ln -s /etc/thing var/lib/thing/conf`;

const LACKING = "users thing; groups thing; directories /etc/thing, /var/lib/thing; links /var/lib/thing/conf";

const folder = openFolder("script-cost");
const options = { cwd: folder.path, env: { IMAGE_DSL_CACHE: `${folder.path}/cache` } };
let archive: TestArchive;
test.before(() => {
  archive = openArchive([{ name: "thing", postinst: POSTINST }, { name: "plain" }]);
  const source = (more: object) =>
    `debian(${JSON.stringify({ suite: SUITE, mirror: archive.uri, keyring: archive.keyring, ...more })})`;
  const thing = { packages: ["thing"] };
  writeProject(folder.path, {
    "image.config.mjs": `import { buildLayeredImage, debian } from "image-dsl";
const image = (contents, more) => buildLayeredImage({ name: "a", contents, config: { Cmd: ["/x"] }, ...more });
export default { images: {
  usual: image(${source(thing)}),
  mended: image(${source(thing)}, { fakeRootCommands: ${JSON.stringify(MENDED)} }),
  strict: image(${source({ ...thing, scripts: "strict" })}),
  both: image([${source(thing)}, ${source({ ...thing, scripts: "strict", components: ["main"] })}]),
  covered: image(${source({ packages: ["plain"], scripts: "strict" })}),
} };
`,
  });
});
test.after(() => {
  archive.dispose();
  folder.dispose();
});

test("a build warns, with package, line and all that is named and not there", () => {
  const { status, stderr } = runCli(["build", "usual", "-o", "digest"], options);
  assert.is(status, 0, stderr);
  assert.match(
    stderr,
    /Warning: usual: The scripts of thing could not be worked out \(postinst line 6: a background command/,
  );
  assert.ok(stderr.includes(`lacks what they name: ${LACKING}`), stderr);
  assert.match(stderr, /docs\/servers\.md/);
});

test("plan says it too", () => {
  assert.ok(cli(["plan", "usual"], options).toString().includes(`lacking: ${LACKING}`));
});

test("what the image's own commands make is not lacking", () => {
  const { status, stderr } = runCli(["build", "mended", "-o", "digest"], options);
  assert.is(status, 0, stderr);
  assert.not.match(stderr, /lacks what they name/);
});

test('with scripts: "strict" it is an error, of build and of plan, with its place', () => {
  for (const command of [
    ["build", "strict", "-o", "digest"],
    ["plan", "strict"],
    ["plan", "both"],
  ]) {
    const { status, stderr } = runCli(command, options);
    assert.is(status, 1, command.join(" "));
    assert.match(stderr, /E_DEBIAN_SCRIPTS/);
    assert.match(stderr, /thing postinst line 6: a background command is not supported/);
    assert.ok(stderr.includes(`the image would lack ${LACKING}`), stderr);
    assert.match(stderr, new RegExp(`images\\.${command[1]}\\.contents`));
  }
});

test("strict takes packages whose scripts are all worked out", () => {
  cli(["build", "covered", "-o", "digest"], options);
});

test.run();
