/** What a Docker daemon may answer, and what becomes of it. */
import * as assert from "uvu/assert";
import type { BuildContext } from "../../../core/index.ts";
import { loadNamed } from "../../../plugins/daemons/docker/load-image.ts";
import { loadAnywhere } from "../../../plugins/daemons/load-anywhere.ts";
import { suite } from "../../harness.ts";
import { failure } from "../registry/support/asking.ts";
import { onTestHost } from "../registry/support/host-credentials.ts";
import { CLASSIC, CONTAINERD, json, scriptedEngine, type Answer } from "./support/engine.ts";
import { textImage } from "./support/images.ts";

const test = suite("daemons/faults");

const context = { signal: new AbortController().signal, emit: () => {} } as unknown as BuildContext;
const REFERENCE = "team/app:1";

const said = (...lines: readonly unknown[]): Answer => {
  return (response) => response.end(lines.map((line) => `${JSON.stringify(line)}\r\n`).join(""));
};

const LOADED = said({ status: "Loading layer" }, { stream: "Loaded image: team/app:1\n" });

/** Loads an image of three layers into an engine that has images of these layers, and answers a load like that. */
async function load(answers: Readonly<Record<string, Answer>>, given: LoadOptions = {}) {
  const output = await textImage({ reference: REFERENCE, texts: ["a", "b", "c"], known: given.known ?? 3 });
  const { image } = output;
  const diffIDs = await Promise.all(image.layers.slice(0, given.shared ?? 0).map((layer) => layer.diffID()));
  const id = await image.configDigest();
  let isLoaded = false;
  await using engine = await scriptedEngine({
    "GET /info": json(given.info ?? CLASSIC),
    "GET /images/json": json([{ Id: "sha256:other", RepoTags: ["team/app:0"], Created: 1 }]),
    "GET /images/sha256%3Aother/json": json({ Id: "sha256:other", RootFS: { Layers: [...diffIDs, "sha256:x"] } }),
    [`GET /images/${REFERENCE}/json`]: (response) =>
      isLoaded ? json({ Id: given.id ?? id })(response) : json({ message: "no" }, 404)(response),
    "POST /images/load": (response, request) => {
      isLoaded = true;
      LOADED(response, request);
    },
    ...answers,
  });
  const result = await onTestHost(
    async () =>
      loadNamed(await fresh(given.known), context).then(
        ({ message }) => message,
        (error: unknown) => error,
      ),
    { DOCKER_HOST: engine.host },
  );
  return { result, ...engine, sizes: engine.archives.map((archive) => archive.length) };
}

interface LoadOptions {
  readonly known?: number;
  readonly shared?: number;
  readonly info?: unknown;
  readonly id?: string;
}

const fresh = (known = 3) => textImage({ reference: REFERENCE, texts: ["a", "b", "c"], known });

async function refusal(answers: Readonly<Record<string, Answer>>, given: LoadOptions = {}): Promise<string> {
  const { result } = await load(answers, given);
  return (await failure(Promise.reject(result as Error), "E_DAEMON")).message;
}

test("layers at the bottom that an image there begins with are not sent, and all are named", async () => {
  const { result, archives } = await load({}, { shared: 2 });
  assert.match(String(result), "1 of 3 layers sent");
  const members = memberNames(archives[0]!);
  assert.equal(members.slice(0, 1), ["layer-002/layer.tar"]);
  assert.match(
    archives[0]!.toString("latin1"),
    '"Layers":["layer-000/layer.tar","layer-001/layer.tar","layer-002/layer.tar"]',
  );
});

test("a layer that was not read yet is sent, and whatever lies above it", async () => {
  const { result } = await load({}, { shared: 3, known: 1 });
  assert.match(String(result), "2 of 3 layers sent");
});

test("containerd's store of images, and podman's service, get all layers", async () => {
  for (const info of [CONTAINERD, { ...CLASSIC, BuildahVersion: "1.28" }, {}, "x", { DriverStatus: "x" }]) {
    assert.match(String((await load({}, { shared: 2, info })).result), "3 of 3 layers sent", JSON.stringify(info));
  }
});

test("a daemon that wants the layers after all gets them", async () => {
  let asked = 0;
  let id = "";
  const { result, sizes } = await load(
    {
      "POST /images/load": (response, request) => {
        if (asked++ === 0)
          said({ errorDetail: { message: "open layer.tar: no such file" }, error: "open" })(response, request);
        else LOADED(response, request);
      },
      [`GET /images/${REFERENCE}/json`]: (response) => json(asked > 1 ? { Id: id } : {})(response),
    },
    { shared: 2, id: (id = await (await fresh()).image.configDigest()) },
  );
  assert.match(String(result), "3 of 3 layers sent");
  assert.ok(sizes[0]! < sizes[1]!);
});

test("an error among the messages is one, in the daemon's words", async () => {
  const error = { errorDetail: { message: "no space left on device" }, error: "no space" };
  assert.match(
    await refusal({ "POST /images/load": said({ stream: "x" }, error) }),
    /does not load .*: no space left on device$/,
  );
  assert.match(await refusal({ "POST /images/load": said({ error: "" }) }), "an error without a word");
});

test("what is no message is an error", async () => {
  for (const body of ["hello\n", "[]\n", '"x"', '{"stream":"Loaded', `{"stream":"${"x".repeat(300_000)}`]) {
    await refusal({ "POST /images/load": (response) => response.end(body) });
  }
});

