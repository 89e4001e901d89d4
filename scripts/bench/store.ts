/** The bench's own store, which outlives it: packages are fetched once. And what is forgotten before a cold build. */
import { mkdirSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

export const STORE = join(homedir(), ".cache/image-dsl-bench");
export const STORE_ENVIRONMENT = { IMAGE_DSL_CACHE: STORE };

/** The kinds of records that tell of the layers of earlier builds. */
const LAYERS = ["layers", "recipes-4"];
/** What maintainer scripts came to. */
const CONFIGURED = "configured";
/** What compressing layers came to, and where their blobs are. */
const PUSHED = ["compressed", "layer-blobs", "registry-blobs", "uploads"];

export function makeStore(): void {
  mkdirSync(STORE, { recursive: true, mode: 0o700 });
}

export function forgetLayers(): void {
  forget(LAYERS);
}

export function forgetLayersAndScripts(): void {
  forget([...LAYERS, CONFIGURED]);
}

export function forgetLayersAndPushes(): void {
  forget([...LAYERS, ...PUSHED]);
}

function forget(kinds: readonly string[]): void {
  for (const kind of kinds) rmSync(join(STORE, kind), { recursive: true, force: true });
}
