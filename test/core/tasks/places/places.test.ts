/** What every place for work promises: the same outcome, failures with their own codes, and an end when nobody wants it any more. */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { GZIP } from "../../../../core/compress/codec.ts";
import { compressStream } from "../../../../core/compress/compress-stream.ts";
import { ImageDslError } from "../../../../core/error.ts";
import { hashedTar } from "../../../../core/image/layer.ts";
import { digestOf } from "../../../../core/model/digest.ts";
import type { MadeLayer } from "../../../../core/model/made-layer.ts";
import type { Place, Work } from "../../../../core/model/work.ts";
import { openStore } from "../../../../core/store/disk-store.ts";
import { threadsPlace } from "../../../../core/tasks/places/threads.ts";
import { workersPlace } from "../../../../core/tasks/places/workers.ts";
import { layersWork } from "../../../../core/tasks/remote/layers-work.ts";
import { makeLayers } from "../../../../core/tasks/remote/make-layers.ts";
import { taskPool } from "../../../../core/tasks/task-pool.ts";
import { suite, tmp } from "../../../harness.ts";
import { localWorkers } from "../../../local-workers.ts";
import { madeHere, recipesIn } from "../remote/recipes.ts";

const test = suite("tasks/places");
const WORKER = new URL("../source-worker.mjs", import.meta.url);
const CODE = "this code";
const NEVER = new AbortController().signal;

/** Work that comes there is done by the runner's code, in this process. */
const PLACES: Readonly<Record<string, () => Place>> = {
  "this machine's threads": () => threadsPlace(2),
  "other machines": () =>
    workersPlace(
      localWorkers(tmp(), ImageDslError, 2, (folder, _task, _failure, signal) => makeLayers(folder, CODE, signal)),
    ),
};

const recipes = recipesIn(tmp(), 1000);
const expected = await Promise.all(recipes.map((recipe) => madeHere(recipe, GZIP)));

async function someLayers(): Promise<Work<readonly MadeLayer[]>> {
  const folder = tmp();
  const wanted = recipes.map((recipe, index) => ({ key: `${index}`, name: `${index}`, recipe }));
  let files = 0;
  return layersWork(wanted, 5_000_000, GZIP, {
    tool: { code: CODE, files: [], command: [] },
    store: await openStore(join(tmp(), "store")),
    signal: NEVER,
    newFile: () => join(folder, String(files++)),
  });
}

/** Has it done in this place, and reads all layers, from threads where they are made while they are read. */
async function read(work: Work<readonly MadeLayer[]>, place: Place, signal: AbortSignal): Promise<readonly Buffer[]> {
  const tasks = taskPool({ jobs: 2, signal, worker: WORKER });
  try {
    const { made } = await (await place.offer(work, signal)).take();
    const all: Buffer[] = [];
    for (const [index, layer] of made.entries()) {
      const chunks: Buffer[] = [];
      const compress = () => compressStream(hashedTar(recipes[index]!, signal), GZIP, { tasks, signal });
      for await (const chunk of layer.open(compress)) chunks.push(Buffer.from(chunk));
      const bytes = Buffer.concat(chunks);
      const { known = { ...expected[index], size: bytes.length } } = layer;
      assert.equal({ ...known, digest: digestOf(bytes) }, { ...expected[index], size: bytes.length });
      all.push(bytes);
    }
    return all;
  } finally {
    await tasks.close();
  }
}

async function failure(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error("it does not fail");
}

for (const [name, open] of Object.entries(PLACES)) {
  test(`${name}: layers are those that are made by one thread; once more, they are the same`, async () => {
    const place = open();
    const first = await read(await someLayers(), place, NEVER);
    assert.equal(
      first.map(digestOf),
      expected.map(({ digest }) => digest),
    );
    const again = await read(await someLayers(), place, NEVER);
    assert.ok(again.every((bytes, index) => bytes.equals(first[index]!)));
    await place.close();
  });

  test(`${name}: what cannot be read is told by its own code`, async () => {
    const place = open();
    const unreadable = async (): Promise<never> => {
      throw new ImageDslError("E_CONTENT_UNREADABLE", "A file cannot be read");
    };
    const { travelling, ...work } = await someLayers();
    const broken = { ...work, here: unreadable, travelling: { ...travelling!, pack: unreadable } };
    assert.ok(place.takes(broken));
    const error = await failure(async () => (await place.offer(broken, NEVER)).take());
    assert.is((error as ImageDslError).code, "E_CONTENT_UNREADABLE");
    await place.close();
  });

  test(`${name}: an interrupt ends it, with its reason`, async () => {
    const place = open();
    const stop = new AbortController();
    const reason = new Error("enough");
    stop.abort(reason);
    assert.is(await failure(async () => read(await someLayers(), place, stop.signal)), reason);
    await place.close();
  });
}

test("a blob that several pieces of work need is sent once, and again where it was lost", async () => {
  const folder = tmp();
  const sent: string[] = [];
  const workers = localWorkers(folder, ImageDslError, 2, (task, _task, _failure, signal) =>
    makeLayers(task, CODE, signal),
  );
  const write: typeof workers.write = (blob, open) => {
    sent.push(blob.digest);
    return workers.write(blob, open);
  };
  const place = workersPlace({ ...workers, write });
  const take = async (count: number): Promise<void> => {
    const all = await Promise.all(Array.from({ length: count }, someLayers));
    // Each is told what is missing before any of it is there.
    const offers = await Promise.all(all.map((work) => place.offer(work, NEVER)));
    await Promise.all(offers.map(({ take }) => take()));
  };
  await take(3);
  const once = [...new Set(sent)];
  assert.equal([sent.length, once.length > 1], [once.length, true]);
  for (const name of readdirSync(join(folder, "blobs"))) rmSync(join(folder, "blobs", name));
  await take(1);
  assert.equal(sent.toSorted(), [...once, ...once].toSorted());
  await place.close();
});

test("work that does not travel is done here only", async () => {
  const { travelling: _, ...work } = await someLayers();
  const takes = Object.values(PLACES).map((open) => open().takes(work));
  assert.equal(takes, [true, false]);
});

test.run();
