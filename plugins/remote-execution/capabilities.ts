/** What a server can do, by its own words; asked once for each connection. */
import { ImageDslError } from "../../core/index.ts";
import { MOST_MESSAGE } from "./grpc/connection.ts";
import { SHA256, type ServerCapabilitiesMessage } from "./proto/messages.ts";
import { briefly, retried, told, type Server } from "./server.ts";
import { CAPABILITIES } from "./services.ts";

export interface Capabilities {
  /** The newest version of the protocol that it speaks. */
  readonly version: string;
  /** Bytes of blobs that one call may carry, as it says; 0 where it sets no limit of its own. */
  readonly announcedBatchBytes: number;
  /** The same, as far as we make use of it. */
  readonly batchBytes: number;
  /** It runs tasks, and does not only keep blobs. */
  readonly executes: boolean;
  /** Its cache of results takes what clients say of a task. */
  readonly takesResults: boolean;
}

/** Throws `E_REMOTE` for what is no server that we could work with. */
export async function capabilitiesOf(server: Server): Promise<Capabilities> {
  const answer = await told(server, "say what they can do", () =>
    retried(server, () =>
      server.connection.unary(CAPABILITIES.get, { instanceName: server.instance }, briefly(server)),
    ),
  );
  const fault = faultOf(answer);
  if (fault !== undefined) throw new ImageDslError("E_REMOTE", `The workers at ${server.place} ${fault}`);
  const { cacheCapabilities: cache, executionCapabilities: execution } = answer;
  const announcedBatchBytes = Math.max(0, cache?.maxBatchTotalSizeBytes ?? 0);
  return {
    version: versionText(answer.highApiVersion),
    announcedBatchBytes,
    // gRPC has a limit in any case.
    batchBytes: Math.max(0, Math.min(announcedBatchBytes || MOST_MESSAGE, MOST_MESSAGE) - HEADROOM),
    executes: execution?.execEnabled === true,
    takesResults: cache?.actionCacheUpdateCapabilities?.updateEnabled === true,
  };
}

/** For what a call has beside the blobs' bytes. */
const HEADROOM = 128 * 1024;
const OUR_VERSION = 2;

function faultOf({ cacheCapabilities, executionCapabilities: execution, ...answer }: ServerCapabilitiesMessage) {
  const [low, high] = [answer.lowApiVersion?.major ?? 0, answer.highApiVersion?.major ?? 0];
  if (low > OUR_VERSION || high < OUR_VERSION) {
    return `speak versions ${versionText(answer.lowApiVersion)} to ${versionText(answer.highApiVersion)} of the Remote Execution API, and not 2`;
  }
  if (!cacheCapabilities?.digestFunctions?.includes(SHA256)) return "keep no blobs by their SHA-256";
  const functions = [execution?.digestFunction, ...(execution?.digestFunctions ?? [])];
  if (execution?.execEnabled && !functions.includes(SHA256)) return "run nothing that is named by its SHA-256";
  return undefined;
}

function versionText({ major = 0, minor = 0 }: { readonly major?: number; readonly minor?: number } = {}): string {
  return `${major}.${minor}`;
}
