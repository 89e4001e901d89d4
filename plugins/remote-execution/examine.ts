/** What `doctor --remote` says of a server: whether it answers, what it can do, and what that is too little for. */
import {
  ImageDslError,
  messageOf,
  type DoctorCheck,
  type RemoteContext,
  type RemoteOptions,
} from "../../core/index.ts";
import { capabilitiesOf, type Capabilities } from "./capabilities.ts";
import { openServer } from "./open-workers.ts";
import { PATIENCE, type Server } from "./server.ts";

const CHECK = { name: "remote workers", purpose: "layers made by other machines" };
/** Who looks wants an answer soon. */
const IMPATIENCE = { ...PATIENCE, retry: { attempts: 2, delay: 200 }, call: 10_000 };

/** Throws `E_USAGE`. */
export async function examineWorkers(options: RemoteOptions, context: RemoteContext): Promise<DoctorCheck> {
  try {
    return await examined(await openServer(options, context, IMPATIENCE));
  } catch (error) {
    if (!(error instanceof ImageDslError) || error.code === "E_ABORTED" || error.code === "E_USAGE") throw error;
    return { ...CHECK, state: "missing", detail: messageOf(error), mend: error.hint ?? "see the address" };
  }
}

async function examined(server: Server): Promise<DoctorCheck> {
  try {
    const capabilities = await capabilitiesOf(server);
    const detail = `${server.place} answers: ${abilitiesText(capabilities)}`;
    if (capabilities.executes) return { ...CHECK, state: "ok", detail };
    return { ...CHECK, state: "limited", detail, mend: "name a server that runs tasks, and does not only keep blobs" };
  } finally {
    server.connection.close();
  }
}

function abilitiesText({ version, announcedBatchBytes, executes, takesResults }: Capabilities): string {
  return [
    `version ${version} of the Remote Execution API`,
    "SHA-256",
    announcedBatchBytes === 0
      ? "no limit of its own for small blobs"
      : `${announcedBatchBytes} bytes of small blobs a call`,
    takesResults ? "results may be written" : "results are written by the server alone",
    executes ? "runs tasks" : "runs nothing",
  ].join(", ");
}
