/** One version of one package, as an index holds it. */

/** Objects are unique: two mentions of the same version are the same object. */
export interface PackageRecord {
  readonly name: string;
  readonly version: string;
  /** The index's architecture, or `all`. */
  readonly architecture: string;
  readonly multiArch: "no" | "same" | "foreign" | "allowed";
  readonly essential: boolean;
  /** `Important: yes` or `Protected: yes`: apt is loath to remove it. */
  readonly important: boolean;
  /** 1 (required) to 5 (extra); 0 where the stanza says nothing. */
  readonly priority: number;
  /** Position of its archive among the index's. */
  readonly archive: number;
  readonly start: number;
  readonly end: number;
}
