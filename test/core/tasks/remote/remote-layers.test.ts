/** Handing layers out: together, once each, and nothing is said of what nobody wants any more. */
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite, tmp } from "../../../harness.ts";
import { ImageDslError } from "../../../../core/error.ts";
import type { BuildEvent } from "../../../../core/model/event.ts";
import { MADE_WHILE_READ } from "../../../../core/model/made-layer.ts";
import { treePath } from "../../../../core/model/path.ts";
import type { RemoteTask, RemoteWorkers } from "../../../../core/model/remote-work.ts";
import type { Place } from "../../../../core/model/work.ts";
import { openStore } from "../../../../core/store/disk-store.ts";
import { threadsPlace } from "../../../../core/tasks/places/threads.ts";
import { workPlaces } from "../../../../core/tasks/places/work-places.ts";
import { workersPlace } from "../../../../core/tasks/places/workers.ts";
import { layersHere, type LayersOfSession, type WantedLayer } from "../../../../core/tasks/layers-of-session.ts";
import { remoteLayers } from "../../../../core/tasks/remote/remote-layers.ts";

const test = suite("tasks/remote/remote-layers");
const { signal } = new AbortController();
const TOOL = { code: "code", files: [], command: ["node"] };
const AWAY = { here: 1, there: 1e9, link: 1e9, delay: 0 };

/** Workers that take tasks and never end one. */
function endless(): { readonly workers: RemoteWorkers; readonly tasks: RemoteTask[] } {
  const tasks: RemoteTask[] = [];
  let end!: (error: unknown) => void;
  const ended = new Promise<never>((_, reject) => (end = reject));
  ended.catch(() => {});
  const workers: RemoteWorkers = {
    place: "nowhere",
    jobs: 2,
    missing: async () => [],
    write: async () => {},
    read: async function* () {},
    lookup: async (task) => void tasks.push(task),
    run: () => ended,
    close: async () => end(new ImageDslError("E_ABORTED", "The workers are no longer wanted")),
  };
  return { workers, tasks };
}

async function opened(workers: RemoteWorkers, events: BuildEvent[]): Promise<LayersOfSession> {
  const store = await openStore(join(tmp(), "store"));
  const emit = (event: BuildEvent): void => void events.push(event);
  const [here, elsewhere] = [threadsPlace(2), workersPlace(workers)];
  const places = workPlaces({ here, elsewhere, rates: AWAY, emit, signal, explain: true });
  return remoteLayers({ places, tool: TOOL, store, signal, here: layersHere(() => {}) });
}

function layer(key: string, size = key.length): WantedLayer {
  const bytes = Buffer.alloc(size, key);
  const entry = {
    path: treePath(key),
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 0,
    type: "file",
    size: bytes.length,
  } as const;
  return { key, name: key, recipe: { entries: [{ ...entry, content: { kind: "inline", bytes } }] } };
}

test("small layers of several images are one task, each of them once, and it ends with the build without a word", async () => {
  const { workers, tasks } = endless();
  const events: BuildEvent[] = [];
  const layers = await opened(workers, events);
  layers.begin([layer("a"), layer("b")], "gzip", 0);
  layers.begin([layer("b"), layer("c")], "gzip", 1);
  assert.ok(layers.isAway("c", "gzip"));
  assert.not.ok(layers.isAway("c", "zstd"));
  const made = layers.make("a", "gzip");
  assert.is(await layers.make("never begun", "gzip"), MADE_WHILE_READ);
  while (tasks.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await layers.close();
  assert.is(await made, MADE_WHILE_READ);
  assert.equal(
    tasks.map(({ outputs }) => outputs),
    [["out/layers.json", "out/0", "out/1", "out/2"]],
  );
  assert.equal(events, []);
});

test("which layers are one task does not hang on which image comes first, and a large one is one by itself", async () => {
  const images = [
    [layer("a"), layer("shared"), layer("large", 20_000_000)],
    [layer("shared"), layer("b")],
    [layer("large", 20_000_000), layer("c"), layer("a")],
  ];
  const asked: (readonly RemoteTask[])[] = [];
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [1, 2, 0],
  ]) {
    const { workers, tasks } = endless();
    const layers = await opened(workers, []);
    for (const image of order) layers.begin(images[image]!, "gzip", image);
    void layers.make("c", "gzip");
    while (tasks.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    await layers.close();
    asked.push(tasks.toSorted((one, other) => one.outputs.length - other.outputs.length));
  }
  assert.equal(
    asked[0]!.map(({ outputs }) => outputs.length - 1),
    [1, 4],
  );
  assert.equal(asked[1], asked[0]);
  assert.equal(asked[2], asked[0]);
});

test("after workers that nobody can reach, nobody is asked again", async () => {
  const { workers } = endless();
  const events: BuildEvent[] = [];
  let asked = 0;
  const lookup = async (): Promise<never> => {
    asked++;
    throw new ImageDslError("E_REMOTE", "Nobody is there");
  };
  const layers = await opened({ ...workers, lookup }, events);
  layers.begin([layer("a")], "gzip", 0);
  assert.is(await layers.make("a", "gzip"), MADE_WHILE_READ);
  layers.begin([layer("b")], "gzip", 1);
  assert.is(await layers.make("b", "gzip"), MADE_WHILE_READ);
  assert.not.ok(layers.isAway("b", "gzip"));
  await layers.close();
  assert.is(asked, 1);
  assert.equal(
    events.map((event) => (event.type === "warning" ? event.code : event.type)),
    ["E_REMOTE", "note", "note"],
  );
});

test("work that fails there is done here, and other work goes on; after three failures in a row none goes any more", async () => {
  const went: string[] = [];
  const elsewhere: Place = {
    ...threadsPlace(1),
    offer: async ({ name }) => {
      went.push(name);
      if (name.startsWith("killer")) throw new ImageDslError("E_REMOTE_TASK", "Its workers ended");
      return { isKnown: false, moved: 0, take: async () => ({ made: "there" as never, worker: "far" }) };
    },
  };
  const places = workPlaces({ here: threadsPlace(2), elsewhere, rates: AWAY, emit: () => {}, signal, explain: false });
  const done = (name: string, kind = "layers"): Promise<string> =>
    places.run({ kind, name, effort: 1, returned: 0, here: async () => "here" });
  const names = ["killer 1", "killer 2", "a", "killer 3", "killer 4", "b", "killer 5", "killer 6", "killer 7", "c"];
  const made: string[] = [];
  for (const name of names) made.push(await done(name));
  assert.equal(made, ["here", "here", "there", "here", "here", "there", "here", "here", "here", "here"]);
  assert.equal(went, names.slice(0, -1));
  // Workers that lack what layers need may run steps all the same.
  assert.is(await done("d", "steps"), "there");
  await places.close();
});

test.run();
