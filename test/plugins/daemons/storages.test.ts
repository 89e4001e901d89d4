/** podman, skopeo and ctr take images as they are. */
// @runtimes node
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { BuildContext } from "../../../core/index.ts";
import { checkTools } from "../../../plugins/daemons/doctor.ts";
import { loadAnywhere } from "../../../plugins/daemons/load-anywhere.ts";
import { STORAGES } from "../../../plugins/daemons/storages.ts";
import { storeImage } from "../../../plugins/daemons/store-image.ts";
import { run } from "../../e2e/support.ts";
import { requireTool, suite, tmp } from "../../harness.ts";
import { failure } from "../registry/support/asking.ts";
import { onTestHost } from "../registry/support/host-credentials.ts";
import { textImage } from "./support/images.ts";

const test = suite("daemons/storages");

const temporary = tmp();
const context = {
  signal: new AbortController().signal,
  emit: () => {},
  store: {
    temporaryDirectory: async () => {
      const path = join(temporary, "folder");
      mkdirSync(path);
      return { path, dispose: async () => run(["rm", "-r", path], { cwd: "/" }) };
    },
  },
} as unknown as BuildContext;

const reference = `image-dsl-test-storage-${process.pid}:1`;

for (const [transport, tool, name] of [
  ["podman", "podman", reference],
  ["containers-storage", "skopeo", `docker.io/library/${reference}`],
] as const) {
  test(`${transport}: the image arrives whole, and a second time nothing is given`, async () => {
    requireTool("podman", tool);
    const wish = { reference, texts: [transport, "x".repeat(3_000_000)] };
    const image = await textImage({ ...wish, known: 0 });
    try {
      const { message } = await storeImage(image, STORAGES[transport]!, context);
      assert.is(message, `Loaded ${reference} by ${tool}`);
      const { stdout } = run(["podman", "image", "inspect", "--format", "{{.Id}}", name], { cwd: "/" });
      assert.is(`sha256:${stdout.toString().trim()}`, await image.image.configDigest());
      const again = await storeImage(await textImage(wish), STORAGES[transport]!, context);
      assert.match(again.message, "was there already");
      assert.is(statSync(join(temporary, "folder"), { throwIfNoEntry: false }), undefined);
    } finally {
      run(["podman", "rmi", "--force", name], { cwd: "/" });
    }
  });
}

for (const [transport, tool, name] of [
  ["podman", "podman", reference],
  ["containers-storage", "skopeo", `docker.io/library/${reference}`],
] as const) {
  test(`${transport}: of an image that is there with other layers only those are given`, async () => {
    requireTool("podman", tool);
    const storage = STORAGES[transport]!;
    const podman = (...args: string[]) => run(["podman", ...args], { cwd: "/" }).stdout.toString();
    const texts = [transport, "x".repeat(3_000_000), "top"];
    try {
      await storeImage(await textImage({ reference, texts }), storage, context);
      for (const [changed, given] of [
        [[...texts.slice(0, 2), "new top"], "1 of 3 layers"],
        [[transport, "new", "newer", "one more"], "3 of 4 layers"],
        [["new bottom", "new"], "2 of 2 layers"],
      ] as const) {
        // What lies at the top is made while it is given.
        const image = await textImage({ reference, texts: changed, known: changed.length - 1 });
        const known = await textImage({ reference, texts: changed });
        const dry = await storeImage(known, storage, { ...context, dryRun: true });
        const isAll = given.startsWith("2 of 2");
        assert.match(dry.message, isAll ? "all 2 layers" : given);
        const { message } = await storeImage(image, storage, context);
        assert.match(message, isAll ? /^Loaded \S+ by \w+$/ : `Loaded ${reference} by ${tool}: ${given}, `);
        const [id, layers] = podman("image", "inspect", "--format", "{{.Id}} {{json .RootFS.Layers}}", name).split(" ");
        assert.is(`sha256:${id}`, await image.image.configDigest());
        const diffIDs = await Promise.all(image.image.layers.map((layer) => layer.diffID()));
        assert.equal(JSON.parse(layers!), diffIDs);
      }
      assert.not.match(podman("images", "--format", "{{.Repository}}"), /localhost\/image-dsl-[0-9a-f]{16}$/m);
      assert.is(statSync(join(temporary, "folder"), { throwIfNoEntry: false }), undefined);
    } finally {
      run(["podman", "rmi", "--force", name], { cwd: "/" });
    }
  });
}

test("a podman that wants all layers gets them", async () => {
  const image = await textImage({ reference, texts: ["a", "b"] });
  const [layer] = await Promise.all(image.image.layers.map((each) => each.diffID()));
  const id = (await image.image.configDigest()).replace("sha256:", "");
  await onTestHost(async (host) => {
    host.program(
      "podman",
      `case "$*" in
        *--input*) touch ${host.home}/refused; exit 125;;
        load*) cat >/dev/null; touch ${host.home}/loaded;;
        *RootFS*) echo '["${layer}"]';;
        *) [ -e ${host.home}/loaded ] && echo ${id} || exit 1;;
      esac`,
    );
    const { message } = await storeImage(image, STORAGES["podman"]!, context);
    assert.is(message, `Loaded ${reference} by podman`);
    assert.ok(statSync(join(host.home, "refused")).isFile());
  });
});

