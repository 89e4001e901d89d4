/** What `doctor --remote` says of other machines that are to do work. */
import { remoteDefinition } from "../engine/open-remote-workers.ts";
import type { DoctorCheck } from "../pipeline/builder-hooks.ts";
import type { Builder } from "../pipeline/plugin.ts";
import type { RemoteContext } from "../pipeline/remote-definition.ts";
import { readRemote, type RemoteArguments } from "./remote-options.ts";

/** Throws `E_USAGE` and `E_CREDENTIALS`. */
export async function checkRemote(
  builder: Builder,
  given: RemoteArguments & { readonly remote: string },
  context: RemoteContext,
): Promise<DoctorCheck> {
  const options = readRemote(given);
  const asked = options === "none" ? {} : options;
  return remoteDefinition(builder, given.remote).examine({ ...asked, at: given.remote }, context);
}
