/** Servers of the Remote Execution API 2 as other machines that work. Nobody is asked anything before there is something to ask. */
import { setMaxListeners } from "node:events";
import { ImageDslError, type RemoteContext, type RemoteOptions, type RemoteWorkers } from "../../core/index.ts";
import { capabilitiesOf, type Capabilities } from "./capabilities.ts";
import { readCredentials } from "./credentials.ts";
import { makeAction } from "./execution/action.ts";
import { lookUp, runTask } from "./execution/run-task.ts";
import { connect } from "./grpc/connection.ts";
import { readPlace } from "./place.ts";
import { PATIENCE, type Patience, type Server } from "./server.ts";
import { storageOf, type Storage } from "./storage/storage.ts";

/** Of tasks at a time, where the config says nothing. */
const JOBS = 32;

interface Opened {
  readonly server: Server;
  readonly storage: Storage;
  readonly capabilities: Capabilities;
}

/** Throws `E_USAGE`, `E_CREDENTIALS` and `E_TOOL_MISSING`. */
export async function openWorkers(
  options: RemoteOptions,
  context: RemoteContext,
  patience: Patience = PATIENCE,
): Promise<RemoteWorkers> {
  const { platform = {}, tools, jobs = JOBS } = options;
  const closing = new AbortController();
  const signal = AbortSignal.any([context.signal, closing.signal]);
  // Each call under way listens to it.
  setMaxListeners(0, signal);
  const server = await openServer(options, { ...context, signal }, patience);
  const running = new Set<Promise<unknown>>();
  let opened: Promise<Opened> | undefined;
  // One that could not be reached may be there the next time.
  const open = (): Promise<Opened> =>
    (opened ??= openStorage(server).catch((error: unknown) => {
      opened = undefined;
      throw error;
    }));
  const during = ({ server: whole, ...others }: Opened, wanted: AbortSignal) => ({
    ...others,
    server: { ...whole, signal: AbortSignal.any([whole.signal, wanted]) },
  });

  return {
    place: server.place,
    jobs,
    ...(tools && { tools }),
    missing: async (blobs) => (await open()).storage.missing(blobs),
    write: async (blob, bytes) => (await open()).storage.write(blob, bytes),
    async *read(blob) {
      yield* (await open()).storage.read(blob);
    },
    async lookup(task, signal) {
      const { server: asked, storage } = during(await open(), signal);
      return lookUp(asked, storage, task, makeAction(task, platform));
    },
    async run(task, signal) {
      const { server: asked, storage, capabilities } = during(await open(), signal);
      if (!capabilities.executes) {
        throw new ImageDslError("E_REMOTE", `The server at ${server.place} keeps blobs, and runs nothing`);
      }
      const answer = runTask(asked, storage, task, makeAction(task, platform), capabilities.takesResults);
      running.add(answer);
      return answer.finally(() => running.delete(answer));
    },
    async close() {
      closing.abort(new ImageDslError("E_ABORTED", `The workers at ${server.place} are no longer wanted`));
      await Promise.allSettled(running);
      server.connection.close();
    },
  };
}

/** Nothing is sent yet. */
export async function openServer(
  options: RemoteOptions,
  { directory, insecureHosts, signal }: RemoteContext,
  patience: Patience,
): Promise<Server> {
  const place = readPlace(options.at);
  const credentials = await readCredentials(place, options, { directory, insecureHosts });
  return {
    place: place.instance === "" ? place.address : `${place.address}/${place.instance}`,
    instance: place.instance,
    connection: await connect(place, credentials),
    signal,
    patience,
    secrets: Object.values(credentials.headers).flatMap(secretParts),
  };
}

/** What follows `Bearer` is as secret as the whole. */
function secretParts(value: string): readonly string[] {
  return [value, ...value.split(" ")].filter((part) => part.length >= 6);
}

async function openStorage(server: Server): Promise<Opened> {
  const capabilities = await capabilitiesOf(server);
  return { server, capabilities, storage: storageOf(server, capabilities.batchBytes) };
}
