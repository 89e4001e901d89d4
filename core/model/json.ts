/** Canonical JSON: sorted keys, no white space. What is hashed is always written by this. */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** Keys in code-unit order; members that are undefined are left out; numbers must be finite. */
export function canonicalJson(value: Json): string {
  return JSON.stringify(sorted(value));
}

/** The same order, indented by two, with a final newline: for files that people read. */
export function prettyJson(value: Json): string {
  return `${JSON.stringify(sorted(value), null, 2)}\n`;
}

function sorted(value: Json): Json {
  if (value === null || typeof value !== "object") {
    if (typeof value === "number" && !Number.isFinite(value)) throw new Error("Not a JSON number");
    return value;
  }
  if (isArray(value)) return value.map(sorted);
  const result: Record<string, Json> = Object.create(null) as Record<string, Json>;
  for (const key of Object.keys(value).toSorted()) {
    const member = value[key];
    if (member !== undefined) result[key] = sorted(member);
  }
  return result;
}

/** What a file of JSON holds. */
export function parsedText(text: string): unknown {
  return JSON.parse(withoutMark(text));
}

/** The byte order mark that editors of Windows begin a file with is no part of its text. */
export function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, "");
}

/** A JSON object of anything: no list, no null. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
