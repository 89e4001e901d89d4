/**
 * What was found out about files of the host, kept until their stat says that they changed: so that a large one is not
 * read again for what is known of it.
 */
import { statSync } from "node:fs";
import { now } from "../host.ts";
import type { HostStat } from "../model/entry.ts";
import { digestOf, hexOf } from "../model/digest.ts";
import { canonicalJson, type Json } from "../model/json.ts";
import { CLOCK_GRANULARITY, hostStatOf } from "../tree/content.ts";
import type { Store } from "./store.ts";

/** A file, and which part of it a fact is about. */
export interface FactPlace {
  /** Absolute. */
  readonly file: string;
  readonly part?: Json;
}

/** The fact of `kind` about a file, as `make` found it. Throws what `make` throws. */
export async function fileFact(
  store: Pick<Store, "readRecord" | "writeRecord">,
  kind: string,
  { file, part = null }: FactPlace,
  make: () => Promise<Json>,
): Promise<Json> {
  const stat = hostStatOf(statSync(file));
  const key = hexOf(digestOf(canonicalJson({ file, part, stat: { ...stat } })));
  const known = await store.readRecord(kind, key);
  if (known !== undefined) return known;
  const fact = await make();
  if (isSettled(stat)) await store.writeRecord(kind, key, fact);
  return fact;
}

/** What changes again so soon may do so without its times telling. */
function isSettled({ ctimeMs }: HostStat): boolean {
  return ctimeMs < now() - CLOCK_GRANULARITY;
}
