/**
 * `npm run soak scale [--remote=grpc://HOST:PORT]`: what one server of each kind bears on this machine, and what follows from that for many images on many
 * machines (issue 20, "Must show" 5; docs/scale.md). Without `--remote` Debian's justbuild is started.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { Agent, request, type IncomingMessage } from "node:http";
import { join } from "node:path";
import type { RemoteTask, RemoteWorkers } from "../../core/index.ts";
import { digestOf } from "../../core/model/digest.ts";
import { oneChunk } from "../../core/model/one-chunk.ts";
import { openWorkers } from "../../plugins/remote-execution/open-workers.ts";
import { startRegistry } from "../../scripts/bench/shipping/registry.ts";
import type { Soak, SoakRow } from "../../scripts/soak.ts";
import { tmp } from "../harness.ts";
import { startJustbuild } from "../remote-servers.ts";
import { mostOf, type Borne } from "./scale/load.ts";
import { costOf, type ScaleFigures } from "./scale/model.ts";

const MIB = 1024 * 1024;

/** Of `npm run soak images`, 300 services on two cores; and that each has 3 MB of its own. */
const IMAGES = {
  cores: 2,
  startSeconds: 15,
  planSeconds: 0.067,
  layerBytes: 3e6,
  compressed: 0.3,
  makeSecondsPerByte: 1 / 55e6,
  taskBytes: 64 * MIB,
  requestsPerImage: 100,
};

const soak: Soak = async (options) => {
  const given = options.get("remote");
  const server = given === undefined ? await startJustbuild() : { at: given, kill: async () => {} };
  const registry = await startRegistry(join(tmp(), "registry"));
  const { signal } = new AbortController();
  const context = { directory: tmp(), insecureHosts: [], signal };
  const workers = await openWorkers({ at: server.at, jobs: 64 }, context);
  try {
    const rows: SoakRow[] = [];
    const cas = await measureStorage(workers, rows);
    const tasks = await measureTasks(workers, rows);
    const images = await measureRegistry(registry.host, rows);
    const figures = { ...IMAGES, ...cas, ...tasks, ...images };
    return [
      ...rows,
      ...modelRows(figures, ""),
      ...modelRows(withRegistry(figures, 20), "; a registry 20 times as quick"),
    ];
  } finally {
    await workers.close();
    await registry.close();
    await server.kill();
  }
};
export default soak;

async function measureStorage(workers: RemoteWorkers, rows: SoakRow[]) {
  const before = process.cpuUsage();
  let moved = 0;
  const kept: { digest: ReturnType<typeof digestOf>; size: number }[] = [];
  const written = await mostOf(async () => {
    const bytes = randomBytes(4 * MIB);
    const blob = { digest: digestOf(bytes), size: bytes.length };
    await workers.write(blob, () => oneChunk(bytes));
    if (kept.length < 32) kept.push(blob);
    moved += blob.size;
    return blob.size;
  });
  let at = 0;
  const read = await mostOf(async () => {
    const blob = kept[at++ % kept.length]!;
    for await (const chunk of workers.read(blob)) moved += chunk.length;
    return blob.size;
  });
  const clientSecondsPerByte = seconds(process.cpuUsage(before)) / moved;
  const asked = await mostOf(async () => {
    await workers.missing(kept);
    return 1;
  });
  rows.push(bytesRow("storage takes", written), bytesRow("storage gives", read));
  rows.push(
    countRow("questions for 32 blobs", asked),
    row("client, a GB moved", `${(clientSecondsPerByte * 1e9).toFixed(1)} s of CPU`),
  );
  return { casBytesPerSecond: written.rate, clientSecondsPerByte };
}

async function measureTasks(workers: RemoteWorkers, rows: SoakRow[]) {
  const { signal } = new AbortController();
  let count = 0;
  const task = (): RemoteTask => ({
    kind: "nothing",
    command: ["sh", "-c", "echo > out"],
    files: [],
    platform: {},
    environment: { PATH: "/usr/bin:/bin", NUMBER: `${process.pid} ${count++}` },
    outputs: ["out"],
    timeoutSeconds: 60,
  });
  const before = process.cpuUsage();
  const run = await mostOf(async () => {
    await workers.run(task(), signal);
    return 1;
  });
  const clientTaskSeconds = seconds(process.cpuUsage(before)) / count;
  rows.push(
    countRow("tasks that do nothing", run),
    row("client, a task", `${(clientTaskSeconds * 1000).toFixed(1)} ms of CPU`),
  );
  return { taskSeconds: run.clients / run.rate, clientTaskSeconds };
}

async function measureRegistry(host: string, rows: SoakRow[]) {
  const push = async (bytes: Buffer): Promise<string> => {
    const begun = await fetch(`http://${host}/v2/load/blobs/uploads/`, { method: "POST" });
    const place = new URL(begun.headers.get("location")!, `http://${host}`);
    const digest = digestOf(bytes);
    place.searchParams.set("digest", digest);
    const ended = await fetch(place, { method: "PUT", body: new Uint8Array(bytes) });
    if (ended.status !== 201) throw new Error(`The registry answers ${ended.status}`);
    return digest;
  };
  const taken = await mostOf(async () => {
    await push(randomBytes(4 * MIB));
    return 4 * MIB;
  });
  const digest = await push(randomBytes(MIB));
  const agent = new Agent({ keepAlive: true });
  const asked = await mostOf(async () => {
    const question = request(`http://${host}/v2/load/blobs/${digest}`, { method: "HEAD", agent }).end();
    const [answer] = (await once(question, "response")) as [IncomingMessage];
    answer.resume();
    await once(answer, "end");
    return 1;
  });
  agent.destroy();
  rows.push(bytesRow("registry takes", taken), countRow("registry is asked", asked));
  return { registryBytesPerSecond: taken.rate, registryRequestsPerSecond: asked.rate };
}

/** One that is many machines. */
function withRegistry(figures: ScaleFigures, times: number): ScaleFigures {
  const { registryBytesPerSecond: bytes, registryRequestsPerSecond: requests } = figures;
  return { ...figures, registryBytesPerSecond: bytes * times, registryRequestsPerSecond: requests * times };
}

/** Seconds, and who makes it so many. */
function modelRows(figures: ScaleFigures, where: string): SoakRow[] {
  const shown = (images: number, machines: number, way: "remote" | "shards"): string => {
    const { seconds: time, limit } = costOf(figures, { images, machines, way });
    return `${machines === 0 ? "alone" : machines}: ${time.toFixed(0)} ${limit}`;
  };
  return [10, 100, 1000, 10_000].flatMap((images) => [
    row(
      `${images} images, workers${where}`,
      [0, 1, 10, 100, 1000].map((each) => shown(images, each, "remote")).join(", "),
    ),
    row(`${images} images, shards${where}`, [1, 10, 100, 1000].map((each) => shown(images, each, "shards")).join(", ")),
  ]);
}

function seconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1e6;
}

function bytesRow(what: string, { rate, clients }: Borne): SoakRow {
  return row(what, `${(rate / 1e6).toFixed(0)} MB/s with ${clients} at a time`);
}

function countRow(what: string, { rate, clients }: Borne): SoakRow {
  return row(what, `${rate.toFixed(0)} a second with ${clients} at a time`);
}

function row(what: string, figure: string): SoakRow {
  return { what, figure, aim: "", ok: true };
}
