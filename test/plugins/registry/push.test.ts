/** Pushes to a registry that does not do as it should: each ends with the image there, or with an error that says why not. */
import * as assert from "uvu/assert";
import { runtime } from "../../../core/host.ts";
import { digestOf, type Blob, type Store } from "../../../core/index.ts";
import { withoutRecords } from "../../../core/store/without-records.ts";
import { pushTarget } from "../../../plugins/registry/push/push-target.ts";
import { suite, tmp } from "../../harness.ts";
import { clientOf, failure } from "./support/asking.ts";
import { blobRegistry, breakAfter, type BlobRegistry, type Fault } from "./support/blob-registry.ts";
import { onTestHost } from "./support/host-credentials.ts";
import { MIB, layerOf, pushContext, random, targetOf, type TestContext } from "./support/pushing.ts";
import { killedPush } from "./support/killed-push.ts";
import { scriptedRegistry, type Exchange } from "./support/scripted-registry.ts";

const test = suite("registry/push", { timeout: 60_000 });

const SMALL = random(1000);
const LARGE = random(20 * MIB + 5);
const PIECE = 8 * MIB;

/** Pushes to `app:1`. */
async function push(registry: { readonly host: string }, layers: readonly Blob[], context: TestContext) {
  return pushTarget(targetOf(layers), { client: clientOf(registry), name: "app" }, ["1"], context);
}

/** All of the image is there, byte for byte. */
function assertThere(registry: BlobRegistry, ...layers: readonly Buffer[]): void {
  assert.ok(registry.manifests.has("1"), "the tag is there");
  for (const bytes of layers) assert.ok(registry.blobs.get(digestOf(bytes))?.equals(bytes), `${bytes.length} bytes`);
}

/** Runs a push of a small and a large layer, made while they are sent, against a fault. */
async function under<Result>(
  fault: Fault,
  work: (registry: BlobRegistry, context: TestContext) => Promise<Result>,
): Promise<Result> {
  return onTestHost(async () => {
    await using registry = await blobRegistry(fault);
    await using context = await pushContext();
    return await work(registry, context);
  });
}

const both = (isKnown = false) => [layerOf(SMALL, isKnown), layerOf(LARGE, isKnown)];

/** A fault that befalls the first `times` requests of a kind. */
function first(times: number, pattern: RegExp, what: Fault): Fault {
  let count = 0;
  return (exchange, line) => pattern.test(line) && count++ < times && what(exchange, line);
}

const reset: Fault = ({ request }) => (request.socket.destroy(), true);
const PATCH = /^PATCH/;
const PUT_BLOB = /^PUT .*uploads/;
const PUT_MANIFEST = /^PUT .*manifests/;

test("an image goes up with each byte once, and once more with a look at the tag, the config and a layer", async () => {
  await under(
    () => false,
    async (registry, context) => {
      const layers = both();
      const pushed = await push(registry, layers, context);
      assertThere(registry, SMALL, LARGE);
      assert.equal([pushed.sentBlobs, pushed.sentBytes, pushed.present], [3, SMALL.length + LARGE.length + 15, 0]);
      assert.equal(
        layers.map((layer) => layer.reads()),
        [1, 1],
      );
      assert.is(registry.received(), pushed.sentBytes);
      assert.is(registry.requests.length, 2 + 2 + 5 + 2 + 1, registry.lines().join("\n"));
      // On Deno, what must not be sent twice has connections of its own (core/http/exchange.ts).
      assert.ok(registry.connections() <= (runtime() === "deno" ? 10 : 5), `${registry.connections()} connections`);
      const before = registry.requests.length;
      const again = await push(registry, layers, context);
      const looked = registry.lines().slice(before);
      assert.is(looked[0], "HEAD /v2/app/manifests/1");
      assert.ok(looked.length === 3 && looked.every((line) => line.startsWith("HEAD ")), looked.join("\n"));
      assert.equal([again.digest, again.sentBlobs], [pushed.digest, 0]);
      assert.equal(
        layers.map((layer) => layer.reads()),
        [1, 1],
      );
    },
  );
});

test("a machine that knows nothing makes the layers, and sends none that are there, under another tag either", async () => {
  await under(
    () => false,
    async (registry, context) => {
      await push(registry, both(), context);
      const received = registry.received();
      for (const tag of ["1", "2"]) {
        await using other = await pushContext();
        const client = clientOf(registry);
        const pushed = await pushTarget(targetOf(both()), { client, name: "app" }, [tag], other);
        assert.equal([pushed.sentBlobs, pushed.present], [0, 3], tag);
      }
      assert.is(registry.received(), received);
      assert.ok(registry.manifests.has("2"));
    },
  );
});

