/** Servers that answer, and are no registries: whatever they say, nothing counts as pushed or pulled that is not there. */
import * as assert from "uvu/assert";
import { digestOf } from "../../../core/index.ts";
import { pushTarget } from "../../../plugins/registry/push/push-target.ts";
import { suite } from "../../harness.ts";
import { clientOf, failure } from "./support/asking.ts";
import { blobRegistry, type Fault } from "./support/blob-registry.ts";
import { onTestHost } from "./support/host-credentials.ts";
import { MIB, layerOf, pushContext, random, targetOf } from "./support/pushing.ts";
import { scriptedRegistry, type Route } from "./support/scripted-registry.ts";

const test = suite("registry/no-registry");

const SMALL = random(1000);
const LARGE = random(9 * MIB);
const HTML = { "content-type": "text/html" };
const PAGE = "<html><title>Welcome</title></html>";

const target = () => targetOf([layerOf(SMALL), layerOf(LARGE)]);

test("a web server that has the same answer for everything has taken nothing", async () => {
  for (const status of [200, 201, 202, 203, 204, 206, 299]) {
    const route: Route = ({ request, url, answer }) =>
      answer(status, { ...HTML, location: url.pathname }, request.method === "HEAD" || status === 204 ? "" : PAGE);
    await onTestHost(async () => {
      await using server = await scriptedRegistry({ "* *": route });
      await using context = await pushContext();
      const repository = { client: clientOf(server), name: "app" };
      const error = await failure(pushTarget(target(), repository, ["1"], context), "E_REGISTRY", String(status));
      assert.match(error.message, /this is no registry|stored|does not say/, `${status}: ${error.message}`);
    });
  }
});

test("a login page is no registry, wherever on the way it is led to", async () => {
  for (const status of [302, 303, 307]) {
    await onTestHost(async () => {
      await using server = await scriptedRegistry({
        "* /login": ({ answer }) => answer(200, HTML, PAGE),
        "* *": ({ answer }) => answer(status, { location: "/login" }),
      });
      await using context = await pushContext();
      const repository = { client: clientOf(server), name: "app" };
      const error = await failure(pushTarget(target(), repository, ["1"], context), "E_REGISTRY", String(status));
      assert.match(error.message, /without what was sent|this is no registry/);
    });
  }
});

test("of a real registry, each answer is held against the specification", async () => {
  const digest = digestOf(SMALL);
  for (const [what, pattern, fault, message] of [
    [
      "upload begun with 200",
      /^POST/,
      ({ answer }) => answer(200, { location: "/v2/app/blobs/uploads/1" }),
      /with 200, where a registry answers 202/,
    ],
    ["upload begun without Location", /^POST/, ({ answer }) => answer(202), /does not say where to go on/],
    ["piece taken with 200", /^PATCH/, ({ answer }) => answer(200), /with 200, where a registry answers 202/],
    ["blob ended with 200", /^PUT .*uploads/, ({ answer }) => answer(200), /with 200, where a registry answers 201/],
    ["blob ended with a bare 201", /^PUT .*uploads/, ({ answer }) => answer(201), /says neither where nor what/],
    [
      "another blob stored",
      /^PUT .*uploads/,
      ({ answer }) => answer(201, { "docker-content-digest": digestOf(PAGE) }),
      /stored the blob sha256/,
    ],
    ["manifest with 200", /^PUT .*manifests/, ({ answer }) => answer(200, HTML, PAGE), /says neither where nor what/],
    [
      "manifest with 202",
      /^PUT .*manifests/,
      ({ answer }) => answer(202, { location: "/x" }),
      /says neither where nor what/,
    ],
    ["manifest with a bare 201", /^PUT .*manifests/, ({ answer }) => answer(201), /says neither where nor what/],
    [
      "another manifest stored",
      /^PUT .*manifests/,
      ({ answer }) => answer(201, { "docker-content-digest": digest }),
      /stored the manifest sha256/,
    ],
  ] as readonly (readonly [string, RegExp, (exchange: Parameters<Fault>[0]) => void, RegExp])[]) {
    await onTestHost(async () => {
      await using registry = await blobRegistry((exchange, line) => {
        if (!pattern.test(line)) return false;
        exchange.request.resume();
        fault(exchange);
        return true;
      });
      await using context = await pushContext();
      const repository = { client: clientOf(registry), name: "app" };
      const error = await failure(pushTarget(target(), repository, ["1"], context), "E_REGISTRY", what);
      assert.match(error.message, message, `${what}: ${error.message}`);
    });
  }
});

test("a manifest answered with 202 and its digest is there, as an older registry says it", async () => {
  await onTestHost(async () => {
    await using registry = await blobRegistry(async ({ body, answer }, line) => {
      if (!/^PUT .*manifests/.test(line)) return false;
      answer(202, { "docker-content-digest": digestOf(await body()) });
      return true;
    });
    await using context = await pushContext();
    const pushed = await pushTarget(target(), { client: clientOf(registry), name: "app" }, ["1"], context);
    assert.is(pushed.sentBlobs, 3);
  });
});

test("a look at a blob, or a mount, counts only where it names that blob: else it is sent", async () => {
  const page: Fault = ({ answer }) => (answer(200, { ...HTML, "content-length": String(PAGE.length) }), true);
  const silent: Fault = ({ answer }) => (answer(200, { "transfer-encoding": "chunked" }), true);
  const other: Fault = ({ answer }) => (answer(200, { "docker-content-digest": digestOf(PAGE) }), true);
  const mounted: Fault = ({ answer }) => (answer(201), true);
  for (const [what, pattern, fault] of [
    ["a page", /^HEAD .*blobs/, page],
    ["neither size nor digest", /^HEAD .*blobs/, silent],
    ["another digest", /^HEAD .*blobs/, other],
    ["a bare 201 for a mount", /^POST .*mount=/, mounted],
  ] as const) {
    await onTestHost(async () => {
      await using registry = await blobRegistry((exchange) => {
        const line = `${exchange.request.method} ${exchange.request.url}`;
        return pattern.test(line) && fault(exchange, line);
      });
      await using context = await pushContext();
      const layer = layerOf(SMALL, true, { repository: `${registry.host}/base` });
      const pushed = await pushTarget(targetOf([layer]), { client: clientOf(registry), name: "app" }, ["1"], context);
      assert.is(pushed.mounted + pushed.present, 0, what);
      assert.is(registry.blobs.get(digestOf(SMALL))?.compare(SMALL), 0, what);
    });
  }
});

test.run();