test("podman gives an image all its names, and a dry run gives it none", async () => {
  requireTool("podman");
  const [first, second] = [`${reference}-a`, `${reference}-b`];
  const image = { ...(await textImage({ reference: first, texts: ["several names"], known: 0 })), aliases: [second] };
  const podman = (...args: string[]) => run(["podman", ...args], { cwd: "/" });
  try {
    const dry = await storeImage(image, STORAGES["podman"]!, { ...context, dryRun: true });
    assert.match(dry.message, /^Would give .*-a to podman: all 1 layers, [\d.]+ k?B$/);
    for (const name of [first, second]) assert.is(podman("image", "exists", name).status, 1);
    await storeImage(image, STORAGES["podman"]!, context);
    for (const name of [first, second]) assert.is(podman("image", "exists", name).status, 0);
    const again = await storeImage(image, STORAGES["podman"]!, { ...context, dryRun: true });
    assert.match(again.message, "is there already: nothing would be given to podman");
    podman("untag", second);
    assert.match((await storeImage(image, STORAGES["podman"]!, context)).message, "Loaded");
    assert.is(podman("image", "exists", second).status, 0);
  } finally {
    podman("rmi", "--force", first);
  }
});

test("a tool that is missing is named, with how to get it", async () => {
  const image = await textImage({ reference, texts: ["a"] });
  for (const storage of Object.values(STORAGES)) {
    const named = { ...storage, tool: { ...storage.tool, name: "image-dsl-no-such-tool" } };
    const error = await failure(storeImage(image, named, context), "E_TOOL_MISSING");
    assert.match(error.hint ?? "", "on Debian: apt-get install");
  }
});

test("what a tool says against an image is told; it need not read all of it", async () => {
  const image = await textImage({ reference, texts: ["x".repeat(3_000_000)], known: 0 });
  const error = await failure(
    onTestHost(async (host) => {
      host.program("ctr", "echo first >&2; echo 'ctr: permission denied' >&2; exit 3");
      return storeImage(image, STORAGES["containerd"]!, context);
    }),
    "E_DAEMON",
  );
  assert.is(error.message, "ctr does not take the image and ends with status 3: ctr: permission denied");
});

test("a tool that says that all is well and has no image, or another one, is not believed", async () => {
  const image = await textImage({ reference, texts: ["a"], known: 0 });
  for (const [answer, found] of [
    ["exit 1", "no image"],
    ["echo cafe", "sha256:cafe"],
  ]) {
    const error = await failure(
      onTestHost(async (host) => {
        host.program("podman", `case $1 in load) cat >/dev/null;; *) ${answer};; esac`);
        return storeImage(image, STORAGES["podman"]!, context);
      }),
      "E_DAEMON",
    );
    assert.match(error.message, `podman has ${found} as ${reference}`);
  }
});

test("containerd's names are whole, and its manifest says which config an image has", async () => {
  const wish = { reference: "team/app:1", texts: ["a"] };
  const id = await (await textImage(wish)).image.configDigest();
  const image = await textImage({ ...wish, known: 0 });
  await onTestHost(async (host) => {
    const list = `[ "$3" = name==docker.io/team/app:1 ] && echo "REF $3 application/x sha256:${"a".repeat(64)} 1"`;
    const get = `echo '{"config":{"digest":"${id}"}}'`;
    host.program(
      "ctr",
      `case "$1 $2" in "images import") cat >/dev/null;; "images list") ${list};; "content get") ${get};; esac`,
    );
    assert.is((await storeImage(image, STORAGES["containerd"]!, context)).message, "Loaded team/app:1 by ctr");
  });
});

test("doctor says of each tool its version, what it takes, and whether its storage is there", async () => {
  requireTool("podman", "skopeo");
  const checks = await onTestHost(async (host) => {
    host.program("ctr", `case $1 in --version) echo ctr of containerd 1.6.20;; *) echo no socket >&2; exit 1;; esac`);
    return checkTools();
  });
  const found = new Map(checks.map(({ name, state, detail }) => [name, { state, detail }]));
  assert.equal([...found.keys()], ["podman", "skopeo", "ctr"]);
  for (const name of ["podman", "skopeo"]) {
    assert.is(found.get(name)!.state, "ok");
    const version = run([name, "--version"], { cwd: "/" }).stdout.toString().trim().split(" ").at(-1);
    assert.is(found.get(name)!.detail, `${version} (docker and OCI archives, OCI layouts, zstd layers)`);
  }
  const detail = "1.6.20; its storage cannot be reached: no socket";
  assert.equal(found.get("ctr"), { state: "limited", detail });
});

test("an interruption ends the tool", async () => {
  const controller = new AbortController();
  const image = await textImage({ reference, texts: ["a"], known: 0 });
  await failure(
    onTestHost(async (host) => {
      host.program("podman", "sleep 60");
      setTimeout(() => controller.abort(), 100);
      return storeImage(image, STORAGES["podman"]!, { ...context, signal: controller.signal });
    }),
    "E_ABORTED",
  );
});

test("load takes podman where there is no socket of Docker's", async () => {
  const wish = { reference, texts: ["a"] };
  const id = (await (await textImage(wish)).image.configDigest()).slice("sha256:".length);
  const image = await textImage({ ...wish, known: 0 });
  await onTestHost(async (host) => {
    host.program("podman", `case $1 in load) cat >/dev/null;; *) echo ${id};; esac`);
    const { message } = await loadAnywhere([image], context);
    if (!message.includes("Docker")) assert.is(message, `Loaded ${reference} by podman`);
  });
});

test.run();