test("what a repository has is one record, and is asked for no more, after a push that failed as well", async () => {
  const refuse: Fault = ({ refuse }) => (refuse(400, "MANIFEST_INVALID", "not today"), true);
  await under(first(1, PUT_MANIFEST, refuse), async (registry, { store, ...context }) => {
    let written = 0;
    const counted: Store = {
      ...withoutRecords(store),
      readRecord: (kind, key) => store.readRecord(kind, key),
      writeRecord: (...record) => (written++, store.writeRecord(...record)),
    };
    const layers = Array.from({ length: 6 }, () => layerOf(random(100)));
    const pushTo = (name: string) =>
      pushTarget(targetOf(layers), { client: clientOf(registry), name }, [name], { ...context, store: counted });
    await failure(pushTo("app"), "E_REGISTRY");
    const before = registry.requests.length;
    assert.is((await pushTo("app")).present, 7);
    assert.not(
      registry
        .lines()
        .slice(before)
        .some((line) => line.includes("/blobs/")),
    );
    for (const name of ["b", "c", "d"]) await pushTo(name);
    written = 0;
    await pushTo("e");
    assert.is(written, 1);
  });
});

test("what passes is outlasted: busy answers, resets at every stage, lost answers", async () => {
  const busy =
    (status: number): Fault =>
    ({ refuse }) => (refuse(status, "TOOMANYREQUESTS", "slow down", { "retry-after": "0" }), true);
  const lostAnswer: Fault = async (exchange) => {
    await exchange.body();
    exchange.request.socket.destroy();
    return true;
  };
  for (const [what, fault] of [
    ["429 to the beginning", first(2, /^POST/, busy(429))],
    ["429 to a piece", first(2, PATCH, busy(429))],
    ["500 to a piece", first(1, PATCH, busy(500))],
    ["502 to the end", first(1, PUT_BLOB, busy(502))],
    ["503 to the manifest", first(2, PUT_MANIFEST, busy(503))],
    ["reset at the look at the tag", first(1, /^HEAD/, reset)],
    ["reset at the beginning", first(1, /^POST/, reset)],
    ["reset at a piece", first(1, PATCH, reset)],
    ["reset in a piece", first(1, PATCH, (exchange) => breakAfter(exchange, 3 * MIB))],
    ["reset at the end", first(1, PUT_BLOB, reset)],
    ["reset at the manifest", first(1, PUT_MANIFEST, reset)],
    ["a piece is not taken", first(1, PATCH, lostAnswer)],
    ["the manifest's answer is lost", first(1, PUT_MANIFEST, lostAnswer)],
  ] as const) {
    await under(fault, async (registry, context) => {
      await push(registry, both(), context).catch((error: Error) => assert.unreachable(`${what}: ${error.message}`));
      assertThere(registry, SMALL, LARGE);
    });
  }
});

test("a piece that arrived though its answer was lost is not sent again, nor one of which a part arrived", async () => {
  for (const isWhole of [true, false]) {
    let registry: BlobRegistry | undefined;
    const fault = first(1, PATCH, async ({ request, response, url }) => {
      const kept = registry!.uploads.get(url.pathname.split("/").at(-1)!)!;
      let left = isWhole ? PIECE : PIECE / 2; // However the runtime cuts what comes.
      for await (const piece of request) {
        kept.push((piece as Buffer).subarray(0, left));
        if ((left -= (piece as Buffer).length) <= 0 && !isWhole) break;
      }
      response.destroy();
      return true;
    });
    await under(fault, async (given, context) => {
      registry = given;
      await push(registry, [layerOf(LARGE, false)], context);
      assertThere(registry, LARGE);
      const ranges = registry.requests.map(({ headers }) => headers["content-range"]).filter((range) => range);
      const again = Number(ranges[1]!.split("-")[0]);
      assert.ok(isWhole ? again === PIECE : again > 0 && again < PIECE, ranges.join(" "));
    });
  }
});

