/** A layout's `index.json` (OCI image spec, image-layout.md): the images that are in it, by name. */
import {
  MAX_DOCUMENT,
  MEDIA_TYPE,
  NAME_ANNOTATIONS,
  canonicalJson,
  descriptorJson,
  isRecord,
  isReference,
  parseJson,
  readIndex,
  unsound,
  type Descriptor,
  type Json,
  type PackedTarget,
} from "../../core/index.ts";

export const LAYOUT_FILE = "oci-layout";
export const LAYOUT_JSON = Buffer.from(canonicalJson({ imageLayoutVersion: "1.0.0" }));

/** What `index.json` says of a target: its manifest or index, with its name. */
export async function namedDescriptor({ top, reference }: PackedTarget, name?: string): Promise<Descriptor> {
  const { descriptor } = await top();
  const own = await reference();
  const whole = name === undefined ? own : isReference(name) ? name : `${own.slice(0, own.lastIndexOf(":"))}:${name}`;
  return {
    ...descriptor,
    annotations: { [NAME_ANNOTATIONS.reference]: name ?? own, [NAME_ANNOTATIONS.whole]: withRegistry(whole) },
  };
}

/** The index with these images in it; those that had one of their names have it no more. */
export function mergeIndex(shown: string, before: Uint8Array | undefined, added: readonly Descriptor[]): Uint8Array {
  const index = before === undefined ? {} : known(shown, before);
  const names = new Set(added.map(nameOf));
  const kept = (index["manifests"] ?? []) as readonly unknown[];
  const others = kept.filter((each) => !names.has(nameOf(each)));
  return Buffer.from(
    canonicalJson({
      ...(index as Record<string, Json>),
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.oci.index,
      manifests: [...(others as readonly Json[]), ...added.map(descriptorJson)],
    }),
  );
}

/** Whatever else stands in it is kept as it is. */
function known(shown: string, bytes: Uint8Array): Record<string, unknown> {
  if (bytes.length > MAX_DOCUMENT) throw unsound(shown, `its index.json has ${bytes.length} bytes`);
  readIndex(shown, bytes);
  const index = parseJson(shown, bytes, "index.json");
  return isRecord(index) ? index : {};
}

function nameOf(descriptor: unknown): string | undefined {
  const annotations = isRecord(descriptor) ? descriptor["annotations"] : undefined;
  const name = isRecord(annotations) ? annotations[NAME_ANNOTATIONS.reference] : undefined;
  return typeof name === "string" ? name : undefined;
}

/** As containerd and Docker read a name: with the registry that one without is of. */
function withRegistry(reference: string): string {
  const slash = reference.indexOf("/");
  const first = reference.slice(0, Math.max(slash, 0));
  if (first === "localhost" || /[.:]/.test(first)) return reference;
  return slash < 0 ? `docker.io/library/${reference}` : `docker.io/${reference}`;
}
