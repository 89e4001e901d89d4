// @runtimes node
/** dockerTools' assertions about the Nix store, by their numbers in docs/parity.md, with containers of dockerd and podman. */
import * as assert from "uvu/assert";
import { nixFixture, type NixFixture } from "../../plugins/nix/store-fixture.ts";
import { suite } from "../../harness.ts";
import { inEngines, load, removeImage, runOnce } from "../containers.ts";
import { run } from "../support.ts";
import { build, buildAll, project } from "./project.ts";

const test = suite("e2e/dockertools/nix-store", { timeout: 120_000 });

let host: NixFixture;
let nix = "";
test.before(() => {
  host = nixFixture();
  nix = `const ofNix = (attribute) => dsl.nix({ expression: ${JSON.stringify(`(${host.expression})`)} + "." + attribute });
const programs = dsl.elf({ files: ["/bin/sh", "/bin/cat"] });
`;
});

test("#1 helloOnRoot runs; #2 without its store it fails, #3 has no store path, #4 and runs where the store is mounted, in chroot mode too", async () => {
  const folder = project(`${nix}
const hello = { name: "hello", contents: [ofNix("hello"), programs], config: { Cmd: ["hello"] } };
const script = { fakeRootCommands: "echo made > /made", enableFakechroot: true };
export default { images: {
  whole: buildLayeredImage({ ...hello, tag: "whole" }),
  linked: buildLayeredImage({ ...hello, tag: "linked", includeStorePaths: false }),
  chroot: buildLayeredImage({ ...hello, tag: "chroot", includeStorePaths: false, ...script }),
} };`);
  const store = host.store.slice(1);
  const { whole, ...bare } = await buildAll(folder, ["whole", "linked", "chroot"]);
  assert.ok(whole.layers.flat().some((line) => line.includes(` ${store}/`)));
  for (const [{ archive }, engine] of inEngines([whole])) {
    const reference = load(engine, archive);
    assert.is(runOnce(engine, reference), "some data\n");
    removeImage(engine, reference);
  }
  for (const [target, { archive, layers }] of Object.entries(bare)) {
    assert.equal(
      layers.flat().filter((line) => line.includes(` ${store}`)),
      [],
    );
    assert.is(layers.flat().includes("-rw-r--r-- 0/0 made"), target === "chroot");
    const reference = load("docker", archive);
    const docker = ["docker", "run", "--rm", "--network", "none"];
    const alone = run([...docker, reference], { cwd: "/" });
    assert.is.not(alone.status, 0);
    assert.match(alone.stderr, /hello/);
    const mounted = run([...docker, "--volume", `${host.store}:${host.store}:ro`, reference], { cwd: "/" });
    assert.is(mounted.stdout.toString(), "some data\n", mounted.stderr);
    removeImage("docker", reference);
  }
});

test("#7 an automatic tag of an image with a database is the one that loads", async () => {
  const folder = project(`${nix}
export default buildLayeredImage({ name: "db", contents: [ofNix("hello"), programs], includeNixDB: true, config: { Cmd: ["hello"] } });`);
  const { archive, tags, layers } = await build(folder, "db");
  assert.match(tags[0]!, /^db:[0-9a-f]{32}$/);
  assert.ok(layers.flat().some((line) => line.endsWith("/db/db.sqlite")));
  const reference = load("docker", archive);
  assert.is(reference, tags[0]);
  assert.is(runOnce("docker", reference), "some data\n");
  removeImage("docker", reference);
});

test("#11 a command that is a link is one, single and layered, and runs", async () => {
  const folder = project(`${nix}
const config = { Cmd: ["hi"] };
export default { images: {
  single: buildImage({ name: "hi", tag: "1", copyToRoot: [ofNix("hello"), programs], config }),
  layered: buildLayeredImage({ name: "hi", tag: "2", contents: [ofNix("hello"), programs], config }),
} };`);
  for (const { archive, layers } of Object.values(await buildAll(folder, ["single", "layered"]))) {
    assert.ok(layers.flat().some((line) => /^lrwxrwxrwx 0\/0 (usr\/)?bin\/hi -> hello$/.test(line)));
    const reference = load("docker", archive);
    assert.is(runOnce("docker", reference), "some data\n");
    removeImage("docker", reference);
  }
});

test.run();
