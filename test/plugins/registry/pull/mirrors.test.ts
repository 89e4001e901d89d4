// @runtimes node
import * as assert from "uvu/assert";
import { pullPlaces } from "../../../../plugins/registry/pull/mirrors.ts";
import { parseReference, referenceText } from "../../../../plugins/registry/reference.ts";
import { suite } from "../../../harness.ts";
import { failure } from "../support/asking.ts";
import { onTestHost } from "../support/host-credentials.ts";

const test = suite("registry/mirrors");

const MAIN = ".config/containers/registries.conf";
const DIGEST = `sha256:${"0a".repeat(32)}`;

test("the system's own settings can be read, and an image that they do not name has its own place", async () => {
  await onTestHost(async () => {
    assert.equal(await places("registry.example/app:1"), ["registry.example/app:1"]);
  });
});

test("mirrors come first, in their order, and the rest of the name follows", async () => {
  await onTestHost(async ({ write }) => {
    write(
      MAIN,
      `
      unqualified-search-registries = ["example.com"]
      [[registry]]
      prefix = "example.com/foo"
      location = "inside.example/bar"
      [[registry.mirror]]
      location = "one.example/mirror-of-foo"
      [[registry.mirror]]
      location = "two.example:5000/foo"
      insecure = true
      [[registry]]
      location = "plain.example"
      insecure = true
      `,
    );
    assert.equal(await places("example.com/foo/app:1"), [
      "one.example/mirror-of-foo/app:1",
      "two.example:5000/foo/app:1 insecure",
      "inside.example/bar/app:1",
    ]);
    assert.equal(await places(`example.com/foo@${DIGEST}`), [
      `one.example/mirror-of-foo@${DIGEST}`,
      `two.example:5000/foo@${DIGEST} insecure`,
      `inside.example/bar@${DIGEST}`,
    ]);
    assert.equal(await places("example.com/foobar:1"), ["example.com/foobar:1"]);
    assert.equal(await places("plain.example/app:1"), ["plain.example/app:1 insecure"]);
    assert.equal(await places("plain.example:5000/app:1"), ["plain.example:5000/app:1"]);
  });
});

test("the longest prefix counts, down to a tag, and a star stands for any domain below", async () => {
  const table = (prefix: string, location: string) => `[[registry]]\nprefix = "${prefix}"\nlocation = "${location}"\n`;
  await onTestHost(async ({ write }) => {
    const prefixes = ["a.example", "a.example/team", "a.example/team/app", "a.example/team/app:2"];
    write(
      MAIN,
      prefixes.map((prefix, index) => table(prefix, `m${index}.example/x${index === 3 ? ":3" : ""}`)).join("") +
        table("*.b.example", "mirror.example/b"),
    );
    assert.equal(await places("a.example/team/app:2"), ["m3.example/x:3"]);
    assert.equal(await places("a.example/team/app:1"), ["m2.example/x:1"]);
    assert.equal(await places("a.example/team/other:1"), ["m1.example/x/other:1"]);
    assert.equal(await places("a.example/other:1"), ["m0.example/x/other:1"]);
    assert.equal(await places("x.y.b.example/app:1"), ["mirror.example/b/app:1"]);
    assert.equal(await places("b.example/app:1"), ["b.example/app:1"]);
  });
});

test("mirrors may be for tags or digests alone", async () => {
  await onTestHost(async ({ write }) => {
    const mirror = (location: string, pulls: string) =>
      `[[registry.mirror]]\nlocation = "${location}"\npull-from-mirror = "${pulls}"\n`;
    write(
      MAIN,
      `[[registry]]\nlocation = "a.example"\n${["all", "digest-only", "tag-only"].map((pulls) => mirror(`${pulls}.example`, pulls)).join("")}`,
    );
    assert.equal(await places("a.example/app:1"), ["all.example/app:1", "tag-only.example/app:1", "a.example/app:1"]);
    assert.equal(await places(`a.example/app:1@${DIGEST}`), [
      `all.example/app:1@${DIGEST}`,
      `digest-only.example/app:1@${DIGEST}`,
      `a.example/app:1@${DIGEST}`,
    ]);
    write(
      MAIN,
      `[[registry]]\nlocation = "a.example"\nmirror-by-digest-only = true\n[[registry.mirror]]\nlocation = "m.example"\n`,
    );
    assert.equal(await places("a.example/app:1"), ["a.example/app:1"]);
    assert.equal((await places(`a.example/app@${DIGEST}`)).length, 2);
  });
});

