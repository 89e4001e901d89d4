import * as assert from "uvu/assert";
import type { BuildEvent } from "../../../../core/model/event.ts";
import { parseReference } from "../../../../plugins/registry/reference.ts";
import { pullClient } from "../../../../plugins/registry/pull/pull-client.ts";
import { suite } from "../../../harness.ts";
import { failure, scope, textOf } from "../support/asking.ts";
import { authOf, onTestHost } from "../support/host-credentials.ts";
import { scriptedRegistry, type ScriptedRegistry } from "../support/scripted-registry.ts";

const test = suite("registry/pull-client", { timeout: 20_000 });

test("mirrors are asked in turn, each by its own name; who answered is asked again, and who failed is told", async () => {
  await onTestHost(async ({ write }) => {
    await using empty = await scriptedRegistry({});
    await using good = await scriptedRegistry({ "GET /v2/m/app/*": ({ answer }) => answer(200, {}, "mirrored") });
    await using own = await scriptedRegistry({ "GET *": ({ answer }) => answer(200, {}, "own") });
    write(".config/containers/registries.conf", settings(own, [`${empty.host}/e`, `${good.host}/m`]));
    const { client, events } = await pulling(own);
    for (const path of ["team/app/manifests/1", "team/app/blobs/x"]) {
      assert.is(await textOf(client.send({ path, scopes: [scope("team/app", "pull")], accepts: [404] })), "mirrored");
    }
    assert.equal(empty.lines(), ["GET /v2/e/app/manifests/1"]);
    assert.equal(good.lines(), ["GET /v2/m/app/manifests/1", "GET /v2/m/app/blobs/x"]);
    assert.is(own.connections(), 0);
    assert.match(JSON.stringify(events), `The mirror ${empty.host} is passed over: `);
    assert.is(events.length, 1);
  });
});

test("where no mirror has it the image's own registry is asked, and what it says counts", async () => {
  await onTestHost(async ({ write }) => {
    await using empty = await scriptedRegistry({});
    await using own = await scriptedRegistry({ "GET *": ({ refuse }) => refuse(404, "NAME_UNKNOWN") });
    write(".config/containers/registries.conf", settings(own, [`${empty.host}/e`, `127.0.0.1:1/refused`]));
    const { client } = await pulling(own);
    const error = await failure(client.send({ path: "team/app/manifests/1", scopes: [] }), "E_REGISTRY");
    assert.match(error.message, own.host);
    const missing = await client.send({ path: "team/app/manifests/1", scopes: [], accepts: [404] });
    assert.is(missing.status, 404);
    assert.is(empty.requests.length, 1);
  });
});

test("a mirror is shown its own credentials, never the registry's", async () => {
  await onTestHost(async ({ write }) => {
    await using mirror = await scriptedRegistry({
      "GET *": ({ answer, request }) =>
        request.headers.authorization === `Basic ${authOf("mirror", "pw")}`
          ? answer(200, {}, "mirrored")
          : answer(401, { "www-authenticate": "Basic realm=m" }),
    });
    await using own = await scriptedRegistry({ "GET *": ({ answer }) => answer(200, {}, "own") });
    write(".config/containers/registries.conf", settings(own, [`${mirror.host}/m`]));
    const ask = async () => {
      const { client } = await pulling(own);
      return textOf(client.send({ path: "team/app/manifests/1", scopes: [scope("team/app", "pull")] }));
    };
    const auths = { [own.host]: { auth: authOf("own", "canary") } };
    write(".docker/config.json", { auths });
    assert.is(await ask(), "own");
    assert.not.match(mirror.everything(), /authorization|canary/);
    write(".docker/config.json", { auths: { ...auths, [`${mirror.host}/m/app`]: { auth: authOf("mirror", "pw") } } });
    assert.is(await ask(), "mirrored");
  });
});

test("without mirrors, requests go to the registry as they are", async () => {
  await onTestHost(async () => {
    await using own = await scriptedRegistry({ "GET *": ({ answer }) => answer(200, {}, "own") });
    const { client } = await pulling(own);
    assert.is(await textOf(client.send({ path: "team/app/manifests/1", scopes: [] })), "own");
    assert.equal(own.lines(), ["GET /v2/team/app/manifests/1"]);
  });
});

async function pulling(own: ScriptedRegistry) {
  const events: BuildEvent[] = [];
  const { signal } = new AbortController();
  const context = { signal, emit: (event: BuildEvent) => void events.push(event) };
  return { events, client: await pullClient(parseReference(`${own.host}/team/app:1`), [own.host], context) };
}

function settings(own: ScriptedRegistry, mirrors: readonly string[]): string {
  const tables = mirrors.map((location) => `[[registry.mirror]]\nlocation = "${location}"\ninsecure = true\n`);
  return `[[registry]]\nlocation = "${own.host}/team"\n${tables.join("")}`;
}

test.run();
