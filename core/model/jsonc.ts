/** JSON with comments, and with commas behind what comes last: what Deno and Bun read, and people write for them. */

// A text that nothing ends is taken to the end of all at once, for each beginning would be looked at anew.
const COMMENT = /("[^"\\]*(?:\\.[^"\\]*)*"?)|\/\/[^\n]*|\/\*.*?(?:\*\/|$)/gs;
const LAST_COMMA = /("[^"\\]*(?:\\.[^"\\]*)*"?)|,(?=\s*[}\]])/gs;

/** As JSON; lines stay where they are. */
export function jsonOfJsonc(text: string): string {
  const plain = text.replace(COMMENT, (whole: string, quoted?: string) => quoted ?? whole.replaceAll(/[^\n]/g, " "));
  return plain.replace(LAST_COMMA, (_: string, quoted = "") => quoted);
}
