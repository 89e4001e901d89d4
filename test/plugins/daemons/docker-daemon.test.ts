/** Against a real dockerd: what arrives, and how much is sent for it. */
// @timeout 200
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { BuildContext, BuildEvent } from "../../../core/index.ts";
import type { NamedImage } from "../../../plugins/daemons/destination.ts";
import { checkDocker } from "../../../plugins/daemons/doctor.ts";
import { loadNamed } from "../../../plugins/daemons/docker/load-image.ts";
import { loadAnywhere } from "../../../plugins/daemons/load-anywhere.ts";
import { requireTool, suite, tmp } from "../../harness.ts";
import { failure } from "../registry/support/asking.ts";
import { onTestHost } from "../registry/support/host-credentials.ts";
import { textImage } from "./support/images.ts";
import { countingSocket, docker, DOCKER_HOST } from "./support/real-engine.ts";

const test = suite("daemons/docker-daemon");

const context = { signal: new AbortController().signal, emit: () => {} } as unknown as BuildContext;
const name = `image-dsl-test-daemon-${process.pid}`;
const LAYER = 200_000;

/** Of random texts, which no image of the daemon has. */
const texts = (count: number) => Array.from({ length: count }, () => randomBytes(LAYER / 2).toString("hex"));

const into = (host: string, image: NamedImage) =>
  onTestHost(async () => (await loadNamed(image, context)).message, { DOCKER_HOST: host });

test.after(() => {
  const ids = docker("images", "-q", "--filter", `reference=${name}*`).split("\n").filter(Boolean);
  if (ids.length > 0) docker("rmi", "--force", ...new Set(ids));
});

test("of 40 layers with one changed at the top, that one is sent, and the image is whole", async () => {
  await using socket = await countingSocket();
  const old = texts(40);
  const first = await textImage({ reference: `${name}:1`, texts: old, known: 0 });
  assert.match(await into(socket.host, first), "40 of 40 layers sent");
  assert.ok(socket.sent() > 40 * LAYER);

  const second = await textImage({ reference: `${name}:2`, texts: [...old.slice(0, 39), ...texts(1)] });
  assert.match(await into(socket.host, second), "1 of 40 layers sent");
  const sent = socket.sent();
  assert.ok(sent > LAYER && sent < LAYER + 64_000, `${sent} bytes were sent`);
  assert.is(docker("image", "inspect", "--format", "{{.Id}}", `${name}:2`), await second.image.configDigest());
  // Saving reads every layer: none of them may be an empty shell.
  docker("save", `${name}:2`, "-o", join(tmp(), "saved.tar"));

  const third = await textImage({
    reference: `${name}:3`,
    texts: [...old.slice(0, 20), ...texts(1), ...old.slice(21)],
  });
  assert.match(await into(socket.host, third), "20 of 40 layers sent");
});

test("the same image again, under the same name or another one, sends nothing; another config of the same layers no layer", async () => {
  await using socket = await countingSocket();
  const layers = texts(2);
  await into(socket.host, await textImage({ reference: `${name}-same:1`, texts: layers }));
  socket.sent();
  assert.match(
    await into(socket.host, await textImage({ reference: `${name}-same:1`, texts: layers })),
    "nothing was sent",
  );
  assert.match(await into(socket.host, await renamed(layers, `${name}-other:1`)), "nothing was sent");
  assert.ok(socket.sent() < 4000);
  const other = await textImage({ reference: `${name}-same:1`, texts: layers, command: ["/other"] });
  assert.match(await into(socket.host, other), "0 of 2 layers sent");
  assert.is(docker("image", "inspect", "--format", "{{.Config.Cmd}}", `${name}-same:1`), "[/other]");
  assert.is(docker("image", "inspect", "--format", "{{.Config.Cmd}}", `${name}-other:1`), "[/sh]");
});

test("progress tells how much was sent", async () => {
  requireTool("docker");
  const told: BuildEvent[] = [];
  const image = await textImage({ reference: `${name}-progress:1`, texts: texts(2), known: 0 });
  const emit = (event: BuildEvent) => void told.push(event);
  await onTestHost(() => loadNamed(image, { ...context, emit }), { DOCKER_HOST });
  const last = told.at(-1);
  assert.ok(last?.type === "progress" && last.done > 2 * LAYER);
});

