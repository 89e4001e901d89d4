// @runtimes node
/** Layers made by workers are those made here; whatever goes wrong there, they are made here, and that is said once. */
import { cpSync, readFileSync, readdirSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { BuildEvent } from "../../core/index.ts";
import { digestOf } from "../../core/model/digest.ts";
import { seededRandom } from "../../core/testing/index.ts";
import type { RemoteAnswer, RemoteWorkers } from "../../core/model/remote-work.ts";
import type * as archives from "../../plugins/archive/index.ts";
import type * as api from "../../plugins/index.ts";
import { suite, tmp } from "../harness.ts";
import { localWorkers, type LocalWorkers } from "../local-workers.ts";
import { dockerRegistry } from "../plugins/registry/support/docker-registry.ts";
import { PROJECT, must, writeProject } from "./support.ts";

const test = suite("e2e/remote-layers", { timeout: 180_000 });
const { ImageDslError, build, buildLayeredImage, files, text } = (await import(
  join(PROJECT, "dist/index.js")
)) as typeof api;
const { archive } = (await import(join(PROJECT, "dist/plugins/archive.js"))) as typeof archives;

/** There is always more of it than this machine does soon. */
const AWAY = { here: 1, there: 1e9, link: 1e9, delay: 0 };
const CANARY = "canary-of-a-secret";
process.env["IMAGE_DSL_TEST_SECRET"] = CANARY;

const folder = projectIn(tmp());

function projectIn(place: string): string {
  const random = seededRandom(5);
  const words = (count: number): string => Array.from({ length: count }, () => random(1 << 30).toString(36)).join(" ");
  writeProject(place, {
    "data/a": words(200_000),
    "data/b/c": words(50_000),
    "data/empty": "",
    "pack/bin/tool": words(400_000),
  });
  must(["tar", "-czf", "pack.tgz", "--sort=name", "--mtime=@0", "--owner=0", "--group=0", "-C", "pack", "."], {
    cwd: place,
  });
  return place;
}

interface Made {
  readonly digests: readonly string[];
  readonly warnings: readonly (BuildEvent & { type: "warning" })[];
  readonly notes: readonly string[];
}

interface Wish {
  readonly directory?: string;
  readonly codec?: "gzip" | "zstd";
  readonly rates?: typeof AWAY | undefined;
  readonly signal?: AbortSignal;
  /** A registry to push to, in place of a layout. */
  readonly host?: string;
  /** Default: a new one. */
  readonly store?: string;
}

async function make(workers: RemoteWorkers | undefined, wish: Wish = {}): Promise<Made> {
  const { directory = folder, codec = "gzip", signal, host, store = tmp() } = wish;
  const rates = "rates" in wish ? wish.rates : AWAY;
  const events: BuildEvent[] = [];
  const pack = archive("pack.tgz");
  const images = {
    one: buildLayeredImage({ name: "one", contents: [files("data", { dest: "/data" }), pack] }),
    two: buildLayeredImage({ name: "two", contents: [text("/two", "2\n"), pack] }),
    three: buildLayeredImage({
      name: "three",
      contents: [files("data", { dest: "/elsewhere" }), text("/three", "3\n")],
    }),
  };
  const results = await build(
    { images },
    {
      directory,
      store,
      jobs: 2,
      explain: true,
      compression: codec,
      outputs: [host === undefined ? `oci:${join(tmp(), "layout")}` : `docker://${host}/{target}:1`],
      ...(host !== undefined && { insecureHosts: [host] }),
      onEvent: (event) => events.push(event),
      ...(workers && { remoteWorkers: { workers, ...(rates && { rates }) } }),
      ...(signal && { signal }),
    },
  );
  const manifests = events.flatMap((event) => (event.type === "output" ? [String(event.manifest)] : []));
  assert.is(results.length, 3);
  assert.is(manifests.length, 3);
  return {
    digests: manifests,
    warnings: events.filter((event) => event.type === "warning").filter(({ code }) => !code.startsWith("W_NO_COMMAND")),
    notes: events.flatMap((event) => (event.type === "note" ? [event.message] : [])),
  };
}

const here = { gzip: (await make(undefined)).digests, zstd: (await make(undefined, { codec: "zstd" })).digests };

test("with workers, the digests are the same; a second machine with another checkout has nothing run and nothing sent", async () => {
  const place = tmp();
  const workers = localWorkers(place, ImageDslError);
  const first = await make(workers);
  assert.equal(first.digests, here.gzip);
  assert.equal(first.warnings, []);
  assert.ok(workers.counts.run > 0);
  assert.match(first.notes.join("\n"), /layers? .*: made by child in/);

  const sent = { ...workers.counts };
  const other = join(tmp(), "elsewhere");
  cpSync(folder, other, { recursive: true });
  const second = await make(workers, { directory: other });
  assert.equal(second.digests, here.gzip);
  assert.equal(workers.counts, sent);
  assert.match(second.notes.join("\n"), /: known to here/);

  assert.equal((await make(workers, { codec: "zstd" })).digests, here.zstd);
  for (const blob of readdirSync(join(place, "blobs"))) {
    const bytes = readFileSync(join(place, "blobs", blob));
    assert.not.ok(bytes.includes(CANARY), blob);
    assert.not.ok(bytes.includes(folder), blob);
  }
});

test("layers that are known are fetched where they were made, as long as they are there whole", async () => {
  const place = tmp();
  const workers = localWorkers(place, ImageDslError);
  const store = tmp();
  await make(workers, { store });
  const { counts } = workers;
  const run = counts.run;
  const again = await make(workers, { store });
  assert.equal([again.digests, again.warnings, counts.run], [here.gzip, [], run]);
  assert.match(again.notes.join("\n"), /A layer that is known .*: known to here/);

  const read: RemoteWorkers["read"] = () => {
    throw new ImageDslError("E_HASH_MISMATCH", "A blob is another one");
  };
  const damaged = await make({ ...workers, read }, { store });
  assert.equal(damaged.digests, here.gzip);
  assert.equal(
    damaged.warnings.map(({ code }) => code),
    ["E_HASH_MISMATCH"],
  );
  for (const name of readdirSync(join(place, "blobs"))) rmSync(join(place, "blobs", name));
  const gone = await make(workers, { store });
  assert.equal([gone.digests, gone.warnings, counts.run], [here.gzip, [], run]);
  assert.match(gone.notes.join("\n"), /A layer that is known .*: made here/);
});

test("little work stays here, as it is done sooner", async () => {
  const workers = localWorkers(tmp(), ImageDslError);
  const { digests, notes } = await make(workers, { rates: undefined });
  assert.equal(digests, here.gzip);
  assert.equal(workers.counts, { run: 0, sent: 0 });
  assert.match(notes.join("\n"), /made here: it is done here sooner/);
});

test("an interrupt ends what runs elsewhere", async () => {
  const place = tmp();
  const workers = localWorkers(place, ImageDslError);
  const stopping = new AbortController();
  const run: RemoteWorkers["run"] = (task, signal) => {
    setTimeout(() => stopping.abort(), 500);
    return workers.run({ ...task, command: ["node", "-e", "setInterval(() => {}, 1000)"] }, signal);
  };
  const began = performance.now();
  await make({ ...workers, run }, { signal: stopping.signal }).then(
    () => assert.unreachable("it is interrupted"),
    (error: InstanceType<typeof ImageDslError>) => assert.is(error.code, "E_ABORTED"),
  );
  assert.ok(performance.now() - began < 20_000);
  assert.equal(
    readdirSync(place).filter((name) => name.startsWith("task-")),
    [],
  );
});

test("a push sends what comes from elsewhere, and makes here what does not come", async () => {
  const push = async (workers: RemoteWorkers | undefined): Promise<Made> => {
    await using registry = await dockerRegistry();
    return await make(workers, { host: registry.host });
  };
  const { digests } = await push(undefined);
  const workers = localWorkers(tmp(), ImageDslError);
  assert.equal((await push(workers)).digests, digests);
  assert.is(workers.counts.run, 1);
  const without = await push({ ...workers, lookup: async () => lost() });
  assert.equal(without.digests, digests);
  assert.equal(
    without.warnings.map(({ code }) => code),
    ["E_REMOTE"],
  );
});

const lost = (): never => {
  throw new ImageDslError("E_REMOTE", "Nobody is there");
};

/** What goes wrong, and the code that tells of it. */
const FAULTS: Readonly<
  Record<string, readonly [code: string, (workers: LocalWorkers, folder: string) => Partial<RemoteWorkers>]>
> = {
  "nobody is there": ["E_REMOTE", () => ({ lookup: async () => lost(), missing: async () => lost() })],
  "the storage is full": ["E_REMOTE", () => ({ write: async () => lost() })],
  "a worker is lost": ["E_REMOTE", () => ({ run: async () => lost() })],
  "the command fails": [
    "E_REMOTE_TASK",
    (workers) => ({
      run: (task, signal) => workers.run({ ...task, command: ["node", "-e", "process.exit(3)"] }, signal),
    }),
  ],
  "storage forgets all that is sent": [
    "E_REMOTE_MISSING",
    () => ({
      run: async () => {
        throw new ImageDslError("E_REMOTE_MISSING", "It is not there");
      },
    }),
  ],
  "a layer is another one": [
    "E_HASH_MISMATCH",
    (workers) => ({ run: altered(workers, (made) => [made[0], ...made].slice(0, made.length)) }),
  ],
  "a diffID is another one": [
    "E_HASH_MISMATCH",
    (workers) => ({ run: altered(workers, (made) => made.map((layer) => ({ ...layer, diffID: layer.digest }))) }),
  ],
  "a result is none": ["E_HASH_MISMATCH", (workers) => ({ run: altered(workers, () => []) })],
  "a layer comes back in part": [
    "E_HASH_MISMATCH",
    (workers, place) => ({
      async run(task, signal) {
        const answer = await workers.run(task, signal);
        const { blob } = answer.outputs[1]!;
        truncateSync(join(place, "blobs", blob.digest.slice(7)), blob.size - 1);
        return answer;
      },
    }),
  ],
};

interface Layer {
  readonly diffID: string;
  readonly digest: string;
}

/** A worker that says other things of what it made. */
function altered(workers: LocalWorkers, alter: (made: readonly Layer[]) => readonly unknown[]): RemoteWorkers["run"] {
  return async (task, signal): Promise<RemoteAnswer> => {
    const answer = await workers.run(task, signal);
    const [result, ...layers] = answer.outputs;
    const chunks: Uint8Array[] = [];
    for await (const chunk of workers.read(result!.blob)) chunks.push(chunk);
    const bytes = Buffer.from(JSON.stringify(alter(JSON.parse(Buffer.concat(chunks).toString()) as Layer[])));
    const blob = { digest: digestOf(bytes), size: bytes.length };
    await workers.write(blob, async function* () {
      yield bytes;
    });
    return { ...answer, outputs: [{ path: result!.path, blob }, ...layers] };
  };
}

for (const [name, [code, fault]] of Object.entries(FAULTS)) {
  test(`${name}: all is made here, which is said once`, async () => {
    const place = tmp();
    const workers = localWorkers(place, ImageDslError);
    const { digests, warnings } = await make({ ...workers, ...fault(workers, place) });
    assert.equal(digests, here.gzip);
    assert.equal(
      warnings.map((warning) => warning.code),
      [code],
    );
  });
}

test("what storage forgets of the answer is made again", async () => {
  const place = tmp();
  const workers = localWorkers(place, ImageDslError);
  let reads = 0;
  const read: RemoteWorkers["read"] = (blob) => {
    if (reads++ > 0) return workers.read(blob);
    for (const name of readdirSync(join(place, "blobs"))) rmSync(join(place, "blobs", name));
    throw new ImageDslError("E_REMOTE_MISSING", "It was deleted");
  };
  const { digests, warnings } = await make({ ...workers, read });
  assert.equal(digests, here.gzip);
  assert.equal(warnings, []);
  assert.is(workers.counts.run, 2);
});

test("what storage forgets once is sent again", async () => {
  const workers = localWorkers(tmp(), ImageDslError);
  let isForgotten = false;
  const run: RemoteWorkers["run"] = async (task, signal) => {
    if (isForgotten) return workers.run(task, signal);
    isForgotten = true;
    throw new ImageDslError("E_REMOTE_MISSING", "It was deleted");
  };
  const { digests, warnings } = await make({ ...workers, run });
  assert.equal(digests, here.gzip);
  assert.equal(warnings, []);
});

test.run();
