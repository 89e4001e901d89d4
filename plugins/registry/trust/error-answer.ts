/** What a registry says when it refuses, in its own words: foreign text, so it is bounded, shortened and escaped. */
import { displayShort, encodeText, isRecord, screenLine, type HttpResponse } from "../../../core/index.ts";

const MAX_READ = 64 * 1024;
const MOST_ERRORS = 3;

/**
 * Reads as much as matters and closes the rest. Never throws: that the answer breaks off is no better reason than its
 * status. `secrets` are replaced, since some servers repeat what they were sent.
 */
export async function readErrorAnswer(response: HttpResponse, secrets: readonly string[]): Promise<ErrorAnswer> {
  const text = await firstOf(response);
  const redact = (foreign: string) => withoutSecrets(foreign, secrets);
  const json = parsed(text);
  const words = isRecord(json) ? errorsOf(json, redact) : short(redact(plainText(redact(text))));
  const status = `${response.status}${STATUS[response.status] ? ` ${STATUS[response.status]}` : ""}`;
  return {
    words: words === "" ? status : `${status}: ${words}`,
    codes: listed(json)
      .map(({ code }) => code)
      .filter(isText)
      .map(redact),
  };
}

export interface ErrorAnswer {
  /** The status, and what else is said, fit for the screen. */
  readonly words: string;
  /** As the specification lists them: `MANIFEST_BLOB_UNKNOWN`, … */
  readonly codes: readonly string[];
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
function errorsOf(value: Record<string, unknown>, redact: (foreign: string) => string): string {
  const lines = listed(value).map(({ code, message }) => [code, message].filter(isText).map(redact).join(": "));
  // Authorization services have their own ways.
  const other = [value["error_description"], value["details"], value["message"], value["error"]].find(isText);
  const all = lines.length > 0 || other === undefined ? lines : [redact(other)];
  const more = all.length > MOST_ERRORS ? ` (and ${all.length - MOST_ERRORS} more)` : "";
  return all.slice(0, MOST_ERRORS).map(short).join("; ") + more;
}

function listed(value: unknown): readonly Record<string, unknown>[] {
  const errors = isRecord(value) ? value["errors"] : undefined;
  return Array.isArray(errors) ? errors.filter(isRecord) : [];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Of a proxy's page the title says most. */
function plainText(text: string): string {
  const title = /<title[^<>]*>([^<]*)</i.exec(text)?.[1];
  const words = title ?? (/^\s*</.test(text) ? "" : text);
  return words
    .replace(/&(lt|gt|quot|amp|#39);/g, (_, name: string) => ENTITIES[name]!)
    .replace(/\s+/g, " ")
    .trim();
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', amp: "&", "#39": "'" };

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
