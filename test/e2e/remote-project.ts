/** Images whose layers workers make: a project of archives, built by dist/ with or without workers. */
import { join } from "node:path";
import type { BuildEvent } from "../../core/index.ts";
import type { RemoteWorkers } from "../../core/model/remote-work.ts";
import { seededRandom } from "../../core/testing/index.ts";
import type * as archives from "../../plugins/archive/index.ts";
import type * as api from "../../plugins/index.ts";
import { openWorkers } from "../../plugins/remote-execution/open-workers.ts";
import { tmp } from "../harness.ts";
import { PROJECT, must, writeProject } from "./support.ts";

const dist = (await import(join(PROJECT, "dist/index.js"))) as typeof api;
const { archive } = (await import(join(PROJECT, "dist/plugins/archive.js"))) as typeof archives;

/** There is always more of it than this machine does soon. */
export const AWAY = { here: 1, there: 1e9, link: 1e9, delay: 0 };

export interface RemoteBuild {
  /** Of the manifests, in the order of the images. */
  readonly digests: readonly string[];
  /** Codes. */
  readonly warnings: readonly string[];
  /** Tasks by where they were done. */
  readonly made: { readonly there: number; readonly known: number; readonly here: number };
}

/** A folder with `count` archives of some `size` bytes each. */
export function packsIn(folder: string, count: number, size: number): string {
  const random = seededRandom(20);
  for (let index = 0; index < count; index++) {
    const words = Array.from({ length: size / 7 }, () => random(1 << 30).toString(36)).join(" ");
    writeProject(folder, { [`pack${index}/share/words`]: words, [`pack${index}/bin/tool`]: words.slice(0, 1000) });
    must(["tar", "--sort=name", "--mtime=@0", "-cf", `pack${index}.tar`, "-C", `pack${index}`, "."], { cwd: folder });
  }
  return folder;
}

/** An image of each archive and the one before it, with a new store. */
export async function buildPacks(folder: string, count: number, workers?: RemoteWorkers): Promise<RemoteBuild> {
  const pack = (index: number): ReturnType<typeof archive> => archive(`pack${index}.tar`, { dest: `/pack${index}` });
  const images = Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const contents = [pack(index), pack((index + 1) % count)];
      return [`image${index}`, dist.buildLayeredImage({ name: `image${index}`, contents })];
    }),
  );
  const events: BuildEvent[] = [];
  await dist.build(
    { images },
    {
      directory: folder,
      store: tmp(),
      jobs: 2,
      explain: true,
      outputs: [`oci:${join(tmp(), "layout")}`],
      onEvent: (event) => events.push(event),
      ...(workers && { remoteWorkers: { workers, rates: AWAY } }),
    },
  );
  const notes = events.flatMap((event) => (event.type === "note" ? [event.message] : []));
  const countOf = (pattern: RegExp): number => notes.filter((note) => pattern.test(note)).length;
  return {
    digests: events.flatMap((event) => (event.type === "output" ? [String(event.manifest)] : [])),
    warnings: events.flatMap(({ type, ...event }) =>
      type === "warning" && "code" in event && event.code !== "W_NO_COMMAND" ? [String(event.code)] : [],
    ),
    made: { there: countOf(/: made by /), known: countOf(/: known to /), here: countOf(/: made here/) },
  };
}

/** Workers of a server, whose errors are those of dist/. */
export async function workersAt(at: string): Promise<RemoteWorkers> {
  const context = { directory: "/", insecureHosts: [], signal: new AbortController().signal };
  const workers = await openWorkers({ at, jobs: 4 }, context);
  return {
    ...workers,
    missing: (blobs) => told(workers.missing(blobs)),
    write: (blob, open) => told(workers.write(blob, open)),
    async *read(blob) {
      try {
        yield* workers.read(blob);
      } catch (error) {
        throw ofDist(error);
      }
    },
    lookup: (task, signal) => told(workers.lookup(task, signal)),
    run: (task, signal) => told(workers.run(task, signal)),
  };
}

function told<Result>(work: Promise<Result>): Promise<Result> {
  return work.catch((error: unknown) => {
    throw ofDist(error);
  });
}

function ofDist(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== "ImageDslError") return error;
  const { code, message } = error as InstanceType<typeof dist.ImageDslError>;
  return new dist.ImageDslError(code, message, { cause: error });
}
