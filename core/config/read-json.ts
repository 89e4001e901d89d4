/** Reads a JSON file that a person wrote, with an error that names it. */
import { readFile } from "node:fs/promises";
import { ImageDslError, messageOf } from "../error.ts";

/** Throws `E_CONFIG_LOAD`. A byte order mark is let pass. */
export async function readJsonFile(file: string): Promise<unknown> {
  try {
    const text = await readFile(file, "utf8");
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text) as unknown;
  } catch (cause) {
    throw new ImageDslError("E_CONFIG_LOAD", `Cannot read "${file}": ${messageOf(cause)}`, { cause, place: { file } });
  }
}
