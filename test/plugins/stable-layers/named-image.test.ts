// @runtimes node
/** The strategy `stable` by the layers of an image from elsewhere: which of them stay, what the lock has of them, and what is refused. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { ImageDslError, parsePlatform, type BuildEvent, type ImageCall } from "../../../core/index.ts";
import { build, image, text, type LayersOptions, type ProgramOptions } from "../../../plugins/index.ts";
import { suite, tmp } from "../../harness.ts";
import { blobRegistry } from "../registry/support/blob-registry.ts";
import { packages, packagesPlugin, versions, type Packages } from "./support/packages.ts";

const test = suite("plugins/stable-layers/named-image");

const store = tmp();
let directory: string;
test.before.each(() => void (directory = tmp()));

function app(are: Packages, layers: LayersOptions): ImageCall {
  return image({ name: "app", contents: packages({ are }), layers: { max: 5, compression: "none", ...layers } });
}

interface Seen {
  readonly layers: readonly string[];
  readonly notes: readonly string[];
}

async function built(app: ImageCall, options: ProgramOptions = {}): Promise<Seen> {
  const events: BuildEvent[] = [];
  const [result] = await build(
    { plugins: [packagesPlugin], images: { app } },
    { outputs: ["digest"], directory, store, jobs: 1, onEvent: (event) => void events.push(event), ...options },
  );
  return {
    layers: await Promise.all(result!.image.layers.map((layer) => layer.diffID())),
    notes: events.flatMap((event) => (event.type === "note" ? [event.message] : [])),
  };
}

/** An image that another strategy made. */
const release = (options: ProgramOptions = {}): Promise<Seen> =>
  built(app(versions(), { strategy: "popularity" }), { outputs: [`oci:${place()}`], ...options });

const place = (): string => join(directory, "release");
const fromRelease = (): LayersOptions => ({ strategy: "stable", from: place() });

async function refusal(work: Promise<unknown>): Promise<ImageDslError> {
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  assert.instance(error, ImageDslError);
  return error as ImageDslError;
}

test("layers of the image that a config names stay, by whatever strategy it was made; the others are planned anew", async () => {
  const { layers } = await release();
  const same = await built(app(versions(), fromRelease()));
  assert.equal(same.layers.toSorted(), layers.toSorted());
  assert.match(same.notes.join("\n"), `app: 4 of the 4 layers of ${place()} stay`);
  const updated = await built(app(versions({ a: 2 }), fromRelease()));
  assert.is(updated.layers.filter((each) => layers.includes(each)).length, 3);
  assert.is(updated.layers.length, 4);
});

test("the lock pins which layers those are: the image need not be there any more, and another one in its place changes nothing", async () => {
  await release();
  const pinned = await built(app(versions({ b: 2 }), fromRelease()));
  const lock = readFileSync(join(directory, "image.lock.json"), "utf8");
  rmSync(place(), { recursive: true });
  const frozen = { frozenLock: true, store: tmp() };
  assert.equal((await built(app(versions({ b: 2 }), fromRelease()), frozen)).layers, pinned.layers);
  await built(app(versions({ c: 2 }), { strategy: "auto", max: 3 }), { outputs: [`oci:${place()}`] });
  assert.equal((await built(app(versions({ b: 2 }), fromRelease()))).layers, pinned.layers);
  assert.is(readFileSync(join(directory, "image.lock.json"), "utf8"), lock);
  await built(app(versions({ b: 2 }), fromRelease()), { updateLock: true });
  assert.is.not(readFileSync(join(directory, "image.lock.json"), "utf8"), lock);
});

test("of a registry's image the lock pins the digest too, and --update-lock renews both", async () => {
  await using registry = await blobRegistry();
  const name = `${registry.host}/app:1`;
  const insecureHosts = [registry.host];
  const push = (are: Packages) =>
    built(app(are, { strategy: "auto" }), { outputs: [`docker://${name}`], insecureHosts });
  const fromRegistry: LayersOptions = { strategy: "stable", from: `docker://${name}` };
  const { layers } = await push(versions());
  const wanted = app(versions({ h: 2 }), fromRegistry);
  const first = await built(wanted, { insecureHosts });
  assert.is(first.layers.filter((each) => layers.includes(each)).length, layers.length - 1);
  const { entries } = JSON.parse(readFileSync(join(directory, "image.lock.json"), "utf8")) as {
    readonly entries: Readonly<Record<string, object>>;
  };
  assert.equal(Object.keys(entries), ["layers", "registry"]);
  const second = await push(versions({ h: 2 }));
  assert.equal((await built(wanted, { insecureHosts })).layers, first.layers);
  const renewed = await built(wanted, { updateLock: true, insecureHosts });
  assert.match(renewed.notes.join("\n"), /app: (\d) of the \1 layers of .* stay/);
  assert.equal(renewed.layers.toSorted(), second.layers.toSorted());
});

test("an image that is not there, of something else, or for another machine is refused with the option's place", async () => {
  const absent = await refusal(built(app(versions(), fromRelease())));
  assert.is(absent.code, "E_BASE_IMAGE");
  assert.is(absent.place?.path, "images.app.layers.from");

  const other = image({ name: "other", contents: text("/etc/motd", "Hello\n"), layers: { compression: "none" } });
  await built(other, { outputs: [`oci:${place()}`] });
  const foreign = await refusal(built(app(versions(), fromRelease())));
  assert.is(foreign.message, `${place()} holds nothing of what app is made of`);

  rmSync(place(), { recursive: true });
  await release({ platforms: [parsePlatform("linux/s390x")] });
  const far = await refusal(built(app(versions(), fromRelease()), { platforms: [parsePlatform("linux/amd64")] }));
  assert.match(far.message, "is for linux/s390x, and says nothing of an image for linux/amd64");

  const unpinned = await refusal(built(app(versions(), fromRelease()), { frozenLock: true }));
  assert.is(unpinned.code, "E_LOCK_FROZEN");
});

test("from is refused where another strategy than stable plans, and a path in the words of outputs", async () => {
  const auto = await refusal(built(app(versions(), { from: "./release" })));
  assert.match(auto.message, 'has from, which only the strategy "stable" goes by');
  const output = await refusal(built(app(versions(), { strategy: "stable", from: "oci:release" })));
  assert.match(output.message, 'the path of an archive or layout is written "./release"');
});

test.run();
