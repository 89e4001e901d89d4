/** Pulls from a registry that lies, breaks off or sends what is no image: each ends with the image, or says why not. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as assert from "uvu/assert";
import { digestOf, hexOf, type BaseImage, type Digest, type StageContext } from "../../../core/index.ts";
import { claimPartial, completePartial } from "../../../core/store/partial-blobs.ts";
import { taskPool } from "../../../core/tasks/task-pool.ts";
import { fetchBlob } from "../../../plugins/registry/pull/fetch-blob.ts";
import { readImage } from "../../../plugins/registry/pull/read-image.ts";
import { readingContext } from "../../fixtures/base-images/context.ts";
import { file } from "../../fixtures/base-images/root.ts";
import { writeTar } from "../../fixtures/base-images/tar.ts";
import { suite, tmp } from "../../harness.ts";
import { clientOf, failure } from "./support/asking.ts";
import { blobRegistry, type BlobRegistry, type Fault } from "./support/blob-registry.ts";
import { onTestHost } from "./support/host-credentials.ts";
import { MIB, pushContext, random } from "./support/pushing.ts";

const test = suite("registry/pull", { timeout: 60_000 });

const OCI = "application/vnd.oci.image";
const DOCKER = "application/vnd.docker";
const MANIFEST = `${OCI}.manifest.v1+json`;
const INDEX = `${OCI}.index.v1+json`;
const CONFIG = `${OCI}.config.v1+json`;
const LAYER = `${OCI}.layer.v1.tar+gzip`;

const { signal } = new AbortController();
const tasks = taskPool({ jobs: 2, signal, worker: new URL("../../core/tasks/source-worker.mjs", import.meta.url) });
test.after(() => tasks.close());

function tarOf(text: string): Buffer {
  return readFileSync(writeTar(join(tmp(), "layer.tar"), [file("a", text)]));
}

const TAR = tarOf("one");
const OTHER = tarOf("two");

type Json = Record<string, unknown>;

/** What a registry has, put together by hand. */
function stock({ blobs, manifests }: BlobRegistry) {
  const blob = (bytes: Buffer, mediaType: string) => {
    blobs.set(digestOf(bytes), bytes);
    return { mediaType, digest: digestOf(bytes), size: bytes.length };
  };
  const document = (json: unknown, type: string, ...tags: readonly string[]) => {
    const bytes = Buffer.from(JSON.stringify(json));
    for (const key of [digestOf(bytes), ...tags]) manifests.set(key, { type, bytes });
    return { mediaType: type, digest: digestOf(bytes), size: bytes.length };
  };
  const layer = (tar = TAR) => blob(gzipSync(tar), LAYER);
  const config = (diffIDs: readonly Buffer[] = [TAR], more: Json = {}) =>
    blob(
      Buffer.from(
        JSON.stringify({
          os: "linux",
          architecture: "amd64",
          config: {},
          rootfs: { type: "layers", diff_ids: diffIDs.map((tar) => digestOf(tar)) },
          ...more,
        }),
      ),
      CONFIG,
    );
  const manifest = (more: Json = {}): Json => ({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: config(),
    layers: [layer()],
    ...more,
  });
  return { blob, document, layer, config, manifest };
}

/** With one member more, which is there already. */
function repeated(json: unknown, member: string): Buffer {
  return Buffer.from(JSON.stringify(json).replace(/\}$/, () => `,${member}}`));
}

/** In place of the lock, which has nothing pinned. */
const lock = { read: () => undefined, peek: () => undefined, write: () => {} };

async function pull(
  registry: BlobRegistry,
  reference = ":1",
  more: Partial<StageContext> = {},
  store = tmp(),
): Promise<BaseImage> {
  await using context = await pushContext(store);
  const whole = {
    ...readingContext,
    ...context,
    tasks,
    lock,
    target: "test",
    insecureHosts: [registry.host],
    ...more,
  } as unknown as StageContext;
  return await readImage({ reference: `${registry.host}/app${reference}` }, whole);
}

