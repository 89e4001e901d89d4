/** One JSON object a line: the events as they are, and errors as events of the type `error`. */
import { screenJson, type Reporter, type TextWriter } from "../../core/index.ts";
import { errorEvent } from "./error-text.ts";
import { progressFilter } from "./progress-filter.ts";

export function jsonReporter(answers: TextWriter): Reporter {
  const isWorthIt = progressFilter();
  const print = (value: object): void => {
    answers.write(`${screenJson(JSON.stringify(value))}\n`);
  };
  return {
    event(event) {
      if (event.type !== "progress" || isWorthIt(event)) print(event);
    },
    error(error) {
      print(errorEvent(error));
    },
    finish: () => answers.finish(),
    close() {},
  };
}
