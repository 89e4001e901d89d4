/** What is remembered of the last few guests that a QEMU ran, as records in the store: the newest first. */
import { canonicalJson, digestOf, hexOf, isRecord, type Json, type Store } from "../../../core/index.ts";
import { programFacts, type QemuProgram } from "./program.ts";

/** Of one guest. `of` tells it from others. */
export interface Remembered {
  readonly of: string;
  readonly [fact: string]: Json;
}

/** Nobody changes between more kernels, or sizes of memory. */
const KEPT = 8;

export interface Memory {
  recall(): Promise<readonly Remembered[]>;
  /** In place of what was known of this guest. */
  remember(fact: Remembered): Promise<void>;
}

/** `about`: what else it is valid for alone. */
export async function memoryOf(kind: string, program: QemuProgram, about: Json, store: Store): Promise<Memory> {
  const key = hexOf(digestOf(canonicalJson({ formatVersion: 1, about, program: await programFacts(program) })));
  const recall = async (): Promise<readonly Remembered[]> => {
    const record = await store.readRecord(kind, key);
    return isRecord(record) ? (record["guests"] as unknown as readonly Remembered[]) : [];
  };
  return {
    recall,
    remember: async (fact) => {
      const known = await recall();
      const isKnown = known.some((each) => canonicalJson(each) === canonicalJson(fact));
      if (isKnown) return;
      const guests = [fact, ...known.filter(({ of }) => of !== fact.of)].slice(0, KEPT);
      await store.writeRecord(kind, key, { guests });
    },
  };
}