test("statuses that are errors are told with the daemon's message, and redirects are not followed", async () => {
  const gone = await refusal({ "POST /images/load": json({ message: "disk is full" }, 500) });
  assert.match(gone, "refuses POST /images/load?quiet=0 with status 500: disk is full");
  assert.match(await refusal({ "POST /images/load": json({}, 404) }), "status 404");
  const elsewhere: Answer = (response) => {
    response.writeHead(307, { location: "http://169.254.169.254/" });
    response.end();
  };
  assert.match(await refusal({ "POST /images/load": elsewhere }), "status 307");
  assert.match(await refusal({ "GET /images/json": elsewhere }), "status 307");
});

test("a connection that is cut while the daemon answers is an error, and nothing is sent again", async () => {
  const { result, archives, requests } = await load(
    {
      "POST /images/load": (response) => {
        response.write('{"stream":"x"}\n');
        setTimeout(() => response.destroy(), 50);
      },
    },
    { shared: 2 },
  );
  await failure(Promise.reject(result as Error), "E_DAEMON");
  assert.is(archives.length, 1);
  assert.is(requests.filter((request) => request.startsWith("POST")).length, 1);
});

test("an answer without an end is given up", async () => {
  const message = `${JSON.stringify({ status: "x".repeat(64 * 1024) })}\n`;
  const said = await refusal({
    "POST /images/load": (response) => {
      const more = () => {
        while (!response.destroyed && response.write(message));
      };
      response.on("drain", more);
      more();
    },
  });
  assert.match(said, "more than 64MiB");
});

test("another image than was sent is an error", async () => {
  assert.match(
    await refusal({}, { id: "sha256:evil" }),
    "has the image sha256:evil as team/app:1 after it was sent sha256:",
  );
  assert.match(await refusal({ [`GET /images/${REFERENCE}/json`]: json({}, 404) }), "has no image as team/app:1");
});

test("containerd's store gives images other ids; there the layers have to be those that were sent", async () => {
  const { image } = await fresh();
  const Layers = await Promise.all(image.layers.map((layer) => layer.diffID()));
  const answer = (layers: readonly string[]) => ({
    [`GET /images/${REFERENCE}/json`]: json({ Id: "sha256:manifest", RootFS: { Layers: layers } }),
  });
  assert.match(String((await load(answer(Layers), { info: CONTAINERD })).result), "3 of 3 layers sent");
  await refusal(answer(Layers.slice(1)), { info: CONTAINERD });
  await refusal(answer([...Layers, ...Layers]), { info: CONTAINERD });
  await refusal(answer(Layers), { info: CLASSIC });
});

test("an image that is there is named, and not sent", async () => {
  const id = await (await fresh()).image.configDigest();
  let isNamed = false;
  const { result, requests } = await load({
    [`GET /images/${id}/json`]: json({ Id: id }),
    [`GET /images/${REFERENCE}/json`]: (response) => (isNamed ? json({ Id: id }) : json({}, 404))(response),
    [`POST /images/${id}/tag`]: (response) => {
      isNamed = true;
      response.writeHead(201);
      response.end();
    },
  });
  assert.match(String(result), "nothing was sent");
  assert.ok(requests.includes(`POST /images/${id}/tag?repo=team%2Fapp&tag=1`));
});

test("a name that the daemon does not give is an error", async () => {
  const id = await (await fresh()).image.configDigest();
  assert.match(await refusal({ [`GET /images/${id}/json`]: json({ Id: id }) }), "has no image as team/app:1");
});

test("of several platforms the daemon's own is loaded, and the others are told", async () => {
  const images = await Promise.all(
    ["arm64", "amd64"].map((architecture) => textImage({ reference: REFERENCE, texts: ["a"], architecture })),
  );
  const id = await images[1]!.image.configDigest();
  await using engine = await scriptedEngine({
    "GET /version": json({ Version: "20.10.24", Os: "linux", Arch: "amd64" }),
    [`GET /images/${id}/json`]: json({ Id: id }),
    [`GET /images/${REFERENCE}/json`]: json({ Id: id }),
  });
  const variables = { DOCKER_HOST: engine.host };
  const { message } = await onTestHost(() => loadAnywhere(images, context), variables);
  assert.match(message, /nothing was sent; left out linux\/arm64: the daemon is for linux\/amd64$/);
  const foreign = [images[0]!, await textImage({ reference: REFERENCE, texts: ["a"], architecture: "s390x" })];
  const none = await failure(
    onTestHost(() => loadAnywhere(foreign, context), variables),
    "E_OUTPUT",
  );
  assert.match(none.message, "the daemon is for linux/amd64, the images for linux/arm64, linux/s390x");
});

test("a daemon that somebody named and that is silent is an error; nobody else is tried", async () => {
  const image = await fresh();
  const error = await failure(
    onTestHost(
      async (host) => {
        host.program("podman", "echo podman was asked >&2; exit 1");
        return loadAnywhere([image], context);
      },
      { DOCKER_HOST: "unix://~/none.sock" },
    ),
    "E_DAEMON",
  );
  assert.match(error.message, /Cannot speak to the Docker daemon at unix:\/\/.*none\.sock/);
  assert.match(error.hint ?? "", "DOCKER_HOST says that it is there");
});

test("an interruption ends a load", async () => {
  const controller = new AbortController();
  await using engine = await scriptedEngine({
    "GET /info": json(CLASSIC),
    "GET /images/json": json([]),
    "POST /images/load": (response) => {
      response.write('{"stream":"x"}\n');
      setTimeout(() => controller.abort(), 20);
    },
  });
  const image = await fresh();
  await failure(
    onTestHost(() => loadNamed(image, { ...context, signal: controller.signal }), { DOCKER_HOST: engine.host }),
    "E_ABORTED",
  );
});

function memberNames(archive: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; archive[at] !== 0 && at < archive.length;) {
    names.push(archive.toString("latin1", at, at + 100).replace(/\0.*$/s, ""));
    const size = Number.parseInt(archive.toString("latin1", at + 124, at + 136), 8);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return names;
}

test.run();
