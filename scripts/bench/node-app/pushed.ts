/** What a registry holds of an image, by its manifest. */

/** Bytes of each blob, by digest: the config and the layers, as they are compressed. */
export type Blobs = ReadonlyMap<string, number>;

interface Descriptor {
  readonly digest: string;
  readonly size: number;
}

const MANIFESTS = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";

/** Of `HOST/NAME:TAG`, which has no TLS. */
export async function blobsOf(reference: string): Promise<Blobs> {
  const [, host, name, tag] = /^([^/]+)\/(.+):(.+)$/.exec(reference) ?? [];
  const response = await fetch(`http://${host}/v2/${name}/manifests/${tag}`, { headers: { accept: MANIFESTS } });
  if (!response.ok) throw new Error(`The registry has no ${reference}: it answers ${response.status}`);
  const { config, layers } = (await response.json()) as {
    readonly config: Descriptor;
    readonly layers: readonly Descriptor[];
  };
  return new Map([config, ...layers].map(({ digest, size }) => [digest, size]));
}

/** The bytes of each that is in the second and was not in the first. */
export function newBlobs(before: Blobs, after: Blobs): readonly number[] {
  return [...after].flatMap(([digest, size]) => (before.has(digest) ? [] : [size]));
}
