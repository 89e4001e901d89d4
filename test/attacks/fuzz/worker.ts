/** `worker.ts PARSER FROM TO FILE`: tries inputs one after another; prints the first that finds something. FILE has the number of the last. */
import { openSync, writeSync } from "node:fs";
import { faultOf } from "./try-input.ts";

const [parser, from, to, file] = process.argv.slice(2) as [string, string, string, string];
const progress = openSync(file, "w");
for (let input = Number(from); input < Number(to); input++) {
  writeSync(progress, String(input).padEnd(10), 0);
  const fault = await faultOf(parser, input);
  if (fault === undefined) continue;
  process.stdout.write(fault);
  break;
}
