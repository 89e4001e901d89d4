/** Looking into OCI layouts, and what the specification's own schemas say of them. */
import { existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { PYTHON, requireTool } from "../harness.ts";
import { must, sha256 } from "./support.ts";

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os: string; readonly architecture: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Manifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
}

export const REF_NAME = "org.opencontainers.image.ref.name";

export function blobFile(layout: string, digest: string): string {
  return join(layout, "blobs", digest.replace(":", "/"));
}

export function readBlob(layout: string, { digest, size }: Descriptor): Buffer {
  const bytes = readFileSync(blobFile(layout, digest));
  assert.is(`sha256:${sha256(bytes)}`, digest);
  assert.is(bytes.length, size, digest);
  return bytes;
}

export function listed(layout: string): readonly Descriptor[] {
  return (JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as { manifests: Descriptor[] }).manifests;
}

export function namesIn(layout: string): readonly string[] {
  return listed(layout).map(({ annotations }) => annotations?.[REF_NAME] ?? "");
}

/** The manifests under a name: one, or those of its index. */
export function manifestsOf(layout: string, name: string): readonly Manifest[] {
  const top = listed(layout).find(({ annotations }) => annotations?.[REF_NAME] === name);
  assert.ok(top, `${name} is not in the layout`);
  const document = JSON.parse(readBlob(layout, top).toString()) as Manifest & { manifests?: readonly Descriptor[] };
  if (document.manifests === undefined) return [document];
  return document.manifests.map((each) => JSON.parse(readBlob(layout, each).toString()) as Manifest);
}

export function soleManifest(layout: string, name: string): Manifest {
  const [manifest, ...others] = manifestsOf(layout, name);
  assert.is(others.length, 0);
  return manifest!;
}

/** By path, the bytes of all files: what has to be the same however it was made. */
export function filesIn(folder: string): ReadonlyMap<string, string> {
  return new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(folder.length), sha256(readFileSync(path))]),
  );
}

/** Unpacks an OCI archive, and gives the folder. */
export function unpacked(archive: string, folder: string): string {
  mkdirSync(folder, { recursive: true });
  must(["tar", "-C", folder, "-xf", archive], { cwd: "/" });
  return folder;
}

const SCHEMAS = "/usr/share/gocode/src/github.com/opencontainers/image-spec/schema";

const SCHEMA_OF: Readonly<Record<string, string>> = {
  "application/vnd.oci.image.index.v1+json": "image-index-schema.json",
  "application/vnd.oci.image.manifest.v1+json": "image-manifest-schema.json",
  "application/vnd.oci.image.config.v1+json": "config-schema.json",
};

/** What OCI's schemas find wrong with the layout's documents, and how many those are. Everything that is listed is there. */
export function checkSchemas(layout: string): { readonly documents: number; readonly wrong: string } {
  if (!existsSync(SCHEMAS)) requireTool("golang-github-opencontainers-image-spec-dev");
  const documents = [`image-layout-schema.json ${join(layout, "oci-layout")}`];
  const add = (descriptor: Descriptor): void => {
    const schema = SCHEMA_OF[descriptor.mediaType];
    if (schema === undefined) return;
    documents.push(`${schema} ${blobFile(layout, descriptor.digest)}`);
    const json = JSON.parse(readBlob(layout, descriptor).toString()) as Partial<Manifest> & {
      manifests?: Descriptor[];
    };
    if (json.layers !== undefined) for (const each of [json.config!, ...json.layers]) readBlob(layout, each);
    for (const each of json.manifests ?? (json.layers ? [json.config!] : [])) add(each);
  };
  documents.push(`image-index-schema.json ${join(layout, "index.json")}`);
  for (const each of listed(layout)) add(each);
  const script = join(import.meta.dirname, "check-schemas.py");
  const input = Buffer.from(`${documents.join("\n")}\n`);
  const wrong = must([PYTHON, script, SCHEMAS], { cwd: "/", input }).toString();
  return { documents: documents.length, wrong };
}
