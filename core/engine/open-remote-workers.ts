/** The workers that the command line or the config names. Without any, nothing of what speaks to them is loaded. */
import { ImageDslError } from "../error.ts";
import type { BuildGraph } from "../graph/build-graph.ts";
import type { RemoteOptions } from "../model/remote-options.ts";
import type { RemoteWorkers } from "../model/remote-work.ts";
import type { Builder } from "../pipeline/plugin.ts";
import type { RemoteContext, RemoteDefinition } from "../pipeline/remote-definition.ts";
import type { BuildOptions } from "./build-options.ts";

/** Throws `E_USAGE` and `E_CREDENTIALS`. Nobody is asked anything yet. */
export async function openRemoteWorkers(
  builder: Builder,
  { remote: configured }: Pick<BuildGraph, "remote">,
  { remote: given }: Pick<BuildOptions, "remote">,
  context: RemoteContext,
): Promise<RemoteWorkers | undefined> {
  const options = remoteOptionsOf(configured, given);
  return options && remoteDefinition(builder, options.at).open(options, context);
}

/** What both say, the command line's words before the config's. */
export function remoteOptionsOf(
  configured: RemoteOptions | undefined,
  given: BuildOptions["remote"] = {},
): RemoteOptions | undefined {
  if (given === "none") return undefined;
  const at = given.at ?? configured?.at;
  if (at === undefined) return undefined;
  return { ...(configured && sameHost(at, configured) ? configured : unknownThere(configured)), ...given, at };
}

/** Throws `E_USAGE` for a place of no transport that is known. */
export function remoteDefinition({ remotes }: Builder, at: string): RemoteDefinition {
  const definition = remotes.get(at.split(":", 1)[0]!);
  if (definition !== undefined) return definition;
  throw new ImageDslError("E_USAGE", `"${at}" is no address of workers`, {
    hint: `Write ${[...remotes.values()].map(({ usage }) => usage).join(" or ")}`,
  });
}

/** Credentials go to the host that they were given for. */
function sameHost(at: string, configured: RemoteOptions): boolean {
  return hostOf(at) === hostOf(configured.at);
}

function unknownThere({ platform, tools, jobs }: Partial<RemoteOptions> = {}): Partial<RemoteOptions> {
  return { ...(platform && { platform }), ...(tools && { tools }), ...(jobs !== undefined && { jobs }) };
}

function hostOf(at: string): string {
  return at.split("/", 3).join("/");
}