async function withRegistry(work: (registry: BlobRegistry) => Promise<void>, fault?: Fault): Promise<void> {
  await onTestHost(async () => {
    await using registry = await blobRegistry(fault);
    await work(registry);
  });
}

test("an image comes by tag, by digest, and out of an index by its platform", async () => {
  await withRegistry(async (registry) => {
    const { document, manifest, config } = stock(registry);
    const amd64 = document(manifest(), MANIFEST, "1");
    const arm64 = document(manifest({ config: config([TAR], { architecture: "arm64" }) }), MANIFEST);
    const platform = (architecture: string) => ({ platform: { os: "linux", architecture } });
    const inner = document(
      { schemaVersion: 2, mediaType: INDEX, manifests: [{ ...arm64, ...platform("arm64") }] },
      INDEX,
    );
    const top = document(
      { schemaVersion: 2, manifests: [{ ...amd64, ...platform("amd64") }, inner] },
      `${INDEX}; charset=utf-8`,
      "all",
    );
    const architectures = async (reference: string, architecture: string) =>
      (await pull(registry, reference, platform(architecture))).platform.architecture;
    assert.is(await architectures(":1", "amd64"), "amd64");
    assert.is(await architectures(":all", "amd64"), "amd64");
    assert.is(await architectures(":all", "arm64"), "arm64");
    assert.is(await architectures(`@${top.digest}`, "arm64"), "arm64");
    const error = await failure(pull(registry, ":all", platform("s390x")), "E_BASE_IMAGE");
    assert.match(error.message, `holds no image for linux/s390x`);
    assert.match(error.hint ?? "", "linux/amd64, linux/arm64");
  });
});

test("with a digest, the tag beside it is not asked for", async () => {
  await withRegistry(async (registry) => {
    const { document, manifest } = stock(registry);
    const { digest } = document(manifest(), MANIFEST);
    document(manifest({ annotations: { other: "" } }), MANIFEST, "1");
    await pull(registry, `:1@${digest}`);
    assert.not.ok(registry.lines().some((line) => line.endsWith("/manifests/1")));
  });
});

test("a digest is of the repository that is named: what came from another one is no answer", async () => {
  await withRegistry(
    async (registry) => {
      const { document, manifest } = stock(registry);
      const { digest } = document(manifest(), MANIFEST, "1");
      const store = tmp();
      await pull(registry, `@${digest}`, {}, store);
      const asked = registry.requests.length;
      await pull(registry, `@${digest}`, {}, store);
      assert.is(registry.requests.length, asked, "from the same one nothing is asked");
      await failure(pull(registry, `/evil@${digest}`, {}, store), "E_REGISTRY");
      assert.equal(registry.lines().slice(asked), [`GET /v2/app/evil/manifests/${digest}`]);
    },
    ({ refuse }, line) => line.includes("/app/evil/") && (refuse(404, "MANIFEST_UNKNOWN"), true),
  );
});

test("sizes that lie are refused though the bytes are here already", async () => {
  await withRegistry(async (registry) => {
    const { document, manifest, config, layer } = stock(registry);
    const store = tmp();
    document(manifest(), MANIFEST, "1");
    await pull(registry, ":1", {}, store);
    document(manifest({ config: { ...config(), size: 3 } }), MANIFEST, "2");
    document(manifest({ layers: [{ ...layer(), size: 5000 }] }), MANIFEST, "3");
    for (const tag of ["2", "3"]) {
      const { message } = await failure(pull(registry, `:${tag}`, {}, store), "E_BASE_IMAGE", tag);
      assert.match(message, /has [0-9]+ bytes, and its descriptor says (3|5000)/);
    }
  });
});

