/** Whatever an event quotes, no password or signed link of an address reaches the screen or a log. */
import { redactText, withTexts, type Reporter } from "../../core/index.ts";

/** A reporter that gets events with redacted texts. Errors come as they are: their stacks are made into texts later. */
export function redacting(reporter: Reporter): Reporter {
  return { ...reporter, event: (event) => reporter.event(withTexts(event, redactText)) };
}
