/**
 * Byte strings: text whose every character is one byte (latin1). Paths and names inside images are
 * byte strings, so that `<` is byte order and names that are not UTF-8 survive unharmed.
 */

const UTF8 = new TextDecoder("utf-8", { fatal: true });

/** The byte string of ordinary text, encoded as UTF-8. */
export function encodeText(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** The ordinary text of a byte string, or undefined where it is not valid UTF-8. */
export function decodeText(bytes: string): string | undefined {
  if (isAscii(bytes)) return bytes;
  try {
    return UTF8.decode(Buffer.from(bytes, "latin1"));
  } catch {
    return undefined;
  }
}

/** A byte string for the screen: UTF-8 where it is, else with `\xNN` for each odd byte; control characters escaped. */
export function displayBytes(bytes: string): string {
  const text = decodeText(bytes) ?? bytes.replace(/[\x80-\xff]/g, escapeByte);
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what must not reach a terminal
  return text.replace(/[\x00-\x1f\x7f]/g, escapeByte);
}

/** A byte string for a message, its first 200 bytes where it is longer: nobody reads more of what went wrong. */
export function displayShort(bytes: string): string {
  return bytes.length <= SHORT
    ? displayBytes(bytes)
    : `${displayBytes(bytes.slice(0, SHORT))}… (${bytes.length} bytes)`;
}

const SHORT = 200;

export function isAscii(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- the whole ASCII range is meant
  return /^[\x00-\x7f]*$/.test(text);
}

function escapeByte(char: string): string {
  return `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
