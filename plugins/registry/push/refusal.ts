/** Why a registry does not take a manifest (OCI distribution specification, "Error codes"). */
import { ImageDslError, displayShort, encodeText, isRecord, type HttpResponse } from "../../../core/index.ts";
import { wholeName, type Repository } from "../repository.ts";

/** It has not all blobs that the manifest names, whatever was known of that. */
export class MissingBlobs extends ImageDslError {}

const MAX_ANSWER = 64 * 1024;
const MISSING = new Set(["MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN", "MANIFEST_UNKNOWN"]);

export async function refusal(repository: Repository, response: HttpResponse): Promise<ImageDslError> {
  const errors = errorsIn(await textOf(response));
  const codes = errors.map(({ code }) => code);
  const shown = errors.map(({ code, message }) => `${code}${message && `: ${message}`}`).join("; ");
  const what = `The registry does not take the manifest for ${wholeName(repository)}: ${shown || response.status}`;
  if (codes.some((code) => MISSING.has(code))) return new MissingBlobs("E_REGISTRY", what);
  return new ImageDslError("E_REGISTRY", what);
}

async function textOf({ body }: HttpResponse): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    pieces.push(piece);
    size += piece.length;
    if (size > MAX_ANSWER) break;
  }
  return Buffer.concat(pieces).toString("utf8");
}

function errorsIn(text: string): readonly { readonly code: string; readonly message: string }[] {
  try {
    const answer: unknown = JSON.parse(text);
    const errors = isRecord(answer) && Array.isArray(answer["errors"]) ? (answer["errors"] as readonly unknown[]) : [];
    return errors.filter(isRecord).map(({ code, message }) => ({ code: shown(code), message: shown(message) }));
  } catch {
    return [];
  }
}

function shown(text: unknown): string {
  return typeof text === "string" ? displayShort(encodeText(text)) : "";
}