test("the answer that ends an upload may be lost: nothing is sent twice for that", async () => {
  let registry: BlobRegistry | undefined;
  const fault = first(1, PUT_BLOB, async ({ request, url, body }) => {
    const id = url.pathname.split("/").at(-1)!;
    const bytes = Buffer.concat([...registry!.uploads.get(id)!, await body()]);
    registry!.blobs.set(url.searchParams.get("digest")!, bytes);
    registry!.uploads.delete(id);
    request.socket.destroy();
    return true;
  });
  await under(fault, async (given, context) => {
    registry = given;
    await push(registry, [layerOf(LARGE, false)], context);
    assertThere(registry, LARGE);
    assert.ok(registry.received() < LARGE.length + 100, `${registry.received()} bytes`);
  });
});

test("a registry that forgets an upload gets it anew, and is told of when it always does", async () => {
  const forgets: Fault = ({ request, refuse }) => (request.resume(), refuse(404, "BLOB_UPLOAD_UNKNOWN"), true);
  await under(first(2, PATCH, forgets), async (registry, context) => {
    await push(registry, both(), context);
    assertThere(registry, SMALL, LARGE);
  });
  // Where only pieces get lost, one request takes all.
  await under(first(Infinity, PATCH, forgets), async (registry, context) => {
    await push(registry, both(), context);
    assertThere(registry, SMALL, LARGE);
  });
  await under(
    (exchange, line) => (PATCH.test(line) || PUT_BLOB.test(line)) && forgets(exchange, line),
    async (registry, context) => {
      const error = await failure(push(registry, both(), context), "E_REGISTRY");
      assert.match(error.message, `The registry ${registry.host} loses each upload to app before its end`);
    },
  );
});

test("pieces that are refused: the blob goes in one request, and later ones do so at once", async () => {
  for (const status of [400, 405, 501]) {
    await under(
      ({ request, refuse }, line) => PATCH.test(line) && (request.resume(), refuse(status, "UNSUPPORTED"), true),
      async (registry, context) => {
        const other = random(9 * MIB);
        const layers = [...both(), layerOf(other, false)];
        await push(registry, layers, context);
        assertThere(registry, SMALL, LARGE, other);
        assert.is(registry.lines().filter((line) => line.startsWith("PATCH")).length, 1);
      },
    );
  }
});

test("what a registry has no word for is not tried by the next push; what may have failed once is", async () => {
  const another = random(9 * MIB);
  for (const [status, later] of [
    [405, 0],
    [400, 1],
  ] as const) {
    const fault: Fault = ({ request, refuse, url }, line) =>
      (PATCH.test(line) || url.searchParams.has("mount")) && (request.resume(), refuse(status, "UNSUPPORTED"), true);
    await under(fault, async (registry, context) => {
      const tried = () => registry.lines().filter((line) => /^PATCH|mount=/.test(line)).length;
      const from = { repository: `${registry.host}/base` };
      await push(registry, [layerOf(LARGE, true, from)], context);
      assert.is(tried(), 2, "a mount and a piece");
      await push(registry, [layerOf(another, true, from)], context);
      assert.is(tried() - 2, later * 2, `after ${status}`);
      assertThere(registry, LARGE, another);
    });
  }
});

test("416 says where the registry is; one that never gets on is given up", async () => {
  await under(
    first(
      2,
      PATCH,
      ({ request, answer, url }) => (request.resume(), answer(416, { location: url.pathname, range: "0-0" }), true),
    ),
    async (registry, context) => {
      await push(registry, both(), context);
      assertThere(registry, SMALL, LARGE);
    },
  );
  for (const status of [416, 202]) {
    await under(
      ({ request, answer, url }, line) =>
        (PATCH.test(line) || /^GET .*uploads/.test(line)) &&
        (request.resume(),
        answer(line.startsWith("GET") ? 204 : status, { location: url.pathname, range: "0-0" }),
        true),
      async (registry, context) => {
        await push(registry, both(), context);
        assertThere(registry, SMALL, LARGE);
        const pieces = registry.lines().filter((line) => line.startsWith("PATCH")).length;
        assert.ok(pieces <= 9, `${pieces} pieces`);
      },
    );
  }
});

