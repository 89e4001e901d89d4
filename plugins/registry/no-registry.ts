/** What answers at a registry's place and is none: a web server, a login page, a proxy that has its own words. */
import { ImageDslError, redactUrl, type HttpResponse } from "../../core/index.ts";

/** `what`: how it shows, behind the name. */
export function noRegistry(registry: string, what: string): ImageDslError {
  return new ImageDslError("E_REGISTRY", `${registry} ${what}: this is no registry`, {
    hint: "See whether its name and port are right, and whether a proxy or a login page stands before it",
  });
}

/** Throws where a manifest was asked for and a page for people came. */
export function refusePage({ url }: Pick<HttpResponse, "url">, bytes: Uint8Array): void {
  if (!/^\s*</.test(Buffer.from(bytes.subarray(0, 1000)).toString("latin1"))) return;
  throw noRegistry(new URL(url).host, `answers GET ${redactUrl(url)} with a web page, where a manifest is wanted`);
}
