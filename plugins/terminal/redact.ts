/** Whatever an event or an error quotes, no password or signed link of a URL reaches the screen or a log. */
import { redactUrl, withTexts, type Reporter } from "../../core/index.ts";

/** A reporter that gets events with redacted texts. Errors come as they are: their stacks are made into texts later. */
export function redacting(reporter: Reporter): Reporter {
  return { ...reporter, event: (event) => reporter.event(withTexts(event, redactText)) };
}

/** Redacts the URLs in a text. One without user and query stays as it was written. */
export function redactText(text: string): string {
  return text.replace(/\bhttps?:\/\/[^\s"'<>()]+/g, (url) => (/[@?]/.test(url) ? redactUrl(url) : url));
}