test("a mount: done, answered by an upload, refused, or not allowed", async () => {
  const mounting =
    (what: Fault): Fault =>
    (exchange, line) =>
      exchange.url.searchParams.has("mount") && what(exchange, line);
  for (const [what, fault, mounted] of [
    ["201", () => false, 1],
    ["202", mounting(({ url, answer }) => (answer(202, { location: `${url.pathname}9` }), true)), 0],
    ["404", mounting(({ refuse }) => (refuse(404, "NAME_UNKNOWN"), true)), 0],
    ["403", mounting(({ refuse }) => (refuse(403, "DENIED"), true)), 0],
    ["405", mounting(({ refuse }) => (refuse(405, "UNSUPPORTED"), true)), 0],
  ] as const) {
    await under(fault, async (registry, context) => {
      const blob = (more: object) => layerOf(LARGE, true, more);
      if (what === "202") registry.uploads.set("9", []);
      else registry.blobs.set(digestOf(LARGE), LARGE);
      const pushed = await push(registry, [blob({ repository: `${registry.host}/base` })], context);
      assert.is(pushed.mounted, mounted, what);
      assertThere(registry, LARGE);
      // What the repository has anyway is not sent, whatever becomes of a mount.
      assert.is(pushed.sentBlobs, what === "202" ? 2 : 1, what);
    });
  }
});

test("of another registry's repository nothing is mounted", async () => {
  await under(
    () => false,
    async (registry, context) => {
      await push(registry, [layerOf(SMALL, true, { repository: "other.example/base" })], context);
      assert.not.ok(registry.lines().some((line) => line.includes("mount=")));
    },
  );
});

test("what an earlier push left and the registry lost since is sent again, and what it only claims to have as well", async () => {
  await under(
    () => false,
    async (registry, context) => {
      await push(registry, both(), context);
      registry.blobs.clear();
      registry.manifests.clear();
      const pushed = await push(registry, both(true), context);
      assert.equal([pushed.sentBlobs, pushed.present], [3, 0]);
      assertThere(registry, SMALL, LARGE);
    },
  );
  await under(
    ({ request, url, answer }, line) => {
      if (request.method !== "HEAD" || !line.includes("/blobs/")) return false;
      answer(200, { "docker-content-digest": url.pathname.split("/").at(-1)! });
      return true;
    },
    async (registry, context) => {
      await push(registry, both(true), context);
      assertThere(registry, SMALL, LARGE);
    },
  );
  const never: Fault = (exchange, line) =>
    PUT_MANIFEST.test(line) && (exchange.request.resume(), exchange.refuse(400, "MANIFEST_BLOB_UNKNOWN", "no"), true);
  await under(never, async (registry, context) => {
    const error = await failure(push(registry, both(), context), "E_REGISTRY");
    assert.match(error.message, "400 Bad Request: MANIFEST_BLOB_UNKNOWN: no");
  });
});

test("where an upload goes on may be told in part or lead to another host, which is told no secret", async () => {
  await onTestHost(async (host) => {
    await using store = await scriptedRegistry({
      "PATCH *": async ({ body, answer, url }) => {
        const { length } = await body();
        answer(202, { location: url.href, range: `0-${length - 1}` });
      },
      "PUT *": async ({ body, answer }) => (await body(), answer(201)),
    });
    const fault: Fault = ({ url, request, answer }) => {
      if (request.headers.authorization === undefined) {
        request.resume();
        answer(401, { "www-authenticate": "Basic realm=x" });
        return true;
      }
      if (request.method !== "POST") return false;
      answer(202, { location: url.pathname.includes("/here/") ? "./4?a=b#c" : `${store.url}/put/4?sign=x` });
      return true;
    };
    await using registry = await blobRegistry(fault);
    const auth = Buffer.from("me:canary-4711").toString("base64");
    host.write(".docker/config.json", { auths: { [registry.host]: { auth } } });
    await using context = await pushContext();
    const to = (name: string, others: readonly { readonly host: string }[]) =>
      pushTarget(targetOf([layerOf(SMALL)]), { client: clientOf(registry, others), name }, ["1"], context);
    // The manifest is refused, as the blobs are elsewhere: that it came so far is enough.
    await failure(to("there", [store]), "E_REGISTRY");
    assert.ok(store.requests.length > 0);
    assert.not.match(store.everything(), /canary|authorization|bWU6/i);
    assert.not.ok((await failure(to("there", []), "E_REGISTRY")).message.includes("canary"));
    registry.uploads.set("4", []);
    await failure(to("here", []), "E_REGISTRY");
    assert.ok(registry.lines().some((line) => line.startsWith("PUT /v2/here/blobs/uploads/4?a=b&digest=")));
  });
});

