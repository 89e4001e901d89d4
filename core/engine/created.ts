/** The image's `created`: what the config says, else `SOURCE_DATE_EPOCH` (reproducible-builds.org), else epoch + 1. */
import { ImageDslError } from "../error.ts";
import { environment, now } from "../host.ts";

/** The end of the year 9999: RFC 3339, as the image config's `created` is written, has no year after it. */
const LAST_SECOND = 253_402_300_799;

/** Seconds since 1970. An explicit time wins over the environment. Throws `E_CONFIG_INVALID` for a broken `SOURCE_DATE_EPOCH`. */
export function createdTime(created: number | "now" | undefined): number {
  if (created === "now") return Math.floor(now() / 1000);
  if (created !== undefined) return created;
  const { SOURCE_DATE_EPOCH: epoch } = environment();
  if (epoch === undefined || epoch === "") return 1;
  if (!/^[0-9]{1,12}$/.test(epoch)) {
    throw new ImageDslError("E_CONFIG_INVALID", `SOURCE_DATE_EPOCH is "${epoch}", which is no number of seconds`);
  }
  if (Number(epoch) > LAST_SECOND) {
    throw new ImageDslError("E_CONFIG_INVALID", `SOURCE_DATE_EPOCH is "${epoch}", which lies after the year 9999`);
  }
  return Number(epoch);
}
