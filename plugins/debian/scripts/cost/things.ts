/** The kinds of things that scripts make and users miss. */

export interface Named {
  readonly users: readonly string[];
  readonly groups: readonly string[];
  /** Absolute paths, as the scripts have them. */
  readonly directories: readonly string[];
  readonly links: readonly string[];
  readonly files: readonly string[];
}

export const NOTHING: Named = { users: [], groups: [], directories: [], links: [], files: [] };
export const KINDS = ["users", "groups", "directories", "links", "files"] as const;
