/**
 * What many images cost on one machine, with remote workers, and in shards, by what has to do it: they work at the same time, so whoever has most to
 * do says how long all of it takes. Nothing is lost to waiting, so it is what a run cannot be quicker than.
 */

/** Measured, of one machine like the one that measured: `npm run soak scale`. */
export interface ScaleFigures {
  /** Cores of a machine that builds. */
  readonly cores: number;
  /** Once for a machine that has nothing: indexes and packages, which all images share. */
  readonly startSeconds: number;
  /** Of its one main thread, for each image: planning and writing it. */
  readonly planSeconds: number;
  /** Of new layers, for each image, before compression. */
  readonly layerBytes: number;
  /** Of those, what is left after it: 0 to 1. */
  readonly compressed: number;
  /** Of a core: tar, hash, compression. */
  readonly makeSecondsPerByte: number;
  /** What a task carries, before compression. */
  readonly taskBytes: number;
  /** Of a worker for a task, besides making: staging and starting. */
  readonly taskSeconds: number;
  /** Of the client's main thread for a task, and for a byte that it sends or reads. */
  readonly clientTaskSeconds: number;
  readonly clientSecondsPerByte: number;
  /** Of one server, to and from all. */
  readonly casBytesPerSecond: number;
  readonly registryBytesPerSecond: number;
  readonly registryRequestsPerSecond: number;
  readonly requestsPerImage: number;
}

export type Resource = "client" | "cores" | "workers" | "CAS" | "registry";

export interface Scale {
  readonly images: number;
  /** 0: one machine alone. */
  readonly machines: number;
  readonly way: "remote" | "shards";
}

export interface Cost {
  readonly seconds: number;
  readonly limit: Resource;
  readonly by: Readonly<Partial<Record<Resource, number>>>;
}

export function costOf(figures: ScaleFigures, { images, machines, way }: Scale): Cost {
  const made = images * figures.layerBytes;
  const sent = made * figures.compressed;
  const registry = Math.max(
    sent / figures.registryBytesPerSecond,
    (images * figures.requestsPerImage) / figures.registryRequestsPerSecond,
  );
  const planning = images * figures.planSeconds;
  const making = made * figures.makeSecondsPerByte;
  if (machines === 0 || way === "shards") {
    const parts = Math.min(Math.max(1, machines), images);
    const client = planning / parts;
    return cost(figures.startSeconds, { client, cores: (client + making / parts) / figures.cores, registry });
  }
  const tasks = Math.ceil(made / figures.taskBytes);
  const client = planning + tasks * figures.clientTaskSeconds + (made + sent) * figures.clientSecondsPerByte;
  // Contents to it and to the workers, layers to it and to the client.
  const CAS = (2 * made + 2 * sent) / figures.casBytesPerSecond;
  const workers = (making + tasks * figures.taskSeconds) / Math.min(machines, tasks);
  return cost(figures.startSeconds, { client, workers, CAS, registry });
}

function cost(start: number, by: Readonly<Partial<Record<Resource, number>>>): Cost {
  const [limit, seconds] = (Object.entries(by) as [Resource, number][]).reduce((most, each) =>
    each[1] > most[1] ? each : most,
  );
  return { seconds: start + seconds, limit, by };
}