/** What is refused: what the registry has, and the error. */
const UNSOUND: readonly (readonly [
  what: string,
  make: (stock: ReturnType<typeof stockOf>) => unknown,
  error: RegExp,
  code?: "E_HASH_MISMATCH" | "E_REGISTRY" | "E_NETWORK",
])[] = [
  [
    "manifests and layers in a manifest",
    ({ document, manifest }) => document(manifest({ manifests: [] }), MANIFEST, "1"),
    /has manifests and layers, so that nobody can tell what it is/,
  ],
  [
    "layers in an index",
    ({ document, manifest }) => document({ ...manifest(), mediaType: INDEX, manifests: [] }, INDEX, "1"),
    /has manifests and layers, so that nobody can tell what it is/,
  ],
  [
    "both, and no type",
    ({ document, manifest }) => document({ ...manifest(), mediaType: undefined, manifests: [] }, MANIFEST, "1"),
    /has manifests and layers/,
  ],
  [
    "layers twice in a manifest",
    ({ manifests, manifest }) => manifests.set("1", { type: MANIFEST, bytes: repeated(manifest(), '"layers":[]') }),
    /a manifest has layers twice, so that nobody can tell what it says/,
  ],
  [
    "a digest twice in an index",
    ({ manifests, document, manifest }) => {
      const { digest, ...rest } = document(manifest(), MANIFEST);
      const listed = repeated({ digest, ...rest }, `"digest":"${digest}"`).toString();
      const bytes = Buffer.from(`{"schemaVersion":2,"mediaType":"${INDEX}","manifests":[${listed}]}`);
      manifests.set("1", { type: INDEX, bytes });
    },
    /has digest twice/,
  ],
  [
    "rootfs twice in a config",
    ({ document, manifest, blob, config, blobs }) => {
      const bytes = repeated(JSON.parse(blobs.get(config().digest)!.toString()), '"\\u0072ootfs":{}');
      document(manifest({ config: blob(bytes, CONFIG) }), MANIFEST, "1");
    },
    /the config has rootfs twice/,
  ],
  [
    "another type than the registry says",
    ({ document, manifest }) => document(manifest(), INDEX, "1"),
    /its manifest says application\/vnd\.oci\.image\.manifest\S* of its type, and the registry application\/vnd\.oci\.image\.index/,
  ],
  [
    "another type than the index says",
    ({ document, manifest }) => {
      const own = document(manifest(), MANIFEST);
      document(
        { schemaVersion: 2, manifests: [{ ...own, mediaType: `${DOCKER}.distribution.manifest.v2+json` }] },
        INDEX,
        "1",
      );
    },
    /of its type, and its descriptor application\/vnd\.docker\.distribution\.manifest\.v2\+json/,
  ],
  [
    "a type that is no text",
    ({ document, manifest }) => document(manifest({ mediaType: 5 }), MANIFEST, "1"),
    /of its type/,
  ],
  ...[
    "sha256:abc",
    `sha256:${"A".repeat(64)}`,
    `sha256:../../../../etc/passwd`,
    `sha512:${"a".repeat(64)}`,
    `md5:${"a".repeat(32)}`,
    `sha256:${"a".repeat(64)}/../x`,
    "",
    5,
    null,
  ].map(
    (digest) =>
      [
        `the digest ${String(digest)}`,
        ({ document, manifest, layer }: ReturnType<typeof stockOf>) =>
          document(manifest({ layers: [{ ...layer(), digest }] }), MANIFEST, "1"),
        /digest/,
      ] as const,
  ),
  ...[-1, 1.5, "12", 2 ** 60, undefined].map(
    (size) =>
      [
        `the size ${size}`,
        ({ document, manifest, layer }: ReturnType<typeof stockOf>) =>
          document(manifest({ layers: [{ ...layer(), size }] }), MANIFEST, "1"),
        /has (no size|a size that is none)/,
      ] as const,
  ),
  [
    "a layer that is larger than said",
    ({ document, manifest, layer }) => document(manifest({ layers: [{ ...layer(), size: 10 }] }), MANIFEST, "1"),
    /it has more than the 11 bytes/,
    "E_NETWORK",
  ],
  [
    "a layer that is smaller than said",
    ({ document, manifest, layer }) => document(manifest({ layers: [{ ...layer(), size: 5000 }] }), MANIFEST, "1"),
    /has [0-9]+ bytes, where 5000 were announced/,
    "E_HASH_MISMATCH",
  ],
  [
    "a config of another size",
    ({ document, manifest, config }) => document(manifest({ config: { ...config(), size: 3 } }), MANIFEST, "1"),
    /has [0-9]+ bytes, and its descriptor says 3/,
  ],
  [
    "a config larger than any",
    ({ document, manifest, config }) => document(manifest({ config: { ...config(), size: 1e12 } }), MANIFEST, "1"),
    /has more than 8MiB \(--limit oci\.document=/,
  ],
  [
    "a layer of other bytes",
    ({ document, manifest, layer, blobs }) => {
      const { digest } = layer();
      document(manifest(), MANIFEST, "1");
      const bytes = Buffer.from(blobs.get(digest)!);
      bytes[20]! ^= 1;
      blobs.set(digest, bytes);
    },
    /has the sha256 [0-9a-f]{64}, but [0-9a-f]{64} was announced/,
    "E_HASH_MISMATCH",
  ],
  [
    "a config of other bytes",
    ({ document, manifest, config, blobs }) => {
      const { digest } = config();
      document(manifest(), MANIFEST, "1");
      blobs.set(digest, Buffer.from(blobs.get(digest)!.toString().replace("linux", "linuX")));
    },
    /has the digest sha256:/,
    "E_HASH_MISMATCH",
  ],
  [
    "a layer whose tar is another than the config says",
    ({ document, manifest, layer }) => document(manifest({ layers: [layer(OTHER)] }), MANIFEST, "1"),
    /but its image's config says/,
    "E_HASH_MISMATCH",
  ],
  [
    "bytes behind a layer's tar",
    ({ document, manifest, blob }) =>
      document(
        manifest({ layers: [blob(gzipSync(Buffer.concat([TAR, Buffer.alloc(512, 1)])), LAYER)] }),
        MANIFEST,
        "1",
      ),
    /but its image's config says/,
    "E_HASH_MISMATCH",
  ],
  [
    "two layers that are said to be one",
    ({ document, manifest, config, layer }) =>
      document(manifest({ config: config([TAR, TAR]), layers: [layer(TAR), layer(OTHER)] }), MANIFEST, "1"),
    /but its image's config says/,
    "E_HASH_MISMATCH",
  ],
  [
    "fewer layers than the config says",
    ({ document, manifest, config }) => document(manifest({ config: config([TAR, OTHER]) }), MANIFEST, "1"),
    /speaks of 2 layers, and there are 1/,
  ],
  [
    "a config without diffIDs",
    ({ document, manifest, config }) =>
      document(manifest({ config: config([], { rootfs: { type: "layers" } }) }), MANIFEST, "1"),
    /no rootfs\.diff_ids/,
  ],
  [
    "schema 1",
    ({ document }) =>
      document(
        { schemaVersion: 1, name: "app", tag: "1", fsLayers: [], history: [] },
        `${DOCKER}.distribution.manifest.v1+prettyjws`,
        "1",
      ),
    /schema 1/,
  ],
  [
    "an artifact that is no image",
    ({ document, manifest, config }) =>
      document(manifest({ config: { ...config(), mediaType: "application/vnd.example.chart+json" } }), MANIFEST, "1"),
    /it is no image: its config is of the type application\/vnd\.example\.chart\+json/,
  ],
  [
    "a layer that is none",
    ({ document, manifest, layer }) =>
      document(manifest({ layers: [{ ...layer(), mediaType: "text/plain" }] }), MANIFEST, "1"),
    /a layer of it is of the type text\/plain/,
  ],
  [
    "an index of artifacts",
    ({ document, layer }) => document({ schemaVersion: 2, manifests: [{ ...layer(), mediaType: "a/b" }] }, INDEX, "1"),
    /its index speaks of a\/b, and of no image/,
  ],
  ["no JSON", ({ manifests }) => manifests.set("1", { type: MANIFEST, bytes: Buffer.from("{") }), /is no JSON/],
  ["a list", ({ document }) => document([], MANIFEST, "1"), /no JSON object/],
  [
    "a type in control characters",
    ({ document, manifest, layer }) =>
      document(manifest({ layers: [{ ...layer(), mediaType: `\u001b[31m${"x".repeat(9999)}` }] }), MANIFEST, "1"),
    /\\x1b\[31mxxx/,
  ],
];

function stockOf(registry: BlobRegistry) {
  return { ...registry, ...stock(registry) };
}

test("digest and type confusion: what could be two things, or is not what is said of it, is refused with the reason", async () => {
  for (const [what, make, expected, code = "E_BASE_IMAGE"] of UNSOUND) {
    await withRegistry(async (registry) => {
      make(stockOf(registry));
      const error = await failure(pull(registry), code as "E_BASE_IMAGE", what);
      assert.match(error.message, expected, what);
      assert.ok(error.message.length < 1000, what);
      // Nothing that was named was asked for under a path of its own choosing.
      for (const line of registry.lines())
        assert.match(line, /^GET \/v2\/app\/(manifests\/(1|sha256:[0-9a-f]{64})|blobs\/sha256:[0-9a-f]{64})$/, what);
    });
  }
});

test("a token, a manifest, a config and a layer that break off are asked for again", async () => {
  const broken = new Set<string>();
  await withRegistry(
    async (registry) => {
      const { document, manifest } = stock(registry);
      document(manifest(), MANIFEST, "1");
      assert.is((await pull(registry)).layers.length, 1);
      assert.is(broken.size, 4, [...broken].join(" "));
    },
    ({ request, response, answer, url }) => {
      const isKnown = request.headers.authorization !== undefined || url.pathname === "/token";
      if (isKnown && !broken.has(url.pathname)) {
        broken.add(url.pathname);
        response.writeHead(200, { "content-length": 50 });
        response.flushHeaders();
        setTimeout(() => response.destroy(), 20);
        return true;
      }
      if (url.pathname === "/token") answer(200, {}, { token: "t" });
      else if (!isKnown) answer(401, { "www-authenticate": `Bearer realm="http://${request.headers.host}/token"` });
      return !isKnown || url.pathname === "/token";
    },
  );
});

test("a layer twice in one image comes once", async () => {
  await withRegistry(async (registry) => {
    const { document, manifest, config, layer } = stock(registry);
    const big = readFileSync(writeTar(join(tmp(), "layer.tar"), [file("a", "x".repeat(5 * MIB))]));
    const own = { ...layer(big) };
    document(manifest({ config: config([big, big]), layers: [own, own] }), MANIFEST, "1");
    assert.is((await pull(registry)).layers.length, 2);
    assert.is(registry.lines().filter((line) => line.includes("/blobs/")).length, 2);
  });
});

test("what a registry has not is told with what was asked for, and what to do", async () => {
  const digest = digestOf("nothing");
  const pins = {
    read: () => ({ digest }),
    peek: () => ({ digest }),
    write: () => {},
  } as unknown as StageContext["lock"];
  let code = "MANIFEST_UNKNOWN";
  await withRegistry(
    async (registry) => {
      const name = `${registry.host}/app`;
      const hints: readonly (readonly [reference: string, more: Partial<StageContext>, hint: string])[] = [
        ["", {}, `It names no tag, so "latest" was asked for: write ${name}:TAG`],
        [":2", {}, `See whether the tag "2" and the name "app" are written as in ${registry.host}`],
        [`@${digest}`, {}, `image-dsl prefetch ${name}:TAG tells`],
        [`:2@${digest}`, {}, `image-dsl prefetch ${name}:2 tells`],
        [":2", { lock: pins }, `--update-lock ${name}:2 takes what the tag means now`],
      ];
      for (const [reference, more, hint] of hints) {
        const error = await failure(pull(registry, reference, more), "E_REGISTRY", reference);
        assert.match(error.message, `${registry.host}/v2/app/manifests/`);
        assert.match(error.hint ?? "", hint);
      }
      code = "NAME_UNKNOWN";
      const error = await failure(pull(registry), "E_REGISTRY");
      assert.match(error.hint ?? "", `"${name}:1" means the repository "app" at ${registry.host}, which has none`);
    },
    ({ refuse }) => (refuse(404, code), true),
  );
});

test("a web page in a manifest's place is no registry's answer", async () => {
  for (const page of ["<!doctype html><title>Log in</title>", "\n <html>"]) {
    await withRegistry(
      async (registry) => {
        const error = await failure(pull(registry), "E_REGISTRY");
        assert.match(error.message, "answers GET");
        assert.match(error.message, "with a web page, where a manifest is wanted: this is no registry");
      },
      ({ answer }) => (answer(200, { "content-type": "text/html" }, page), true),
    );
  }
});

test("the addresses that a foreign layer names are never asked", async () => {
  await onTestHost(async () => {
    await using other = await blobRegistry();
    await using registry = await blobRegistry();
    const { document, manifest, layer } = stock(registry);
    const foreign = {
      ...layer(),
      mediaType: `${OCI}.layer.nondistributable.v1.tar+gzip`,
      urls: [`${other.url}/layer`],
    };
    document(manifest({ layers: [foreign] }), MANIFEST, "1");
    await pull(registry);
    registry.blobs.delete(foreign.digest);
    const error = await failure(pull(registry), "E_REGISTRY");
    assert.match(error.message, "404 Not Found: BLOB_UNKNOWN");
    assert.is(other.requests.length, 0);
  });
});

test("a registry that gives another manifest than was asked for, or says another digest of it, is not believed", async () => {
  await withRegistry(async (registry) => {
    const { document, manifest } = stock(registry);
    const asked = document(manifest(), MANIFEST);
    const given = document(manifest({ annotations: { a: "b" } }), MANIFEST);
    registry.manifests.set(asked.digest, registry.manifests.get(given.digest)!);
    const error = await failure(pull(registry, `@${asked.digest}`), "E_BASE_IMAGE");
    assert.match(error.message, `it gives the manifest ${given.digest} for ${asked.digest}`);
  });
  const lie = digestOf("a lie");
  let bytes: Buffer | undefined;
  await withRegistry(
    async (registry) => {
      const { document, manifest } = stock(registry);
      bytes = registry.manifests.get(document(manifest(), MANIFEST).digest)!.bytes;
      const error = await failure(pull(registry), "E_BASE_IMAGE");
      assert.match(error.message, `the registry says ${lie} of a manifest whose digest is sha256:`);
    },
    ({ answer }, line) =>
      line.includes("/manifests/1") &&
      (answer(200, { "content-type": MANIFEST, "docker-content-digest": lie }, bytes), true),
  );
});

const BLOB = random(5 * MIB);
const DESCRIBED = { digest: digestOf(BLOB), size: BLOB.length };

/** Fetches the blob into a store under a fault; `there` is what an earlier process left of it. */
async function fetched(fault: Fault, there?: Buffer, store = tmp()): Promise<BlobRegistry["requests"]> {
  return onTestHost(async () => {
    await using registry = await blobRegistry(fault);
    registry.blobs.set(DESCRIBED.digest, BLOB);
    await using context = await pushContext(store);
    if (there !== undefined) await leave(store, there);
    const repository = { client: clientOf(registry), name: "app" };
    const path = await fetchBlob(repository, DESCRIBED, context);
    assert.ok(readFileSync(path).equals(BLOB));
    const last = context.events.findLast(({ type }) => type === "progress");
    assert.ok(last?.type === "progress" && last.done === last.total);
    return registry.requests;
  });
}

async function leave(store: string, bytes: Buffer): Promise<void> {
  const partial = await claimPartial(store, hexOf(DESCRIBED.digest));
  const broken = completePartial(
    partial,
    DESCRIBED,
    async function* () {
      yield bytes;
    },
    "It",
  );
  await failure(broken, "E_HASH_MISMATCH");
}

const first = (times: number, what: Fault): Fault => {
  let count = 0;
  return (exchange, line) => line.includes("/blobs/") && count++ < times && what(exchange, line);
};

test("a download that breaks off goes on from there, as often as it gets on", async () => {
  let at = 0;
  const cut: Fault = ({ request, response }) => {
    const from = Number(/^bytes=([0-9]+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    // What was sent last may be lost with the connection.
    assert.ok(from <= at && from > at - 600_000, `${from} of ${at}`);
    response.writeHead(from === 0 ? 200 : 206, {
      "content-length": BLOB.length - from,
      "content-range": `bytes ${from}-${BLOB.length - 1}/${BLOB.length}`,
    });
    at = from + 700_000;
    response.write(BLOB.subarray(from, at), () => setTimeout(() => response.destroy(), 20));
    return true;
  };
  const requests = await fetched(first(4, cut));
  assert.is(requests.length, 5);
});

test("what an earlier process left is not asked for again", async () => {
  for (const [what, fault, requests] of [
    ["206", () => false, ["bytes=1000000-"]],
    ["200 in place of 206", first(1, ({ answer }) => (answer(200, {}, BLOB), true)), ["bytes=1000000-"]],
    ["416", first(1, ({ answer }) => (answer(416), true)), ["bytes=1000000-", undefined]],
    [
      "another part",
      first(
        1,
        ({ answer }) => (
          answer(206, { "content-range": `bytes 5-${BLOB.length - 1}/${BLOB.length}` }, BLOB.subarray(5)),
          true
        ),
      ),
      ["bytes=1000000-", undefined],
    ],
    [
      "206 without a range",
      first(1, ({ answer }) => (answer(206, {}, BLOB.subarray(1_000_000)), true)),
      ["bytes=1000000-", undefined],
    ],
  ] as const) {
    const asked = await fetched(fault, BLOB.subarray(0, 1_000_000));
    assert.equal(
      asked.map(({ headers }) => headers.range),
      requests,
      what,
    );
  }
});

test("what an earlier process left and is wrong is thrown away, and all is asked for", async () => {
  for (const size of [1_000_000, BLOB.length - 1]) {
    const asked = await fetched(() => false, random(size));
    assert.equal(
      asked.map(({ headers }) => headers.range),
      [`bytes=${size}-`, undefined],
    );
  }
});

test("bodies without end, too short ones and wrong ones are errors, after which the next pull is right", async () => {
  const endless: Fault = ({ response }) => {
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(MIB)));
      if (!response.destroyed) response.once("drain", more);
    };
    more();
    return true;
  };
  for (const [what, fault, code] of [
    ["endless", endless, "E_NETWORK"],
    ["announced too long", ({ answer }) => (answer(200, {}, Buffer.concat([BLOB, BLOB])), true), "E_NETWORK"],
    ["short", ({ response }) => (response.write(BLOB.subarray(0, 9999)), response.end(), true), "E_HASH_MISMATCH"],
    ["wrong", ({ answer }) => (answer(200, {}, random(BLOB.length)), true), "E_HASH_MISMATCH"],
    ["503", ({ refuse }) => (refuse(503, "UNAVAILABLE"), true), "E_REGISTRY"],
    ["404", ({ answer }) => (answer(404, {}, "x".repeat(10 * MIB)), true), "E_REGISTRY"],
  ] as const satisfies readonly (readonly [string, Fault, string])[]) {
    const store = tmp();
    const error = await failure(fetched(first(Infinity, fault), undefined, store), code, what);
    assert.ok(error.message.length < 1000 && !error.message.includes("undefined"), what);
    await fetched(() => false, undefined, store);
  }
});

test("pulls of one blob at the same time are one", async () => {
  await withRegistry(async (registry) => {
    registry.blobs.set(DESCRIBED.digest, BLOB);
    await using context = await pushContext();
    const repository = { client: clientOf(registry), name: "app" };
    const paths = await Promise.all([1, 2, 3].map(() => fetchBlob(repository, DESCRIBED, context)));
    assert.is(new Set(paths).size, 1);
    assert.is(createHash("sha256").update(readFileSync(paths[0]!)).digest("hex"), hexOf(DESCRIBED.digest as Digest));
    assert.is(registry.requests.length, 1);
  });
});

test.run();
