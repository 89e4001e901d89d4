/** Whatever an error quotes, no password or signed link of a URL reaches the screen or a log. */
import { redactUrl } from "../../core/index.ts";

/** Redacts the URLs in a text. One without user and query stays as it was written. */
export function redactText(text: string): string {
  return text.replace(/\bhttps?:\/\/[^\s"'<>()]+/g, (url) => (/[@?]/.test(url) ? redactUrl(url) : url));
}
