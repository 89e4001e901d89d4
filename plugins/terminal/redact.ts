/** Whatever an event or an error quotes, no password or signed link of a URL reaches the screen or a log. */
import { redactUrl, type BuildEvent, type Reporter } from "../../core/index.ts";

/** A reporter that gets events with redacted texts. Errors come as they are: their stacks are made into texts later. */
export function redacting(reporter: Reporter): Reporter {
  return { ...reporter, event: (event) => reporter.event(redactEvent(event)) };
}

function redactEvent(event: BuildEvent): BuildEvent {
  switch (event.type) {
    case "warning":
      return {
        ...event,
        message: redactText(event.message),
        ...(event.hint !== undefined && { hint: redactText(event.hint) }),
      };
    case "note":
      return {
        ...event,
        message: redactText(event.message),
        ...(event.detail && { detail: event.detail.map(redactText) }),
      };
    case "output":
      return { ...event, destination: redactText(event.destination), message: redactText(event.message) };
    case "script-output":
      return { ...event, line: redactText(event.line) };
    default:
      return event;
  }
}

/** Redacts the URLs in a text. One without user and query stays as it was written. */
export function redactText(text: string): string {
  return text.replace(/\bhttps?:\/\/[^\s"'<>()]+/g, (url) => (/[@?]/.test(url) ? redactUrl(url) : url));
}
