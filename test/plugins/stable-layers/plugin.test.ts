// @runtimes node
/** The strategy `stable` in builds: what the lock holds of it, when it is written, and what is said. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { BuildEvent, ConfigObject, ImageCall } from "../../../core/index.ts";
import { build, image, plan, type ProgramOptions } from "../../../plugins/index.ts";
import { suite, tmp } from "../../harness.ts";
import { packages, packagesPlugin, versions, type Packages } from "./support/packages.ts";

const test = suite("plugins/stable-layers");

const store = tmp();
let directory: string;
test.before.each(() => void (directory = tmp()));

const lockFile = (): string => join(directory, "image.lock.json");
const lockText = (): string => readFileSync(lockFile(), "utf8");

/** Four layers for packages. */
function app(are: Packages, name = "app"): ImageCall {
  return image({ name, contents: packages({ are }), layers: { strategy: "stable", max: 5 } });
}

function configOf(images: Readonly<Record<string, ImageCall>>): ConfigObject {
  return { plugins: [packagesPlugin], images };
}

/** The second has one package more. */
function twoImages(are: Packages, one: Packages = are): ConfigObject {
  return configOf({ one: app(one, "one"), two: app({ ...are, z: [1, 500] }, "two") });
}

interface Seen {
  readonly layers: readonly string[];
  readonly digest: string;
  readonly notes: readonly string[];
}

async function built(are: Packages, options: ProgramOptions = {}): Promise<Seen> {
  const events: BuildEvent[] = [];
  const [result] = await build(configOf({ image: app(are) }), {
    outputs: ["digest"],
    directory,
    store,
    jobs: 1,
    onEvent: (event) => void events.push(event),
    ...options,
  });
  const planned = events.findLast((event) => event.type === "planned")!;
  return {
    layers: planned.plan.groups.map(({ nodes }) => nodes.map((id) => id.slice("packages:".length)).join(" ")),
    digest: result!.configDigest,
    notes: events.flatMap((event) => (event.type === "note" ? [event.message] : [])),
  };
}

test("the lock keeps the plan: an update moves the layers of what was updated, and the others stay", async () => {
  const first = await built(versions());
  assert.is(first.layers.length, 4);
  assert.match(first.notes.join("\n"), /its 4 layers are kept in the lock; an update is expected to move/);
  const layer = first.layers.find((each) => each.includes("a=1"));
  const second = await built(versions({ a: 2 }));
  const stay = first.layers.filter((each) => each !== layer);
  assert.equal(second.layers.slice(0, 3), stay);
  assert.equal(second.layers.length, 4);
  assert.match(
    second.notes.join("\n"),
    /1 package was updated, added or removed: .* in 1 of 4 layers move, .* expected/,
  );
});

test("a build without a change says nothing, and leaves the lock and the digest as they are", async () => {
  const { digest } = await built(versions());
  const lock = lockText();
  const again = await built(versions());
  assert.equal(again.notes, []);
  assert.is(again.digest, digest);
  assert.is(lockText(), lock);
});

test("a frozen lock gives the same image and is not written; without a plan in it, it is refused", async () => {
  const refused = await built(versions(), { frozenLock: true }).catch((error: Error) => error);
  assert.ok(refused instanceof Error);
  assert.match(refused.message, 'has no entry for layers "image" as it is asked for now, and the lock is frozen');
  await built(versions());
  const lock = lockText();
  const frozen = await built(versions({ a: 2, h: 5 }), { frozenLock: true });
  assert.is(lockText(), lock);
  const free = await built(versions({ a: 2, h: 5 }));
  assert.is.not(lockText(), lock);
  assert.is(free.digest, frozen.digest);
  assert.is((await built(versions({ a: 2, h: 5 }), { frozenLock: true })).digest, free.digest);
});

test("neither the cache nor --update-lock makes another plan", async () => {
  await built(versions());
  const { digest } = await built(versions({ a: 2 }));
  const lock = lockText();
  assert.is((await built(versions({ a: 2 }), { updateLock: true })).digest, digest);
  assert.is((await built(versions({ a: 2 }), { store: tmp() })).digest, digest);
  assert.is(lockText(), lock);
});

test("plan writes nothing", async () => {
  await plan(configOf({ image: app(versions()) }), { directory, store, jobs: 1 });
  assert.not(existsSync(lockFile()));
});

test("which images are built together, and in which order, changes none of them", async () => {
  const options = { outputs: ["digest"], directory, store, jobs: 1 };
  await build(twoImages(versions()), options);
  const lock = lockText();
  // All that the images shared moves, and the first has it whole no more.
  const updated = versions({ b: 2, c: 2, d: 2, e: 2, f: 2, g: 2, h: 2 });
  const after = twoImages(updated, { h: updated["h"]! });
  const digests = async (targets: readonly string[]): Promise<Record<string, string>> => {
    const results = await build(after, { ...options, targets, frozenLock: true });
    return Object.fromEntries(results.map(({ target, configDigest }) => [target, configDigest]));
  };
  const both = await digests(["one", "two"]);
  assert.equal({ ...(await digests(["two"])), ...(await digests(["one"])) }, both);
  const free = await build(after, options);
  assert.equal(Object.fromEntries(free.map(({ target, configDigest }) => [target, configDigest])), both);
  assert.is.not(lockText(), lock);
});

test("an image takes what it can of another one's layers when it is first planned, and they stay shared", async () => {
  const options = { outputs: ["digest"], directory, store, jobs: 1 };
  const shared = async (are: Packages): Promise<number> => {
    const [one, two] = await build(twoImages(are), options);
    const diffIDs = await Promise.all(two!.image.layers.map((layer) => layer.diffID()));
    const others = await Promise.all(one!.image.layers.map((layer) => layer.diffID()));
    return diffIDs.filter((each) => others.includes(each)).length;
  };
  assert.ok((await shared(versions())) >= 3);
  assert.ok((await shared(versions({ b: 2, g: 2 }))) >= 3);
});

test("a plan in the lock that no build wrote is told with its place", async () => {
  await built(versions());
  const lock = JSON.parse(lockText()) as { entries: { layers: Record<string, { answer: { layers: unknown } }> } };
  for (const entry of Object.values(lock.entries.layers)) entry.answer.layers = [{ "packages/a": "../../etc" }];
  writeFileSync(lockFile(), JSON.stringify(lock));
  const refused = await built(versions()).catch((error: Error) => error);
  assert.ok(refused instanceof Error);
  assert.match(
    refused.message,
    /what it has of layers "image" is damaged: layers\.0\.packages\/a: Expected 12 hex digits/,
  );
});

test.run();
