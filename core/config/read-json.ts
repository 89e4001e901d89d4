/** Reads a JSON file that a person wrote, with an error that names it. */
import { ImageDslError, messageOf } from "../error.ts";
import { readRegular } from "../regular-file.ts";
import { placeAt } from "../source-place.ts";
import { jsonFault } from "./json-fault.ts";

/** Throws `E_CONFIG_LOAD`. A byte order mark is let pass. */
export async function readJsonFile(file: string): Promise<unknown> {
  let text = "";
  try {
    const written = (await readRegular(file, "config.json")).toString("utf8");
    text = written.charCodeAt(0) === 0xfeff ? written.slice(1) : written;
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const fault = cause instanceof SyntaxError ? jsonFault(text) : undefined;
    const place = { file, ...(fault !== undefined && placeAt(text, fault)) };
    throw new ImageDslError("E_CONFIG_LOAD", `Cannot read "${file}": ${messageOf(cause)}`, { cause, place });
  }
}
