/** Referrers by a registry's API, and by the tag where there is none: pages, other hosts, writers at the same moment. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { digestOf } from "../../../core/index.ts";
import { attach } from "../../../plugins/registry/referrers/attach.ts";
import { listReferrers } from "../../../plugins/registry/referrers/list-referrers.ts";
import { suite, tmp } from "../../harness.ts";
import { failure } from "./support/asking.ts";
import { blobRegistry, type BlobRegistry, type Fault } from "./support/blob-registry.ts";
import { onTestHost } from "./support/host-credentials.ts";
import { pushContext, type TestContext } from "./support/pushing.ts";

const test = suite("registry/referrers", { timeout: 60_000 });

const INDEX = "application/vnd.oci.image.index.v1+json";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const IMAGE = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, config: {}, layers: [] }));
const TAG = digestOf(IMAGE).replace(":", "-");
const TYPE = "application/spdx+json";

const referrer = (name: string) => ({ mediaType: MANIFEST, digest: digestOf(name), size: 9, artifactType: TYPE });
const index = (...names: string[]) => ({ schemaVersion: 2, mediaType: INDEX, manifests: names.map(referrer) });

/** The registry has the image `app:1`. */
async function under<Result>(
  fault: Fault,
  work: (
    registry: BlobRegistry,
    context: TestContext,
    options: { reference: string; tlsVerify: false },
  ) => Promise<Result>,
): Promise<Result> {
  return onTestHost(async () => {
    await using registry = await blobRegistry(fault);
    await using context = await pushContext();
    for (const key of ["1", digestOf(IMAGE)]) registry.manifests.set(key, { type: MANIFEST, bytes: IMAGE });
    return await work(
      registry,
      { ...context, insecureHosts: [] },
      { reference: `${registry.host}/app:1`, tlsVerify: false },
    );
  });
}

function artifact() {
  const file = join(tmp(), "sbom.json");
  writeFileSync(file, "{}");
  return { type: TYPE, files: [file] };
}

const isList = (line: string) => /^GET .*\/referrers\//.test(line);

test("the API's pages are followed on the registry's own host, at the same path", async () => {
  const names: Fault = ({ url, answer }, line) => {
    if (!isList(line)) return false;
    const next = `<${url.pathname}?last=1>; rel="next"`;
    if (url.searchParams.has("last")) answer(200, { "content-type": INDEX }, Buffer.from(JSON.stringify(index("c"))));
    else answer(200, { "content-type": INDEX, link: next }, Buffer.from(JSON.stringify(index("a", "b"))));
    return true;
  };
  await under(names, async (_, context, options) => {
    const found = await listReferrers(options, context);
    assert.equal(found, ["a", "b", "c"].map(referrer));
  });
});

test("a page that leads elsewhere, or to itself for ever, is refused", async () => {
  for (const target of ["http://127.0.0.1:1/v2/app/referrers/x", "/v2/other/referrers/x", "//[", "?again"]) {
    const fault: Fault = ({ answer }, line) =>
      isList(line) &&
      (answer(200, { "content-type": INDEX, link: `<${target}>; rel="next"` }, Buffer.from(JSON.stringify(index("a")))),
      true);
    await under(fault, async (registry, context, options) => {
      const { message } = await failure(listReferrers(options, context), "E_REGISTRY", target);
      assert.match(
        message,
        target === "?again" ? /more than 100 pages/ : /leads from a list of referrers to another place/,
      );
      assert.ok(registry.lines().filter(isList).length <= 101);
    });
  }
});

test("what is no index of descriptors is refused, and no API means the tag", async () => {
  const answering =
    (body: unknown): Fault =>
    ({ answer }, line) =>
      isList(line) && (answer(200, { "content-type": INDEX }, Buffer.from(JSON.stringify(body))), true);
  for (const body of [[], { manifests: 1 }, { manifests: [{ mediaType: MANIFEST, digest: "sha256:x", size: 1 }] }]) {
    await under(answering({ schemaVersion: 2, ...body }), async (_, context, options) => {
      await failure(listReferrers(options, context), "E_BASE_IMAGE", JSON.stringify(body));
    });
  }
  await under(
    () => false,
    async (registry, context, options) => {
      assert.equal(await listReferrers(options, context), []);
      registry.manifests.set(TAG, { type: INDEX, bytes: Buffer.from(JSON.stringify(index("tagged"))) });
      assert.equal(await listReferrers(options, context), [referrer("tagged")]);
    },
  );
});

test("a registry that knows the subject gets no tag", async () => {
  const knows: Fault = async ({ request, url, answer, body }, line) => {
    if (!/^PUT .*manifests/.test(line) || url.pathname.endsWith(TAG)) return false;
    const digest = digestOf(await body());
    answer(201, { "docker-content-digest": digest, "oci-subject": digestOf(IMAGE) }, request.url);
    return true;
  };
  await under(knows, async (registry, context, options) => {
    const { subject } = await attach(options, artifact(), context);
    assert.is(subject.digest, digestOf(IMAGE));
    assert.equal(
      registry.lines().filter((line) => line.endsWith(TAG)),
      [],
    );
  });
});

test("the tag keeps what is in it, members that nobody knows too", async () => {
  await under(
    () => false,
    async (registry, context, options) => {
      // The registry of these tests wants all that an index names.
      for (const name of ["a", "b"]) registry.blobs.set(digestOf(name), Buffer.from(name));
      const before = { ...index("a", "b"), "org.example.own": [1] };
      registry.manifests.set(TAG, { type: INDEX, bytes: Buffer.from(JSON.stringify(before)) });
      const { manifest } = await attach(options, artifact(), context);
      const after = JSON.parse(registry.manifests.get(TAG)!.bytes.toString()) as typeof before;
      assert.equal(after, { ...before, manifests: [...before.manifests, { ...referrer(""), ...manifest }] });
    },
  );
});

test("where another's writing took its place, or came first, it is added once more; for ever is an error", async () => {
  for (const [what, times, error] of [
    ["lost", 1, undefined],
    ["refused", 1, undefined],
    ["lost", 99, /does not keep what is added/],
  ] as const) {
    let count = 0;
    const fault: Fault = ({ answer, request }, line) => {
      if (!line.startsWith("PUT") || !line.endsWith(TAG) || count++ >= times) return false;
      request.resume();
      answer(what === "lost" ? 201 : 412);
      return true;
    };
    await under(fault, async (_, context, options) => {
      const attached = attach(options, artifact(), context);
      if (error !== undefined) return assert.match((await failure(attached, "E_REGISTRY")).message, error);
      const { manifest } = await attached;
      assert.equal(
        (await listReferrers(options, context)).map(({ digest }) => digest),
        [manifest.digest],
      );
    });
  }
});

test.run();
