/** Records for keys that hold digests of contents only: this machine's, else another's, which is this one's from then on. */
import type { Json } from "../../model/json.ts";
import type { Store } from "../store.ts";
import type { ResultBlobs, SharedResults } from "./shared-results.ts";

/** Where such records are; a `BuildContext` has both. */
export interface RecordPlaces {
  /** This machine's. */
  readonly store: Pick<Store, "readRecord" | "writeRecord">;
  /** Other machines', where a shared cache is named. */
  readonly shared?: SharedResults;
}

/** Undefined where nobody has it. */
export async function findRecord(
  { store, shared }: RecordPlaces,
  kind: string,
  key: string,
): Promise<Json | undefined> {
  const own = await store.readRecord(kind, key);
  if (own !== undefined || shared === undefined) return own;
  const others = await shared.find(kind, key);
  if (others !== undefined) await store.writeRecord(kind, key, others);
  return others;
}

/** Here, and where others find it. Throws `E_NO_SPACE`. */
export async function keepRecord(
  { store, shared }: RecordPlaces,
  kind: string,
  key: string,
  value: Json,
  about?: ResultBlobs,
): Promise<void> {
  await store.writeRecord(kind, key, value);
  shared?.keep(kind, key, value, about);
}
