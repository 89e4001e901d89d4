/** One input of a parser's, by its number. */
import { mutated } from "./mutate.ts";
import { PARSERS, isRefusal } from "./parsers.ts";
import { randomFrom } from "./random.ts";

/** Milliseconds of processor time beyond which an input of 64 KiB is a finding. */
const SLOW = 1000;

export function inputOf(name: string, number: number): Buffer {
  const { seeds, form } = PARSERS[name]!;
  return mutated(
    seeds.map((each) => Buffer.from(each as string)),
    form,
    randomFrom(number),
  );
}

/** What is wrong with how it was read; undefined where it was read or refused. */
export async function faultOf(name: string, number: number): Promise<string | undefined> {
  const input = inputOf(name, number);
  const before = process.cpuUsage();
  try {
    await PARSERS[name]!.read(input);
  } catch (error) {
    if (!isRefusal(error)) return `threw ${error instanceof Error ? error.stack : String(error)}`;
  }
  const { user } = process.cpuUsage(before);
  return user / 1000 > SLOW ? `took ${Math.round(user / 1000)} ms of processor time` : undefined;
}