test("further names are given with the image, also where it is there already", async () => {
  await using socket = await countingSocket();
  const layers = texts(2);
  const idOf = (reference: string) => docker("image", "inspect", "--format", "{{.Id}}", reference);
  const aliased = async (...aliases: string[]) => ({
    ...(await textImage({ reference: `${name}-names:1`, texts: layers })),
    aliases: aliases.map((tag) => `${name}-names:${tag}`),
  });
  const image = await aliased("2", "3");
  assert.match(await into(socket.host, image), "2 of 2 layers sent");
  const id = await image.image.configDigest();
  for (const tag of ["1", "2", "3"]) assert.is(idOf(`${name}-names:${tag}`), id);
  assert.match(await into(socket.host, await aliased("2", "4")), "nothing was sent");
  assert.is(idOf(`${name}-names:4`), id);
});

test("a dry run says what would be sent, and changes nothing", async () => {
  await using socket = await countingSocket();
  const old = texts(3);
  const preview = (image: NamedImage) =>
    onTestHost(async () => (await loadNamed(image, { ...context, dryRun: true })).message, {
      DOCKER_HOST: socket.host,
    });
  const whole = await textImage({ reference: `${name}-dry:1`, texts: old, known: 0 });
  assert.match(
    await preview(whole),
    `Would load ${name}-dry:1 into the Docker daemon at ${socket.host}: 3 of 3 layers`,
  );
  assert.ok(socket.sent() < 8000);
  assert.is(docker("images", "-q", `${name}-dry`), "");
  await into(socket.host, whole);
  socket.sent();
  assert.match(await preview(whole), "nothing would be sent");
  const changed = await textImage({ reference: `${name}-dry:2`, texts: [...old.slice(0, 2), ...texts(1)] });
  assert.match(await preview(changed), /1 of 3 layers would be sent, 20\d kB/);
  assert.ok(socket.sent() < 8000);
  assert.is(docker("images", "-q", `${name}-dry:2`), "");
});

test("what the daemon does not take is told in its words", async () => {
  requireTool("docker");
  const image = await textImage({ reference: `${name}-bad:1`, texts: texts(1) });
  const wrong = { ...image.image, configBytes: async () => Buffer.from('{"rootfs":{"diff_ids":[]},"os":"linux"}') };
  const error = await failure(into(DOCKER_HOST, { ...image, image: wrong }), "E_DAEMON");
  assert.match(error.message, /does not load the image; it says: invalid manifest, layers length mismatch/);
});

test("a daemon behind ssh is reached by the user's own ssh, and by docker's relay at the other end", async () => {
  requireTool("docker");
  const image = await textImage({ reference: `${name}-ssh:1`, texts: texts(1) });
  const { message } = await onTestHost(
    async (host) => {
      // An ssh whose other end is this machine.
      const there = `while [ "$1" != -- ]; do shift; done; echo "$2" >>"$HOME/hosts"; shift 2; DOCKER_HOST=${DOCKER_HOST} exec "$@"`;
      host.program("ssh", there);
      return loadAnywhere([image], context);
    },
    { DOCKER_HOST: "ssh://me@box" },
  );
  assert.match(message, "into the Docker daemon at ssh://me@box: 1 of 1 layers sent");
  assert.is(docker("image", "inspect", "--format", "{{.Id}}", `${name}-ssh:1`), await image.image.configDigest());
});

test("an ssh that gets nowhere is told in its words", async () => {
  const image = await textImage({ reference: `${name}-ssh:2`, texts: ["x"] });
  const error = await failure(
    onTestHost(
      async (host) => {
        host.program("ssh", "echo 'me@box: Permission denied (publickey).' >&2; exit 255");
        return loadNamed(image, context);
      },
      { DOCKER_HOST: "ssh://me@box" },
    ),
    "E_DAEMON",
  );
  assert.match(error.message, "ssh says: me@box: Permission denied (publickey).");
});

test("doctor tells the daemon's version, and what it takes", async () => {
  requireTool("docker");
  const { state, detail } = await onTestHost(checkDocker, { DOCKER_HOST });
  assert.is(state, "ok");
  assert.match(detail, docker("version", "--format", "{{.Server.Version}} (API {{.Server.APIVersion}}"));
  const none = await onTestHost(checkDocker, { DOCKER_HOST: "unix://~/none" });
  assert.is(none.state, "limited");
});

/** The image under another name: its config and so its id stay. */
async function renamed(layers: readonly string[], reference: string): Promise<NamedImage> {
  return {
    ...(await textImage({ reference: `${name}-same:1`, texts: layers })),
    reference: () => Promise.resolve(reference),
  };
}

test.run();
