/** The client of an image's own registry, for what is written there: mirrors are for pulls, as with podman and skopeo. */
import { registryClient, type RegistryClient, type RegistryClientOptions } from "./client.ts";
import { hostSettings } from "./pull/mirrors.ts";
import type { RegistryReference } from "./reference.ts";

/** Throws `E_REGISTRY` where the host's settings forbid it, or cannot be understood. */
export async function ownClient(
  reference: RegistryReference,
  insecureHosts: readonly string[],
  signal: AbortSignal,
  patience: Pick<RegistryClientOptions, "retry" | "silence"> = {},
): Promise<RegistryClient> {
  const { registry } = reference;
  const isInsecure = (await hostSettings(reference))?.insecure ?? false;
  const hosts = isInsecure ? [...insecureHosts, registry] : insecureHosts;
  return registryClient({ registry, insecureHosts: hosts, signal, ...patience });
}
