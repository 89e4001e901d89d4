/** What a registry says when it refuses, in its own words: foreign text, so it is bounded, shortened and escaped. */
import { displayShort, encodeText, isRecord, screenLine, type HttpResponse } from "../../core/index.ts";

const MAX_READ = 64 * 1024;
const MOST_ERRORS = 3;

/**
 * Reads as much as matters and closes the rest. Never throws: that the answer breaks off is no better reason than its
 * status. `secrets` are replaced, since some servers repeat what they were sent.
 */
export async function errorWords(response: HttpResponse, secrets: readonly string[]): Promise<string> {
  const text = withoutSecrets(await firstOf(response), secrets);
  const words = errorsOf(text) ?? plainText(text);
  const status = `${response.status}${STATUS[response.status] ? ` ${STATUS[response.status]}` : ""}`;
  return words === "" ? status : `${status}: ${words}`;
}

/** The same text with `…` for each of them. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret.length >= 4).reduce((rest, secret) => rest.replaceAll(secret, "…"), text);
}

async function firstOf(response: HttpResponse): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of response.body) {
      pieces.push(piece);
      size += piece.length;
      if (size >= MAX_READ) break;
    }
  } catch {
    response.discard();
  }
  return Buffer.concat(pieces).subarray(0, MAX_READ).toString("utf8");
}

/** OCI distribution specification, "Error Codes". */
function errorsOf(text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const errors = Array.isArray(value["errors"]) ? (value["errors"] as unknown[]) : [];
  const lines = errors.filter(isRecord).map(({ code, message }) => [code, message].filter(isText).join(": "));
  // Authorization services have their own ways.
  const other = [value["error_description"], value["details"], value["message"], value["error"]].find(isText);
  const all = lines.length > 0 || other === undefined ? lines : [other];
  const more = all.length > MOST_ERRORS ? ` (and ${all.length - MOST_ERRORS} more)` : "";
  return all.slice(0, MOST_ERRORS).map(short).join("; ") + more;
}

/** Of a proxy's page the title says most. */
function plainText(text: string): string {
  const title = /<title[^>]*>([^<]*)</i.exec(text)?.[1];
  const words = title ?? (/^\s*</.test(text) ? "" : text);
  return short(words.replace(/\s+/g, " ").trim());
}

function short(text: string): string {
  return screenLine(displayShort(encodeText(text)));
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

const STATUS: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  413: "Content Too Large",
  416: "Range Not Satisfiable",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};
