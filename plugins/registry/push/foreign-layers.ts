/** Layers of which a manifest says that they lie elsewhere (`urls`): some registries take none, and do not say that this is why. */
import { isRecord, redactUrl } from "../../../core/index.ts";
import { RegistryRefusal } from "../refusal.ts";

/** docker-registry answers such a manifest with 500 UNKNOWN, others with 400. */
const PERHAPS_FOR_THEM = new Set([400, 403, 415, 422, 500]);

/** A refusal of a manifest with such layers says that it has them. */
export function withForeignLayers(error: unknown, manifest: Uint8Array): unknown {
  if (!(error instanceof RegistryRefusal) || !PERHAPS_FOR_THEM.has(error.refused.status)) return error;
  const addresses = foreignAddresses(manifest);
  if (addresses.length === 0) return error;
  const { code, message, refused } = error;
  const hint =
    `The image has layers that are said to lie elsewhere (${addresses.slice(0, 3).map(redactUrl).join(", ")}), which registries take only where ` +
    "they are told to (docker-registry: validation.manifests.urls.allow); else build it on a base without such layers";
  return new RegistryRefusal(code, message, { hint }, refused);
}

function foreignAddresses(manifest: Uint8Array): readonly string[] {
  const json: unknown = JSON.parse(Buffer.from(manifest).toString("utf8"));
  const layers: unknown = isRecord(json) ? json["layers"] : undefined;
  if (!Array.isArray(layers)) return [];
  const urls = layers.filter(isRecord).flatMap((layer) => layer["urls"] ?? []);
  return [...new Set(urls.filter((url) => typeof url === "string"))];
}
