/** Images of layers that a test chooses, and what a push needs of a build. */
import { randomFillSync } from "node:crypto";
import {
  digestOf,
  type Blob,
  type BuildContext,
  type BuildEvent,
  type PackedTarget,
  type Store,
} from "../../../../core/index.ts";
import { documentBlob } from "../../../../core/distribution/blob.ts";
import { openStore } from "../../../../core/store/disk-store.ts";
import { tmp } from "../../../harness.ts";
import { readingContext } from "../../../fixtures/base-images/context.ts";

const TYPE = "application/vnd.oci.image";
export const MIB = 1024 * 1024;

export interface TestContext extends BuildContext, AsyncDisposable {
  readonly events: readonly BuildEvent[];
}

/** With a store of its own, or at the path that is given. */
export async function pushContext(directory = tmp(), signal = new AbortController().signal): Promise<TestContext> {
  const store: Store = await openStore(directory, { emit: () => {} });
  const events: BuildEvent[] = [];
  return {
    ...readingContext,
    signal,
    store,
    events,
    emit: (event) => void events.push(event),
    [Symbol.asyncDispose]: async () => store.close(),
  };
}

export function random(size: number): Buffer {
  return randomFillSync(Buffer.alloc(size));
}

export interface TestLayer extends Blob {
  reads(): number;
}

/** `isKnown`: its digest is known before its bytes are made. Its chunks do not stay what they are. */
export function layerOf(bytes: Buffer, isKnown = true, more: Partial<Blob> = {}): TestLayer {
  const blob = { digest: digestOf(bytes), size: bytes.length };
  let reads = 0;
  let known = isKnown;
  return {
    mediaType: `${TYPE}.layer.v1.tar`,
    bound: bytes.length,
    identity: `test ${blob.digest}`,
    known: () => Promise.resolve(known ? blob : undefined),
    reads: () => reads,
    async *open() {
      reads++;
      const chunks = [Buffer.alloc(MIB), Buffer.alloc(MIB)];
      for (let at = 0, turn = 0; at < bytes.length; at += MIB, turn ^= 1) {
        const length = bytes.copy(chunks[turn]!, 0, at, at + MIB);
        yield chunks[turn]!.subarray(0, length);
        chunks[turn ^ 1]!.fill(0);
      }
      known = true;
    },
    ...more,
  };
}

export function targetOf(layers: readonly Blob[], config: object = { of: "a test" }): PackedTarget {
  const configBlob = documentBlob(`${TYPE}.config.v1+json`, Buffer.from(JSON.stringify(config)));
  const manifest = async () => {
    const described = [];
    for (const layer of layers) described.push({ mediaType: layer.mediaType, ...(await layer.known())! });
    const json = { schemaVersion: 2, config: configBlob.descriptor, layers: described };
    return documentBlob(`${TYPE}.manifest.v1+json`, Buffer.from(JSON.stringify(json)));
  };
  const platform = { os: "linux", architecture: "amd64" };
  const image = { platform, layers, config: () => Promise.resolve(configBlob), manifest };
  const parts = () => Promise.resolve({ manifests: [image], indexes: [] });
  return {
    target: "test",
    images: [image],
    parts,
    top: manifest,
    aliases: [],
    reference: () => Promise.resolve("app:1"),
  };
}
