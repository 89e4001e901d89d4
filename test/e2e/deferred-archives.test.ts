// @runtimes node
// @timeout 300
/** A fresh machine with a shared cache: packages are planned without their bytes, which are brought for layers that are new, and for whatever asks for them. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import * as assert from "uvu/assert";
import { suite, tmp } from "../harness.ts";
import { dockerRegistry, type DockerRegistry } from "../plugins/registry/support/docker-registry.ts";
import { cacheTally, digestsIn, startBuild, type MachineRan } from "./cache-machine.ts";
import { SUITE, openArchive, type TestArchive } from "./debian-archive.ts";
import { cli, must, writeProject } from "./support.ts";

const test = suite("e2e/deferred-archives", { timeout: 60_000 });

const cwd = tmp();
const packages = tmp();
let registry: DockerRegistry;
let archive: TestArchive;
let npm: Server;
let publicKey: string;
/** Requests for packages since the last time. */
let fetched: string[] = [];

test.before(async () => {
  registry = await dockerRegistry();
  archive = openArchive([
    {
      name: "first",
      files: { "usr/bin/first": "#!/bin/sh\necho first\n" },
      postinst: "#!/bin/sh\nset -e\nuseradd --system first\n",
    },
    { name: "second", files: { "usr/lib/second": "second ".repeat(20_000) } },
  ]);
  npm = createServer((request, response) => {
    fetched.push(request.url!);
    response.end(readFileSync(join(packages, "left.tgz")));
  });
  await new Promise<void>((resolve) => npm.listen(0, "127.0.0.1", resolve));
  const at = `http://127.0.0.1:${(npm.address() as AddressInfo).port}/`;
  const integrity = makeTarball();
  const locked = { version: "1.0.0", resolved: `${at}left/-/left-1.0.0.tgz`, integrity, bin: { left: "cli.js" } };
  const app = { name: "app", version: "1.0.0", dependencies: { left: "1.0.0" } };
  writeProject(cwd, {
    "app/package.json": JSON.stringify(app),
    "app/package-lock.json": JSON.stringify({
      ...app,
      lockfileVersion: 3,
      packages: { "": app, "node_modules/left": locked },
    }),
    "app/.npmrc": `registry=${at}\n`,
    line: "one",
    "image.config.mjs": config(""),
  });
  publicKey = cli(["cache", "keygen", "key.pem"], { cwd }).toString().trim();
  // Pins what is there.
  await alone();
  const ran = await build(["--cache-private-key", "key.pem"]);
  assert.ok(cacheTally(ran).published > 6);
});
test.after(async () => {
  npm?.close();
  archive?.dispose();
  await registry?.close();
});

function makeTarball(): string {
  mkdirSync(join(packages, "package"));
  writeFileSync(
    join(packages, "package/package.json"),
    JSON.stringify({ name: "left", version: "1.0.0", bin: { left: "cli.js" } }),
  );
  writeFileSync(join(packages, "package/cli.js"), `#!/usr/bin/env node\n${"left ".repeat(50_000)}\n`);
  must(["tar", "-czf", "left.tgz", "package"], { cwd: packages });
  return `sha512-${createHash("sha512")
    .update(readFileSync(join(packages, "left.tgz")))
    .digest("base64")}`;
}

function config(more: string): string {
  return `import { buildLayeredImage, debian, files, image, npm } from "image-dsl";
const packages = (...names) => debian({ suite: "${SUITE}", packages: names, mirror: "${archive.uri}", keyring: "${archive.keyring}" });
const made = (name, contents, more = {}) => image({ name: "${registry.host}/team/" + name, tag: "1", contents: [...contents, files("line")], ...more });
export default {
  both: made("both", [packages("first", "second"), npm({ dir: "app" })]),
  one: made("one", [packages("first")]),
  ${more}
};
`;
}

/** By a new machine, to the registry. */
async function build(keys = ["--cache-public-key", publicKey], args: readonly string[] = []): Promise<MachineRan> {
  fetched = [];
  const machine = { cwd, cache: `${registry.host}/cache`, store: tmp(), keys };
  const ran = await startBuild([...args, "-o", "digest", "--push"], machine).ended;
  assert.is(ran.status, 0);
  assert.equal(ran.warnings, []);
  return ran;
}

/** While there are neither packages of Debian's nor of npm's. */
async function withoutPackages(work: () => Promise<void>): Promise<void> {
  const pool = join(archive.directory, "pool");
  renameSync(pool, `${pool}.away`);
  try {
    await work();
    assert.equal(fetched, []);
  } finally {
    renameSync(`${pool}.away`, pool);
  }
}

/** As one without a shared cache has them. */
async function alone(): Promise<ReadonlyMap<string, string>> {
  const machine = { cwd, cache: "127.0.0.1:9/none", store: tmp(), keys: ["--cache-public-key", publicKey] };
  return digestsIn(await startBuild(["-o", "digest"], machine).ended);
}

test("nothing of the packages is fetched where all layers are known, nor after a change of one line", async () => {
  const before = await alone();
  await withoutPackages(async () => {
    const ran = await build();
    assert.equal(digestsIn(ran), before);
    assert.is(cacheTally(ran).hits, cacheTally(ran).asked);
  });
  writeFileSync(join(cwd, "line"), "another one");
  const after = await alone();
  assert.is.not(after.get("one"), before.get("one"));
  await withoutPackages(async () => assert.equal(digestsIn(await build()), after));
});

test("a layer that nobody has made brings what it is made of, and nothing else", async () => {
  writeFileSync(join(cwd, "image.config.mjs"), config(`mixed: made("mixed", [npm({ dir: "app", dest: "/srv" })]),`));
  const ran = await build();
  assert.equal(fetched, ["/left/-/left-1.0.0.tgz"]);
  assert.equal(digestsIn(ran), await alone());
});

test("what a script reads is there when it runs", async () => {
  const contents = `[packages("second"), npm({ dir: "app" })]`;
  const script = "cat usr/lib/second app/node_modules/left/cli.js > all";
  const scripted = `scripted: buildLayeredImage({ name: "${registry.host}/team/scripted", tag: "1", contents: ${contents}, extraCommands: "${script}" }),`;
  writeFileSync(join(cwd, "image.config.mjs"), config(scripted));
  const ran = await build();
  assert.ok(fetched.length > 0);
  assert.is(attempts(ran), 1);
  assert.equal(digestsIn(ran), await alone());
});

test("where planning reads what it did not read elsewhere, all is planned anew with what is here, with the same digests", async () => {
  const same = `files("same", { dest: "/usr/lib" })`;
  writeProject(cwd, {
    "same/second": "second ".repeat(20_000),
    "image.config.mjs": config(`same: made("same", [packages("second"), ${same}]),`),
  });
  const ran = await build();
  assert.is(attempts(ran), 2);
  assert.equal(digestsIn(ran), await alone());
});

/** How often the first image was planned, in what is told as one build. */
function attempts({ events }: MachineRan): number {
  assert.is(events.filter(({ type }) => type === "build-started").length, 1);
  const collecting = { type: "stage", target: "both", stage: "collect", state: "started" };
  return events.filter((event) => isDeepStrictEqual(event, collecting)).length;
}

test.run();
