/** One JSON object a line: the events as they are, and errors as events of the type `error`. */
import type { Reporter } from "../../core/index.ts";
import { ignoreClosedPipe, type Output } from "./output.ts";
import { errorEvent } from "./error-text.ts";
import { progressFilter } from "./progress-filter.ts";

export function jsonReporter(output: Output): Reporter {
  ignoreClosedPipe(output);
  const isWorthIt = progressFilter();
  const print = (value: object): void => {
    output.write(`${JSON.stringify(value)}\n`);
  };
  return {
    event(event) {
      if (event.type !== "progress" || isWorthIt(event)) print(event);
    },
    error(error) {
      print(errorEvent(error));
    },
    close() {},
  };
}
