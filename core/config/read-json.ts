/** Reads a JSON file that a person wrote, with an error that names it. */
import { ImageDslError, messageOf } from "../error.ts";
import { readRegular } from "../regular-file.ts";

/** Nobody writes more by hand. */
const MAX_JSON = 16 * 1024 * 1024;

/** Throws `E_CONFIG_LOAD`. A byte order mark is let pass. */
export async function readJsonFile(file: string): Promise<unknown> {
  try {
    const text = (await readRegular(file, MAX_JSON)).toString("utf8");
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text) as unknown;
  } catch (cause) {
    throw new ImageDslError("E_CONFIG_LOAD", `Cannot read "${file}": ${messageOf(cause)}`, { cause, place: { file } });
  }
}
