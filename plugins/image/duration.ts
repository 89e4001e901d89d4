/** Durations as Dockerfiles have them (Go's time.ParseDuration): `30s`, `1m30s`, `500ms`. */
import * as v from "valibot";

const NANOSECONDS: Readonly<Record<string, number>> = {
  ms: 1_000_000,
  s: 1_000_000_000,
  m: 60_000_000_000,
  h: 3_600_000_000_000,
};

const PART = /(\d+(?:\.\d+)?)(ms|s|m|h)/g;
const WHOLE = /^(?:\d{1,9}(?:\.\d{1,9})?(?:ms?|s|h))+$/;

/** From a text to nanoseconds. Docker takes no time that is shorter than a millisecond; 0 is what the runtime has by default. */
export const durationSchema = v.pipe(
  v.string('expected a duration, such as "30s" or "1m30s"'),
  v.regex(WHOLE, 'expected a duration, such as "30s" or "1m30s"'),
  v.transform(nanosecondsOf),
  v.check(
    (time) => time === 0 || (Number.isSafeInteger(time) && time >= NANOSECONDS["ms"]!),
    "expected a millisecond or more",
  ),
);

function nanosecondsOf(text: string): number {
  let sum = 0;
  for (const [, number, unit] of text.matchAll(PART)) sum += Math.round(Number(number) * NANOSECONDS[unit!]!);
  return sum;
}