test("a blocked registry is not pulled from, and later files take the place of earlier ones' tables", async () => {
  await onTestHost(async ({ write }) => {
    write(
      MAIN,
      `[[registry]]\nlocation = "a.example"\nblocked = true\n[[registry]]\nlocation = "b.example"\nblocked = true\n`,
    );
    write(
      `${MAIN}.d/10-a.conf`,
      `[[registry]]\nlocation = "b.example"\n[[registry.mirror]]\nlocation = "ten.example"\n`,
    );
    write(
      `${MAIN}.d/20-a.conf`,
      `[[registry]]\nlocation = "b.example"\n[[registry.mirror]]\nlocation = "twenty.example"\n`,
    );
    write(`${MAIN}.d/30-a.other`, `[[registry]]\nlocation = "b.example"\nblocked = true\n`);
    const error = await failure(places("a.example/app"), "E_REGISTRY");
    assert.match(error.message, "blocked");
    assert.match(error.place?.file ?? "", MAIN);
    assert.equal(await places("b.example/app:1"), ["twenty.example/app:1", "b.example/app:1"]);
  });
});

test("docker's mirrors are for the default registry, where podman's settings say nothing of it", async () => {
  await onTestHost(async ({ write }) => {
    write(".config/docker/daemon.json", { "registry-mirrors": ["https://m.example", "http://plain.example:5000/"] });
    assert.equal(await places("redis:7"), [
      "m.example/library/redis:7",
      "plain.example:5000/library/redis:7 insecure",
      "docker.io/library/redis:7",
    ]);
    assert.equal(await places("a.example/redis:7"), ["a.example/redis:7"]);
    write(MAIN, `[[registry]]\nlocation = "docker.io"\n[[registry.mirror]]\nlocation = "podman.example"\n`);
    assert.equal(await places("redis:7"), ["podman.example/library/redis:7", "docker.io/library/redis:7"]);
  });
});

test("settings that cannot be understood are refused, with the file", async () => {
  for (const text of [
    "[[registry]\n",
    `registry = "a.example"`,
    "[[registry]]\nblocked = true\n",
    `[[registry]]\nprefix = "a.example"\n`,
    `[[registry]]\nlocation = 5\n`,
    `[[registry]]\nlocation = "a.example"\ninsecure = "yes"\n`,
    `[[registry]]\nlocation = "a.example"\n[[registry.mirror]]\ninsecure = true\n`,
    `[[registry]]\nlocation = "a.example"\n[[registry.mirror]]\nlocation = "m.example"\npull-from-mirror = "some"\n`,
    `[[registry]]\nlocation = "a.example"\nmirror-by-digest-only = true\n[[registry.mirror]]\nlocation = "m.example"\npull-from-mirror = "all"\n`,
    `[registries.block]\nregistries = ["a.example"]\n`,
  ]) {
    await onTestHost(async ({ write }) => {
      const file = write(MAIN, text);
      const error = await failure(places("a.example/app"), "E_REGISTRY", text);
      assert.is(error.place?.file, file);
    });
  }
  for (const mirrors of [
    "https://m.example",
    ["m.example"],
    ["https://me:pw@m.example"],
    ["https://m.example/path"],
    [5],
    ["ftp://m.example"],
  ]) {
    await onTestHost(async ({ write }) => {
      write(".config/docker/daemon.json", { "registry-mirrors": mirrors });
      const error = await failure(places("redis"), "E_REGISTRY", JSON.stringify(mirrors));
      assert.not.match(error.message, "me:pw");
    });
  }
  await onTestHost(async ({ write }) => {
    write(MAIN, `[[registry]]\nlocation = "a.example"\n[[registry.mirror]]\nlocation = "M.example/Upper"\n`);
    await failure(places("a.example/app"), "E_REFERENCE");
  });
});

async function places(text: string): Promise<readonly string[]> {
  const all = await pullPlaces(parseReference(text));
  return all.map(({ reference, insecure }) => `${referenceText(reference)}${insecure ? " insecure" : ""}`);
}

test.run();
