/** What `doctor` says of other machines that are to do work. */
import { remoteDefinition, remoteOptionsOf } from "../engine/open-remote-workers.ts";
import type { RemoteOptions } from "../model/remote-options.ts";
import type { DoctorCheck } from "../pipeline/builder-hooks.ts";
import type { Builder } from "../pipeline/plugin.ts";
import type { RemoteContext } from "../pipeline/remote-definition.ts";
import { readRemote, type RemoteArguments } from "./remote-options.ts";

/** Undefined where neither the command line nor the config names any. Throws `E_USAGE`. */
export async function checkRemote(
  builder: Builder,
  configured: RemoteOptions | undefined,
  given: RemoteArguments,
  context: RemoteContext,
): Promise<DoctorCheck | undefined> {
  const options = remoteOptionsOf(configured, readRemote(given));
  return options && remoteDefinition(builder, options.at).examine(options, context);
}