test("a token that expires in mid-upload is replaced, and the piece sent again", async () => {
  await onTestHost(async () => {
    let granted = 0;
    await using tokens = await scriptedRegistry({
      "GET *": ({ answer }) => answer(200, {}, { token: `token-${++granted}`, expires_in: 300 }),
    });
    let pieces = 0;
    await using registry = await blobRegistry(({ request, answer }) => {
      if (request.method === "PATCH") pieces++;
      const wanted = pieces < 2 ? 1 : 2;
      if (request.headers.authorization === `Bearer token-${wanted}`) return false;
      answer(401, { "www-authenticate": `Bearer realm="${tokens.url}/token",service="s"` });
      return true;
    });
    await using context = await pushContext();
    const client = clientOf(registry, [tokens]);
    await pushTarget(targetOf(both()), { client, name: "app" }, ["1"], context);
    assertThere(registry, SMALL, LARGE);
    assert.is(granted, 2);
  });
});

test("refusals are errors with the registry's words: wrong digest, long pages, limits, a manifest that it changed", async () => {
  const page = `<html><head><title>Too large</title></head>${"x".repeat(10 * MIB)}`;
  const saying =
    (pattern: RegExp, say: (exchange: Exchange) => void): Fault =>
    (exchange, line) =>
      pattern.test(line) && (exchange.request.resume(), say(exchange), true);
  for (const [fault, message, hint] of [
    [saying(PUT_BLOB, ({ refuse }) => refuse(400, "DIGEST_INVALID", "no")), "400 Bad Request: DIGEST_INVALID: no", ""],
    [saying(PATCH, ({ answer }) => answer(413, {}, page)), "413 Content Too Large: Too large", "client_max_body_size"],
    [
      saying(/^POST/, ({ refuse }) => refuse(429, "X", "", { "retry-after": "9999" })),
      "429 Too Many",
      "try again in 3 hours",
    ],
    [saying(PUT_MANIFEST, ({ refuse }) => refuse(500, "UNKNOWN")), "500 Internal Server Error", "try again later"],
    [
      saying(PUT_BLOB, ({ answer }) => answer(201, { "docker-content-digest": digestOf("other") })),
      `stored the blob ${digestOf("other")} where sha256:`,
      "changes what it gets",
    ],
    [
      saying(PUT_MANIFEST, ({ answer }) => answer(201, { "docker-content-digest": digestOf("other") })),
      `stored the manifest ${digestOf("other")} where sha256:`,
      "changes what it gets",
    ],
  ] as const) {
    await under(fault, async (registry, context) => {
      const error = await failure(push(registry, both(), context), "E_REGISTRY", message);
      assert.match(error.message, message);
      assert.match(error.hint ?? "", hint);
      assert.ok(error.message.length < 1000);
      assert.not.ok(registry.manifests.has("1"));
    });
  }
});

test("an interrupt ends a push, and what the registry has of a blob is not sent by the next", async () => {
  const controller = new AbortController();
  let pieces = 0;
  const fault: Fault = (exchange, line) => {
    if (!PATCH.test(line) || ++pieces !== 2) return false;
    controller.abort();
    exchange.request.resume();
    return true;
  };
  await onTestHost(async () => {
    const store = tmp();
    await using registry = await blobRegistry(fault);
    const { host } = registry;
    {
      await using context = await pushContext(store, controller.signal);
      const { registryClient } = await import("../../../plugins/registry/client.ts");
      const client = registryClient({ registry: host, insecureHosts: [host], signal: controller.signal });
      const pushing = pushTarget(targetOf([layerOf(LARGE, false)]), { client, name: "app" }, ["1"], context);
      await failure(pushing, "E_ABORTED");
    }
    // Of this process, it is as if another one went on with it: then it is left alone.
    await using context = await pushContext(store);
    await push(registry, [layerOf(LARGE, false)], context);
    assertThere(registry, LARGE);
  });
});

test("a push that was killed goes on in the next process where the registry confirms", async () => {
  await onTestHost(async () => {
    const { registry, ranges } = await killedPush(40 * MIB);
    await using _ = registry;
    assert.ok(registry.manifests.has("1"));
    assert.ok(Number(ranges[0]!.split("-")[0]) >= 16 * MIB, ranges.join(" "));
    assert.ok(registry.received() < 42 * MIB, `${registry.received()}`);
  });
});

test("where the blob has become another since, the killed push's bytes are refused and all is sent", async () => {
  await onTestHost(async () => {
    const { registry, ranges } = await killedPush(40 * MIB, false);
    await using _ = registry;
    assert.ok(registry.manifests.has("1"));
    assert.ok(
      ranges.some((range) => range.startsWith("0-")),
      ranges.join(" "),
    );
  });
});

test.run();
